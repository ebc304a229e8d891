/**
 * The cookie store: tough-cookie, asked in the terms of the Fetch Standard.
 *
 * @see https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html
 * @module
 */

import type { CookieContext, CookieStore } from "crossorigin/fetching";
import type { Clock } from "crossorigin/protocol";
import { Cookie, CookieJar } from "tough-cookie";

/** Cookies of one user agent, in memory. */
export class MemoryCookieStore implements CookieStore {
  readonly #jar = new CookieJar(undefined, { rejectPublicSuffixes: true, looseMode: false });
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  cookieHeader(url: URL, context: CookieContext): string {
    return this.#read(url, { http: true, sameSiteContext: context.sameSite === "strict-or-less" ? "strict" : "none" });
  }

  store(url: URL, setCookie: string, context: CookieContext): boolean {
    return this.#write(url, setCookie, { http: true, sameSiteContext: context.sameSite === "strict-or-less" ? "strict" : "none" });
  }

  /** What `document.cookie` shows to a page at `url`: no `HttpOnly` ones. */
  visibleTo(url: URL): string {
    return this.#read(url, { http: false, sameSiteContext: "strict" });
  }

  /** What assigning `document.cookie` does; refused cookies are dropped without a word, as there. */
  setFrom(url: URL, cookie: string): void {
    this.#write(url, cookie, { http: false, sameSiteContext: "strict" });
  }

  #read(url: URL, options: { http: boolean; sameSiteContext: "strict" | "none" }): string {
    const now = new Date(this.#clock.now());
    const cookies = this.#jar.getCookiesSync(url.href, { ...options, expire: false });
    return cookies
      .filter((cookie) => (cookie.expiryTime() ?? Infinity) > now.getTime())
      .map((cookie) => cookie.cookieString())
      .join("; ");
  }

  #write(url: URL, value: string, options: { http: boolean; sameSiteContext: "strict" | "none" }): boolean {
    try {
      const cookie = Cookie.parse(value);
      if (cookie === undefined) return false;
      cookie.creation = new Date(this.#clock.now());
      return this.#jar.setCookieSync(cookie, url.href, { ...options, now: new Date(this.#clock.now()) }) !== undefined;
    } catch {
      return false; // a rule for cookies refuses it
    }
  }
}
