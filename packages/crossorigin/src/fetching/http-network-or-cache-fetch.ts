/**
 * HTTP-network-or-cache fetch: dresses a request for the wire; the HTTP cache answers it, or the network does.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
 * @module
 */

import {
  type CacheMode,
  type HeaderList,
  type Profile,
  appendHeader,
  containsHeader,
  isSameOrigin,
  originOfUrl,
  redirectTaint,
  setHeader,
} from "../protocol/index.ts";
import { answerableChallenge, appendAuthorization, storeAuthenticationEntry } from "./answer-challenge.ts";
import { appendRequestOriginHeader } from "./append-request-origin-header.ts";
import type { Challenge } from "./authentication-entries.ts";
import { cookieContext } from "./cookie-context.ts";
import { embedderPolicyOf } from "./environment.ts";
import { appendFetchMetadataHeaders } from "./fetch-metadata.ts";
import { type FetchParams, appropriateNetworkError, fail } from "./fetch-params.ts";
import { httpNetworkFetch } from "./http-network-fetch.ts";
import { isOverKeepaliveQuota } from "./keepalive-quota.ts";
import { storedResponseRefusal } from "./local-network-access-check.ts";
import { type Request, currentUrl, isRedirectedAcrossOrigins } from "./request.ts";
import type { InternalResponse, NetworkError } from "./response.ts";
import { fromStoredResponse, selectStoredResponse } from "./select-stored-response.ts";
import { appendStorageAccessHeader, isRetriedForStorageAccess } from "./storage-access.ts";
import { updateHttpCache } from "./update-http-cache.ts";

