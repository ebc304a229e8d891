/**
 * No-CORS-safelisted request-headers: what a `no-cors` request may carry.
 *
 * @see https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header
 * @module
 */

import { isCorsSafelistedRequestHeader } from "./cors-safelisted-request-header.ts";
import { byteLowercase } from "./header-value.ts";

const NAMES: ReadonlySet<string> = new Set(["accept", "accept-language", "content-language", "content-type"]);

/** One of `Accept`, `Accept-Language`, `Content-Language`, `Content-Type`; not `Range`. @see https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name */
export function isNoCorsSafelistedRequestHeaderName(name: string): boolean {
  return NAMES.has(byteLowercase(name));
}

/** Is the header (name, value) no-CORS-safelisted? */
export function isNoCorsSafelistedRequestHeader(name: string, value: string): boolean {
  if (!isNoCorsSafelistedRequestHeaderName(name)) return false; // Step 1
  return isCorsSafelistedRequestHeader(name, value); // Step 2
}

/** `Range`: a privileged API may set it, page code loses it on the first touch. @see https://fetch.spec.whatwg.org/#privileged-no-cors-request-header-name */
export function isPrivilegedNoCorsRequestHeaderName(name: string): boolean {
  return byteLowercase(name) === "range";
}
