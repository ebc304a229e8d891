/**
 * `send()` of a request that was opened with `async` false.
 *
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 * @module
 */

import { failureReason } from "../../failure-reason.ts";
import {
  type Environment,
  FetchController,
  type FilteredResponse,
  type LocalNetworkAccess,
  type NetworkErrorReason,
  type Request,
  type TraceEvent,
} from "crossorigin/fetching";
import { explainNetworkError } from "../../network-error.ts";
import { handleResponseEndOfBody, timeoutReason } from "../handle-errors.ts";
import type { SendableBody } from "../../sendable-body.ts";
import { DONE, type OngoingFetch, type XmlHttpRequestState } from "../xml-http-request-state.ts";
import type { FetchMessage, FetchResult } from "./messages.ts";

/** Step 12. Throws a `NetworkError` or, in a worker, `TimeoutError` `DOMException`, whose reason is `networkErrorReason(error)`. */
export function sendSynchronously(state: XmlHttpRequestState, request: Request, body: SendableBody | null): void {
  const { fetchContext, clock } = state.context;
  const fetch: OngoingFetch = {
    controller: new FetchController(),
    trace: [],
    startedAtMilliseconds: clock.now(),
    unscheduleTimeout: null,
    toldBytes: null,
    toldAtMilliseconds: 0,
    reason: null,
  };
  state.fetch = fetch;
  if (fetchContext.isClosed())
    throw fail(state, fetch, "NetworkError", failureReason([state.url], "network/client-closed"));
  const result = fetchSynchronously(state, fetch, request, body); // Steps 12.3 to 12.6
  if (result === "timed-out") throw fail(state, fetch, "TimeoutError", timeoutReason(state)); // Step 12.7
  if (!result.ok) throw fail(state, fetch, "NetworkError", result.reason);
  state.response = responseOf(result); // Step 12.2
  state.received.append(result.body);
  // A synchronous request has no progress event.
  fetch.toldBytes = result.body.byteLength;
  handleResponseEndOfBody(state, fetch); // Step 12.8
}

function fetchSynchronously(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  request: Request,
  body: SendableBody | null,
): FetchResult | "timed-out" {
  const { fetchContext, synchronousFetcher } = state.context;
  const { environment } = fetchContext;
  const { method, headers, credentialsMode, useCorsPreflight, initiatorType, hasTypeOfBody } = request;
  const message: FetchMessage = {
    init: { method, headers, credentialsMode, useCorsPreflight, initiatorType, hasTypeOfBody },
    url: state.url.href,
    environment: wireEnvironment(environment),
    environmentUrl: environment.url.href,
    localNetworkAccess: withoutEffects(environment.localNetworkAccess),
    blobUrlEntry: wireBlobUrlEntry(request),
    body: body === null ? null : { parts: body.parts, byteLength: body.byteLength },
  };
  const listener = fetchContext.startTrace();
  try {
    const trace = (event: TraceEvent): void => {
      fetch.trace.push(event);
      listener(event);
    };
    const limit = state.timeoutMilliseconds === 0 ? Number.POSITIVE_INFINITY : state.timeoutMilliseconds;
    return synchronousFetcher.fetch(message, environment, trace, limit);
  } catch (error) {
    return { ok: false, reason: failureReason([state.url], "network/failed", { subject: String(error) }) };
  }
}

function withoutEffects(access: LocalNetworkAccess | undefined): FetchMessage["localNetworkAccess"] {
  if (access === undefined) return null;
  const { ipAddressSpace, allowedToUse } = access;
  return { ipAddressSpace, allowedToUse };
}

function wireBlobUrlEntry({ blobUrlEntry: entry }: Request): FetchMessage["blobUrlEntry"] {
  if (entry === null) return null;
  return { blob: entry.blob, environment: wireEnvironment(entry.environment) };
}

function wireEnvironment(environment: Environment): FetchMessage["environment"] {
  const { origin, topLevelOrigin, referrerPolicy, embedderPolicy, isWorker = false } = environment;
  return { origin, topLevelOrigin, referrerPolicy, embedderPolicy, isWorker };
}

/** The request error steps up to the exception, which stands for all events. @see https://xhr.spec.whatwg.org/#request-error-steps */
function fail(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  name: "NetworkError" | "TimeoutError",
  reason: NetworkErrorReason,
): DOMException {
  state.fetch = null;
  state.readyState = DONE; // Step 1
  state.isSent = false; // Step 2
  state.response = null; // Step 3
  const error = new DOMException("The synchronous request failed.", name); // Step 4
  explainNetworkError(error, reason, fetch.trace);
  explainNetworkError(state.target, reason, fetch.trace);
  return error;
}

function responseOf(result: FetchResult & { readonly ok: true }): FilteredResponse {
  const { type, status, statusMessage, headers, internalHeaders } = result;
  const urlList = result.urlList.map((href) => new URL(href));
  return {
    type,
    urlList,
    status,
    statusMessage,
    headers: [...headers],
    internalResponse: {
      type: "default",
      urlList,
      status,
      statusMessage,
      headers: [...internalHeaders],
      body: null,
      corsExposedHeaderNameList: [],
      rangeRequested: false,
      requestIncludesCredentials: true,
      timingAllowPassed: false,
      redirectTaint: "same-origin",
      connection: null,
    },
  };
}
