/**
 * HTTP-redirect fetch: what a redirect does to a request before it is fetched again.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
 * @module
 */

import {
  type HeaderList,
  REQUEST_BODY_HEADER_NAMES,
  SELF_ONLY_CLIENT_HINTS,
  appendHeader,
  byteLowercase,
  containsHeader,
  deleteHeader,
  isCorsNonWildcardRequestHeaderName,
  isHttpScheme,
  isSameOrigin,
  originOfUrl,
} from "../protocol/index.ts";
import { type Failure, type FetchParams, fail } from "./fetch-params.ts";
import { locationUrl } from "./location-url.ts";
import { mainFetchHop } from "./main-fetch.ts";
import { parseReferrerPolicy } from "./referrer.ts";
import { type Request, currentUrl } from "./request.ts";
import type { InternalResponse, Response } from "./response.ts";

/** Redirects that are followed; the next one is a network error. */
export const MAX_REDIRECTS = 20;

/** Follows one redirect, which brings the chain back to main fetch. A response without `Location` is returned as it is. */
export async function httpRedirectFetch(params: FetchParams, response: InternalResponse): Promise<Response> {
  const { request } = params;
  const location = locationUrl(response.headers, currentUrl(request), params.effects.profile); // Step 3
  if (location.kind === "absent") return response; // Step 4
  response.body?.cancel();
  if (location.kind === "failure") {
    // Step 5
    return fail(params, {
      code: "http-redirect-fetch/location-invalid",
      step: "HTTP-redirect fetch, step 5",
      received: location.value,
    });
  }
  const failure = redirectFailure(params, response.status, location.url); // Steps 6 to 11
  if (failure !== null) return fail(params, { ...failure, received: location.url.href });
  request.redirectCount++; // Step 8
  const methodBefore = request.method;
  const isRewritten = becomesGet(request.method, response.status);
  const isRemoved = removedBy(request, isRewritten, location.url);
  const isAuthorizationRemoved = request.headers.some(
    ([name]) => isCorsNonWildcardRequestHeaderName(name) && isRemoved(name),
  );
  if (isRewritten) {
    // Step 12
    request.method = "GET";
    request.body = null;
  }
  removeHeaders(request.headers, isRemoved);
  params.isRemovedByRedirect = isRemoved;
  if (params.effects.profile.removedHeadersComeBack) bringHeadersBack(params, response.status, location.url);
  if (params.effects.profile.clientHintsRemovedOnRedirect) removeClientHints(request, location.url);
  // Step 14 needs nothing: bytes are sent again as they are.
  params.trace?.({
    type: "redirect",
    exchange: params.exchangeCount - 1,
    status: response.status,
    from: currentUrl(request).href,
    to: location.url.href,
    methodBefore,
    methodAfter: request.method,
    isAuthorizationRemoved,
  });
  request.urlList.push(location.url); // Step 18
  request.singleHopCacheMode = null;
  if (params.effects.profile.storageAccess?.keptOnRedirect !== true) request.storageAccessActivated = false;
  const referrerPolicy = parseReferrerPolicy(response.headers); // Step 19
  if (referrerPolicy !== null) request.referrerPolicy = referrerPolicy;
  return mainFetchHop(params); // Step 22
}

/** The rules that forbid a redirect, in the standard's order. */
function redirectFailure({ request, effects }: FetchParams, status: number, location: URL): Failure | null {
  if (!isHttpScheme(location)) return { code: "http-redirect-fetch/scheme-not-http", step: redirectStep(6) };
  if (request.redirectCount === MAX_REDIRECTS)
    return { code: "http-redirect-fetch/too-many-redirects", step: redirectStep(7) };
  const hasCredentials = location.username !== "" || location.password !== "";
  const isCrossOrigin = request.mode === "cors" && !isSameOrigin(request.origin, originOfUrl(location));
  if (hasCredentials && (isCrossOrigin || effects.profile.locationCredentialsRefused === "always")) {
    return { code: "http-redirect-fetch/location-with-credentials", step: redirectStep(9) };
  }
  // Step 10 — a cross-origin resource must not smuggle credentials into a same-origin request either.
  if (request.responseTainting === "cors" && hasCredentials) {
    return { code: "http-redirect-fetch/location-with-credentials", step: redirectStep(10) };
  }
  if (status !== 303 && request.body?.kind === "stream")
    return { code: "http-redirect-fetch/body-not-replayable", step: redirectStep(11) };
  return null;
}

function redirectStep(number: number): string {
  return `HTTP-redirect fetch, step ${number}`;
}

/** Step 12: POST becomes GET after 301 and 302, everything but GET and HEAD after 303. */
function becomesGet(method: string, status: number): boolean {
  return (
    ((status === 301 || status === 302) && method === "POST") ||
    (status === 303 && method !== "GET" && method !== "HEAD")
  );
}

/** What steps 12 and 13 leave of the page's headers, had the first request met this redirect. */
function bringHeadersBack({ request, headersOfPage, firstMethod }: FetchParams, status: number, location: URL): void {
  const isRemoved = removedBy(request, becomesGet(firstMethod, status), location);
  const missing = headersOfPage.filter(([name]) => !containsHeader(request.headers, name));
  for (const [name, value] of missing) if (!isRemoved(name)) appendHeader(request.headers, name, value);
  removeHeaders(request.headers, isRemoved);
}

function removeHeaders(headers: HeaderList, isRemoved: (name: string) => boolean): void {
  for (const name of headers.map(([key]) => key).filter(isRemoved)) deleteHeader(headers, name);
}

/** The names that go: with a body those that tell of it (step 12), at another origin `Authorization`, for good (step 13). */
function removedBy(request: Request, isRewritten: boolean, location: URL): (name: string) => boolean {
  const isCrossOrigin = !isSameOrigin(originOfUrl(currentUrl(request)), originOfUrl(location));
  const bodyHeaderNames = isRewritten ? REQUEST_BODY_HEADER_NAMES.map(byteLowercase) : [];
  return (name) =>
    bodyHeaderNames.includes(byteLowercase(name)) || (isCrossOrigin && isCorsNonWildcardRequestHeaderName(name));
}

/** Client hints go to the page's own origin alone, and only from a page, no worker, that is not framed by another origin. */
function removeClientHints({ headers, origin, client }: Request, location: URL): void {
  const isFramed = !isSameOrigin(client.topLevelOrigin, origin);
  if (client.isWorker !== true && !isFramed && isSameOrigin(originOfUrl(location), origin)) return;
  for (const name of SELF_ONLY_CLIENT_HINTS) deleteHeader(headers, name);
}
