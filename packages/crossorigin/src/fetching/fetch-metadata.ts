/**
 * Fetch metadata headers: what kind of request this is, for servers that can be reached without CORS.
 *
 * @see https://w3c.github.io/webappsec-fetch-metadata/#fetch-integration
 * @module
 */

import {
  type Profile,
  isPotentiallyTrustworthyUrl,
  isSameOrigin,
  originOfUrl,
  relationOf,
  setHeader,
} from "../protocol/index.ts";
import { type Request, currentUrl } from "./request.ts";

/**
 * Appends `Sec-Fetch-Dest`, `-Mode` and `-Site` if the current URL is potentially trustworthy. Changes the request's header list.
 *
 * Choice: the draft speaks of the request's URL; engines test the one that is being fetched now.
 */
export function appendFetchMetadataHeaders(request: Request, profile: Profile): void {
  if (!isPotentiallyTrustworthyUrl(currentUrl(request))) return;
  const destination = destinationOf(request, profile);
  if (destination === null) return;
  const isCors = request.responseTainting === "cors";
  if (isCors && !profile.fetchMetadataAfterCorsRedirect && wasRedirectedToAnotherOrigin(request)) return;
  setHeader(request.headers, "Sec-Fetch-Dest", destination);
  setHeader(request.headers, "Sec-Fetch-Mode", request.mode);
  setHeader(request.headers, "Sec-Fetch-Site", fetchSite(request));
}

/** Null for a request without fetch metadata headers. */
function destinationOf({ mode, destination }: Request, { fetchMetadataOfWebSockets }: Profile): string | null {
  if (mode === "websocket") return fetchMetadataOfWebSockets;
  return destination === "" ? "empty" : destination;
}

function wasRedirectedToAnotherOrigin({ urlList }: Request): boolean {
  const [first] = urlList;
  return urlList.some((url) => !isSameOrigin(originOfUrl(url), originOfUrl(first)));
}

/** The farthest that any URL of the chain was from the page. */
function fetchSite(request: Request): "same-origin" | "same-site" | "cross-site" {
  const relations = request.urlList.map((url) => relationOf(request.origin, originOfUrl(url)));
  if (relations.includes("cross-site")) return "cross-site";
  return relations.includes("same-site") ? "same-site" : "same-origin";
}
