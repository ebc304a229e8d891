/**
 * HTTP fetch: preflight if need be, request, CORS check, redirect.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-fetch
 * @module
 */

import {
  type CredentialsMode,
  byteSerializeRequestOrigin,
  corsCheck,
  corsUnsafeRequestHeaderNames,
  crossOriginResourcePolicyCheck,
  isCorsSafelistedMethod,
  isRedirectStatus,
  isSameOrigin,
  originOfUrl,
  taoCheck,
} from "../protocol/index.ts";
import { corsPreflightFetch } from "./cors-preflight-fetch.ts";
import { embedderPolicyOf } from "./environment.ts";
import { type FetchParams, fail, preflightedHeaders } from "./fetch-params.ts";
import { httpNetworkOrCacheFetch, shownCacheMode } from "./http-network-or-cache-fetch.ts";
import { httpRedirectFetch } from "./http-redirect-fetch.ts";
import { locationUrl } from "./location-url.ts";
import { cacheRequest, currentUrl } from "./request.ts";
import {
  type InternalResponse,
  type NetworkError,
  type Response,
  leaveUnread,
  toOpaqueRedirectFilteredResponse,
} from "./response.ts";
import type { PreflightCause } from "./trace.ts";

/**
 * @param preflightCauses - why main fetch wants a CORS preflight; empty stands for an unset makeCORSPreflight.
 *
 * Not applicable: step 3 (service workers).
 */
export async function httpFetch(params: FetchParams, preflightCauses: readonly PreflightCause[]): Promise<Response> {
  const { request } = params;
  if (preflightCauses.length > 0) {
    // Step 4.1
    const isCached = isGrantedByCache(params, preflightCauses);
    params.trace?.({ type: "preflight-decision", hop: request.urlList.length - 1, because: preflightCauses, isCached });
    const refusal = isCached ? null : await corsPreflightFetch(params); // Step 4.1.1
    if (refusal !== null) return refusal; // Step 4.1.2
  }
  if (params.redirectFailure !== null) return params.redirectFailure;
  const internalResponse = await httpNetworkOrCacheFetch(params); // Step 4.3
  if (internalResponse.type === "error") return internalResponse;
  // Step 4.4 — every response of a chain is checked, redirects and error statuses included.
  const withheld = request.responseTainting === "cors" ? corsCheckFailure(params, internalResponse) : null;
  if (withheld !== null) return withheld;
  if (!taoCheck({ ...request, currentUrl: currentUrl(request) }, internalResponse.headers))
    request.timingAllowFailed = true; // Step 4.5
  const blocked = request.responseTainting === "opaque" ? corpFailure(params, internalResponse) : null; // Step 5
  if (blocked !== null) return blocked;
  if (!isRedirectStatus(internalResponse.status)) return internalResponse; // Step 7
  switch (request.redirectMode) {
    // Step 6.3
    case "error":
      if (!isRedirect(params, internalResponse)) return internalResponse;
      internalResponse.body?.cancel();
      return fail(params, {
        code: "http-fetch/redirect-mode-error",
        step: "HTTP fetch, step 6.3",
        received: String(internalResponse.status),
      });
    case "manual":
      return toOpaqueRedirectFilteredResponse(internalResponse);
    case "follow":
      return httpRedirectFetch(params, internalResponse);
  }
}

/** Is a redirect status a redirect to redirect mode `error`? Without `Location` not in every profile. */
function isRedirect({ request, effects }: FetchParams, { headers }: InternalResponse): boolean {
  const { profile } = effects;
  return profile.redirectWithoutLocationRefused || locationUrl(headers, currentUrl(request), profile).kind !== "absent";
}

