/**
 * CORS-preflight fetch: ask the server before the request is sent.
 *
 * @see https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
 * @module
 */

import {
  type CorsPreflightDefect,
  type Header,
  type PreflightOffer,
  type Profile,
  byteSerializeRequestOrigin,
  corsPreflightOffer,
  corsPreflightRequestHeaders,
  isSameOrigin,
  judgeCorsPreflightResponse,
  originOfUrl,
} from "../protocol/index.ts";
import { type FetchParams, fail, preflightedHeaders } from "./fetch-params.ts";
import { httpNetworkOrCacheFetch, shownCacheMode } from "./http-network-or-cache-fetch.ts";
import { type Request, cacheRequest, currentUrl } from "./request.ts";
import type { NetworkError } from "./response.ts";
import { appendStorageAccessHeader } from "./storage-access.ts";

/** Sends the preflight and keeps what it grants. Null if the request may go ahead; its body is never looked at. */
export async function corsPreflightFetch(params: FetchParams): Promise<NetworkError | null> {
  const { request, effects } = params;
  const headers = preflightedHeaders(params);
  const preflight = createPreflight(request, headers, effects.profile);
  // Step 6 — straight to the network: no redirects, no CORS-preflight for the preflight.
  // Deviation: the standard gives it fresh fetch params; sharing the controller makes an abort reach the preflight as well.
  const preflightParams: FetchParams = { ...params, request: preflight, isPreflight: true };
  const response = await httpNetworkOrCacheFetch(preflightParams);
  params.exchangeCount = preflightParams.exchangeCount;
  if (response.type === "error") return response;
  response.body?.cancel();
  const { method, credentialsMode, useCorsPreflight } = request;
  const serializedOrigin = byteSerializeRequestOrigin(preflight);
  const isToOwnOrigin = isSameOrigin(originOfUrl(currentUrl(request)), request.origin);
  // Step 7 — judged with the request, not with the preflight, so that its credentials mode counts.
  const preflighted = { method, headers, serializedOrigin, credentialsMode, useCorsPreflight, isToOwnOrigin };
  const judgement = judgeCorsPreflightResponse(preflighted, response, effects.profile);
  const defects = judgement.ok ? [] : judgement.defects;
  for (const defect of defects) traceRule(params, false, defect.step, defect);
  if (!judgement.ok) {
    const isStored = effects.profile.refusedPreflightStored;
    const offer = isStored ? corsPreflightOffer(preflighted, response, effects.profile) : null;
    if (offer !== null) store(params, offer, false);
    const [first] = judgement.defects;
    const expected = first.subject ?? serializedOrigin;
    return fail(params, {
      ...first,
      step: `CORS-preflight fetch, step ${first.step}`,
      isPreflight: true,
      expected,
      defects,
    }); // Steps 7.3 to 7.7 and 8
  }
  traceRule(params, true, "7", null);
  store(params, judgement, judgement.authorizationUnderWildcard); // Steps 7.12 to 7.15
  return null; // Step 7.16
}

/** Steps 1 to 5. Credentials mode is the default, so cookies never travel with a preflight. */
function createPreflight(request: Request, headers: readonly Header[], profile: Profile): Request {
  const { preflightOriginTainted, preflightHasCacheMode } = profile;
  const [first, ...others] = request.urlList;
  const url = currentUrl(request);
  const preflight: Request = {
    ...request,
    method: "OPTIONS",
    // A chain that never left the URL has no taint.
    urlList: preflightOriginTainted ? [first, ...others] : [url, ...others.map(() => url)],
    headers: corsPreflightRequestHeaders(request.method, headers, profile),
    body: null,
    mode: "cors",
    credentialsMode: "same-origin",
    cacheMode: preflightHasCacheMode ? shownCacheMode(request, profile) : "default",
    keepalive: false,
    responseTainting: "cors",
    useCorsPreflight: false,
    unsafeRequest: false,
  };
  if (profile.storageAccess?.sentWithPreflight === true) appendStorageAccessHeader(preflight, request, profile);
  return preflight;
}

function store(params: FetchParams, offer: PreflightOffer, authorizationUnderWildcard: boolean): void {
  const { request, effects } = params;
  const { methods, headerNames, maxAgeSeconds } = offer;
  const { profile, preflightCache } = effects;
  const isStored =
    isStorable(request, profile) &&
    preflightCache.store(cacheRequest(request, profile), methods, headerNames, maxAgeSeconds);
  params.trace?.({
    type: "preflight-cache",
    action: isStored ? "stored" : "not-stored",
    url: currentUrl(request).href,
    methods,
    headerNames,
    maxAgeSeconds,
    authorizationUnderWildcard,
  });
}

/** Does the profile keep answers to preflights of this request? */
function isStorable(request: Request, profile: Profile): boolean {
  const isTainted = request.origin.kind === "tuple" && byteSerializeRequestOrigin(request) === "null";
  const isUnstored = isTainted && !profile.taintedOriginPreflightCached;
  return !isUnstored && !profile.preflightNotStoredFor.includes(shownCacheMode(request, profile));
}

function traceRule(params: FetchParams, ok: boolean, step: string, defect: CorsPreflightDefect | null): void {
  params.trace?.({
    type: "rule",
    exchange: params.exchangeCount - 1,
    rule: "cors-preflight",
    ok,
    step,
    code: defect?.code ?? null,
    expected: null,
    subject: defect?.subject ?? null,
    received: defect?.received ?? null,
  });
}
