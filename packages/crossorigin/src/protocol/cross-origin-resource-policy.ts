/**
 * The Cross-Origin-Resource-Policy check, which opaque responses must pass.
 *
 * @see https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
 * @module
 */

import { type Header, getHeader } from "./header-list.ts";
import { type Origin, isSameOrigin, originOfUrl } from "./origin.ts";
import { isSchemelesslySameSite } from "./site.ts";

/** @see https://html.spec.whatwg.org/multipage/browsers.html#embedder-policy-value */
export type EmbedderPolicyValue = "unsafe-none" | "credentialless" | "require-corp";

/** What the check needs of a response. */
export interface CorpResponse {
  /** The URL that was answered, the last of the response's URL list. */
  readonly url: URL;
  readonly headers: readonly Header[];
  readonly requestIncludesCredentials: boolean;
}

export type CorpCode =
  | "cross-origin-resource-policy/same-origin"
  | "cross-origin-resource-policy/same-site"
  | "cross-origin-resource-policy/embedder-policy";

export type CorpResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: CorpCode; readonly received: string | null };

/**
 * Is the response allowed (`ok`) or blocked for a client at `origin`? Constant time but for the header look-up.
 * Two header lines, or any value but the three known ones, count as no policy.
 *
 * Not applicable: navigations (a caller of this function is a subresource request) and reports.
 */
export function crossOriginResourcePolicyCheck(
  origin: Origin,
  embedderPolicy: EmbedderPolicyValue,
  response: CorpResponse,
): CorpResult {
  const received = getHeader(response.headers, "Cross-Origin-Resource-Policy"); // Internal check, step 2
  const isKnown = received === "same-origin" || received === "same-site" || received === "cross-origin"; // Step 3
  if (received === "cross-origin") return { ok: true }; // Step 5, `cross-origin`
  const responseOrigin = originOfUrl(response.url);
  if (!isKnown) {
    // Step 4 — no policy: the embedder's decides whether that means `same-origin`.
    const isSameOriginRequired =
      embedderPolicy === "require-corp" || (embedderPolicy === "credentialless" && response.requestIncludesCredentials);
    if (!isSameOriginRequired || isSameOrigin(origin, responseOrigin)) return { ok: true };
    return { ok: false, code: "cross-origin-resource-policy/embedder-policy", received };
  }
  if (received === "same-origin") {
    // Step 5, `same-origin`
    return isSameOrigin(origin, responseOrigin)
      ? { ok: true }
      : { ok: false, code: "cross-origin-resource-policy/same-origin", received };
  }
  // Step 5, `same-site` — a response that came over TLS matches only a client that did.
  const isSchemeFit = (origin.kind === "tuple" && origin.scheme === "https") || response.url.protocol !== "https:";
  if (isSchemeFit && isSchemelesslySameSite(origin, responseOrigin)) return { ok: true };
  return { ok: false, code: "cross-origin-resource-policy/same-site", received };
}
