/**
 * The cookie store, over tough-cookie's.
 *
 * @see https://httpwg.org/http-extensions/draft-ietf-httpbis-layered-cookies.html
 * @module
 */

import type { CookieContext, CookieStore } from "crossorigin/fetching";
import type { Clock } from "crossorigin/protocol";
import type { Cookie } from "tough-cookie";
import {
  type CookieProfile,
  isAcceptable,
  isPartitioned,
  isSecure,
  isSentInContext,
  isShadowingSecureCookie,
} from "./cookie-acceptance.ts";
import { CookiePartition } from "./cookie-partition.ts";
import { parseSetCookie } from "./parse-set-cookie.ts";
import { toughCookie } from "./tough-cookie.ts";

/** Attack: servers must not fill the memory. The one unused the longest goes first. */
const MAX_COOKIES_PER_DOMAIN = 180;
const MAX_COOKIES = 3300;

/** A cookie and where it is kept. */
interface Kept {
  readonly cookie: Cookie;
  readonly partition: CookiePartition;
}

export class ToughCookieStore implements CookieStore {
  readonly #clock: Clock;
  readonly #profile: CookieProfile;
  readonly #unpartitioned = new CookiePartition();
  /** By network partition key. */
  readonly #partitions = new Map<string, CookiePartition>();

  /** @param clock - milliseconds since the epoch, as `Expires` is a date */
  constructor(clock: Clock, profile: CookieProfile) {
    this.#clock = clock;
    this.#profile = profile;
  }

  cookieHeader(url: URL, context: CookieContext): string {
    return this.#retrieve(url, true, context);
  }

  store(url: URL, setCookie: string, context: CookieContext): boolean {
    return this.#accept(url, setCookie, true, context);
  }

  /** `document.cookie` of a page at `url`: a latin-1 string without `HttpOnly` cookies. */
  documentCookie(url: URL, context: CookieContext): string {
    return this.#retrieve(url, false, context);
  }

  /** Assigning to `document.cookie`; false if the cookie was refused. `setCookie` is a latin-1 string. */
  setDocumentCookie(url: URL, setCookie: string, context: CookieContext): boolean {
    return this.#accept(url, setCookie, false, context);
  }

  #retrieve(url: URL, isHttp: boolean, context: CookieContext): string {
    const now = this.#clock.now();
    const sent = this.#visible(context)
      .flatMap((partition) => partition.matching(url, isHttp).map((cookie) => ({ cookie, partition })))
      .filter(({ cookie }) => !cookie.secure || isSecure(url, this.#profile))
      .filter(({ cookie }) => isSentInContext(cookie, context, this.#profile, now))
      .filter((kept) => !this.#removeIfExpired(kept, now))
      .map(({ cookie }) => cookie);
    if (sent.length === 0) return "";
    const cookies = sent.toSorted(toughCookie().cookieCompare);
    for (const cookie of cookies) cookie.lastAccessed = new Date(now);
    return cookies.map(({ key, value }) => (key === "" ? value : `${key}=${value}`)).join("; ");
  }

  /** Where a request or a page finds its cookies. */
  #visible({ isThirdParty, networkPartitionKey }: CookieContext): readonly CookiePartition[] {
    const partition = this.#partitions.get(networkPartitionKey);
    const own = partition === undefined ? [] : [partition];
    return isThirdParty && this.#profile.thirdPartyCookies !== "allow" ? own : [this.#unpartitioned, ...own];
  }

  /** Where a cookie is to be kept; null if nowhere. */
  #partitionFor(cookie: Cookie, { isThirdParty, networkPartitionKey }: CookieContext): CookiePartition | null {
    const policy = isThirdParty ? this.#profile.thirdPartyCookies : "allow";
    if (policy !== "partition" && !isPartitioned(cookie, this.#profile))
      return policy === "allow" ? this.#unpartitioned : null;
    const known = this.#partitions.get(networkPartitionKey);
    if (known !== undefined) return known;
    const partition = new CookiePartition();
    this.#partitions.set(networkPartitionKey, partition);
    return partition;
  }

  #accept(url: URL, setCookie: string, isHttp: boolean, context: CookieContext): boolean {
    const now = this.#clock.now();
    const cookie = parseSetCookie(setCookie, now);
    const isCrossSite = context.sameSite === "unset-or-less" && !context.isTopLevelNavigation;
    if (cookie === null || !isAcceptable(cookie, { url, isHttp, isCrossSite }, this.#profile)) return false;
    const partition = this.#partitionFor(cookie, context);
    if (partition === null || isShadowingSecureCookie(cookie, url, partition.all(), this.#profile)) return false;
    if (!partition.add(cookie, url, isHttp, new Date(now))) return false;
    this.#removeIfExpired({ cookie, partition }, now);
    this.#evict(cookie.domain, partition);
    return true;
  }

  #removeIfExpired({ cookie, partition }: Kept, now: number): boolean {
    if (!(cookie.expires instanceof Date) || cookie.expires.getTime() > now) return false;
    partition.remove(cookie);
    return true;
  }

  #evict(domain: string | null, changed: CookiePartition): void {
    const all: readonly Kept[] = [this.#unpartitioned, ...this.#partitions.values()].flatMap((partition) =>
      partition.all().map((cookie) => ({ cookie, partition })),
    );
    const ofDomain = all.filter(({ cookie, partition }) => partition === changed && cookie.domain === domain);
    removeOldest(ofDomain, ofDomain.length - MAX_COOKIES_PER_DOMAIN);
    removeOldest(all, all.length - MAX_COOKIES);
    for (const [key, partition] of this.#partitions) if (partition.all().length === 0) this.#partitions.delete(key);
  }
}

function removeOldest(kept: readonly Kept[], count: number): void {
  if (count <= 0) return;
  const oldestFirst = kept.toSorted((a, b) => lastAccess(a.cookie) - lastAccess(b.cookie));
  for (const { cookie, partition } of oldestFirst.slice(0, count)) partition.remove(cookie);
}

function lastAccess({ lastAccessed }: Cookie): number {
  return lastAccessed instanceof Date ? lastAccessed.getTime() : 0;
}
