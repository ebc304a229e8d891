/**
 * One request and its response, as undici's dispatch handler.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-fetch
 * @module
 */

import type { TransportRequest, TransportResult } from "crossorigin/fetching";
import { type Header, type HeaderList, getHeader, normalizeHeaderValue } from "crossorigin/protocol";
import type { Dispatcher } from "undici";
import { decodeBody } from "./content-coding.ts";
import { TransportError, networkFailureOf } from "./network-failure.ts";
import { ReceivedBody } from "./received-body.ts";

/** A body that nobody wants is read to its end if no more than this many bytes are left, which keeps the connection. */
const MAX_DRAINED_BYTES = 16_384;

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: TransportRequest;
  readonly #settle: (result: TransportResult) => void;
  readonly #onStart: () => void;
  readonly #onEnd: () => void;
  readonly #stopListening: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #source: ReceivedBody | null = null;
  #cancelReason: Error | null = null;
  #isEnded = false;

  /**
   * @param settle - called with the head of the response, or with the failure; later calls are ignored
   * @param onStart - called when the request has a connection
   * @param onEnd - called once when nothing more will happen on the wire
   */
  constructor(
    request: TransportRequest,
    settle: (result: TransportResult) => void,
    onStart: () => void,
    onEnd: () => void,
  ) {
    this.#request = request;
    this.#settle = settle;
    this.#onStart = onStart;
    this.#onEnd = onEnd;
    this.#stopListening = request.controller.onCancel(() => {
      const isAborted = request.controller.state === "aborted";
      this.#cancel(
        new TransportError("network/client-closed", isAborted ? "the fetch was aborted" : "the client is closed"),
      );
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#onStart();
    if (this.#cancelReason !== null) controller.abort(this.#cancelReason);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText?: string,
  ): void {
    if (status < 200) return;
    const headers = headerListOf(controller.rawHeaders);
    const source = new ReceivedBody(
      () => controller.resume(),
      () => this.#discard(headers),
    );
    this.#source = source;
    const hasBody = this.#request.method !== "HEAD" && status !== 204 && status !== 304;
    const decoded = hasBody ? decodeBody(source, headers) : source;
    this.#settle({
      ok: true,
      status,
      statusMessage: latin1StatusMessage(statusText ?? ""),
      headers,
      body: {
        [Symbol.asyncIterator]: () => decoded[Symbol.asyncIterator](),
        cancel: () => this.#discard(headers),
      },
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici hands out views on the socket's buffer that stay valid; no copy is needed here.
    if (this.#source?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#end();
    this.#source?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    this.#settle({ ok: false, ...networkFailureOf(error) });
    this.#source?.fail(
      isMissingBytes(error) ? new TransportError("network/connection-reset", "the body ended early") : error,
    );
  }

  /** Lets go of a body that nobody wants: to its end if that is near, else by closing the connection. */
  #discard(headers: readonly Header[]): void {
    const contentLength = Number(getHeader(headers, "Content-Length") ?? Number.NaN);
    if (this.#isEnded || contentLength <= MAX_DRAINED_BYTES) this.#source?.discard();
    else this.#cancel(new TransportError("network/failed", "the body was canceled"));
  }

  #cancel(reason: Error): void {
    if (this.#isEnded || this.#cancelReason !== null) return;
    this.#cancelReason = reason;
    this.#controller?.abort(reason);
    this.#settle({ ok: false, ...networkFailureOf(reason) });
    this.#source?.fail(reason);
    // If undici has not started the request it will, and is stopped by `onRequestStart`.
    if (this.#controller !== null) this.#end();
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopListening();
    this.#onEnd();
  }
}

/** undici's word for a body that is shorter than `Content-Length`, and for several lengths in a head. */
function isMissingBytes(error: Error): boolean {
  return "code" in error && error.code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH";
}

/** Names as the server wrote them and values as latin-1, in the order of the wire. */
function headerListOf(rawHeaders: Dispatcher.DispatchController["rawHeaders"]): HeaderList {
  const list: HeaderList = [];
  if (!Array.isArray(rawHeaders)) return list;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    list.push([latin1(rawHeaders[index]), normalizeHeaderValue(latin1(rawHeaders[index + 1]))]);
  }
  return list;
}

function latin1(value: Buffer | string | undefined): string {
  return typeof value === "string" ? value : (value?.toString("latin1") ?? "");
}

/**
 * undici reads the reason phrase as UTF-8; this takes it back to bytes.
 *
 * Deviation: bytes that are not UTF-8 are lost, and read as U+00EF U+00BF U+00BD.
 */
function latin1StatusMessage(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
