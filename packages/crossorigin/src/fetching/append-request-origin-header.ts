/**
 * Append a request `Origin` header: who is asking, as far as the server may know.
 *
 * @see https://fetch.spec.whatwg.org/#append-a-request-origin-header
 * @module
 */

import {
  type Profile,
  appendHeader,
  byteSerializeRequestOrigin,
  isSameOrigin,
  originOfUrl,
} from "../protocol/index.ts";
import { effectiveReferrerPolicy } from "./referrer.ts";
import { isOriginSentForStorageAccess } from "./storage-access.ts";
import { type Request, currentUrl } from "./request.ts";

/**
 * Always for CORS, else for methods other than GET and HEAD. Changes the request's header list.
 *
 * @param firstMethod - the method that the request had before it was redirected
 */
export function appendRequestOriginHeader(request: Request, firstMethod: string, profile: Profile): void {
  const serializedOrigin = byteSerializeRequestOrigin(request); // Step 2
  const isOfElement = request.mode === "cors" && isAskedForByElement(request);
  const isSameOriginChain = request.urlList.every((url) =>
    isSameOrigin(originOfUrl(url), originOfUrl(request.urlList[0])),
  );
  const isHiddenAfterRedirect =
    request.mode === "no-cors" && profile.noCorsOriginHiddenAfterRedirect && !isSameOriginChain;
  if (
    request.responseTainting === "cors" ||
    request.mode === "websocket" ||
    (profile.originSentByElementsToOwnOrigin && isOfElement)
  ) {
    appendHeader(request.headers, "Origin", serializedOrigin); // Step 3
  } else if (
    !isSafe(request.method) ||
    isOriginSentForStorageAccess(request, firstMethod, profile) ||
    (profile.originKeptOnRedirect && isSameOriginChain && !isSafe(firstMethod))
  ) {
    // Step 4 — the referrer policy may hide the origin from servers that CORS was not asked of.
    appendHeader(
      request.headers,
      "Origin",
      isHiddenAfterRedirect || isHiddenByReferrerPolicy(request, isSameOriginChain, profile)
        ? "null"
        : serializedOrigin,
    );
  }
}

/** A manifest is the browser's own affair. */
function isAskedForByElement({ destination, initiator }: Request): boolean {
  return destination === "" ? initiator === "prefetch" : destination !== "manifest";
}

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function isHiddenByReferrerPolicy(request: Request, isSameOriginChain: boolean, profile: Profile): boolean {
  const { originHiddenByReferrerPolicy: setting } = profile;
  if (request.mode === "cors" || setting === "never") return false;
  if (setting === "until-cross-origin-redirect" && !isSameOriginChain) return false;
  switch (effectiveReferrerPolicy(request, profile)) {
    case "no-referrer":
      return true;
    case "no-referrer-when-downgrade":
    case "strict-origin":
    case "strict-origin-when-cross-origin":
      return (
        request.origin.kind === "tuple" &&
        request.origin.scheme === "https" &&
        currentUrl(request).protocol !== "https:"
      );
    case "same-origin":
      return !isSameOrigin(request.origin, originOfUrl(currentUrl(request)));
    default:
      return false;
  }
}
