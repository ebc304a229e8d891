/**
 * Sites: an origin without port, its host reduced to the registrable domain.
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#sites
 * @module
 */

import { type Origin, type TupleOrigin, isSameOrigin } from "./origin.ts";
import { registrableDomain } from "./public-suffix.ts";

/** Same site: same scheme and {@link isSchemelesslySameSite}. @see https://html.spec.whatwg.org/multipage/browsers.html#same-site */
export function isSameSite(a: Origin, b: Origin): boolean {
  if (a.kind === "opaque" || b.kind === "opaque") return a === b;
  return a.scheme === b.scheme && isSchemelesslySameSite(a, b);
}

/**
 * Same registrable domain, or the same host where there is none (addresses, single labels, public suffixes).
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site
 */
export function isSchemelesslySameSite(a: Origin, b: Origin): boolean {
  if (a.kind === "opaque" || b.kind === "opaque") return a === b;
  if (a.host === b.host) return true;
  // Hosts of one site end alike; what does not need not be looked up.
  return a.host.at(-1) === b.host.at(-1) && siteHost(a) === siteHost(b);
}

/** How `b` relates to `a`, nearest first. */
export function relationOf(a: Origin, b: Origin): "same-origin" | "same-site" | "cross-site" {
  if (isSameOrigin(a, b)) return "same-origin";
  return isSameSite(a, b) ? "same-site" : "cross-site";
}

/** The host of the site an origin belongs to. */
export function siteHost(origin: TupleOrigin): string {
  return registrableDomain(origin.host) ?? origin.host;
}
