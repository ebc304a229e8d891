/**
 * The connection of a `WebSocket`: established by a fetch, then told of to page code.
 *
 * @see https://websockets.spec.whatwg.org/#feedback-from-the-protocol
 * @module
 */

import { type FailureDetails, failureReason } from "../failure-reason.ts";
import {
  type FilteredResponse,
  type NetworkError,
  type NetworkErrorReason,
  type Request,
  type TraceEvent,
  createRequest,
  fetch as runFetch,
} from "crossorigin/fetching";
import { getHeader, originOfUrl, serializeOrigin } from "crossorigin/protocol";
import { explainNetworkError } from "../network-error.ts";
import { nextTask, queueTask } from "../dom/tasks.ts";
import { type Handshake, handshakeTransport } from "./handshake.ts";
import { CLOSED, OPEN, type WebSocketState } from "./web-socket-state.ts";
import type { WireSocket } from "./wire-socket.ts";
import { NodeEvent, nodeCloseEventClass, nodeMessageEventClass } from "../node-globals.ts";

/** A reason with the trace of the handshake. */
interface Failure {
  readonly reason: NetworkErrorReason;
  readonly trace: readonly TraceEvent[];
}

/** One connection, from its handshake on. */
interface Connection {
  readonly state: WebSocketState;
  readonly request: Request;
  readonly trace: TraceEvent[];
  readonly tell: (event: TraceEvent) => void;
  /** Puts off what came over the wire until page code knows that there is a connection. */
  queue: (step: () => void) => void;
}

/** Establish a WebSocket connection. Never rejects. @see https://websockets.spec.whatwg.org/#concept-websocket-establish */
export async function establish(state: WebSocketState, protocols: readonly string[]): Promise<void> {
  const { fetchContext, handshakeOptions } = state.context;
  const { controller } = state;
  fetchContext.inFlight.add(controller);
  if (fetchContext.isClosed()) controller.terminate();
  const listener = fetchContext.startTrace();
  const trace: TraceEvent[] = [];
  const waiting: (() => void)[] = [];
  const connection: Connection = {
    state,
    request: createHandshakeRequest(state, protocols),
    trace,
    tell: (event) => {
      trace.push(event);
      listener(event);
    },
    queue: (step) => waiting.push(step),
  };
  let announced: (TraceEvent & { readonly type: "request" }) | null = null;
  const handshake: Handshake = {
    protocols,
    onConnection: (wire) => listenTo(connection, wire),
    onRequest: (headers) => {
      if (announced !== null) connection.tell({ ...announced, headers });
      // Where an address needed a permission it is sent again, alike but for its key.
      announced = null;
    },
    defect: null,
  };
  // What is sent is known when it is: the transport adds headers of its own.
  const traceFetch = (event: TraceEvent): void => {
    if (event.type === "request") announced = event;
    else connection.tell(event);
  };
  const transport = handshakeTransport(handshakeOptions, handshake);
  const effects = { ...fetchContext.effects, transport };
  const response = await runFetch(connection.request, effects, { controller, trace: traceFetch }); // Step 11
  await nextTask();
  const failure = failureOf(connection, response, handshake);
  if (failure !== null || response.type === "error" || state.controller.isCanceled) {
    state.wire?.terminate();
    close(state, { code: 1006, reason: "", failure, isFailed: true, isLost: false });
    return;
  }
  announce(state, response);
  for (const step of waiting) queueTask(step);
  connection.queue = queueTask;
}

/**
 * Steps 1 to 10, but for the headers that the transport adds.
 *
 * Not applicable: service-workers mode.
 */
function createHandshakeRequest({ url, context }: WebSocketState, protocols: readonly string[]): Request {
  const requestUrl = new URL(url.href.replace(/^ws/, "http")); // Step 1
  return createRequest({
    url: requestUrl,
    client: context.fetchContext.environment,
    headers: protocols.length === 0 ? [] : [["Sec-WebSocket-Protocol", protocols.join(", ")]], // Step 8
    referrer: "no-referrer",
    mode: "websocket",
    credentialsMode: "include",
    cacheMode: "no-store",
    redirectMode: "error",
  });
}

/** Steps 11.1 to 11.3. Null if nothing failed, or page code gave the handshake up. */
function failureOf(
  connection: Connection,
  response: FilteredResponse | NetworkError,
  { defect }: Handshake,
): Failure | null {
  const { state, trace } = connection;
  if (state.controller.state === "aborted") return null;
  if (response.type === "error") return { reason: response.reason, trace };
  const { status } = response;
  if (status !== 101) return refusal(connection, "websocket/status-not-101", { received: String(status) }); // Step 11.1
  if (defect !== null) return refusal(connection, "websocket/handshake-invalid", { subject: defect }); // Steps 11.2 and 11.3
  return state.controller.isCanceled ? refusal(connection, "network/client-closed", {}) : null;
}

