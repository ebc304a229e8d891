/**
 * Cookies that are kept together: those of no top-level site in particular, or those of one.
 *
 * @module
 */

import { type Cookie, CookieJar, MemoryCookieStore } from "tough-cookie";

/** What is accepted, and sent where, is decided in `cookie-acceptance.ts`; the jar matches and keeps. */
export class CookiePartition {
  readonly #store = new MemoryCookieStore();
  readonly #jar: CookieJar = new CookieJar(this.#store, {
    rejectPublicSuffixes: false,
    prefixSecurity: "unsafe-disabled",
  });

  /** Those whose domain and path match, expired ones too. */
  matching(url: URL, isHttp: boolean): readonly Cookie[] {
    return this.#jar.getCookiesSync(url.href, { http: isHttp, expire: false });
  }

  /** False if the jar refused it, for instance an HttpOnly cookie that a page wants to replace. */
  add(cookie: Cookie, url: URL, isHttp: boolean, now: Date): boolean {
    try {
      // Without a `sameSiteContext` the jar does not judge SameSite again.
      return this.#jar.setCookieSync(cookie, url.href, { http: isHttp, now }) !== undefined;
    } catch {
      return false;
    }
  }

  remove({ domain, path, key }: Cookie): void {
    if (domain !== null && path !== null) this.#store.removeCookie(domain, path, key, () => {});
  }

  all(): readonly Cookie[] {
    let all: readonly Cookie[] = [];
    // The memory store calls back before it returns.
    this.#store.getAllCookies((_error, cookies) => {
      all = cookies ?? [];
    });
    return all;
  }
}
