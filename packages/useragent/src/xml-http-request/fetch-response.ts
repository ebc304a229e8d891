/**
 * The asynchronous fetch of a request, and what page code is told while it goes on.
 *
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 * @module
 */

import { failureReason } from "../failure-reason.ts";
import {
  BodyTooLargeError,
  type FilteredResponse,
  type NetworkError,
  type NetworkErrorReason,
  type Request,
  type ResponseBody,
  fetch as runFetch,
} from "crossorigin/fetching";
import { TransportError, networkFailureOf } from "../transport/network-failure.ts";
import { handleErrors, handleResponseEndOfBody, lengthOf, timeoutReason } from "./handle-errors.ts";
import { createProgressEvent } from "./progress-event.ts";
import { type SendableBody, readParts } from "../sendable-body.ts";
import { nextTask, queueTask } from "../dom/tasks.ts";
import { PROGRESS_MILLISECONDS, createBodyProgress, observedTransport } from "./upload.ts";
import { HEADERS_RECEIVED, LOADING, type OngoingFetch, type XmlHttpRequestState } from "./xml-http-request-state.ts";
import { NodeEvent } from "../node-globals.ts";

/** Steps 11.7 to 11.12. Page code hears of it in tasks of their own, never before this returns. */
export function startFetch(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  request: Request,
  body: SendableBody | null,
): void {
  const { inFlight } = state.context.fetchContext;
  inFlight.add(fetch.controller);
  scheduleTimeout(state); // Step 11.12
  void run(state, fetch, request, body).finally(() => inFlight.delete(fetch.controller));
}

/** The `timeout` attribute, measured from `send()` whenever it is set. */
export function scheduleTimeout(state: XmlHttpRequestState): void {
  const { fetch, timeoutMilliseconds, context } = state;
  if (fetch === null) return;
  fetch.unscheduleTimeout?.();
  fetch.unscheduleTimeout = null;
  if (timeoutMilliseconds === 0) return;
  const elapsed = context.clock.now() - fetch.startedAtMilliseconds;
  const end = (): void => {
    state.isTimedOut = true;
    fetch.reason = timeoutReason(state);
    fetch.controller.terminate();
  };
  fetch.unscheduleTimeout = context.clock.schedule(end, timeoutMilliseconds - elapsed);
}

/** Never rejects. */
async function run(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  request: Request,
  body: SendableBody | null,
): Promise<void> {
  const response = await fetchRequest(state, fetch, request, body);
  await nextTask();
  if (state.fetch !== fetch) {
    if (response !== null && response.type !== "error") response.internalResponse.body?.cancel();
    return;
  }
  if (response === null || response.type === "error") {
    fetch.reason ??= response?.reason ?? null;
    handleErrors(state, fetch);
    return;
  }
  await processResponse(state, fetch, request, response);
}

/** Null for a body that cannot be read; the reason is in `fetch` then. */
async function fetchRequest(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  request: Request,
  body: SendableBody | null,
): Promise<FilteredResponse | NetworkError | null> {
  const { fetchContext } = state.context;
  const { effects } = fetchContext;
  const { controller, trace } = fetch;
  if (fetchContext.isClosed()) controller.terminate();
  const listener = fetchContext.startTrace();
  let transport = effects.transport;
  if (body !== null) {
    try {
      request.body = { kind: "bytes", bytes: await readParts(body) };
    } catch (error) {
      fetch.reason ??= reasonOf(request, error);
      return null;
    }
    transport = observedTransport(transport, createBodyProgress(state, fetch, body.byteLength, queueTask));
  }
  return runFetch(
    request,
    { ...effects, transport },
    {
      controller,
      trace: (event) => {
        trace.push(event);
        listener(event);
      },
    },
  );
}

/** Step 11.9. */
async function processResponse(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  request: Request,
  response: FilteredResponse,
): Promise<void> {
  const { body } = response.internalResponse;
  state.response = response; // Step 11.9.1
  handleErrors(state, fetch); // Step 11.9.2
  if (state.fetch === fetch) {
    state.readyState = HEADERS_RECEIVED; // Step 11.9.4
    state.target.dispatchEvent(new NodeEvent("readystatechange")); // Step 11.9.5
  }
  if (state.fetch !== fetch) {
    body?.cancel();
    return; // Steps 11.9.3 and 11.9.6
  }
  const failure = body === null ? null : await readBody(state, fetch, body, lengthOf(response)); // Step 11.9.13
  if (state.fetch !== fetch) return;
  if (failure === null) {
    handleResponseEndOfBody(state, fetch); // Steps 11.9.7 and 11.9.11
    return;
  }
  // Step 11.9.12
  fetch.reason ??= reasonOf(request, failure.error);
  state.response = null;
  handleErrors(state, fetch);
}

/** Chunk by chunk, each in a task of its own. Returns what made it fail; null at the end, and when nobody asks any more. */
async function readBody(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  body: ResponseBody,
  length: number,
): Promise<{ readonly error: unknown } | null> {
  const { maxBodyBytes } = state.context.fetchContext.effects;
  try {
    for await (const chunk of body) {
      await nextTask();
      if (state.received.byteLength + chunk.byteLength > maxBodyBytes) throw new BodyTooLargeError(maxBodyBytes);
      if (state.fetch === fetch) processBodyChunk(state, fetch, chunk, length);
      if (state.fetch !== fetch) return null;
    }
    await nextTask();
    return fetch.controller.isCanceled
      ? { error: new TransportError("network/client-closed", "the client is closed") }
      : null;
  } catch (error) {
    await nextTask();
    return { error };
  }
}

/** Step 11.9.10. */
function processBodyChunk(state: XmlHttpRequestState, fetch: OngoingFetch, chunk: Uint8Array, length: number): void {
  const { target, received, context } = state;
  received.append(chunk); // Step 11.9.10.1
  const now = context.clock.now();
  // Choice: 50 ms since page code was told last, not since the last chunk.
  if (fetch.toldBytes !== null && now - fetch.toldAtMilliseconds < PROGRESS_MILLISECONDS) return; // Step 11.9.10.2
  fetch.toldAtMilliseconds = now;
  fetch.toldBytes = received.byteLength;
  state.readyState = LOADING; // Step 11.9.10.3
  target.dispatchEvent(new NodeEvent("readystatechange")); // Step 11.9.10.4 — again for every progress, as pages expect.
  // Choice: a handler that aborted the request, or opened it again, hears this one event more, as the steps have it.
  target.dispatchEvent(createProgressEvent("progress", state.received.byteLength, length)); // Step 11.9.10.5
}

/** Of a body, sent or received, or by a page that was closed. */
function reasonOf({ urlList }: Request, error: unknown): NetworkErrorReason {
  const { code, detail } = networkFailureOf(error);
  return failureReason(urlList, code, { subject: detail });
}
