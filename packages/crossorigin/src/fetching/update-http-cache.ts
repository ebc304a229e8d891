/**
 * What a response from the network does to the HTTP cache.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
 * @module
 */

import {
  type CacheMode,
  type Header,
  byteLowercase,
  containsHeader,
  getDecodeAndSplit,
  getHeader,
  isNullBodyStatus,
  isRedirectStatus,
} from "../protocol/index.ts";
import { concatenate } from "./byte-sequence.ts";
import type { FetchParams } from "./fetch-params.ts";
import { type HttpCache, type HttpCacheRequest, type StoredResponse, httpCachePartition } from "./http-cache.ts";
import { type Request, currentUrl } from "./request.ts";
import type { InternalResponse, ResponseBody } from "./response.ts";
import { fromStoredResponse, httpCacheRequest, traceHttpCache } from "./select-stored-response.ts";

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-safe-methods */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Steps 11.3 to 11.5: invalidates, freshens or stores. Returns the response to go on with: the freshened one after a 304
 * that validated `stored`, else `forwardResponse`, whose body stores itself while it is read.
 */
export function updateHttpCache(
  params: FetchParams,
  httpRequest: Request,
  cacheMode: CacheMode,
  forwardResponse: InternalResponse,
  stored: StoredResponse | null,
): InternalResponse {
  const { httpCache, profile } = params.effects;
  if (httpCache === undefined || params.isPreflight) return forwardResponse;
  const { method } = httpRequest;
  const { status, headers, requestIncludesCredentials, connection } = forwardResponse;
  const isUnsafe = !SAFE_METHODS.has(method);
  if ((isUnsafe && (status < 200 || status > 399)) || (!isUnsafe && (method !== "GET" || cacheMode === "no-store")))
    return forwardResponse;
  const partition = httpCachePartition(httpRequest.client, profile);
  if (isUnsafe) {
    invalidate(httpCache, partition, currentUrl(httpRequest), headers); // Step 11.3
    return forwardResponse;
  }
  const cacheRequest = httpCacheRequest(httpRequest, partition, requestIncludesCredentials);
  if (stored === null || status !== 304) {
    storeWhenRead(params, cacheRequest, httpCache, forwardResponse); // Step 11.5.2
    return forwardResponse;
  }
  // Step 11.4
  forwardResponse.body?.cancel();
  const freshened = { ...stored, headers: freshenedHeaders(stored.headers, headers), connection };
  if (httpCache.isStorable(cacheRequest, freshened)) httpCache.store(cacheRequest, freshened);
  else httpCache.remove(partition, cacheRequest.url);
  traceHttpCache(params, httpRequest, "revalidated", freshened, requestIncludesCredentials);
  return fromStoredResponse(freshened, httpRequest, requestIncludesCredentials);
}

/** @see https://www.rfc-editor.org/rfc/rfc9111#name-invalidating-stored-respons */
function invalidate(httpCache: HttpCache, partition: string, url: URL, headers: readonly Header[]): void {
  httpCache.remove(partition, url);
  for (const name of ["Location", "Content-Location"]) {
    const value = getHeader(headers, name);
    if (value === null || !URL.canParse(value, url.href)) continue;
    const other = new URL(value, url.href);
    // Attack: a server must not throw out what belongs to another.
    if (other.origin === url.origin) httpCache.remove(partition, other);
  }
}

/** Stores the response: at once if its body does not matter, else when the body has been read. */
function storeWhenRead(
  params: FetchParams,
  cacheRequest: HttpCacheRequest,
  httpCache: HttpCache,
  response: InternalResponse,
): void {
  const { status, statusMessage, headers, body, rangeRequested, connection } = response;
  if (!httpCache.isStorable(cacheRequest, response)) {
    // Choice: what was there is outdated by a whole answer that may not be kept, as in browsers.
    if (status !== 206 && status !== 304) httpCache.remove(cacheRequest.partition, cacheRequest.url);
    return;
  }
  const head = { status, statusMessage, headers: storableHeaders(headers), rangeRequested, connection };
  const store = (bytes: Uint8Array): void => httpCache.store(cacheRequest, { ...head, body: bytes });
  const isFollowed = isRedirectStatus(status) && containsHeader(headers, "Location");
  if (body === null || isFollowed || isNullBodyStatus(status)) store(new Uint8Array());
  else
    response.body = storingBody(
      body,
      httpCache.maxBodyBytes,
      store,
      (unread) => void readUnattended(params, unread, httpCache.maxBodyBytes),
    );
}

/**
 * The same body. `store` gets all of it once it has been read, unless it fails, is canceled, or is too long.
 * `readUnread` gets it where it is left unread: a page never reads an opaque response, and the cache has it all the same.
 */
function storingBody(
  body: ResponseBody,
  maxBytes: number,
  store: (bytes: Uint8Array) => void,
  readUnread: (body: AsyncIterable<Uint8Array>) => void,
): ResponseBody {
  const read = (): AsyncIterator<Uint8Array> => {
    const source = body[Symbol.asyncIterator]();
    let chunks: Uint8Array[] | null = [];
    let byteLength = 0;
    const keep = (reading: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
      if (reading.done === true) {
        if (chunks !== null) store(concatenate(chunks));
        chunks = null;
        return reading;
      }
      byteLength += reading.value.byteLength;
      if (byteLength > maxBytes) chunks = null;
      chunks?.push(reading.value);
      return reading;
    };
    return {
      next: () => source.next().then(keep),
      return: () => source.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    };
  };
  const reading: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: read };
  return { ...reading, cancel: () => body.cancel(), leaveUnread: () => readUnread(reading) };
}

/**
 * Reads to the end, unless that is farther than the cache keeps: engines were seen to read six million bytes for it. Never
 * rejects: what fails is not stored, and nobody else has to know.
 */
async function readUnattended(
  { request, controller }: FetchParams,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<void> {
  const unattended = request.client.fetchGroup?.unattended;
  unattended?.add(controller);
  let byteLength = 0;
  try {
    for await (const chunk of body) {
      byteLength += chunk.byteLength;
      if (byteLength > maxBytes) break;
    }
  } catch {
    // See above.
  }
  unattended?.delete(controller);
}

/** Headers of the connection, not of the response. @see https://www.rfc-editor.org/rfc/rfc9111#name-storing-header-and-trailer- */
const UNSTORED_NAMES: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/**
 * What a 304 does not change: what the stored body was processed by.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#name-updating-stored-header-fiel
 */
const UNCHANGED_NAMES: readonly string[] = ["content-encoding", "content-length", "content-range", "content-type"];

function storableHeaders(headers: readonly Header[]): Header[] {
  const named = new Set(getDecodeAndSplit(headers, "Connection")?.map((name) => byteLowercase(name)));
  return headers.filter(([name]) => {
    const lowercased = byteLowercase(name);
    return !UNSTORED_NAMES.has(lowercased) && !named.has(lowercased);
  });
}

/** The stored headers with those of a 304 in the place of theirs. @see https://www.rfc-editor.org/rfc/rfc9111#name-freshening-stored-responses */
function freshenedHeaders(stored: readonly Header[], received: readonly Header[]): Header[] {
  const changes = storableHeaders(received).filter(([name]) => !UNCHANGED_NAMES.includes(byteLowercase(name)));
  const changed = new Set(changes.map(([name]) => byteLowercase(name)));
  return [...stored.filter(([name]) => !changed.has(byteLowercase(name))), ...changes];
}
