/**
 * The connections of an `EventSource`, one after the other, and what page code is told of them.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
 * @module
 */

import { type FailureDetails, failureReason } from "../failure-reason.ts";
import {
  type FetchController,
  type FilteredResponse,
  type NetworkErrorReason,
  type Request,
  type TraceEvent,
  createRequest,
  currentUrl,
  fetch as runFetch,
} from "crossorigin/fetching";
import { type Header, extractMimeType, originOfUrl, serializeOrigin } from "crossorigin/protocol";
import { isomorphicDecode } from "../byte-string.ts";
import { explainNetworkError, forgetNetworkError } from "../network-error.ts";
import { endlessBodies } from "../transport/endless-body.ts";
import { networkFailureOf } from "../transport/network-failure.ts";
import { nextTask } from "../dom/tasks.ts";
import { CLOSED, CONNECTING, type EventSourceState, OPEN } from "./event-source-state.ts";
import { type EventStreamBlock, EventStreamParser, MAX_EVENT_LENGTH } from "./event-stream-parser.ts";
import { NodeEvent, NodeTextEncoder, nodeMessageEventClass } from "../node-globals.ts";

/** How one connection ended. */
interface Ending {
  /** Is there to be no other one? */
  readonly isFinal: boolean;
  /** Null if the server ended a stream that was whole. */
  readonly reason: NetworkErrorReason | null;
  readonly trace: readonly TraceEvent[];
}

interface Connection {
  readonly state: EventSourceState;
  readonly request: Request;
  readonly trace: readonly TraceEvent[];
  readonly tell: (event: TraceEvent) => void;
}

/**
 * Control characters, which HTTP allows in no header. Choice: a source with such an ID ends instead of connecting again, for
 * nothing can tell the server where to go on. Chromium sends the bytes, and a server of Node.js answers them with 400, which
 * ends a source, too.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5
 */
// oxlint-disable-next-line no-control-regex -- they are what it is about
const UNSENDABLE = /[\u0000-\u0008\u000A-\u001F\u007F]/;

/** Connects until the connection fails, or the event source is closed. Never rejects. */
export async function keepConnected(state: EventSourceState): Promise<void> {
  const { fetchContext } = state.context;
  fetchContext.inFlight.add(state.controller);
  if (fetchContext.isClosed()) state.controller.terminate();
  while (state.readyState !== CLOSED) await connectOnce(state);
  fetchContext.inFlight.delete(state.controller);
}

