/**
 * The context that cookie rules ask for: whose page a request belongs to, and how near its target is.
 *
 * @see https://fetch.spec.whatwg.org/#determine-the-same-site-mode
 * @module
 */

import {
  type Origin,
  type Profile,
  isSameSite,
  isSchemelesslySameSite,
  originOfUrl,
  redirectTaint,
} from "../protocol/index.ts";
import { type Environment, networkPartitionKey } from "./environment.ts";
import type { CookieContext } from "./fetch-params.ts";
import { type Request, currentUrl } from "./request.ts";

/**
 * What cookie rules need to know of a request.
 *
 * @param use - are its cookies sent, or those of its response stored?
 * @see https://fetch.spec.whatwg.org/#determine-the-same-site-mode
 */
export function cookieContext(request: Request, profile: Profile, use: "sent" | "stored"): CookieContext {
  // Deviation: the steps never compare client and target; a request to another site than the page's carries no SameSite cookies in any engine.
  const target = originOfUrl(currentUrl(request));
  const isNear = (origin: Origin): boolean => isSameSiteForCookies(origin, target, profile);
  const isNearAllAlong =
    (redirectTaint(request) !== "cross-site" || !profile.sameSiteIncludesScheme) &&
    request.urlList.every((url) => isNear(originOfUrl(url)));
  const { sameSiteConsidersRedirects: when } = profile;
  const considersRedirects = when === "always" || (when === "when-sent" && use === "sent");
  const isSameSiteRequest =
    isNear(request.client.topLevelOrigin) &&
    (isNear(request.client.origin) || !profile.sameSiteConsidersFrames) &&
    (isNearAllAlong || !considersRedirects);
  // A page of another site between this one and its own site's server: that server may ask for storage access.
  const isKeptApart =
    profile.storageAccess === null
      ? profile.thirdPartyCookies === "partition" && isForeignFrame(request.client, profile)
      : !isNear(request.client.origin) && !request.storageAccessActivated;
  const isTopLevelNavigation = request.mode === "navigate" && request.destination === "document";
  const isSafe = request.method === "GET" || request.method === "HEAD";
  const otherSite = isTopLevelNavigation && isSafe ? "lax-or-less" : "unset-or-less"; // Step 3
  return {
    networkPartitionKey: networkPartitionKey(request.client),
    isThirdParty: !isTopLevelNavigation && (isKeptApart || !isNear(request.client.topLevelOrigin)),
    sameSite: isSameSiteRequest ? "strict-or-less" : otherSite,
    isTopLevelNavigation,
  };
}

/** Is it a frame of another site than the top-level page's? What it asks of that page's site is kept apart from what the page has. */
function isForeignFrame({ origin, topLevelOrigin }: Environment, profile: Profile): boolean {
  return origin.kind === "tuple" && !isSameSiteForCookies(origin, topLevelOrigin, profile);
}

/** What cookie rules need to know of a page that reads or sets `document.cookie`. */
export function documentCookieContext(environment: Environment, profile: Profile): CookieContext {
  const target = originOfUrl(environment.url);
  return {
    networkPartitionKey: networkPartitionKey(environment),
    isThirdParty: !isSameSiteForCookies(environment.topLevelOrigin, target, profile),
    sameSite: isSameSite(environment.topLevelOrigin, environment.origin) ? "strict-or-less" : "unset-or-less",
    isTopLevelNavigation: false,
  };
}

/** Are two origins one site, as far as cookies go? */
export function isSameSiteForCookies(a: Origin, b: Origin, { sameSiteIncludesScheme }: Profile): boolean {
  return sameSiteIncludesScheme ? isSameSite(a, b) : isSchemelesslySameSite(a, b);
}
