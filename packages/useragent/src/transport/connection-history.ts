/**
 * Which requests went over a connection that had served others, and whether anything came back: what must be known
 * before a request is sent again.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-persistence
 * @module
 */

import type { Socket } from "node:net";

/** One request's use of its connection. */
export interface ConnectionUse {
  /** Had the connection served another request before? Servers close such connections whenever they like. */
  readonly isReused: boolean;
  /** Did a byte come back after the request was written? */
  readonly isAnswered: boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class ConnectionHistory {
  #starting: Mutable<ConnectionUse> | null = null;

  /** To be called when undici starts a request; it writes the head to the request's socket before it returns. */
  start(): ConnectionUse {
    this.#starting = { isReused: false, isAnswered: false };
    return this.#starting;
  }

  /** Notes what is written to and read from `socket`, which it changes and returns. */
  watch(socket: Socket): Socket {
    let current: Mutable<ConnectionUse> | null = null;
    const read = socket.read.bind(socket);
    const write = socket.write.bind(socket) as (...values: unknown[]) => boolean;
    socket.write = (...values: unknown[]): boolean => {
      if (this.#starting !== null) {
        this.#starting.isReused = current !== null;
        current = this.#starting;
        this.#starting = null;
      }
      return write(...values);
    };
    socket.read = (size?: number): unknown => {
      const chunk: unknown = read(size);
      if (chunk !== null && current !== null) current.isAnswered = true;
      return chunk;
    };
    return socket;
  }
}
