/**
 * Main fetch: which way a request goes, and what a page sees of the response.
 *
 * @see https://fetch.spec.whatwg.org/#concept-main-fetch
 * @module
 */

import {
  type Profile,
  type ResponseTainting,
  byteSerializeRequestOrigin,
  containsHeader,
  corsExposedHeaderNameList,
  corsUnsafeRequestHeaders,
  getHeader,
  isBlockedDueToABadPort,
  isBlockedDueToItsMimeType,
  isBlockedDueToNosniff,
  isCorsSafelistedMethod,
  isHttpScheme,
  isLocalUrl,
  isNullBodyStatus,
  isRangeStatus,
  isSameOrigin,
  redirectTaint,
} from "../protocol/index.ts";
import { type FetchParams, brokenBody, fail } from "./fetch-params.ts";
import { httpFetch } from "./http-fetch.ts";
import { matchesIntegrity } from "./integrity.ts";
import { isBlockedAsMixedContent, upgradedMixedContentUrl } from "./mixed-content.ts";
import type { FetchRuleCode } from "./network-error-reason.ts";
import { opaqueResponseBlocked } from "./opaque-response-blocking.ts";
import { determineRequestsReferrer } from "./referrer.ts";
import { type Request, cacheRequest, currentUrl, originOfCurrentUrl } from "./request.ts";
import {
  type FilteredResponse,
  type InternalResponse,
  type NetworkError,
  type Response,
  bodyOfBytes,
  readFully,
  toBasicFilteredResponse,
  toCorsFilteredResponse,
  toOpaqueFilteredResponse,
} from "./response.ts";
import { schemeFetch } from "./scheme-fetch.ts";
import type { MainFetchBranch, PreflightCause } from "./trace.ts";

/**
 * Runs main fetch for the first URL and hands over what a page may see.
 *
 * Not applicable: steps 4 and 5 (Content Security Policy), 10 (HSTS) and 18 (navigation timing) — not of this user agent. In step 20, the response's URL has passed step 7 already.
 */
export async function mainFetch(params: FetchParams): Promise<FilteredResponse | NetworkError> {
  const response = await mainFetchHop(params);
  if (response.type === "error") return failed(params, response);
  const { request } = params;
  const filtered = response.type === "default" ? toFilteredResponse(request, response) : response; // Step 14
  const internalResponse = filtered.internalResponse; // Step 15
  internalResponse.redirectTaint = redirectTaint(request); // Step 17
  internalResponse.timingAllowPassed = !request.timingAllowFailed; // Step 19
  const blocked = responseBlocked(params, internalResponse); // Step 20
  if (blocked !== null) return failed(params, blocked);
  const withheld = await opaqueResponseBlocked(params, filtered);
  if (withheld !== null) return failed(params, withheld);
  if (isUnaskedPart(request, filtered)) {
    internalResponse.body?.cancel();
    const step = "main fetch, step 21";
    const received = String(internalResponse.status);
    return failed(params, fail(params, { code: "main-fetch/opaque-partial-content", step, received }));
  }
  if (request.method === "HEAD" || request.method === "CONNECT" || isNullBodyStatus(internalResponse.status)) {
    internalResponse.body?.cancel(); // Step 22
    internalResponse.body = null;
  }
  const mismatch = request.integrityMetadata === "" ? null : await integrityFailure(params, filtered); // Step 23
  if (mismatch !== null) return failed(params, mismatch);
  params.trace?.({
    type: "done",
    responseType: filtered.type,
    status: filtered.status,
    statusMessage: filtered.statusMessage,
    url: filtered.urlList.at(-1)?.href ?? "",
    headers: filtered.headers,
    timingAllowPassed: internalResponse.timingAllowPassed,
    redirectTaint: internalResponse.redirectTaint,
  });
  return filtered;
}

/**
 * Step 21. Attack: a part of a response, pieced together with parts of others, could look like something it never was.
 * Only a cache or a service worker can have one.
 */
function isUnaskedPart({ headers }: Request, { type, internalResponse }: FilteredResponse): boolean {
  const { status, rangeRequested } = internalResponse;
  return type === "opaque" && isRangeStatus(status) && rangeRequested && !containsHeader(headers, "Range");
}

