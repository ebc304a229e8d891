/**
 * `send()` and `close()` of a `WebSocket`.
 *
 * @see https://websockets.spec.whatwg.org/#dom-websocket-send
 * @module
 */

import { toUsvString } from "../byte-string.ts";
import { adoptBlob, tagOf } from "../foreign-body.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, type WebSocketState } from "./web-socket-state.ts";
import { NodeTextEncoder } from "../node-globals.ts";

/** Throws an `InvalidStateError` before there is a connection. After its end, data is counted and dropped. */
export function send(state: WebSocketState, data: unknown): void {
  const payload = toPayload(data);
  if (state.readyState === CONNECTING)
    throw new DOMException("The connection is not open yet: wait for the event open.", "InvalidStateError"); // Step 1
  const { bytes, byteLength } = payload;
  state.bufferedAmount += byteLength;
  if (state.readyState !== OPEN || state.wire === null) return;
  state.wire.send(bytes, { binary: payload.isBinary }, (error) => {
    if (error === undefined || error === null) state.bufferedAmount -= byteLength;
  });
}

interface Payload {
  readonly bytes: Uint8Array | Blob;
  readonly byteLength: number;
  readonly isBinary: boolean;
}

/** Bytes are copied now. What is no bytes is text. Step 2. */
function toPayload(data: unknown): Payload {
  if (ArrayBuffer.isView(data)) return ofBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const tag = typeof data === "object" ? tagOf(data) : "";
  if (tag === "ArrayBuffer" || tag === "SharedArrayBuffer") return ofBytes(new Uint8Array(data as ArrayBuffer));
  if (tag === "Blob" || tag === "File") return ofBlob(data);
  const bytes = new NodeTextEncoder().encode(toUsvString(data, "The data"));
  return { bytes, byteLength: bytes.byteLength, isBinary: false };
}

/** A blob of any realm. It is read when its turn has come, by the members that `ws` knows a blob by. */
function ofBlob(data: unknown): Payload {
  const blob = adoptBlob(data);
  if (blob === null) throw new TypeError("The data is called a Blob and cannot be read as one.");
  const { size, type } = blob;
  const stream = (): AsyncIterable<Uint8Array> => blob.stream();
  const { buffer } = process.getBuiltinModule("node:stream/consumers");
  const wireBlob = { size, type, stream, arrayBuffer: () => buffer(stream()), [Symbol.toStringTag]: "Blob" };
  return { bytes: wireBlob as unknown as Blob, byteLength: size, isBinary: true };
}

function ofBytes(bytes: Uint8Array): Payload {
  return { bytes: Uint8Array.from(bytes), byteLength: bytes.byteLength, isBinary: true };
}

/** The most bytes that a reason has room for in its frame. */
const MAX_REASON_BYTES = 123;

/** Throws an `InvalidAccessError` or a `SyntaxError`. @see https://websockets.spec.whatwg.org/#dom-websocket-close */
export function close(state: WebSocketState, code: unknown, reason: unknown): void {
  const closeCode = code === undefined ? undefined : toClampedUnsignedShort(code);
  const closeReason = reason === undefined ? undefined : toUsvString(reason, "The reason");
  if (closeCode !== undefined && closeCode !== 1000 && (closeCode < 3000 || closeCode > 4999))
    throw new DOMException(`The code is ${closeCode}: pass 1000, or 3000 to 4999.`, "InvalidAccessError"); // Step 1
  if (closeReason !== undefined && Buffer.byteLength(closeReason) > MAX_REASON_BYTES)
    throw new DOMException(`The reason has more than ${MAX_REASON_BYTES} bytes.`, "SyntaxError"); // Step 2
  // Step 3
  const { readyState, wire } = state;
  if (readyState === CLOSING || readyState === CLOSED) return;
  state.readyState = CLOSING;
  if (readyState === CONNECTING || wire === null)
    state.controller.abort(new DOMException("The WebSocket was closed before it was connected.", "AbortError"));
  else if (closeReason === undefined || closeReason === "") wire.close(closeCode);
  else wire.close(closeCode ?? 1000, closeReason);
}

/** @see https://webidl.spec.whatwg.org/#Clamp */
function toClampedUnsignedShort(value: unknown): number {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(Math.max(number, 0), 65_535);
  const floor = Math.floor(clamped);
  const isUp = clamped - floor > 0.5 || (clamped - floor === 0.5 && floor % 2 === 1);
  return isUp ? floor + 1 : floor;
}
