/**
 * What the HTTP cache has for a request: an answer, something to validate, or nothing.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
 * @module
 */

import { type CacheMode, appendHeader, containsHeader, getHeader } from "../protocol/index.ts";
import { FetchController } from "./fetch-controller.ts";
import type { FetchParams } from "./fetch-params.ts";
import { type HttpCacheRequest, type StoredResponse, httpCachePartition } from "./http-cache.ts";
import { mainFetch } from "./main-fetch.ts";
import { type Request, currentUrl } from "./request.ts";
import { type InternalResponse, bodyOfBytes, readFully } from "./response.ts";
import type { TraceEvent } from "./trace.ts";

/** Null: there is nothing that helps. If not `isAnswer`, `httpRequest` asks the server whether `stored` is still right. */
export interface Selected {
  readonly stored: StoredResponse;
  readonly isAnswer: boolean;
}

/**
 * Step 8.24. Adds what a validation needs to `httpRequest`.
 *
 * Choice: only GET is answered and stored, and no part of a response: browsers do little more.
 *
 * @param cacheMode - the one that counts for the cache
 */
export function selectStoredResponse(
  params: FetchParams,
  httpRequest: Request,
  cacheMode: CacheMode,
  includeCredentials: boolean,
): Selected | null {
  const { httpCache, profile } = params.effects;
  const { headers, method } = httpRequest;
  if (httpCache === undefined || method !== "GET" || containsHeader(headers, "Range")) return null;
  if (cacheMode === "no-store" || cacheMode === "reload") return null;
  const partition = httpCachePartition(httpRequest.client, profile);
  const selected = httpCache.select(httpCacheRequest(httpRequest, partition, includeCredentials));
  if (selected === null) return null;
  const { response: stored, freshness } = selected;
  if (cacheMode === "default" && freshness === "stale-while-revalidate") {
    // Step 8.24.2.1
    traceHttpCache(params, httpRequest, "answered-stale", stored, includeCredentials);
    void revalidateInBackground(params);
    return { stored, isAnswer: true };
  }
  const isStaleAccepted = cacheMode === "force-cache" || cacheMode === "only-if-cached";
  const isStale = cacheMode === "no-cache" || freshness !== "fresh"; // Step 8.24.2.2.1
  if (isStaleAccepted || !isStale) {
    traceHttpCache(params, httpRequest, "answered", stored, includeCredentials);
    return { stored, isAnswer: true }; // Step 8.24.2.2.3
  }
  // Step 8.24.2.2.2
  const entityTag = getHeader(stored.headers, "ETag");
  if (entityTag !== null) appendHeader(headers, "If-None-Match", entityTag);
  const lastModified = getHeader(stored.headers, "Last-Modified");
  if (lastModified !== null) appendHeader(headers, "If-Modified-Since", lastModified);
  return { stored, isAnswer: false };
}

/** The request as the cache sees it. */
export function httpCacheRequest(
  httpRequest: Request,
  partition: string,
  includeCredentials: boolean,
): HttpCacheRequest {
  return { partition, url: currentUrl(httpRequest), includeCredentials, headers: httpRequest.headers };
}

/** The response that a stored one stands for: judged by the request that has it now, not by the one that it was stored for. */
export function fromStoredResponse(
  stored: StoredResponse,
  httpRequest: Request,
  includeCredentials: boolean,
): InternalResponse {
  const { status, statusMessage, headers, body, rangeRequested, connection } = stored;
  return {
    type: "default",
    urlList: [...httpRequest.urlList], // Step 12
    status,
    statusMessage,
    headers: [...headers],
    body: bodyOfBytes(body),
    corsExposedHeaderNameList: [],
    rangeRequested: rangeRequested || containsHeader(httpRequest.headers, "Range"), // Step 13
    requestIncludesCredentials: includeCredentials, // Step 14
    timingAllowPassed: false,
    redirectTaint: "same-origin",
    connection,
  };
}

/** An answer of the cache is an exchange like one with a server, so that what is decided about it has a place. */
export function traceHttpCache(
  params: FetchParams,
  httpRequest: Request,
  action: Extract<TraceEvent, { type: "http-cache" }>["action"],
  { status, statusMessage, headers }: StoredResponse,
  includeCredentials: boolean,
): void {
  const exchange = action === "revalidated" ? params.exchangeCount - 1 : params.exchangeCount++;
  params.trace?.({
    type: "http-cache",
    exchange,
    hop: httpRequest.urlList.length - 1,
    action,
    method: httpRequest.method,
    url: currentUrl(httpRequest).href,
    requestHeaders: httpRequest.headers,
    includeCredentials,
    status,
    statusMessage,
    headers,
  });
}

/**
 * Steps 8.24.2.1.3 to 8.24.2.1.7: asks the server only to renew what is stored. Never rejects.
 *
 * Choice: the fetch's own trace does not tell of it, as it ends before or after this does.
 */
async function revalidateInBackground({ request, effects }: FetchParams): Promise<void> {
  const controller = new FetchController();
  const unattended = request.client.fetchGroup?.unattended;
  unattended?.add(controller);
  const revalidateRequest: Request = {
    ...request,
    headers: [...request.headers],
    urlList: [...request.urlList],
    cacheMode: "no-cache",
    preventNoCacheHeader: true,
  };
  const response = await mainFetch({
    request: revalidateRequest,
    effects,
    controller,
    trace: null,
    isPreflight: false,
    preloadedResponseCandidate: null,
    headersOfPage: [...request.headers],
    firstUnsafeHeaders: null,
    isRemovedByRedirect: () => false,
    redirectFailure: null,
    firstMethod: request.method,
    exchangeCount: 0,
  });
  const body = response.type === "error" ? null : response.internalResponse.body;
  // What breaks off is not stored; nobody else has to know.
  if (body !== null) await readFully(body, effects.maxBodyBytes).catch(() => null);
  unattended?.delete(controller);
}
