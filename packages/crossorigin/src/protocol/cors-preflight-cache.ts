/**
 * The CORS-preflight cache: which methods and headers a server has granted to an origin at a URL, and until when.
 *
 * @see https://fetch.spec.whatwg.org/#concept-cache
 * @module
 */

import { isCorsNonWildcardRequestHeaderName } from "./cors-safelisted-request-header.ts";
import { byteLowercase } from "./header-value.ts";
import type { Profile } from "./profile.ts";
import { PROFILES } from "./profiles.ts";
import type { CredentialsMode } from "./request-concepts.ts";

/** Milliseconds since any fixed moment, never going back. */
export interface Clock {
  now(): number;
}

/** What the cache needs of a request. */
export interface CacheRequest {
  /** The network partition key, serialized: contexts with different keys share nothing. */
  readonly networkPartitionKey: string;
  /** The byte-serialized request origin, possibly the four letters `null`. */
  readonly serializedOrigin: string;
  readonly currentUrl: URL;
  readonly credentialsMode: CredentialsMode;
}

/** One cache entry; `name` is a method, a lower-cased header name, or `*`. Of kind `answer`, without a name: that there was an answer. */
interface CacheEntry {
  readonly kind: "method" | "header-name" | "answer";
  readonly name: string;
  readonly credentials: boolean;
  expiresAtMilliseconds: number;
}

/** Methods and header names that the cache keeps for one of them; the oldest goes first. */
export const MAX_CACHED_ENTRIES_PER_URL = 1024;

/**
 * Holds answers for at most {@link Profile.maxCachedUrls} combinations of partition, origin and URL; the one unused the longest goes first. Every look-up takes constant time.
 * URLs are compared whole, fragment and query included, as the standard says and all engines do.
 */
export class CorsPreflightCache {
  readonly #clock: Clock;
  readonly #profile: Profile;
  /** Insertion order is order of last use. */
  readonly #urls = new Map<string, Map<string, CacheEntry>>();

  constructor(clock: Clock, profile: Profile = PROFILES.standard) {
    this.#clock = clock;
    this.#profile = profile;
  }

  /** Is there a method cache entry match for `method`? @see https://fetch.spec.whatwg.org/#concept-cache-match-method */
  hasMethodMatch(request: CacheRequest, method: string): boolean {
    return this.#match(request, "method", method).length > 0;
  }

  /** Is there a header-name cache entry match for `headerName`? @see https://fetch.spec.whatwg.org/#concept-cache-match-header */
  hasHeaderNameMatch(request: CacheRequest, headerName: string): boolean {
    return this.#match(request, "header-name", byteLowercase(headerName)).length > 0;
  }

  /**
   * Is an answer kept that grants `method` by being there? Only in profiles where that may be, which
   * {@link Profile.methodsGrantedByAnyAnswer} tells.
   */
  hasAnswerFor(request: CacheRequest, method: string): boolean {
    const isGranted = this.#profile.methodsGrantedByAnyAnswer?.includes(method) === true;
    return isGranted && this.#match(request, "answer", "").length > 0;
  }

