/**
 * Messages between two threads of which each can wait for the other without its event loop.
 *
 * @module
 */

import type { MessagePort } from "node:worker_threads";

/** Index of the counter of messages that were sent to this side. */
export type Side = 0 | 1;

/** What both sides share: how many messages each was sent. */
export function createCounters(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

export class BlockingPort<Sent, Received> {
  readonly #port: MessagePort;
  readonly #counters: Int32Array<SharedArrayBuffer>;
  readonly #side: Side;

  constructor(port: MessagePort, counters: Int32Array<SharedArrayBuffer>, side: Side) {
    this.#port = port;
    this.#counters = counters;
    this.#side = side;
  }

  /** Throws a `DataCloneError` for what cannot go to another thread. */
  post(message: Sent): void {
    this.#port.postMessage(message, []);
    const other = 1 - this.#side;
    Atomics.add(this.#counters, other, 1);
    Atomics.notify(this.#counters, other);
  }

  /** Blocks the thread until there is a message; null after `milliseconds` without one. */
  receive(milliseconds: number = Number.POSITIVE_INFINITY): Received | null {
    const { receiveMessageOnPort } = process.getBuiltinModule("node:worker_threads");
    for (;;) {
      const before = Atomics.load(this.#counters, this.#side);
      const received: unknown = receiveMessageOnPort(this.#port);
      if (received !== undefined) return (received as { readonly message: Received }).message;
      if (Atomics.wait(this.#counters, this.#side, before, milliseconds) === "timed-out") return null;
    }
  }

  close(): void {
    this.#port.close();
  }
}
