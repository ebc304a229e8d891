/**
 * Referrers: what `Referer` tells about the page, and how a redirect can change the policy.
 *
 * @see https://w3c.github.io/webappsec-referrer-policy/#algorithms
 * @module
 */

import {
  type Header,
  type Profile,
  type ReferrerPolicy,
  getHeader,
  isHttpScheme,
  isPotentiallyTrustworthyUrl,
  isSameOrigin,
  isSameSite,
  normalizeHeaderValue,
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

/** Policies that give other origins more than `strict-origin-when-cross-origin` does. */
const RELAXED: ReadonlySet<ReferrerPolicy> = new Set<ReferrerPolicy>([
  "no-referrer-when-downgrade",
  "origin-when-cross-origin",
  "unsafe-url",
]);

/** The request's referrer policy, as the profile takes it for the current URL. */
export function effectiveReferrerPolicy(request: Request, profile: Profile): ReferrerPolicy {
  const isTrimmed =
    profile.crossSiteReferrerTrimmed &&
    RELAXED.has(request.referrerPolicy) &&
    !isSameSite(originOfUrl(currentUrl(request)), request.client.origin);
  return isTrimmed ? "strict-origin-when-cross-origin" : request.referrerPolicy;
}

function isDowngrade(source: URL, url: URL, profile: Profile): boolean {
  if (profile.referrerDowngradeByScheme) return source.protocol === "https:" && url.protocol !== "https:";
  return isPotentiallyTrustworthyUrl(source) && !isPotentiallyTrustworthyUrl(url);
}

/** What is left of the request's referrer for its current URL: a URL to be sent, or nothing. @see https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer */
export function determineRequestsReferrer(request: Request, profile: Profile): "no-referrer" | URL {
  if (request.referrer === "no-referrer") return "no-referrer";
  const source = request.referrer === "client" ? request.client.url : request.referrer;
  if (!isHttpScheme(source) || (request.referrer === "client" && request.client.origin.kind === "opaque"))
    return "no-referrer";
  const isSame = isSameOrigin(originOfUrl(currentUrl(request)), originOfUrl(source));
  const isLessSecure = isDowngrade(source, currentUrl(request), profile);
  switch (effectiveReferrerPolicy(request, profile)) {
    case "no-referrer":
      return "no-referrer";
    case "origin":
      return originAlone(source);
    case "unsafe-url":
      return stripUrl(source);
    case "strict-origin":
      return isLessSecure ? "no-referrer" : originAlone(source);
    case "same-origin":
      return isSame ? stripUrl(source) : "no-referrer";
    case "origin-when-cross-origin":
      return isSame ? stripUrl(source) : originAlone(source);
    case "no-referrer-when-downgrade":
      return isLessSecure ? "no-referrer" : stripUrl(source);
    default: // `strict-origin-when-cross-origin`, also for the empty string
      if (isSame) return stripUrl(source);
      return isLessSecure ? "no-referrer" : originAlone(source);
  }
}

/**
 * The last known token of a redirect's `Referrer-Policy`; null if there is none.
 *
 * Choice: the grammar has no quotes, and nothing is said about a value that does not parse; engines split it at every comma.
 *
 * @see https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header
 */
export function parseReferrerPolicy(headers: readonly Header[]): ReferrerPolicy | null {
  const value = getHeader(headers, "Referrer-Policy") ?? "";
  const tokens = value.split(",").map((token) => normalizeHeaderValue(token).toLowerCase());
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
  return stripped.href.length > MAX_REFERRER_LENGTH ? originAlone(stripped) : stripped;
}

function originAlone(url: URL): URL {
  return new URL(`${url.origin}/`);
}
