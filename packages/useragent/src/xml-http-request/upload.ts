/**
 * The progress of a request body, as the upload object tells it.
 *
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 * @module
 */

import type { Transport } from "crossorigin/fetching";
import type { BodyProgress, ObservableTransportRequest } from "../transport/body-progress.ts";
import { createProgressEvent } from "./progress-event.ts";
import type { OngoingFetch, XmlHttpRequestState } from "./xml-http-request-state.ts";

/** `progress` events come no faster than this. */
export const PROGRESS_MILLISECONDS = 50;

/** The user agent's transport, which tells of request bodies on their way. A preflight has none. */
export function observedTransport(transport: Transport, bodyProgress: BodyProgress): Transport {
  return {
    send: (request) => {
      const observable: ObservableTransportRequest = request.body === null ? request : { ...request, bodyProgress };
      return transport.send(observable);
    },
  };
}

/**
 * Steps 11.7 and 11.8. `queue` puts off what page code gets to hear.
 *
 * Choice: a body that is sent again, as after a redirect with status 307, is told of the first time only.
 */
export function createBodyProgress(
  state: XmlHttpRequestState,
  fetch: OngoingFetch,
  length: number,
  queue: (step: () => void) => void,
): BodyProgress {
  const { upload, context } = state;
  let transmitted = 0;
  let toldAtMilliseconds = Number.NEGATIVE_INFINITY;
  const isOver = (): boolean => state.fetch !== fetch || state.isUploadComplete;
  return {
    onChunk: (byteLength) =>
      queue(() => {
        transmitted += byteLength;
        const now = context.clock.now();
        if (isOver() || transmitted >= length || now - toldAtMilliseconds < PROGRESS_MILLISECONDS) return;
        toldAtMilliseconds = now;
        if (state.isUploadListenedTo) upload.dispatchEvent(createProgressEvent("progress", transmitted, length));
      }),
    onEnd: () =>
      queue(() => {
        if (isOver()) return;
        state.isUploadComplete = true;
        if (!state.isUploadListenedTo) return;
        for (const type of ["progress", "load", "loadend"])
          upload.dispatchEvent(createProgressEvent(type, length, length));
      }),
  };
}
