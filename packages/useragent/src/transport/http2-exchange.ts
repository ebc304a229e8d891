/**
 * One request and its response as a stream of an HTTP/2 session.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#name-http-message-framing
 * @module
 */

import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { Readable, pipeline } from "node:stream";
import { type Header, byteLowercase } from "crossorigin/protocol";
import type { Dispatcher } from "undici";
import { type ObservableTransportRequest, observedBody } from "./body-progress.ts";
import { type ConnectionUse, FIRST_USE } from "./connection-history.ts";
import type { EndlessTransportRequest } from "./endless-body.ts";
import type { Exchange } from "./exchange.ts";
import type { Http2Connection } from "./http2-sessions.ts";
import { TransportError, networkFailureOf } from "./network-failure.ts";
import { requestTarget } from "./request-target.ts";

const { constants } = process.getBuiltinModule("node:http2");

/**
 * Sends `request`, and tells `exchange` what comes of it, as undici would. The result changes as long as the exchange goes on.
 *
 * @param timeoutMilliseconds - for the head, and between two pieces of the body
 */
export function sendOverHttp2(
  connection: Http2Connection,
  request: ObservableTransportRequest & EndlessTransportRequest,
  exchange: Exchange,
  timeoutMilliseconds: number,
): ConnectionUse {
  const use = { ...FIRST_USE, isReused: connection.requestCount++ > 0 };
  const { session, address, port } = connection;
  const control = new StreamControl();
  exchange.onRequestStart(control);
  if (control.aborted) return use;
  const fail = (error: Error): void => exchange.onResponseError(control, error);
  if (!request.allowsConnection({ address, port })) {
    fail(new TransportError("network/failed", "the address is not allowed"));
    return use;
  }
  let stream: ClientHttp2Stream;
  try {
    stream = session.request(headersOf(request), { endStream: request.body === null });
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
    return use;
  }
  control.stream = stream;
  session.ref();
  let isEnded = false;
  stream.setTimeout(timeoutMilliseconds, () =>
    stream.destroy(new TransportError("network/timeout", `nothing came within ${timeoutMilliseconds} ms`)),
  );
  stream.on("response", (headers: IncomingHttpHeaders & { ":status"?: number }, _flags: number, raw: string[]) => {
    use.isAnswered = true;
    if (request.isBodyEndless === true) stream.setTimeout(0);
    control.rawHeaders = withoutPseudoHeaders(raw);
    exchange.onResponseStart(control, headers[":status"] ?? 0, {}, "");
  });
  stream.on("data", (chunk: Buffer) => exchange.onResponseData(control, chunk));
  stream.on("end", () => {
    // A reset ends the stream as well, with its code.
    isEnded = use.isAnswered && stream.rstCode === constants.NGHTTP2_NO_ERROR;
    if (isEnded) exchange.onResponseEnd();
  });
  // The reason is told when the stream is closed; without a listener it would end the process.
  let reason: Error | null = null;
  stream.on("error", (error: Error) => {
    reason = error;
  });
  stream.on("close", () => {
    Object.assign(use, fateOf(stream, connection));
    if (connection.session.destroyed || --connection.openCount === 0) session.unref();
    if (!isEnded) fail(failureOf(reason, stream.rstCode));
  });
  connection.openCount++;
  writeBody(stream, request);
  return use;
}

/**
 * What the end of `stream` says of its request: a stream that has no number yet, or one beyond the last that the server
 * took up, was not processed. A reset says nothing of the session.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#name-request-reliability
 */
function fateOf(
  { id, rstCode }: ClientHttp2Stream,
  { session, goaway }: Http2Connection,
): Pick<ConnectionUse, "isRefused" | "isKept" | "isHttp1Required"> {
  const { NGHTTP2_REFUSED_STREAM, NGHTTP2_HTTP_1_1_REQUIRED } = constants;
  const isHttp1Required = (goaway?.code ?? rstCode) === NGHTTP2_HTTP_1_1_REQUIRED;
  const isNeverTakenUp = id === undefined || (goaway !== null && id > goaway.lastStreamId);
  const isRefused = rstCode === NGHTTP2_REFUSED_STREAM || isNeverTakenUp || isHttp1Required;
  const isClosed = (session.closed || session.destroyed) && goaway === null;
  return { isRefused, isKept: !isClosed, isHttp1Required };
}

/** undici's controller of an exchange, over a stream. */
class StreamControl implements Dispatcher.DispatchController {
  stream: ClientHttp2Stream | null = null;
  rawHeaders: string[] = [];
  aborted = false;
  paused = false;
  reason: Error | null = null;

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
    this.stream?.close(constants.NGHTTP2_CANCEL);
  }

  pause(): void {
    this.paused = true;
    this.stream?.pause();
  }

  resume(): void {
    this.paused = false;
    this.stream?.resume();
  }
}

/** Names in lower case, and the lines of one name as one, which says the same. `Host` is `:authority`. */
function headersOf({ method, url, headers }: ObservableTransportRequest): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = byteLowercase(name);
    const before = values.get(key);
    values.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    ":method": method,
    ":scheme": "https",
    ":authority": url.host,
    ":path": requestTarget(url),
    ...Object.fromEntries(values),
  };
}

function withoutPseudoHeaders(raw: readonly string[]): string[] {
  const list: Header[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index] ?? "", raw[index + 1] ?? ""]);
  return list.filter(([name]) => !name.startsWith(":")).flat();
}

function writeBody(stream: ClientHttp2Stream, { body, bodyProgress }: ObservableTransportRequest): void {
  if (body === null) return;
  if (body.kind === "bytes" && (bodyProgress === undefined || body.bytes.byteLength === 0)) {
    bodyProgress?.onEnd();
    stream.end(body.bytes);
    return;
  }
  const chunks = body.kind === "stream" ? body.stream : observedBody(body.bytes, bodyProgress ?? NOBODY);
  // A body that fails takes the stream with it, whose error is told; one that is not wanted any more is let go.
  pipeline(Readable.from(chunks, { objectMode: false }), stream, () => {});
}

const NOBODY = { onChunk: () => {}, onEnd: () => {} };

/** Node.js's words for what servers do to streams, in ours. */
function failureOf(reason: Error | null, code: number | undefined): Error {
  if (reason !== null && networkFailureOf(reason).code !== "network/failed") return reason;
  const detail = reason?.message ?? `the stream was closed with code ${code ?? 0}`;
  return new TransportError("network/connection-reset", detail, { cause: reason });
}
