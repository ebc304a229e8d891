/**
 * The body of a response that came over the network, as page code gets it: read whole, or as a stream. It never keeps a
 * connection for itself.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-fetch
 * @module
 */

import { type ResponseBody, readFully } from "crossorigin/fetching";
import { watchForAbandonment } from "./abandoned.ts";
import { type ResponseStreamOptions, createResponseStream } from "./response-stream.ts";
import { type BodySource, WholeBody } from "./whole-body.ts";

/** A body, and a way to make it fail from outside that does not keep it alive. */
export interface FetchedBody {
  readonly holder: WholeBody;
  readonly error: (reason: unknown) => void;
}

/** A body, how it ends, and how long it may be for somebody who reads it whole. */
export interface FetchedBodyOptions extends ResponseStreamOptions {
  readonly maxBytes: number;
}

/** Reads nothing before it is asked to. Losing the holder, or an error, lets go of the connection. */
export function createFetchedBody(body: ResponseBody, options: FetchedBodyOptions): FetchedBody {
  const { toPageError, onEnd, maxBytes } = options;
  let failure: { readonly reason: unknown } | null = null;
  let errorStream: ((reason: unknown) => void) | null = null;
  const source: BodySource = {
    async readAll() {
      stopWatching();
      let bytes: Uint8Array<ArrayBuffer>;
      try {
        bytes = await readFully(body, maxBytes);
      } catch (error) {
        throw toPageError(error);
      } finally {
        onEnd();
      }
      if (failure !== null) throw failure.reason;
      return bytes;
    },
    stream() {
      stopWatching();
      const { stream, error } = createResponseStream(body, options);
      errorStream = error;
      if (failure !== null) error(failure.reason);
      return stream;
    },
  };
  const holder = new WholeBody(source, { maxBytes, toPageError });
  const stopWatching = watchForAbandonment(holder, () => {
    body.cancel();
    onEnd();
  });
  return {
    holder,
    error(reason) {
      failure = { reason };
      stopWatching();
      errorStream?.(reason);
      onEnd();
    },
  };
}