async function connectOnce(state: EventSourceState): Promise<void> {
  const ending = await connect(state);
  await nextTask();
  if (state.readyState === CLOSED) return;
  state.readyState = ending.isFinal ? CLOSED : CONNECTING;
  fireError(state, ending);
  if (!ending.isFinal) await reconnectionTime(state);
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection */
function fireError({ target }: EventSourceState, { reason, trace }: Ending): void {
  const event = new NodeEvent("error");
  if (reason === null) forgetNetworkError(target);
  else for (const explained of [target, event]) explainNetworkError(explained, reason, trace);
  target.dispatchEvent(event);
}

/**
 * Ends early when the event source is closed.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
 */
async function reconnectionTime({ controller, context, reconnectionMilliseconds }: EventSourceState): Promise<void> {
  if (controller.isCanceled) return;
  await new Promise<void>((resolve) => {
    const stopListening = controller.onCancel(() => {
      unschedule();
      resolve();
    });
    const unschedule = context.clock.schedule(() => {
      stopListening();
      resolve();
    }, reconnectionMilliseconds); // Step 2
  });
}

async function connect(state: EventSourceState): Promise<Ending> {
  const { controller, context } = state;
  const { effects } = context.fetchContext;
  const trace: TraceEvent[] = [];
  const listener = context.fetchContext.startTrace();
  const tell = (event: TraceEvent): void => {
    trace.push(event);
    listener(event);
  };
  const request = createEventSourceRequest(state);
  const transport = endlessBodies(effects.transport);
  const response = await runFetch(request, { ...effects, transport }, { controller, trace: tell });
  if (response.type === "error") {
    const { reason } = response;
    return { isFinal: !isWorthAnotherTry(reason) || UNSENDABLE.test(state.lastEventId), reason, trace };
  }
  return processResponse({ state, request, trace, tell }, response);
}

/**
 * Steps 8 to 12 of the constructor, and step 5.3 of reestablishing the connection.
 *
 * `Last-Event-ID` is not CORS-safelisted. It asks for no preflight all the same, as the request's unsafe-request flag is
 * not set.
 *
 * Choice: a request of its own for each connection, to where the one before was redirected to, as in Chromium; in other
 * profiles to where the first one was sent. The standard sends the same request again, with all that redirects have done
 * to it.
 */
function createEventSourceRequest({ context, connectionUrl, withCredentials, lastEventId }: EventSourceState): Request {
  const headers: Header[] = [["Accept", "text/event-stream"]]; // Step 10
  if (lastEventId !== "") headers.push(["Last-Event-ID", isomorphicDecode(new NodeTextEncoder().encode(lastEventId))]);
  return createRequest({
    url: connectionUrl,
    client: context.fetchContext.environment,
    headers,
    mode: "cors",
    credentialsMode: withCredentials ? "include" : "same-origin",
    useUrlCredentials: true,
    cacheMode: "no-store", // Step 11
  });
}

/**
 * Choice: what the network lost may come back. What a rule refused will be refused again, so that trying is futile; as in
 * Chromium, and so it is with an option of the user agent that does not work.
 */
function isWorthAnotherTry({ code }: NetworkErrorReason): boolean {
  return code.startsWith("network/") && code !== "network/client-closed" && code !== "network/resolve-option-failed";
}

/** Step 15, what is to be done with a response. */
async function processResponse(connection: Connection, response: FilteredResponse): Promise<Ending> {
  const { state, trace } = connection;
  const { body } = response.internalResponse;
  const refused = refusalOf(connection, response); // Step 15.3
  if (refused !== null) {
    body?.cancel();
    return refused;
  }
  if (!state.context.fetchContext.effects.profile.eventSourceReconnectsToFirstUrl)
    state.connectionUrl = currentUrl(connection.request);
  // Step 15.4. @see https://html.spec.whatwg.org/multipage/server-sent-events.html#announce-the-connection
  await nextTask();
  if (state.readyState !== CLOSED) {
    state.readyState = OPEN;
    forgetNetworkError(state.target);
    state.target.dispatchEvent(new NodeEvent("open"));
  }
  try {
    const refusedBody = body === null ? null : await interpretBody(connection, body);
    if (refusedBody !== null) return refusedBody;
    if (!state.controller.isCanceled) return { isFinal: false, reason: null, trace };
    return failure(connection, endOf(state.controller), {});
  } catch (error) {
    const { code, detail } = networkFailureOf(error);
    return state.controller.isCanceled
      ? failure(connection, endOf(state.controller), {})
      : failure(connection, code, { subject: detail });
  }
}

/** Was it the page's own `close()`, or the end of the page? */
function endOf({ state }: FetchController): "fetch/aborted" | "network/client-closed" {
  return state === "aborted" ? "fetch/aborted" : "network/client-closed";
}

/** Null for a response that is an event stream. */
function refusalOf(connection: Connection, { status, headers }: FilteredResponse): Ending | null {
  if (status !== 200)
    return failure(connection, "event-source/status-not-200", { expected: "200", received: String(status) });
  const essence = extractMimeType(headers)?.essence ?? null;
  if (essence === "text/event-stream") return null;
  return failure(connection, "event-source/mime-type", { expected: "text/event-stream", received: essence });
}

/** Reads to the end. Rejects if the body fails; an ending is one that the stream itself gave reason to. */
async function interpretBody(connection: Connection, body: AsyncIterable<Uint8Array>): Promise<Ending | null> {
  const { state, request } = connection;
  const origin = serializeOrigin(originOfUrl(currentUrl(request)));
  const parser = new EventStreamParser(state.lastEventId);
  for await (const chunk of body) {
    for (const found of parser.feed(chunk)) {
      if (found.kind === "retry") state.reconnectionMilliseconds = found.milliseconds;
      else await processBlock(state, found, origin);
      if (state.readyState === CLOSED) return null;
    }
    if (parser.isTooLong)
      return failure(connection, "event-source/event-too-long", { expected: String(MAX_EVENT_LENGTH) });
  }
  return null;
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage */
async function processBlock(
  state: EventSourceState,
  { lastEventId, event }: EventStreamBlock,
  origin: string,
): Promise<void> {
  state.lastEventId = lastEventId; // Step 1
  if (event === null) return;
  await nextTask(); // Step 8
  if (state.readyState !== CLOSED)
    state.target.dispatchEvent(new (nodeMessageEventClass())(event.type, { data: event.data, origin, lastEventId }));
}

/** The trace hears of it, even though the fetch itself is done. */
function failure(
  { request, trace, tell }: Connection,
  code: NetworkErrorReason["code"],
  details: FailureDetails,
): Ending {
  const step = code.startsWith("event-source/") ? "EventSource constructor, step 15" : null;
  const reason = failureReason(request.urlList, code, { step, ...details });
  tell({ type: "network-error", reason });
  return { isFinal: !isWorthAnotherTry(reason), reason, trace };
}
