/**
 * Redirect taint: what is left of a request's origin after it was sent through other origins.
 *
 * @see https://fetch.spec.whatwg.org/#concept-request-tainted-origin
 * @module
 */

import { type Origin, isSameOrigin, originOfUrl, serializeOrigin } from "./origin.ts";
import type { RedirectTaint } from "./request-concepts.ts";
import { isSameSite } from "./site.ts";

/** The part of a request that its taint depends on. `urlList` holds the first URL and every redirect's target. */
export interface TaintedRequest {
  readonly origin: Origin;
  readonly urlList: readonly URL[];
}

/**
 * `[A,B]`, `[B,B]` and `[A]` are untainted for a page at A; `[B,A]`, `[B,C]` and `[A,B,A]` are tainted.
 * Linear in the length of the URL list, which redirects bound at 21.
 */
export function redirectTaint(request: TaintedRequest): RedirectTaint {
  if (request.urlList.length === 1) return "same-origin"; // What the steps come to without a redirect, as most requests are.
  let lastOrigin: Origin | null = null; // Step 2
  let taint: RedirectTaint = "same-origin"; // Step 3
  for (const url of request.urlList) {
    const origin = originOfUrl(url);
    if (lastOrigin !== null && !isSameOrigin(origin, lastOrigin)) {
      // Step 4.2
      if (!isSameSite(origin, lastOrigin) && !isSameSite(request.origin, lastOrigin)) return "cross-site";
      // Step 4.3
      if (!isSameOrigin(request.origin, lastOrigin)) taint = "same-site";
    }
    lastOrigin = origin; // Steps 4.1 and 4.4
  }
  return taint; // Step 5
}

/**
 * The request's origin as `Origin` carries it and as the CORS check compares it: `null` once tainted.
 *
 * @see https://fetch.spec.whatwg.org/#serializing-a-request-origin
 */
export function byteSerializeRequestOrigin(request: TaintedRequest): string {
  if (redirectTaint(request) !== "same-origin") return "null"; // Step 2
  return serializeOrigin(request.origin); // Step 3
}