/** The opposite of the two conditions in step 4.1: method and every unsafe name are in the CORS-preflight cache. */
function isGrantedByCache(params: FetchParams, preflightCauses: readonly PreflightCause[]): boolean {
  const { request, effects } = params;
  const { preflightCache: cache, profile } = effects;
  if (profile.preflightCacheBypassedBy.includes(shownCacheMode(request, profile))) return false;
  const key = cacheRequest(request, profile);
  const names = corsUnsafeRequestHeaderNames(preflightedHeaders(params), profile);
  const isGranted =
    (isMethodGrantedFor(params, preflightCauses, names) ||
      cache.hasMethodMatch(key, request.method) ||
      cache.hasAnswerFor(key, request.method)) &&
    names.every((name) => cache.hasHeaderNameMatch(key, name));
  if (!isGranted && profile.insufficientResultErased) cache.clear(key);
  return isGranted;
}

/** The method's part of step 4.1's second condition: does the method need no entry? `names`: of headers that need one. */
function isMethodGrantedFor(
  { request, effects }: FetchParams,
  preflightCauses: readonly PreflightCause[],
  names: readonly string[],
): boolean {
  const methods = effects.profile.methodsGrantedByAnyAnswer;
  // What names the headers is an answer.
  if (methods !== null) return methods.includes(request.method) && names.length > 0;
  return isCorsSafelistedMethod(request.method) && !preflightCauses.some(({ kind }) => kind === "use-cors-preflight");
}

function corsCheckFailure(params: FetchParams, response: InternalResponse): NetworkError | null {
  const { request } = params;
  const withheld = corsCheckFailureWith(params, response, request.credentialsMode);
  if (withheld !== null || !isCheckedWithCredentials(params, response)) return withheld;
  // It comes up once the next hop's preflight is granted.
  params.redirectFailure = corsCheckFailureWith(params, response, "include");
  return null;
}

function corsCheckFailureWith(
  params: FetchParams,
  response: InternalResponse,
  credentialsMode: CredentialsMode,
): NetworkError | null {
  const serializedOrigin = byteSerializeRequestOrigin(params.request);
  const check = corsCheck({ serializedOrigin, credentialsMode }, response.headers);
  params.trace?.({
    type: "rule",
    exchange: params.exchangeCount - 1,
    rule: "cors-check",
    ok: check.ok,
    step: String(check.step),
    code: check.ok ? null : check.code,
    subject: null,
    expected: check.ok ? null : check.expected,
    received: check.ok ? check.allowOrigin : check.received,
  });
  if (check.ok) return null;
  if (params.effects.profile.withheldResponseStored) leaveUnread(response.body);
  else response.body?.cancel();
  const { code, expected, received } = check;
  return fail(params, { code, step: `CORS check, step ${check.step}`, expected, received });
}

/** Does the profile hold it against a redirect that the first URL, of the page's own origin, had credentials? */
function isCheckedWithCredentials({ request, effects }: FetchParams, response: InternalResponse): boolean {
  return (
    effects.profile.sameOriginCredentialsCheckedOnRedirect &&
    request.credentialsMode === "same-origin" &&
    isRedirectStatus(response.status) &&
    isSameOrigin(originOfUrl(request.urlList[0]), request.origin)
  );
}

function corpFailure(params: FetchParams, response: InternalResponse): NetworkError | null {
  const { request } = params;
  const { headers, requestIncludesCredentials } = response;
  const url = currentUrl(request);
  const embedderPolicy = embedderPolicyOf(request.client, params.effects.profile);
  const check = crossOriginResourcePolicyCheck(request.origin, embedderPolicy, {
    url,
    headers,
    requestIncludesCredentials,
  });
  params.trace?.({
    type: "rule",
    exchange: params.exchangeCount - 1,
    rule: "cross-origin-resource-policy",
    ok: check.ok,
    step: "5",
    code: check.ok ? null : check.code,
    subject: null,
    expected: null,
    received: check.ok ? null : check.received,
  });
  if (check.ok) return null;
  response.body?.cancel();
  return fail(params, {
    code: check.code,
    step: "cross-origin resource policy internal check, step 5",
    received: check.received,
  });
}
