/**
 * Which requests went over a connection that had served others, and whether anything came back: what must be known
 * before a request is sent again. And which are kept from a connection, as only here both are known.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-persistence
 * @module
 */

import type { Socket } from "node:net";
import type { Connection } from "crossorigin/fetching";
import { withoutInterimResponses } from "./interim-response.ts";
import { TransportError } from "./network-failure.ts";

/** One request's use of its connection. */
export interface ConnectionUse {
  /** Had the connection served another request before? Servers close such connections whenever they like. */
  readonly isReused: boolean;
  /** Did a byte come back after the request was written? */
  readonly isAnswered: boolean;
  /** Did the server say that it did nothing with the request? @see https://www.rfc-editor.org/rfc/rfc9113#name-request-reliability */
  readonly isRefused: boolean;
  /** Did only the request's own stream end, and the connection did not? */
  readonly isKept: boolean;
  /** Did the server ask for HTTP/1.1 instead? @see https://www.rfc-editor.org/rfc/rfc9113#HTTP_1_1_REQUIRED */
  readonly isHttp1Required: boolean;
  /** The first bytes that came back, to the end of the head if that is not too long; without interim responses, over HTTP/1.1 only. */
  readonly firstBytes: Buffer | null;
}

/** Of a request that nothing has come of yet. */
export const FIRST_USE: ConnectionUse = {
  isReused: false,
  isAnswered: false,
  isRefused: false,
  isKept: false,
  isHttp1Required: false,
  firstBytes: null,
};

/** What is kept to tell a fault in a head by. */
const MAX_KEPT_BYTES = 16_384;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class ConnectionHistory {
  #starting: { readonly use: Mutable<ConnectionUse>; readonly allows: (connection: Connection) => boolean } | null =
    null;

  /**
   * To be called when undici starts a request; it writes the head to the request's socket before it returns. If `allows`
   * is false of the socket's far end, nothing is written and the socket is destroyed.
   */
  start(allows: (connection: Connection) => boolean): ConnectionUse {
    const use = { ...FIRST_USE };
    this.#starting = { use, allows };
    return use;
  }

  /** Notes what is written to and read from `socket`, which it changes and returns. */
  watch(socket: Socket): Socket {
    let current: Mutable<ConnectionUse> | null = null;
    let isRefused = false;
    const read = socket.read.bind(socket);
    const write = socket.write.bind(socket) as (...values: unknown[]) => boolean;
    socket.write = (...values: unknown[]): boolean => {
      if (this.#starting !== null) {
        const { use, allows } = this.#starting;
        this.#starting = null;
        use.isReused = current !== null;
        current = use;
        const { remoteAddress: address = "", remotePort: port = 0 } = socket;
        isRefused = !allows({ address, port });
        if (isRefused) socket.destroy(new TransportError("network/failed", "the address is not allowed"));
      }
      return isRefused || write(...values);
    };
    socket.read = (size?: number): unknown => {
      const chunk: unknown = read(size);
      if (chunk !== null && current !== null) current.isAnswered = true;
      if (Buffer.isBuffer(chunk) && current !== null) keepFirstBytes(current, chunk);
      return chunk;
    };
    return socket;
  }
}

function keepFirstBytes(use: Mutable<ConnectionUse>, chunk: Buffer): void {
  const { firstBytes } = use;
  if (firstBytes !== null && (firstBytes.length >= MAX_KEPT_BYTES || firstBytes.includes("\r\n\r\n"))) return;
  use.firstBytes = withoutInterimResponses(firstBytes === null ? chunk : Buffer.concat([firstBytes, chunk])).rest;
}