const CONDITIONAL_NAMES = ["If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "If-Match", "If-Range"];

/**
 * What is added here is for one attempt only: the request itself stays as it is, for the next hop of a redirect.
 *
 * Not applicable: what asks a user, as nobody can be asked.
 *
 * @param challenge - what an authentication fetch answers; null for other fetches
 */
export async function httpNetworkOrCacheFetch(
  params: FetchParams,
  challenge: Challenge | null = null,
  isNewConnectionFetch = false,
): Promise<InternalResponse | NetworkError> {
  const { request } = params;
  if (params.controller.isCanceled) return appropriateNetworkError(params); // Step 9
  const includeCredentials =
    includesCredentials(request, params.effects.profile) && // Step 8.3
    isAllowedByEmbedderPolicy(request, params.effects.profile); // Step 8.4
  const httpRequest: Request = { ...request, headers: [...request.headers] }; // Step 8.2.1
  if (
    request.keepalive &&
    request.body?.kind === "bytes" &&
    isOverKeepaliveQuota(request, request.body.bytes.byteLength)
  ) {
    return fail(params, {
      code: "http-network-or-cache-fetch/keepalive-quota",
      step: "HTTP-network-or-cache fetch, step 8.10",
      received: String(request.body.bytes.byteLength),
    });
  }
  const cacheMode = cacheModeOf(request, params.effects.profile); // Step 8.16
  decorate(params, httpRequest, includeCredentials, shownCacheMode(request, params.effects.profile));
  if (includeCredentials || challenge !== null) appendAuthorization(params, httpRequest, challenge); // Step 8.21.2
  const selected = selectStoredResponse(params, httpRequest, cacheMode, includeCredentials); // Step 8.24
  if (selected?.isAnswer === true) {
    const refusal = await storedResponseRefusal(params, selected.stored.connection);
    return refusal ?? fromStoredResponse(selected.stored, httpRequest, includeCredentials);
  }
  if (cacheMode === "only-if-cached") {
    return fail(params, {
      code: "http-network-or-cache-fetch/only-if-cached",
      step: "HTTP-network-or-cache fetch, step 11.1",
    });
  }
  const forwardResponse = await httpNetworkFetch(params, httpRequest, includeCredentials, isNewConnectionFetch); // Step 11.2
  if (forwardResponse.type === "error") return forwardResponse;
  const response = updateHttpCache(params, httpRequest, cacheMode, forwardResponse, selected?.stored ?? null); // Steps 11.3 to 11.5
  const canBeSentAgain = request.body === null || request.body.kind === "bytes";
  const answerable =
    response.status === 401 && canBeSentAgain && challenge === null
      ? answerableChallenge(params, response, includeCredentials)
      : null;
  if (answerable !== null) {
    response.body?.cancel();
    return httpNetworkOrCacheFetch(params, answerable, isNewConnectionFetch); // Step 15.4
  }
  if (response.status === 407 && params.effects.profile.proxyAuthenticationRefused) {
    response.body?.cancel();
    return fail(params, {
      code: "http-network-or-cache-fetch/proxy-authentication",
      step: "HTTP-network-or-cache fetch, step 16.1",
    });
  }
  if (response.status === 421 && !isNewConnectionFetch && canBeSentAgain) {
    response.body?.cancel();
    return httpNetworkOrCacheFetch(params, challenge, true); // Step 17.2
  }
  if (canBeSentAgain && isRetriedForStorageAccess(request, response, params.effects.profile)) {
    response.body?.cancel();
    request.storageAccessActivated = true;
    if (params.effects.profile.storageAccess?.retryReloads === true) request.singleHopCacheMode = "reload";
    return httpNetworkOrCacheFetch(params, challenge, isNewConnectionFetch);
  }
  if (challenge !== null && response.status !== 401) storeAuthenticationEntry(params, httpRequest, challenge); // Step 18
  return response; // Step 19
}

/** Step 8.3: credentials of the same-origin kind stop for good at the first other origin, as the tainting changes there. */
function includesCredentials(request: Request, profile: Profile): boolean {
  if (request.credentialsMode !== "same-origin") return request.credentialsMode === "include";
  if (request.responseTainting === "basic") return true;
  const beganAtOwnOrigin = isSameOrigin(originOfUrl(request.urlList[0]), request.origin);
  return profile.noCorsCredentialsKeptOnRedirect && request.mode === "no-cors" && beganAtOwnOrigin;
}

/** Steps 8.5 to 8.21.1, in the standard's order. */
function decorate(
  { effects, firstMethod }: FetchParams,
  httpRequest: Request,
  includeCredentials: boolean,
  cacheMode: CacheMode,
): void {
  const { headers } = httpRequest;
  const contentLength = contentLengthHeaderValue(httpRequest);
  if (contentLength !== null) appendHeader(headers, "Content-Length", contentLength); // Step 8.9
  const { referrer } = httpRequest;
  if (typeof referrer !== "string") appendHeader(headers, "Referer", referrer.href); // Step 8.11
  appendRequestOriginHeader(httpRequest, firstMethod, effects.profile); // Step 8.12
  appendFetchMetadataHeaders(httpRequest, effects.profile); // Step 8.13
  appendStorageAccessHeader(httpRequest, httpRequest, effects.profile);
  if (httpRequest.initiator === "prefetch") setHeader(headers, "Sec-Purpose", "prefetch"); // Step 8.14
  appendIfAbsent(headers, "User-Agent", effects.userAgent); // Step 8.15
  if (isCacheModeSent(httpRequest, effects.profile)) appendCacheModeHeaders(httpRequest, cacheMode); // Steps 8.17 and 8.18
  if (containsHeader(headers, "Range")) appendHeader(headers, "Accept-Encoding", "identity"); // Step 8.19
  if (effects.acceptEncoding !== "") appendIfAbsent(headers, "Accept-Encoding", effects.acceptEncoding); // Step 8.20
  if (!includeCredentials) return;
  const context = cookieContext(httpRequest, effects.profile, "sent");
  const cookie = effects.cookieStore.cookieHeader(currentUrl(httpRequest), context);
  if (cookie !== "") appendHeader(headers, "Cookie", cookie); // Step 8.21.1
}

/** Steps 8.5 to 8.8. */
function contentLengthHeaderValue({ body, method }: Request): string | null {
  if (body === null) return method === "POST" || method === "PUT" ? "0" : null;
  return body.kind === "bytes" ? String(body.bytes.byteLength) : null;
}

/** Step 8.16: a page that asks conditionally does not want the cache to answer. */
function cacheModeOf(request: Request, profile: Profile): CacheMode {
  return cacheModeWhere(request, profile, "no-store");
}

/** The cache mode that the server is told of; for step 8.16 the profile's. */
export function shownCacheMode(request: Request, profile: Profile): CacheMode {
  const { conditionalCacheMode, conditionalCacheModeUnchangedFor: unchanged } = profile;
  const isUnchanged =
    (request.initiatorType !== null && unchanged.includes(request.initiatorType)) ||
    (request.client.isWorker === true && unchanged.includes("worker"));
  return cacheModeWhere(request, profile, isUnchanged ? "default" : conditionalCacheMode);
}

function cacheModeWhere(request: Request, profile: Profile, conditionalCacheMode: CacheMode): CacheMode {
  const { headers, cacheMode, singleHopCacheMode } = request;
  if (singleHopCacheMode !== null) return singleHopCacheMode;
  if (cacheMode !== "default") return cacheMode;
  if (profile.credentiallessUncached && !isAllowedByEmbedderPolicy(request, profile)) return "no-store";
  const isConditional = CONDITIONAL_NAMES.some((name) => containsHeader(headers, name));
  return isConditional ? conditionalCacheMode : cacheMode;
}

function isCacheModeSent(request: Request, profile: Profile): boolean {
  const isUnsent = request.responseTainting === "cors" && isRedirectedAcrossOrigins(request);
  return profile.cacheModeSentAcrossOrigins || !isUnsent;
}

/** Steps 8.17 and 8.18: the cache mode as servers and shared caches understand it. */
function appendCacheModeHeaders({ headers, preventNoCacheHeader }: Request, cacheMode: CacheMode): void {
  if (cacheMode === "no-cache" && !preventNoCacheHeader) appendIfAbsent(headers, "Cache-Control", "max-age=0");
  if (cacheMode === "no-store" || cacheMode === "reload") {
    appendIfAbsent(headers, "Pragma", "no-cache");
    appendIfAbsent(headers, "Cache-Control", "no-cache");
  }
}

/**
 * Deviation: the standard's text has the taint condition inverted; credentials are kept for untainted same-origin chains.
 *
 * @see https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials
 */
function isAllowedByEmbedderPolicy(request: Request, profile: Profile): boolean {
  if (request.mode !== "no-cors" || embedderPolicyOf(request.client, profile) !== "credentialless") return true; // Steps 1 to 3
  const isSameOriginUrl = isSameOrigin(request.origin, originOfUrl(currentUrl(request)));
  return isSameOriginUrl && redirectTaint(request) === "same-origin"; // Steps 4 and 5
}

function appendIfAbsent(headers: HeaderList, name: string, value: string): void {
  if (!containsHeader(headers, name)) appendHeader(headers, name, value);
}
