/**
 * The `fetch` method of a page.
 *
 * @see https://fetch.spec.whatwg.org/#fetch-method
 * @module
 */

import { failureReason } from "./failure-reason.ts";
import {
  type Effects,
  type Environment,
  FetchController,
  type FilteredResponse,
  type RequestBody,
  type TraceEvent,
  leaveUnread,
  fetch as runFetch,
} from "crossorigin/fetching";
import { bodyOf } from "./body.ts";
import { createFetchedBody } from "./fetched-body.ts";
import { createHeaders } from "./headers.ts";
import { createInternalSlot } from "./internal-slot.ts";
import { createNetworkError } from "./network-error.ts";
import { Request, type RequestInfo, requestStateOf } from "./request.ts";
import type { RequestInit } from "./request-init.ts";
import { type Response, createResponse } from "./response.ts";
import { type StreamedBody, streamedBody } from "./streamed-body.ts";
import { networkFailureOf } from "./transport/network-failure.ts";
import type { WholeBody } from "./whole-body.ts";

/** What a page's fetches act through. */
export interface FetchContext {
  readonly environment: Environment;
  readonly effects: Effects;
  /** That of the page's `Response` class. */
  readonly responsePrototype: Response;
  /** Fetches that are not over yet, bodies included. */
  readonly inFlight: Set<FetchController>;
  isClosed(): boolean;
  /** A listener for the next fetch of the user agent. */
  startTrace(): (event: TraceEvent) => void;
}

/** One call of `fetch`. */
interface FetchCall {
  readonly context: FetchContext;
  readonly request: Request;
  readonly controller: FetchController;
  readonly trace: TraceEvent[];
  /** The request's stream while it is being sent; null before, and for other bodies. */
  sentStream: StreamedBody | null;
  /** Takes the call out of all lists. Idempotent. */
  readonly finish: () => void;
}

const CLOSED = { code: "network/client-closed", detail: null } as const;

/** By response: what was decided on the way to it. Copies of a response have none. */
const traces = createInternalSlot<readonly TraceEvent[]>();

/** The whole trace of the fetch that gave this very response; undefined for any other. */
export function traceOfResponse(response: Response): readonly TraceEvent[] | undefined {
  return traces.get(response);
}

/**
 * Deviation: fetch response handover queues tasks; here a promise is settled at once, which page code could tell only where
 * no server is asked, by counting its microtasks.
 *
 * Rejects with a bare `TypeError` for network errors, with the signal's reason when aborted, and for what `Request` throws.
 */
export async function fetchMethod(
  context: FetchContext,
  input: RequestInfo,
  init: RequestInit | null | undefined,
): Promise<Response> {
  const request = new Request(context.environment, input, init); // Step 2
  const { signal } = requestStateOf(request);
  if (signal?.aborted === true) {
    // Step 4
    cancelRequestStream(request, signal.reason);
    throw signal.reason;
  }
  const controller = new FetchController();
  context.inFlight.add(controller);
  let onBodyAbort: ((reason: unknown) => void) | null = null;
  let stopFollowing: (() => void) | null = null;
  const finish = (): void => {
    stopFollowing?.();
    context.inFlight.delete(controller);
  };
  const call: FetchCall = { context, request, controller, trace: [], sentStream: null, finish };
  const fetched = run(call);
  const aborted = (followed: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      const abort = (): void => {
        // Step 11
        controller.abort(followed.reason);
        if (call.sentStream === null) cancelRequestStream(request, followed.reason);
        else call.sentStream.cancel(followed.reason);
        reject(followed.reason);
        onBodyAbort?.(followed.reason);
      };
      followed.addEventListener("abort", abort, { once: true });
      stopFollowing = () => followed.removeEventListener("abort", abort);
    });
  try {
    const filtered = await (signal === null ? fetched : Promise.race([fetched, aborted(signal)])); // Step 12
    const response = toPageResponse(call, filtered, (listener) => {
      onBodyAbort = listener;
    });
    traces.set(response, call.trace);
    return response;
  } catch (error) {
    finish();
    throw error;
  }
}

async function run(call: FetchCall): Promise<FilteredResponse> {
  const { context, request, controller, trace } = call;
  const record = requestStateOf(request).request;
  record.body = await requestBodyOf(call, bodyOf(request), record.useCorsPreflight);
  if (context.isClosed()) controller.terminate();
  const listener = context.startTrace();
  const response = await runFetch(record, context.effects, {
    controller,
    trace: (event) => {
      trace.push(event);
      listener(event);
    },
  });
  if (response.type !== "error") {
    if (!controller.isCanceled) return response;
    response.internalResponse.body?.cancel();
  }
  if (controller.state === "aborted") throw controller.reason; // Step 12.1
  throw createNetworkError(
    "Failed to fetch",
    response.type === "error" ? response.reason : failureReason(record.urlList, "network/client-closed"),
    trace,
  ); // Step 12.3
}

/** Step 12.4. What a page does not see has no body; it is let go at once. */
function toPageResponse(
  call: FetchCall,
  response: FilteredResponse,
  setOnAbort: (listener: (reason: unknown) => void) => void,
): Response {
  const { type, urlList, status, statusMessage, internalResponse } = response;
  const { responsePrototype } = call.context;
  const headers = createHeaders([...response.headers], "immutable");
  const state = { type, urlList, status, statusText: statusMessage, headers };
  const { body } = internalResponse;
  if (body === null || type === "opaque" || type === "opaqueredirect") {
    leaveUnread(body);
    call.finish();
    return createResponse(state, null, responsePrototype);
  }
  const { controller, finish, trace } = call;
  const { request } = requestStateOf(call.request);
  const { holder, error } = createFetchedBody(body, {
    maxBytes: call.context.effects.maxBodyBytes,
    onEnd: finish,
    toPageError: (cause) => {
      if (controller.state === "aborted") return controller.reason;
      const isClosed = controller.state === "terminated";
      const { code, detail } = isClosed ? CLOSED : networkFailureOf(cause);
      const reason = failureReason(request.urlList, code, { subject: detail });
      return createNetworkError("network error", reason, trace);
    },
  });
  setOnAbort(error);
  return createResponse(state, holder, responsePrototype);
}

/** Whoever makes the stream is told that nobody reads it any more. @see https://fetch.spec.whatwg.org/#abort-fetch */
function cancelRequestStream(request: Request, reason: unknown): void {
  const stream = requestStateOf(request).isStream ? request.body : null;
  if (stream !== null && !stream.locked) stream.cancel(reason).catch(() => {});
}

/** Bytes can be sent again after a redirect; streams are left as they are. */
async function requestBodyOf(
  call: FetchCall,
  holder: WholeBody | null,
  isStream: boolean,
): Promise<RequestBody | null> {
  if (holder === null) return null;
  if (isStream) {
    call.sentStream = streamedBody(holder.body);
    return { kind: "stream", stream: call.sentStream.chunks };
  }
  return { kind: "bytes", bytes: new Uint8Array(await holder.arrayBuffer()) };
}