function failed(params: FetchParams, error: NetworkError): NetworkError {
  params.trace?.({ type: "network-error", reason: error.reason });
  return error;
}

/** Step 20: what may not be used for the request's destination. Null if nothing blocks it. */
function responseBlocked(params: FetchParams, { headers, body }: InternalResponse): NetworkError | null {
  const { destination } = params.request;
  const isType = isBlockedDueToItsMimeType(destination, headers);
  if (!isType && !isBlockedDueToNosniff(destination, headers)) return null;
  body?.cancel();
  return fail(params, {
    code: isType ? "main-fetch/mime-type-blocked" : "main-fetch/nosniff",
    step: "main fetch, step 20",
    expected: destination === "style" ? "text/css" : "text/javascript",
    received: getHeader(headers, "Content-Type"),
  });
}

/** Step 23: reads the whole body and compares it. What a page does not see has no body to compare. Null if it matches. */
async function integrityFailure(params: FetchParams, response: FilteredResponse): Promise<NetworkError | null> {
  const { request, effects } = params;
  const { internalResponse } = response;
  const { absentBodyHasIntegrity } = effects.profile;
  const body = internalResponse.body ?? (absentBodyHasIntegrity ? bodyOfBytes(new Uint8Array()) : null);
  const mismatch = {
    code: "main-fetch/integrity-mismatch",
    step: "main fetch, step 23",
    expected: request.integrityMetadata,
  } as const;
  if (
    body === null ||
    effects.digest === undefined ||
    response.type === "opaque" ||
    response.type === "opaqueredirect"
  ) {
    body?.cancel();
    return fail(params, mismatch); // Step 23.2
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFully(body, effects.maxBodyBytes);
  } catch (error) {
    return brokenBody(params, error); // Step 23.1
  }
  if (!(await matchesIntegrity(bytes, request.integrityMetadata, effects.digest))) return fail(params, mismatch); // Step 23.3.1
  internalResponse.body = bodyOfBytes(bytes); // Step 23.3.2
  return null;
}

/** Main fetch with recursive set (steps 1 to 13): one URL of a chain. Redirects come back here. */
export async function mainFetchHop(params: FetchParams): Promise<Response> {
  const { request } = params;
  if (request.localUrlsOnly && !isLocalUrl(currentUrl(request)))
    return fail(params, { code: "main-fetch/url-not-local", step: "main fetch, step 3" }); // Step 3
  upgrade(params, upgradedMixedContentUrl(request, params.effects.profile)); // Step 6
  const blocked = blockedBeforeFetching(request, params.effects.profile); // Step 7
  if (blocked !== null) return fail(params, { code: blocked, step: "main fetch, step 7" });
  if (request.referrerPolicy === "") request.referrerPolicy = request.client.referrerPolicy; // Step 8
  request.referrer = determineRequestsReferrer(request, params.effects.profile); // Step 9 — what one hop takes away, the next does not get back.
  // Step 12 — the first that matches.
  if (params.preloadedResponseCandidate !== null) {
    enterBranch(params, "preloaded", request.responseTainting);
    return params.preloadedResponseCandidate;
  }
  const url = currentUrl(request);
  const isSameOriginUrl = isSameOrigin(originOfCurrentUrl(request), request.origin);
  if (
    (isSameOriginUrl && request.responseTainting === "basic") ||
    url.protocol === "data:" ||
    request.mode === "navigate" ||
    request.mode === "websocket"
  ) {
    enterBranch(params, "basic", "basic");
    return schemeFetch(params);
  }
  if (request.mode === "same-origin")
    return fail(params, { code: "main-fetch/same-origin-mode", step: "main fetch, step 12" });
  if (request.mode === "no-cors") {
    if (request.redirectMode !== "follow") {
      return fail(params, {
        code: "main-fetch/no-cors-redirect-mode",
        step: "main fetch, step 12",
        received: request.redirectMode,
      });
    }
    enterBranch(params, "no-cors", "opaque");
    return schemeFetch(params);
  }
  if (!isHttpScheme(url))
    return fail(params, { code: "main-fetch/scheme-not-http", step: "main fetch, step 12", received: url.protocol });
  const because = preflightCausesOfHop(params);
  const isPreflighted = because.length > 0;
  enterBranch(params, isPreflighted ? "cors-with-preflight" : "cors", "cors");
  const response = await httpFetch(params, because);
  if (response.type === "error" && isClearing(response, isPreflighted, params.effects.profile))
    clearCorsPreflightCache(params);
  return response;
}

