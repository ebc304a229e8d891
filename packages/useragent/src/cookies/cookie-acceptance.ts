/**
 * Which cookies may be stored and sent: the rules that keep one site from writing over another and from using its
 * cookies, and `http` from writing over `https`.
 *
 * @see https://httpwg.org/http-extensions/draft-ietf-httpbis-layered-cookies.html#name-store-a-cookie
 * @module
 */

import type { CookieContext } from "crossorigin/fetching";
import { type Profile, isPotentiallyTrustworthyUrl, registrableDomain } from "crossorigin/protocol";
import type { Cookie } from "tough-cookie";
import { toughCookie } from "./tough-cookie.ts";

export interface CookieOrigin {
  readonly url: URL;
  /** False for `document.cookie`. */
  readonly isHttp: boolean;
  /** Is it a request that only `SameSite=None` belongs to, and no navigation? */
  readonly isCrossSite: boolean;
}

/** How near the page is to what is asked for. */
export type SameSiteContext = Pick<CookieContext, "sameSite" | "isTopLevelNavigation">;

/** What profiles say of cookies. */
export type CookieProfile = Pick<
  Profile,
  | "sameSiteDefault"
  | "laxAllowingUnsafeSeconds"
  | "sameSiteNoneRequiresSecure"
  | "secureCookiesOnLoopback"
  | "thirdPartyCookies"
  | "partitionedCookies"
>;

/** Does the cookie stand by itself, without looking at those that are stored? May make it host-only. */
export function isAcceptable(
  cookie: Cookie,
  { url, isHttp, isCrossSite }: CookieOrigin,
  profile: CookieProfile,
): boolean {
  if (!isDomainAcceptable(cookie, url.hostname)) return false;
  if (cookie.secure && !isSecure(url, profile)) return false;
  if (cookie.httpOnly && !isHttp) return false;
  if (isPartitioned(cookie, profile) && !cookie.secure) return false;
  if (profile.sameSiteNoneRequiresSecure && cookie.sameSite === "none" && !cookie.secure) return false;
  // Choice: the draft refuses cookies without SameSite here but sends them; in profiles without a default, unset is none.
  if (isCrossSite && enforcedSameSite(cookie, profile) !== "none") return false;
  return isPrefixFulfilled(cookie);
}

/** Does the cookie ask to be kept for one top-level site alone? @see https://datatracker.ietf.org/doc/draft-cutler-httpbis-partitioned-cookies/ */
export function isPartitioned({ extensions }: Cookie, { partitionedCookies }: CookieProfile): boolean {
  return partitionedCookies && (extensions ?? []).some((attribute) => /^partitioned(?:=|$)/i.test(attribute));
}

/** What a cookie's `SameSite` comes to; values that nobody knows are as if it had none. */
function enforcedSameSite({ sameSite }: Cookie, { sameSiteDefault }: CookieProfile): "strict" | "lax" | "none" {
  return sameSite === "strict" || sameSite === "lax" || sameSite === "none" ? sameSite : sameSiteDefault;
}

/** May the cookie travel in this context? `nowMilliseconds` is what its age counts to. */
export function isSentInContext(
  cookie: Cookie,
  { sameSite, isTopLevelNavigation }: SameSiteContext,
  profile: CookieProfile,
  nowMilliseconds: number,
): boolean {
  if (sameSite === "strict-or-less") return true;
  const enforced = enforcedSameSite(cookie, profile);
  if (enforced !== "lax") return enforced === "none";
  if (sameSite === "lax-or-less") return true;
  // "Lax+POST" — logins that post their answer from another site go on working for a while.
  if (!isTopLevelNavigation || cookie.sameSite === "lax" || !(cookie.creation instanceof Date)) return false;
  return nowMilliseconds - cookie.creation.getTime() <= profile.laxAllowingUnsafeSeconds * 1000;
}

/**
 * Would storing `cookie` from an insecure URL hide or replace a secure one of the same name?
 *
 * Attack: whoever can answer for `http` must not plant a session into `https`.
 */
export function isShadowingSecureCookie(
  cookie: Cookie,
  url: URL,
  stored: readonly Cookie[],
  profile: CookieProfile,
): boolean {
  if (cookie.secure || isSecure(url, profile)) return false;
  const { defaultPath, domainMatch, pathMatch } = toughCookie();
  const domain = cookie.domain ?? url.hostname;
  return stored.some(
    (other) =>
      other.secure &&
      other.key === cookie.key &&
      (domainMatch(domain, other.domain ?? "") === true || domainMatch(other.domain ?? "", domain) === true) &&
      pathMatch(cookie.path ?? defaultPath(url.pathname), other.path ?? "/"),
  );
}

/** Choice: loopback hosts count as secure in profiles that do not say otherwise, as in Chromium and Firefox. */
export function isSecure(url: URL, { secureCookiesOnLoopback }: CookieProfile): boolean {
  return url.protocol === "https:" || (secureCookiesOnLoopback && isPotentiallyTrustworthyUrl(url));
}

/** A cookie for a whole public suffix is refused, unless the suffix is the host itself; then it is host-only. */
function isDomainAcceptable(cookie: Cookie, host: string): boolean {
  if (cookie.domain === null) return true;
  const domain = cookie.cdomain() ?? "";
  if (registrableDomain(domain) !== null) return toughCookie().domainMatch(host, domain, false) === true;
  if (domain !== host) return false;
  cookie.domain = null;
  return true;
}

/** Name prefixes, without case; a nameless cookie must not pass for a prefixed one. */
function isPrefixFulfilled(cookie: Cookie): boolean {
  const name = cookie.key.toLowerCase();
  if (name === "") return !/^__(?:secure|host|http|host-http)-/i.test(cookie.value);
  const isHost = cookie.secure && cookie.domain === null && cookie.path === "/";
  if (name.startsWith("__host-http-")) return isHost && cookie.httpOnly;
  if (name.startsWith("__host-")) return isHost;
  if (name.startsWith("__http-")) return cookie.secure && cookie.httpOnly;
  return !name.startsWith("__secure-") || cookie.secure;
}
