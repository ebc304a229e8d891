/**
 * Mixed content: what a page that came over https may not fetch over http, and what is asked for over https instead.
 *
 * Choice: engines restrict pages that came over https, not every potentially trustworthy one.
 *
 * @see https://w3c.github.io/webappsec-mixed-content/#algorithms
 * @module
 */

import {
  type Origin,
  type Profile,
  isHttpScheme,
  isPotentiallyTrustworthyUrl,
  originOfUrl,
} from "../protocol/index.ts";
import type { Environment } from "./environment.ts";
import { type Request, currentUrl } from "./request.ts";

/** Destinations that are upgraded rather than blocked. */
const UPGRADED: ReadonlySet<Request["destination"]> = new Set(["audio", "image", "video"]);

/** Does the client restrict mixed content: did it, or the page that it is framed in, come over https? @see https://w3c.github.io/webappsec-mixed-content/#categorize-settings-object */
function restrictsMixedContent({ origin, topLevelOrigin, url }: Environment): boolean {
  // A sandboxed page came from somewhere, too.
  return isHttps(origin.kind === "opaque" ? originOfUrl(url) : origin) || isHttps(topLevelOrigin);
}

function isHttps(origin: Origin): boolean {
  return origin.kind === "tuple" && origin.scheme === "https";
}

/**
 * Upgrade a mixed content request to a potentially trustworthy URL, if appropriate: the https URL for sound, images and
 * video of a named host; null if the request stays as it is.
 *
 * @see https://w3c.github.io/webappsec-mixed-content/#upgrade-algorithm
 */
export function upgradedMixedContentUrl(request: Request, profile: Profile): URL | null {
  const url = currentUrl(request);
  if (url.protocol !== "http:" || isPotentiallyTrustworthyUrl(url) || isIpAddress(url.hostname)) return null; // Steps 1.1 and 1.2
  if (isForTheLocalNetwork(request, profile)) return null;
  if (!restrictsMixedContent(request.client) || !UPGRADED.has(request.destination)) return null; // Steps 1.3 and 1.4
  const upgraded = new URL(url.href);
  upgraded.protocol = "https:"; // Step 2
  return upgraded;
}

/** Should fetching the request be blocked as mixed content? @see https://w3c.github.io/webappsec-mixed-content/#should-block-fetch */
export function isBlockedAsMixedContent(request: Request, profile: Profile): boolean {
  const url = currentUrl(request);
  if (!isHttpScheme(url) || !restrictsMixedContent(request.client)) return false; // Step 1.1
  if (url.protocol === "https:" || isForTheLocalNetwork(request, profile)) return false; // Step 1.2
  return !(profile.mixedContentOnLoopback && isPotentiallyTrustworthyUrl(url)); // Steps 1.2 and 2
}

/** Is it known that the request goes to an address that the page needs permission for? @see https://wicg.github.io/local-network-access/#integration-with-mixed-content */
function isForTheLocalNetwork(request: Request, { localNetworkAccess, addressSpaceForetold }: Profile): boolean {
  if (request.client.localNetworkAccess === undefined || localNetworkAccess === "off" || !addressSpaceForetold)
    return false;
  const { targetIpAddressSpace: target, impliedIpAddressSpace: implied } = request;
  return (target !== null && target !== "public") || implied !== null;
}

/** The host of a parsed URL that is an address: IPv6 in brackets, IPv4 in four decimal numbers. */
function isIpAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^[0-9]+(?:\.[0-9]+){3}$/.test(hostname);
}
