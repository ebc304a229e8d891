/**
 * A body as it comes in, with backpressure.
 *
 * @module
 */

import type { ResponseBody } from "crossorigin/fetching";

/** Pieces held back before the connection is paused. */
const HIGH_WATER_MARK_BYTES = 65_536;

interface Flow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** Read once, or canceled. */
export class ReceivedBody implements ResponseBody {
  readonly #flow: Flow;
  readonly #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #isEnded = false;
  #error: unknown = null;
  #wake: () => void = () => undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  push(chunk: Uint8Array): void {
    if (this.#isEnded) return;
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.byteLength;
    if (this.#heldBytes > HIGH_WATER_MARK_BYTES) this.#flow.pause();
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  fail(error: unknown): void {
    if (this.#isEnded) return;
    this.#error = error;
    this.end();
  }

  cancel(): void {
    if (this.#isEnded) return;
    this.end();
    this.#chunks.length = 0;
    this.#flow.abort(new Error("the body was canceled"));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#heldBytes -= chunk.byteLength;
          if (this.#heldBytes <= HIGH_WATER_MARK_BYTES && !this.#isEnded) this.#flow.resume();
          yield chunk;
        } else if (this.#isEnded) {
          if (this.#error !== null) throw this.#error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.cancel();
    }
  }
}
