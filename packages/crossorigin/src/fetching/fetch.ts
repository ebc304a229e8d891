/**
 * Fetching: the entry. Gives a request the headers every request has, then runs main fetch.
 *
 * @see https://fetch.spec.whatwg.org/#concept-fetch
 * @module
 */

import { appendHeader, containsHeader, corsUnsafeRequestHeaderNames, serializeOrigin } from "../protocol/index.ts";
import { FetchController } from "./fetch-controller.ts";
import { type Effects, type FetchParams, isContentType } from "./fetch-params.ts";
import { withFetchRecord } from "./keepalive-quota.ts";
import { mainFetch } from "./main-fetch.ts";
import { type Request, currentUrl } from "./request.ts";
import type { FilteredResponse, NetworkError } from "./response.ts";
import type { TraceEvent } from "./trace.ts";

const IMAGE_ACCEPT = "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
const DOCUMENT_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/** The default `Accept` of destinations that do not take anything alike. */
const ACCEPT: Readonly<Partial<Record<Request["destination"], string>>> = {
  document: DOCUMENT_ACCEPT,
  frame: DOCUMENT_ACCEPT,
  iframe: DOCUMENT_ACCEPT,
  image: IMAGE_ACCEPT,
  json: "application/json,*/*;q=0.5",
  style: "text/css,*/*;q=0.1",
  text: "text/plain,*/*;q=0.5",
};

export interface FetchOptions {
  readonly controller?: FetchController;
  readonly trace?: ((event: TraceEvent) => void) | null;
}

/**
 * Fetches `request`, which it changes on the way. Never rejects: failures are network errors with a reason.
 * The caller must read or cancel the body of the response's internal response.
 */
export function fetch(
  request: Request,
  effects: Effects,
  options: FetchOptions = {},
): Promise<FilteredResponse | NetworkError> {
  const params: FetchParams = {
    request,
    effects,
    controller: options.controller ?? new FetchController(),
    trace: options.trace ?? null,
    isPreflight: false,
    preloadedResponseCandidate: request.client.preloadedResources?.consume(request) ?? null, // Step 10
    headersOfPage: [],
    firstUnsafeHeaders: null,
    isRemovedByRedirect: () => false,
    redirectFailure: null,
    firstMethod: request.method,
    exchangeCount: 0,
  };
  params.trace?.({
    type: "fetch",
    method: request.method,
    url: currentUrl(request).href,
    origin: serializeOrigin(request.origin),
    mode: request.mode,
    credentialsMode: request.credentialsMode,
    redirectMode: request.redirectMode,
    destination: request.destination,
  });
  // Steps 12 and 13 — headers that every request has. Both are safelisted and count towards the sum of 1024 bytes.
  if (!containsHeader(request.headers, "Accept")) appendHeader(request.headers, "Accept", acceptOf(request));
  if (effects.acceptLanguage !== "" && !containsHeader(request.headers, "Accept-Language")) {
    appendHeader(request.headers, "Accept-Language", effects.acceptLanguage);
  }
  const isRemembering = request.unsafeRequest && effects.profile.preflightAfterRedirect !== "if-needed";
  const isTypeTheBodys = request.hasTypeOfBody && !effects.profile.typeOfBodyCountsAsPages;
  params.headersOfPage = request.headers.filter((header) => !isTypeTheBodys || !isContentType(header));
  if (isRemembering && corsUnsafeRequestHeaderNames(params.headersOfPage, effects.profile).length > 0)
    params.firstUnsafeHeaders = params.headersOfPage;
  return withFetchRecord(request, () => mainFetch(params));
}

/** Step 12: what is fetched ahead may come to be a document. */
function acceptOf({ initiator, destination }: Request): string {
  return initiator === "prefetch" ? DOCUMENT_ACCEPT : (ACCEPT[destination] ?? "*/*");
}
