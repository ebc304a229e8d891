/**
 * Cookies that are kept together: those of no top-level site in particular, or those of one.
 *
 * @module
 */

import type { Cookie, CookieJar, MemoryCookieStore } from "tough-cookie";
import { toughCookie } from "./tough-cookie.ts";

/** The jar, and the store in it, whose cookies a jar alone does not give away. */
interface Jar {
  readonly store: MemoryCookieStore;
  readonly jar: CookieJar;
}

/** What is accepted, and sent where, is decided in `cookie-acceptance.ts`; the jar matches and keeps. */
export class CookiePartition {
  /** Null before the first cookie. */
  #jar: Jar | null = null;

  /** Those whose domain and path match, expired ones too. */
  matching(url: URL, isHttp: boolean): readonly Cookie[] {
    return this.#jar?.jar.getCookiesSync(url.href, { http: isHttp, expire: false }) ?? [];
  }

  /** False if the jar refused it, for instance an HttpOnly cookie that a page wants to replace. */
  add(cookie: Cookie, url: URL, isHttp: boolean, now: Date): boolean {
    this.#jar ??= createJar();
    try {
      // Without a `sameSiteContext` the jar does not judge SameSite again.
      return this.#jar.jar.setCookieSync(cookie, url.href, { http: isHttp, now }) !== undefined;
    } catch {
      return false;
    }
  }

  remove({ domain, path, key }: Cookie): void {
    if (domain !== null && path !== null) this.#jar?.store.removeCookie(domain, path, key, () => {});
  }

  all(): readonly Cookie[] {
    let all: readonly Cookie[] = [];
    // The memory store calls back before it returns.
    this.#jar?.store.getAllCookies((_error, cookies) => {
      all = cookies ?? [];
    });
    return all;
  }
}

function createJar(): Jar {
  const { CookieJar, MemoryCookieStore } = toughCookie();
  const store = new MemoryCookieStore();
  return { store, jar: new CookieJar(store, { rejectPublicSuffixes: false, prefixSecurity: "unsafe-disabled" }) };
}
