/**
 * Headers that page code may neither send nor see.
 *
 * @see https://fetch.spec.whatwg.org/#forbidden-request-header
 * @module
 */

import { decodeAndSplit } from "./header-list.ts";
import { byteLowercase } from "./header-value.ts";
import { isForbiddenMethod } from "./method.ts";

const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  "accept-charset",
  "accept-encoding",
  "access-control-request-headers",
  "access-control-request-method",
  "connection",
  "content-length",
  "cookie",
  "cookie2",
  "date",
  "dnt",
  "expect",
  "host",
  "keep-alive",
  "origin",
  "referer",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
]);

const METHOD_OVERRIDE_NAMES: ReadonlySet<string> = new Set([
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
]);

/**
 * May page code not set this header? `User-Agent` is not among them.
 * The method-override headers depend on their value; the others are forbidden by name. Linear in the value's length.
 */
export function isForbiddenRequestHeader(name: string, value: string): boolean {
  const lowercased = byteLowercase(name);
  if (isForbiddenRequestHeaderName(lowercased)) return true; // Steps 1 and 2
  if (METHOD_OVERRIDE_NAMES.has(lowercased)) return decodeAndSplit(value).some(isForbiddenMethod); // Step 3
  return false; // Step 4
}

/** Is a request-header of this name forbidden whatever its value? Such a name in a policy can never be asked for. */
export function isForbiddenRequestHeaderName(name: string): boolean {
  const lowercased = byteLowercase(name);
  return FORBIDDEN_NAMES.has(lowercased) || lowercased.startsWith("proxy-") || lowercased.startsWith("sec-");
}

/** `Set-Cookie` and `Set-Cookie2`. @see https://fetch.spec.whatwg.org/#forbidden-response-header-name */
export function isForbiddenResponseHeaderName(name: string): boolean {
  const lowercased = byteLowercase(name);
  return lowercased === "set-cookie" || lowercased === "set-cookie2";
}

/** Headers that describe a request's body, dropped with it on a redirect. @see https://fetch.spec.whatwg.org/#request-body-header-name */
export const REQUEST_BODY_HEADER_NAMES: readonly string[] = [
  "Content-Encoding",
  "Content-Language",
  "Content-Location",
  "Content-Type",
];
