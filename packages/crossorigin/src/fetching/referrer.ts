/**
 * Referrers: what `Referer` tells about the page, and how a redirect can change the policy.
 *
 * @see https://w3c.github.io/webappsec-referrer-policy/#algorithms
 * @module
 */

import {
  type Header,
  type ReferrerPolicy,
  getDecodeAndSplit,
  isHttpScheme,
  isPotentiallyTrustworthyUrl,
  isSameOrigin,
  originOfUrl,
} from "../protocol/index.ts";
import { type Request, currentUrl } from "./request.ts";

/** Longer referrers, in characters, are cut down to the origin. */
const MAX_REFERRER_LENGTH = 4096;

/** Every referrer policy but the empty string. */
export const REFERRER_POLICIES = [
  "no-referrer",
  "no-referrer-when-downgrade",
  "same-origin",
  "origin",
  "strict-origin",
  "origin-when-cross-origin",
  "strict-origin-when-cross-origin",
  "unsafe-url",
] as const;

const POLICIES: ReadonlySet<string> = new Set<ReferrerPolicy>(REFERRER_POLICIES);

/** What is left of the request's referrer for its current URL: a URL to be sent, or nothing. @see https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer */
export function determineRequestsReferrer(request: Request): "no-referrer" | URL {
  if (request.referrer === "no-referrer") return "no-referrer";
  const source = request.referrer === "client" ? request.client.url : request.referrer;
  if (!isHttpScheme(source) || (request.referrer === "client" && request.client.origin.kind === "opaque"))
    return "no-referrer";
  const full = stripUrl(source);
  const origin = new URL(`${source.origin}/`);
  const isSame = isSameOrigin(originOfUrl(currentUrl(request)), originOfUrl(source));
  const isDowngrade = isPotentiallyTrustworthyUrl(source) && !isPotentiallyTrustworthyUrl(currentUrl(request));
  switch (request.referrerPolicy) {
    case "no-referrer":
      return "no-referrer";
    case "origin":
      return origin;
    case "unsafe-url":
      return full;
    case "strict-origin":
      return isDowngrade ? "no-referrer" : origin;
    case "same-origin":
      return isSame ? full : "no-referrer";
    case "origin-when-cross-origin":
      return isSame ? full : origin;
    case "no-referrer-when-downgrade":
      return isDowngrade ? "no-referrer" : full;
    default: // `strict-origin-when-cross-origin`, also for the empty string
      if (isSame) return full;
      return isDowngrade ? "no-referrer" : origin;
  }
}

/** The last known token of a redirect's `Referrer-Policy`; null if there is none. @see https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header */
export function parseReferrerPolicy(headers: readonly Header[]): ReferrerPolicy | null {
  const tokens = (getDecodeAndSplit(headers, "Referrer-Policy") ?? []).map((token) => token.toLowerCase());
  return tokens.filter(isReferrerPolicy).at(-1) ?? null;
}

/** Is `value` a referrer policy other than the empty string? */
export function isReferrerPolicy(value: string): value is ReferrerPolicy {
  return POLICIES.has(value);
}

/** Without user, password and fragment; the origin alone if that is still too long. */
function stripUrl(url: URL): URL {
  const stripped = new URL(url.href);
  stripped.username = "";
  stripped.password = "";
  stripped.hash = "";
  return stripped.href.length > MAX_REFERRER_LENGTH ? new URL(`${stripped.origin}/`) : stripped;
}
