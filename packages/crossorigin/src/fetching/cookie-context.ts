/**
 * The context that cookie rules ask for: whose page a request belongs to, and how near its target is.
 *
 * @see https://fetch.spec.whatwg.org/#determine-the-same-site-mode
 * @module
 */

import { isSameSite, originOfUrl, redirectTaint } from "../protocol/index.ts";
import { networkPartitionKey } from "./environment.ts";
import type { CookieContext } from "./fetch-params.ts";
import { type Request, currentUrl } from "./request.ts";

/** What cookie rules need to know of a request. @see https://fetch.spec.whatwg.org/#determine-the-same-site-mode */
export function cookieContext(request: Request): CookieContext {
  // Deviation: the steps never compare client and target; a request to another site than the page's carries no SameSite cookies in any engine.
  const target = originOfUrl(currentUrl(request));
  const isSameSiteRequest =
    isSameSite(request.client.topLevelOrigin, target) &&
    isSameSite(request.client.origin, target) &&
    redirectTaint(request) !== "cross-site" &&
    request.urlList.every((url) => isSameSite(originOfUrl(url), target));
  const isTopLevelNavigation = request.mode === "navigate" && request.destination === "document";
  const isSafe = request.method === "GET" || request.method === "HEAD";
  const otherSite = isTopLevelNavigation && isSafe ? "lax-or-less" : "unset-or-less"; // Step 3
  return {
    networkPartitionKey: networkPartitionKey(request.client),
    sameSite: isSameSiteRequest ? "strict-or-less" : otherSite,
    isTopLevelNavigation,
  };
}
