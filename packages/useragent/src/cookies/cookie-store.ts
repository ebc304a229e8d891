/**
 * The cookie store, over tough-cookie's.
 *
 * @see https://httpwg.org/http-extensions/draft-ietf-httpbis-layered-cookies.html
 * @module
 */

import type { CookieContext, CookieStore } from "crossorigin/fetching";
import type { Clock } from "crossorigin/protocol";
import { type Cookie, CookieJar, MemoryCookieStore } from "tough-cookie";
import {
  type CookieOrigin,
  type CookieProfile,
  type SameSiteContext,
  isAcceptable,
  isSecure,
  isSentInContext,
  isShadowingSecureCookie,
} from "./cookie-acceptance.ts";
import { parseSetCookie } from "./parse-set-cookie.ts";

/** Attack: servers must not fill the memory. The one unused the longest goes first. */
const MAX_COOKIES_PER_DOMAIN = 180;
const MAX_COOKIES = 3300;

/**
 * Choice: third-party cookies are neither blocked nor partitioned, so the network partition key is not looked at.
 */
export class ToughCookieStore implements CookieStore {
  readonly #clock: Clock;
  readonly #profile: CookieProfile;
  readonly #store = new MemoryCookieStore();
  // What is accepted, and sent where, is decided in `cookie-acceptance.ts`; the jar matches and keeps.
  readonly #jar: CookieJar = new CookieJar(this.#store, {
    rejectPublicSuffixes: false,
    prefixSecurity: "unsafe-disabled",
  });

  /** @param clock - milliseconds since the epoch, as `Expires` is a date */
  constructor(clock: Clock, profile: CookieProfile) {
    this.#clock = clock;
    this.#profile = profile;
  }

  cookieHeader(url: URL, context: CookieContext): string {
    return this.#retrieve(url, true, context);
  }

  store(url: URL, setCookie: string, { sameSite, isTopLevelNavigation }: CookieContext): boolean {
    const isCrossSite = sameSite === "unset-or-less" && !isTopLevelNavigation;
    return this.#accept(setCookie, { url, isHttp: true, isCrossSite });
  }

  /** `document.cookie` of a page at `url`: a latin-1 string without `HttpOnly` cookies. */
  documentCookie(url: URL, isCrossSite: boolean): string {
    const sameSite = isCrossSite ? "unset-or-less" : "strict-or-less";
    return this.#retrieve(url, false, { sameSite, isTopLevelNavigation: false });
  }

  /** Assigning to `document.cookie`; false if the cookie was refused. `setCookie` is a latin-1 string. */
  setDocumentCookie(url: URL, setCookie: string, isCrossSite: boolean): boolean {
    return this.#accept(setCookie, { url, isHttp: false, isCrossSite });
  }

  #retrieve(url: URL, isHttp: boolean, context: SameSiteContext): string {
    const now = this.#clock.now();
    const cookies = this.#jar
      .getCookiesSync(url.href, { http: isHttp, expire: false, sort: true })
      .filter((cookie) => !cookie.secure || isSecure(url, this.#profile))
      .filter((cookie) => isSentInContext(cookie, context, this.#profile, now))
      .filter((cookie) => !this.#removeIfExpired(cookie, now));
    for (const cookie of cookies) cookie.lastAccessed = new Date(now);
    return cookies.map(({ key, value }) => (key === "" ? value : `${key}=${value}`)).join("; ");
  }

  #accept(setCookie: string, origin: CookieOrigin): boolean {
    const now = this.#clock.now();
    const cookie = parseSetCookie(setCookie, now);
    if (cookie === null || !isAcceptable(cookie, origin, this.#profile)) return false;
    if (isShadowingSecureCookie(cookie, origin.url, this.#all(), this.#profile)) return false;
    try {
      // Without a `sameSiteContext` the jar does not judge SameSite again.
      const stored = this.#jar.setCookieSync(cookie, origin.url.href, { http: origin.isHttp, now: new Date(now) });
      if (stored === undefined) return false;
    } catch {
      // The jar refuses by throwing, for instance an HttpOnly cookie that a page wants to replace.
      return false;
    }
    this.#removeIfExpired(cookie, now);
    this.#evict(cookie.domain ?? "");
    return true;
  }

  #removeIfExpired(cookie: Cookie, now: number): boolean {
    if (!(cookie.expires instanceof Date) || cookie.expires.getTime() > now) return false;
    this.#remove(cookie);
    return true;
  }

  #evict(domain: string): void {
    const all = this.#all();
    const ofDomain = all.filter((cookie) => cookie.domain === domain);
    this.#removeOldest(ofDomain, ofDomain.length - MAX_COOKIES_PER_DOMAIN);
    this.#removeOldest(all, all.length - MAX_COOKIES);
  }

  #removeOldest(cookies: readonly Cookie[], count: number): void {
    if (count <= 0) return;
    const oldestFirst = cookies.toSorted((a, b) => lastAccess(a) - lastAccess(b));
    for (const cookie of oldestFirst.slice(0, count)) this.#remove(cookie);
  }

  #remove({ domain, path, key }: Cookie): void {
    if (domain !== null && path !== null) this.#store.removeCookie(domain, path, key, () => {});
  }

  #all(): readonly Cookie[] {
    let all: readonly Cookie[] = [];
    // The memory store calls back before it returns.
    this.#store.getAllCookies((_error, cookies) => {
      all = cookies ?? [];
    });
    return all;
  }
}

function lastAccess({ lastAccessed }: Cookie): number {
  return lastAccessed instanceof Date ? lastAccessed.getTime() : 0;
}