  /**
   * Keeps what a granted preflight allows (CORS-preflight fetch, steps 7.12 to 7.15).
   * An entry of the same name gets the new max-age instead of a twin. False where the profile keeps nothing.
   *
   * Choice: the standard does not say whether the new max-age counts from now; it does here.
   *
   * Deviation: the standard also gives the new max-age to every other entry that matches, such as `*`, or one with credentials when
   * the request has none. That would keep alive what this answer did not grant; here it can only shorten them.
   */
  store(
    request: CacheRequest,
    methods: readonly string[],
    headerNames: readonly string[],
    maxAgeSeconds: number,
  ): boolean {
    const limit = this.#profile.minUncachedUrlLength;
    if (limit !== null && request.currentUrl.href.length >= limit) return false;
    if (request.serializedOrigin === "null" && !this.#profile.opaqueOriginPreflightCached) return false;
    if (maxAgeSeconds === 0 && !this.#profile.zeroMaxAgeStored) return false;
    if (this.#profile.preflightCacheUnit === "result") this.clear(request);
    const expiresAtMilliseconds = this.#clock.now() + maxAgeSeconds * 1000;
    const credentials = request.credentialsMode === "include";
    const names = [
      ...methods.map((name) => ({ kind: "method", name }) as const),
      ...headerNames.map((name) => ({ kind: "header-name", name: byteLowercase(name) }) as const),
    ];
    this.#removeExpiredEntries(request);
    for (const { kind, name } of names) {
      for (const entry of this.#match(request, kind, name)) {
        entry.expiresAtMilliseconds = Math.min(entry.expiresAtMilliseconds, expiresAtMilliseconds);
      }
      this.#createEntry(request, { kind, name, credentials, expiresAtMilliseconds });
    }
    if (this.#profile.methodsGrantedByAnyAnswer === null) return true;
    const answerExpiresAt = this.#profile.expiredAnswerGrantsMethods ? Infinity : expiresAtMilliseconds;
    this.#createEntry(request, { kind: "answer", name: "", credentials, expiresAtMilliseconds: answerExpiresAt });
    return true;
  }

  /**
   * Forgets all that was granted to the request's origin at its URL; false if nothing was that has not expired.
   *
   * @see https://fetch.spec.whatwg.org/#concept-cache-clear
   */
  clear(request: CacheRequest): boolean {
    this.#removeExpiredEntries(request);
    const key = urlKey(request);
    const isHeld = (this.#urls.get(key)?.size ?? 0) > 0;
    this.#urls.delete(key);
    return isHeld;
  }

  /** Forgets everything. */
  clearAll(): void {
    this.#urls.clear();
  }

  /** @see https://fetch.spec.whatwg.org/#concept-cache-create-entry */
  #createEntry(request: CacheRequest, entry: CacheEntry): void {
    const key = urlKey(request);
    const entries = this.#urls.get(key) ?? new Map<string, CacheEntry>();
    setAndEvict(entries, entryKey(entry.kind, entry.name, entry.credentials), entry, MAX_CACHED_ENTRIES_PER_URL);
    setAndEvict(this.#urls, key, entries, this.#profile.maxCachedUrls);
  }

  /** Attack: without this, names that never come again would fill the memory. */
  #removeExpiredEntries(request: CacheRequest): void {
    const entries = this.#urls.get(urlKey(request));
    if (entries === undefined) return;
    const now = this.#clock.now();
    for (const [key, entry] of entries) if (entry.expiresAtMilliseconds <= now) entries.delete(key);
  }

  /** Every live entry that matches, expired ones removed on the way. @see https://fetch.spec.whatwg.org/#concept-cache-match */
  #match(request: CacheRequest, kind: CacheEntry["kind"], name: string): CacheEntry[] {
    const key = urlKey(request);
    const entries = this.#urls.get(key);
    if (entries === undefined) return [];
    this.#urls.delete(key);
    this.#urls.set(key, entries);
    const now = this.#clock.now();
    const matching: CacheEntry[] = [];
    for (const candidate of this.#candidateKeys(request, kind, name)) {
      const entry = entries.get(candidate);
      if (entry === undefined) continue;
      if (entry.expiresAtMilliseconds > now) matching.push(entry);
      else entries.delete(candidate);
    }
    return matching;
  }

  /** The keys under which a matching entry can stand: itself or `*`, with credentials or without. */
  #candidateKeys(request: CacheRequest, kind: CacheEntry["kind"], name: string): Set<string> {
    const isIncluding = request.credentialsMode === "include";
    const names = [name];
    // Deviation: the standard lets a credentialed `*` entry match a request with credentials, though no preflight would have granted it.
    if (!isIncluding && this.#isWildcardUsedFor(kind, name)) names.push("*");
    const keys = new Set<string>();
    for (const candidate of names) {
      const isShared = candidate !== "*" || this.#profile.credentialedWildcardCacheHit;
      if (isIncluding || (isShared && this.#profile.credentialedEntryServesAnonymous))
        keys.add(entryKey(kind, candidate, true));
      if (!isIncluding) keys.add(entryKey(kind, candidate, false));
    }
    return keys;
  }

  #isWildcardUsedFor(kind: CacheEntry["kind"], name: string): boolean {
    if (!this.#profile.wildcardCacheHit || kind === "answer") return false;
    const isNonWildcard = kind === "header-name" && isCorsNonWildcardRequestHeaderName(name);
    return !isNonWildcard || this.#profile.authorizationCoveredByCachedWildcard;
  }
}

/** Sets `key` as the youngest; the oldest go once there are more than `limit`. */
function setAndEvict<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) break;
    map.delete(oldest);
  }
}

function urlKey(request: CacheRequest): string {
  return `${request.networkPartitionKey} ${request.serializedOrigin} ${request.currentUrl.href}`;
}

function entryKey(kind: CacheEntry["kind"], name: string, credentials: boolean): string {
  return `${kind} ${credentials ? "credentials" : "anonymous"} ${name}`;
}
