/**
 * The TAO check: may the timing of this response be shared with the requesting origin?
 *
 * @see https://fetch.spec.whatwg.org/#concept-tao-check
 * @module
 */

import { type Header, getDecodeAndSplit } from "./header-list.ts";
import { isSameOrigin, originOfUrl } from "./origin.ts";
import { type TaintedRequest, byteSerializeRequestOrigin } from "./redirect-taint.ts";
import type { RequestMode, ResponseTainting } from "./request-concepts.ts";

/** What the check needs of a request. */
export interface TaoCheckRequest extends TaintedRequest {
  readonly currentUrl: URL;
  readonly mode: RequestMode;
  readonly responseTainting: ResponseTainting;
  /** Set by an earlier hop that failed the check; it stays failed. */
  readonly timingAllowFailed: boolean;
}

/** True for success. Linear in the length of `Timing-Allow-Origin`. */
export function taoCheck(request: TaoCheckRequest, responseHeaders: readonly Header[]): boolean {
  if (request.timingAllowFailed) return false; // Step 2
  const values = getDecodeAndSplit(responseHeaders, "Timing-Allow-Origin") ?? []; // Step 3
  if (values.includes("*")) return true; // Step 4
  if (values.includes(byteSerializeRequestOrigin(request))) return true; // Step 5
  // Step 6 — a nested navigation belongs to the container's document, not to the one that is loaded.
  if (request.mode === "navigate" && !isSameOrigin(originOfUrl(request.currentUrl), request.origin)) return false;
  return request.responseTainting === "basic"; // Steps 7 and 8
}