/** When the WebSocket connection is established. */
function announce(state: WebSocketState, { headers }: FilteredResponse): void {
  state.readyState = OPEN; // Step 1
  state.extensions = getHeader(headers, "Sec-WebSocket-Extensions") ?? ""; // Step 2
  state.protocol = getHeader(headers, "Sec-WebSocket-Protocol") ?? ""; // Step 3
  state.target.dispatchEvent(new NodeEvent("open")); // Step 4
}

/** From now on nothing that comes is lost; page code hears of it in tasks of their own. */
function listenTo(connection: Connection, wire: WireSocket): void {
  const { state } = connection;
  state.wire = wire;
  let error: Error | null = null;
  state.controller.onCancel(() => {
    // Choice: the page is going away, as browsers say; and it does not wait for an answer.
    wire.close(1001);
    wire.terminate();
  });
  wire.on("message", (data: Buffer, isBinary) => connection.queue(() => receive(state, data, isBinary)));
  wire.on("error", (given) => {
    error = given;
    // The Close frame that says so is sent; there is no answer to wait for.
    wire.terminate();
  });
  wire.on("close", (code, reason) =>
    connection.queue(() => {
      // Without a Close frame of the server's the connection was lost, or failed by us.
      const isFailed = error !== null || code === 1006;
      const failure = isFailed ? lossOf(connection, error) : null;
      const told = isFailed ? { code: 1006, reason: "" } : { code, reason: reason.toString() };
      close(state, { ...told, failure, isFailed, isLost: isFailed && error === null });
    }),
  );
}

/** When a WebSocket message has been received. */
function receive(state: WebSocketState, data: Buffer, isBinary: boolean): void {
  if (state.readyState !== OPEN) return; // Step 1
  const origin = serializeOrigin(originOfUrl(state.url));
  state.target.dispatchEvent(new (nodeMessageEventClass())("message", { data: dataOf(state, data, isBinary), origin })); // Step 3
}

/** Step 2. */
function dataOf({ binaryType }: WebSocketState, data: Buffer, isBinary: boolean): string | Blob | ArrayBuffer {
  if (!isBinary) return data.toString();
  const bytes = Uint8Array.from(data);
  return binaryType === "blob" ? new Blob([bytes]) : bytes.buffer;
}

interface Closing {
  readonly code: number;
  readonly reason: string;
  /** Null for what page code itself brought about, and for an orderly end. */
  readonly failure: Failure | null;
  readonly isFailed: boolean;
  /** Did an established connection break off, without a fault of its frames? */
  readonly isLost: boolean;
}

/** When the WebSocket connection is closed. @see https://websockets.spec.whatwg.org/#closeWebSocket */
function close(state: WebSocketState, { code, reason, failure, isFailed, isLost }: Closing): void {
  const { target, context, controller } = state;
  const { profile } = context.fetchContext.effects;
  context.fetchContext.inFlight.delete(controller);
  state.readyState = CLOSED; // Step 1
  const fire = (event: Event): void => {
    if (failure !== null) explainNetworkError(event, failure.reason, failure.trace);
    target.dispatchEvent(event);
  };
  if (failure !== null) explainNetworkError(target, failure.reason, failure.trace);
  if (isFailed && !(isLost && !profile.lostWebSocketsFireError)) fire(new NodeEvent("error")); // Step 2
  fire(new (nodeCloseEventClass())("close", { wasClean: !isFailed, code, reason })); // Step 3
}

function lossOf(connection: Connection, error: Error | null): Failure {
  if (error !== null) return refusal(connection, "websocket/protocol-error", { subject: error.message });
  if (connection.state.controller.isCanceled) return refusal(connection, "network/client-closed", {});
  return refusal(connection, "network/connection-reset", { subject: "there was no closing handshake" });
}

/** The trace hears of it, even though the fetch itself is done. */
function refusal(
  { request, trace, tell }: Connection,
  code: NetworkErrorReason["code"],
  details: FailureDetails,
): Failure {
  const reason = failureReason(request.urlList, code, {
    step: code.startsWith("websocket/") ? "establish a WebSocket connection, step 11" : null,
    expected: code === "websocket/status-not-101" ? "101" : null,
    ...details,
  });
  tell({ type: "network-error", reason });
  return { reason, trace };
}
