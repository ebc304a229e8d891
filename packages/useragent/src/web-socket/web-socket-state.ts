/**
 * What a `WebSocket` has associated with it, out of reach of page code.
 *
 * @see https://websockets.spec.whatwg.org/#the-websocket-interface
 * @module
 */

import { FetchController } from "crossorigin/fetching";
import type { FetchContext } from "../fetch-method.ts";
import type { HandshakeOptions } from "./handshake.ts";
import type { WireSocket } from "./wire-socket.ts";

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSING = 2;
export const CLOSED = 3;

export const BINARY_TYPES = ["blob", "arraybuffer"] as const;

export type BinaryType = (typeof BINARY_TYPES)[number];

/** What a page's sockets act through. */
export interface WebSocketContext {
  readonly fetchContext: FetchContext;
  readonly handshakeOptions: HandshakeOptions;
}

export interface WebSocketState {
  readonly context: WebSocketContext;
  readonly target: EventTarget;
  /** Of scheme ws or wss. */
  readonly url: URL;
  /** Ends the handshake, or the connection. */
  readonly controller: FetchController;
  readyState: typeof CONNECTING | typeof OPEN | typeof CLOSING | typeof CLOSED;
  /** The connection; null before there is one. */
  wire: WireSocket | null;
  binaryType: BinaryType;
  protocol: string;
  extensions: string;
  bufferedAmount: number;
}

export function createState(context: WebSocketContext, target: EventTarget, url: URL): WebSocketState {
  return {
    context,
    target,
    url,
    controller: new FetchController(),
    readyState: CONNECTING,
    wire: null,
    binaryType: "blob",
    protocol: "",
    extensions: "",
    bufferedAmount: 0,
  };
}
