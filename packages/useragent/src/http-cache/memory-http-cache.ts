/**
 * The HTTP cache of a user agent: private, in memory, divided by partition, and bounded.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111
 * @module
 */

import type { HttpCache, HttpCacheRequest, StoredResponse } from "crossorigin/fetching";
import type { Clock, Profile } from "crossorigin/protocol";
import { type PolicyClass, StoredFreshness, policyClassAt } from "./stored-freshness.ts";

export interface HttpCacheLimits {
  readonly maxEntries: number;
  /** Of bodies, headers and URLs together. */
  readonly maxBytes: number;
}

interface Entry {
  readonly response: StoredResponse;
  readonly freshness: StoredFreshness;
  readonly byteLength: number;
}

/** One body may have so much of the whole, as in Chromium. */
const LARGEST_SHARE = 8;

/** Ends the key of what was asked for without credentials, where that is kept apart. No URL ends so. */
const ANONYMOUS = " anonymous";

/** Choice: one response for a URL, as browsers keep them; with `Vary`, the last one that was asked for. */
export class MemoryHttpCache implements HttpCache {
  readonly maxBodyBytes: number;
  readonly #limits: HttpCacheLimits;
  readonly #Policy: PolicyClass;
  readonly #profile: Profile;
  /** By partition and URL, the least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** The last of the keys, if it is still there. */
  #youngest = "";
  #byteLength = 0;
  /** What was said of the last request's response, which is mostly the one that is stored next. */
  #judged: { readonly request: HttpCacheRequest; readonly freshness: StoredFreshness } | null = null;

  constructor(limits: HttpCacheLimits, clock: Clock, profile: Profile) {
    this.maxBodyBytes = Math.floor(limits.maxBytes / LARGEST_SHARE);
    this.#limits = limits;
    this.#Policy = policyClassAt(clock);
    this.#profile = profile;
  }

  select(request: HttpCacheRequest): ReturnType<HttpCache["select"]> {
    const key = this.#keyOf(request);
    const entry = this.#entries.get(key);
    const freshness = entry?.freshness.of(request) ?? null;
    if (entry === undefined || freshness === null) return null;
    this.#setYoungest(key, entry);
    return { response: entry.response, freshness };
  }

  isStorable(request: HttpCacheRequest, response: Pick<StoredResponse, "status" | "headers">): boolean {
    const freshness = new StoredFreshness(request, response, this.#Policy, this.#profile);
    this.#judged = { request, freshness };
    return freshness.isStorable;
  }

  store(request: HttpCacheRequest, response: StoredResponse): void {
    const key = this.#keyOf(request);
    const { headers, body } = response;
    const headerBytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    const byteLength = key.length + headerBytes + body.byteLength;
    const freshness =
      this.#judged?.request === request
        ? this.#judged.freshness
        : new StoredFreshness(request, response, this.#Policy, this.#profile);
    this.#judged = null;
    this.#byteLength += byteLength - (this.#entries.get(key)?.byteLength ?? 0);
    this.#setYoungest(key, { response, freshness, byteLength });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.maxEntries && this.#byteLength <= this.#limits.maxBytes) return;
      this.#delete(oldest);
    }
  }

  remove(partition: string, url: URL): void {
    const key = keyOf(partition, url);
    this.#delete(key);
    this.#delete(`${key}${ANONYMOUS}`);
  }

  clear(): void {
    this.#entries.clear();
    this.#byteLength = 0;
    this.#judged = null;
  }

  #keyOf({ partition, url, includeCredentials }: HttpCacheRequest): string {
    const isApart = this.#profile.httpCacheKeyedByCredentials && !includeCredentials;
    return isApart ? `${keyOf(partition, url)}${ANONYMOUS}` : keyOf(partition, url);
  }

  /** What is the youngest already, as under a poll, stays where it is: a map that is deleted from grows until it is built anew. */
  #setYoungest(key: string, entry: Entry): void {
    if (key !== this.#youngest) this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#youngest = key;
  }

  #delete(key: string): void {
    this.#byteLength -= this.#entries.get(key)?.byteLength ?? 0;
    this.#entries.delete(key);
  }
}

/** Neither fragments nor users are sent. A URL has no space, so no partition ends in another one's URL. */
function keyOf(partition: string, { origin, pathname, search }: URL): string {
  return `${partition} ${origin}${pathname}${search}`;
}
