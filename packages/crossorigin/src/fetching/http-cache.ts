/**
 * HTTP caches as fetching sees them: what one is asked, and which one a request has.
 *
 * @see https://fetch.spec.whatwg.org/#http-cache-partitions
 * @module
 */

import type { Header, Profile } from "../protocol/index.ts";
import { type Environment, networkPartitionKey, siteKey } from "./environment.ts";
import type { Connection } from "./fetch-params.ts";

/** What decides which stored response a GET request may have. */
export interface HttpCacheRequest {
  /** Responses are never shared between partitions. */
  readonly partition: string;
  readonly url: URL;
  readonly includeCredentials: boolean;
  /** As sent: `Vary` compares them, and `Cache-Control` may ask for more than freshness. */
  readonly headers: readonly Header[];
}

/** A response as the network gave it, with all of its body; nothing is filtered, as the next request may see other parts. */
export interface StoredResponse {
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: readonly Header[];
  /** Without content codings. Must not be written to. */
  readonly body: Uint8Array;
  /** Was a `Range` asked for? */
  readonly rangeRequested: boolean;
  /** Where it came from; null if the transport did not tell. */
  readonly connection: Connection | null;
}

/** @see https://fetch.spec.whatwg.org/#concept-fresh-response */
export type Freshness = "fresh" | "stale-while-revalidate" | "stale";

/**
 * A private cache of responses to GET requests. Neither method throws. It decides what RFC 9111 says about storing and
 * freshness; cache modes, validation and invalidation are decided here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111
 */
export interface HttpCache {
  /** Longer bodies are not offered to {@link HttpCache.store}. */
  readonly maxBodyBytes: number;
  /** The stored response that the request may have, fresh or not; null if there is none. */
  select(request: HttpCacheRequest): { readonly response: StoredResponse; readonly freshness: Freshness } | null;
  /** May the response be stored? Asked before its body is read. */
  isStorable(request: HttpCacheRequest, response: Pick<StoredResponse, "status" | "headers">): boolean;
  /** Stores a response that {@link HttpCache.isStorable}, in the place of what is there. */
  store(request: HttpCacheRequest, response: StoredResponse): void;
  /** Forgets what is stored for the URL, with credentials or without. */
  remove(partition: string, url: URL): void;
}

/** @see https://fetch.spec.whatwg.org/#determine-the-http-cache-partition */
export function httpCachePartition(environment: Environment, { httpCacheKeyedByFrameSite }: Profile): string {
  const key = networkPartitionKey(environment);
  return httpCacheKeyedByFrameSite ? `${key} ${siteKey(environment.origin)}` : key;
}
