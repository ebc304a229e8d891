/**
 * MIME types that keep a response from a destination: what no script may be, and what `nosniff` asks of scripts and styles.
 *
 * @see https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-mime-type?
 * @module
 */

import { type Header, getDecodeAndSplit } from "./header-list.ts";
import { byteLowercase } from "./header-value.ts";
import { extractMimeTypeEssence } from "./mime-type.ts";
import type { RequestDestination } from "./request-concepts.ts";

/** @see https://fetch.spec.whatwg.org/#request-destination-script-like */
const SCRIPT_LIKE: ReadonlySet<RequestDestination> = new Set([
  "audioworklet",
  "paintworklet",
  "script",
  "serviceworker",
  "sharedworker",
  "worker",
]);

const JAVASCRIPT =
  /^(?:(?:application|text)\/(?:x-)?(?:ecma|java)script|text\/javascript1\.[0-5]|text\/(?:j|live)script)$/;

/** Is the lower-cased essence, null for none, that of a script? @see https://mimesniff.spec.whatwg.org/#javascript-mime-type */
export function isJavaScriptMimeTypeEssence(essence: string | null): boolean {
  return essence !== null && JAVASCRIPT.test(essence);
}

/**
 * Should the response be blocked due to its MIME type? Only scripts can be, and without `Content-Type` none is.
 * Linear in the length of `Content-Type`.
 */
export function isBlockedDueToItsMimeType(destination: RequestDestination, headers: readonly Header[]): boolean {
  if (!SCRIPT_LIKE.has(destination)) return false;
  const essence = extractMimeTypeEssence(headers); // Step 1
  if (essence === null) return false; // Step 2
  return /^(?:audio|image|video)\//.test(essence) || essence === "text/csv"; // Steps 3 to 5
}

/** Does the first item of `X-Content-Type-Options` say `nosniff`? @see https://fetch.spec.whatwg.org/#determine-nosniff */
export function determineNosniff(headers: readonly Header[]): boolean {
  const [first = ""] = getDecodeAndSplit(headers, "X-Content-Type-Options") ?? []; // Steps 1 and 2
  return byteLowercase(first) === "nosniff"; // Steps 3 and 4
}

/**
 * Should the response be blocked due to nosniff? Scripts must be JavaScript and style sheets `text/css` then.
 * Linear in the length of both headers.
 *
 * @see https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-nosniff?
 */
export function isBlockedDueToNosniff(destination: RequestDestination, headers: readonly Header[]): boolean {
  if (!determineNosniff(headers)) return false; // Step 1
  const essence = extractMimeTypeEssence(headers); // Step 2
  if (SCRIPT_LIKE.has(destination)) return !isJavaScriptMimeTypeEssence(essence); // Step 4
  return destination === "style" && essence !== "text/css"; // Steps 5 and 6
}
