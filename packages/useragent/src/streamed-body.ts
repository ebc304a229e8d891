/**
 * A stream of the page's as the body of a request, read piece by piece.
 *
 * @see https://fetch.spec.whatwg.org/#body-incrementally-read
 * @module
 */

import { isUint8Array } from "node:util/types";
import { show } from "./byte-string.ts";
import { tagOf } from "./foreign-body.ts";
import { TransportError } from "./transport/network-failure.ts";

export interface StreamedBody {
  /**
   * The stream's bytes. Throws a {@link TransportError} for a stream that fails, and for a chunk that is no `Uint8Array`,
   * of whatever realm: both are the page's own doing.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Tells whoever makes the stream that nobody reads it any more, even if a chunk is being waited for. */
  cancel(reason: unknown): void;
}

/** Locks the stream. */
export function streamedBody(stream: ReadableStream<unknown>): StreamedBody {
  const reader = stream.getReader();
  const cancel = (reason?: unknown): void => {
    reader.cancel(reason).catch(() => {});
  };
  return { chunks: chunksOf(reader, cancel), cancel };
}

async function* chunksOf(reader: ReadableStreamDefaultReader<unknown>, cancel: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (!isUint8Array(value)) throw new TypeError(`a chunk of it is ${describe(value)}, not a Uint8Array`);
      yield value;
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : show(error);
    throw new TransportError("network/request-body-failed", detail, { cause: error });
  } finally {
    // Nothing happens if it has ended, or failed.
    cancel();
  }
}

function describe(chunk: unknown): string {
  return typeof chunk === "object" && chunk !== null ? `of the class ${show(tagOf(chunk)).slice(1, -1)}` : show(chunk);
}
