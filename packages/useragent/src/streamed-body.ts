/**
 * A stream of the page's as the body of a request, read piece by piece.
 *
 * @see https://fetch.spec.whatwg.org/#body-incrementally-read
 * @module
 */

import { show } from "./byte-string.ts";
import { TransportError } from "./transport/network-failure.ts";

/** The stream's bytes. Throws a {@link TransportError} for a stream that fails, which is the page's own doing. */
export async function* streamedBody(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    const detail = error instanceof Error ? error.message : show(error);
    throw new TransportError("network/request-body-failed", detail, { cause: error });
  }
}
