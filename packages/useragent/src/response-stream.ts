/**
 * The stream that page code reads a fetched body from: lazy, with backpressure, and never keeping a connection for itself.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-fetch
 * @module
 */

import type { ResponseBody } from "crossorigin/fetching";
import { watchForAbandonment } from "./abandoned.ts";

export interface ResponseStreamOptions {
  /** What page code sees in place of an error of the transport. */
  readonly toPageError: (error: unknown) => unknown;
  /** Called once when the body has ended, failed, or is of no use to anybody any more. Must not refer to the stream. */
  readonly onEnd: () => void;
}

/** A stream, and a way to make it fail from outside that does not keep it alive. */
export interface ResponseStream {
  readonly stream: ReadableStream<Uint8Array>;
  readonly error: (reason: unknown) => void;
}

/** Reads nothing before it is asked to. Canceling it, losing it, or an error lets go of the connection. */
export function createResponseStream(
  body: ResponseBody,
  { toPageError, onEnd }: ResponseStreamOptions,
): ResponseStream {
  const iterator = body[Symbol.asyncIterator]();
  const end = (): void => {
    stopWatching();
    onEnd();
  };
  let control: WeakRef<ReadableByteStreamController> | null = null;
  const stream = new ReadableStream(
    {
      type: "bytes",
      start(controller) {
        control = new WeakRef(controller);
      },
      async pull(controller) {
        try {
          const chunk = await nextChunk(iterator);
          if (chunk !== null) {
            // A copy: a byte stream takes the whole buffer, of which the chunk may be a part.
            controller.enqueue(new Uint8Array(chunk));
            return;
          }
          controller.close();
          controller.byobRequest?.respond(0);
        } catch (error) {
          controller.error(toPageError(error));
        }
        end();
      },
      cancel() {
        body.cancel();
        end();
      },
    },
    { highWaterMark: 0 },
  );
  const stopWatching = watchForAbandonment(stream, () => {
    body.cancel();
    onEnd();
  });
  return {
    stream,
    error: (reason) => {
      try {
        control?.deref()?.error(reason);
      } catch {
        // It had ended already.
      }
      end();
    },
  };
}

/** The next chunk that is not empty, which a byte stream would refuse; null at the end. */
async function nextChunk(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
  for (;;) {
    const result = await iterator.next();
    if (result.done === true) return null;
    if (result.value.byteLength > 0) return result.value;
  }
}