/** The last part of step 12 for a response that is a network error: is the cache cleared? */
function isClearing({ reason }: NetworkError, isPreflighted: boolean, { cacheClearedBy }: Profile): boolean {
  switch (cacheClearedBy) {
    case "nothing":
      return false;
    case "preflighted-failure":
      return isPreflighted;
    case "cors-failure":
      return reason.code !== "http-fetch/redirect-mode-error";
  }
}

/** Forgets what the current URL had granted; the trace hears of it only if there was something. */
function clearCorsPreflightCache({ request, effects, trace }: FetchParams): void {
  if (!effects.preflightCache.clear(cacheRequest(request, effects.profile))) return;
  trace?.({
    type: "preflight-cache",
    action: "cleared",
    url: currentUrl(request).href,
    methods: [],
    headerNames: [],
    maxAgeSeconds: 0,
    authorizationUnderWildcard: false,
  });
}

/** {@link preflightCauses}; in some profiles also that there was one before. */
function preflightCausesOfHop(params: FetchParams): PreflightCause[] {
  const { request, effects } = params;
  const because = preflightCauses(request, effects.profile);
  if (effects.profile.preflightAfterRedirect === "if-needed") return because;
  if (because.length === 0) return params.firstUnsafeHeaders === null ? [] : [{ kind: "redirected" }];
  // A preflight that no header asked for asks for none later on.
  params.firstUnsafeHeaders ??= request.useCorsPreflight ? params.headersOfPage : [...request.headers];
  return because;
}

/** What makes the request one that must ask first; empty if nothing does. The last two conditions of main fetch's step 12. */
function preflightCauses(request: Request, profile: Profile): PreflightCause[] {
  const because: PreflightCause[] = [];
  if (request.useCorsPreflight) because.push({ kind: "use-cors-preflight" });
  if (!request.useCorsPreflight && !request.unsafeRequest) return because;
  if (!isCorsSafelistedMethod(request.method)) because.push({ kind: "method", method: request.method });
  for (const header of corsUnsafeRequestHeaders(request.headers, profile)) because.push({ kind: "header", header });
  return because;
}

/** Step 7: bad ports and mixed content. */
function blockedBeforeFetching(request: Request, profile: Profile): FetchRuleCode | null {
  if (isBlockedDueToABadPort(currentUrl(request))) return "main-fetch/bad-port";
  return isBlockedAsMixedContent(request, profile) ? "main-fetch/mixed-content" : null;
}

/** Puts `url` in the place of the current URL; null leaves it. */
function upgrade({ request, trace }: FetchParams, url: URL | null): void {
  if (url === null) return;
  const hop = request.urlList.length - 1;
  trace?.({ type: "upgrade", hop, from: currentUrl(request).href, to: url.href });
  request.urlList[hop] = url;
}

function toFilteredResponse(request: Request, response: InternalResponse): FilteredResponse {
  switch (request.responseTainting) {
    case "cors":
      response.corsExposedHeaderNameList = corsExposedHeaderNameList(response.headers, request.credentialsMode); // Step 14.1
      return toCorsFilteredResponse(response); // Step 14.2
    case "opaque":
      return toOpaqueFilteredResponse(response);
    case "basic":
      return toBasicFilteredResponse(response);
  }
}

function enterBranch(params: FetchParams, branch: MainFetchBranch, responseTainting: ResponseTainting): void {
  const { request } = params;
  request.responseTainting = responseTainting;
  params.trace?.({
    type: "main-fetch",
    hop: request.urlList.length - 1,
    url: currentUrl(request).href,
    branch,
    responseTainting,
    serializedOrigin: byteSerializeRequestOrigin(request),
    redirectTaint: redirectTaint(request),
  });
}
