/**
 * The body of a response as it comes in: what has come and was not read yet, and who waits for more.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-fetch
 * @module
 */

/** Bytes that wait to be read before the sender is told to wait. */
const HIGH_WATER_MARK_BYTES = 65_536;

type Reading = IteratorResult<Uint8Array, undefined>;

interface Waiting {
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: Error) => void;
}

/** To be read by one reader, one chunk at a time. An error that nobody reads is nobody's. */
export class ReceivedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #resume: () => void;
  readonly #onReturn: () => void;
  #chunks: Uint8Array[] = [];
  #byteLength = 0;
  #isPaused = false;
  #isDiscarded = false;
  #isEnded = false;
  #error: Error | null = null;
  #waiting: Waiting | null = null;

  /**
   * @param resume - asks for more after {@link ReceivedBody.push} returned false
   * @param onReturn - called when the reader stops before the end
   */
  constructor(resume: () => void, onReturn: () => void) {
    this.#resume = resume;
    this.#onReturn = onReturn;
  }

  /** Takes the next bytes; false if no more are wanted for now. */
  push(chunk: Uint8Array): boolean {
    if (this.#isEnded || this.#isDiscarded || chunk.byteLength === 0) return true;
    if (this.#waiting !== null) {
      this.#takeWaiting()?.resolve({ done: false, value: chunk });
      return true;
    }
    this.#chunks.push(chunk);
    this.#byteLength += chunk.byteLength;
    this.#isPaused = this.#byteLength >= HIGH_WATER_MARK_BYTES;
    return !this.#isPaused;
  }

  /** There is no more. What has come is still to be read. */
  end(): void {
    this.#isEnded = true;
    this.#takeWaiting()?.resolve({ done: true, value: undefined });
  }

  /** There is no more, and what has come is forgotten. */
  fail(error: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#forget();
    this.#takeWaiting()?.reject(error);
  }

  /** Takes everything from now on for nobody. */
  discard(): void {
    this.#isDiscarded = true;
    this.#forget();
    this.#resumeIfPaused();
  }

  async next(): Promise<Reading> {
    if (this.#chunks.length > 0) return { done: false, value: this.#takeChunks() };
    if (this.#error !== null) throw this.#error;
    if (this.#isEnded) return { done: true, value: undefined };
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  async return(): Promise<Reading> {
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeChunks(): Uint8Array {
    const [first = new Uint8Array(), ...others] = this.#chunks;
    const chunk = others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#forget();
    this.#resumeIfPaused();
    return chunk;
  }

  #resumeIfPaused(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#resume();
  }

  #forget(): void {
    this.#chunks = [];
    this.#byteLength = 0;
  }

  #takeWaiting(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}
