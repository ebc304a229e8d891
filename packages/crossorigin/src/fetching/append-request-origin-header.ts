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
import { type Request, currentUrl } from "./request.ts";

/** Always for CORS, else for methods other than GET and HEAD. Changes the request's header list. */
export function appendRequestOriginHeader(request: Request, profile: Profile): void {
  const serializedOrigin = byteSerializeRequestOrigin(request); // Step 2
  const isOfElement = request.mode === "cors" && request.destination !== "";
  if (
    request.responseTainting === "cors" ||
    request.mode === "websocket" ||
    (profile.originSentByElementsToOwnOrigin && isOfElement)
  ) {
    appendHeader(request.headers, "Origin", serializedOrigin); // Step 3
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    // Step 4 — the referrer policy may hide the origin from servers that CORS was not asked of.
    appendHeader(
      request.headers,
      "Origin",
      request.mode !== "cors" && profile.originHiddenByReferrerPolicy && isHiddenByReferrerPolicy(request, profile)
        ? "null"
        : serializedOrigin,
    );
  }
}

function isHiddenByReferrerPolicy(request: Request, profile: Profile): boolean {
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
