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

/**
 * The stream's bytes. Throws a {@link TransportError} for a stream that fails, and for a chunk that is no `Uint8Array`,
 * of whatever realm: both are the page's own doing.
 */
export async function* streamedBody(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) {
      if (!isUint8Array(chunk)) throw new TypeError(`a chunk of it is ${describe(chunk)}, not a Uint8Array`);
      yield chunk;
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : show(error);
    throw new TransportError("network/request-body-failed", detail, { cause: error });
  }
}

function describe(chunk: unknown): string {
  return typeof chunk === "object" && chunk !== null ? `of the class ${show(tagOf(chunk)).slice(1, -1)}` : show(chunk);
}
