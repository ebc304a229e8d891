/**
 * Telling how far a request body is on its way.
 *
 * @see https://fetch.spec.whatwg.org/#process-request-body
 * @module
 */

import type { TransportRequest } from "crossorigin/fetching";

export interface BodyProgress {
  /** So many more bytes were handed to the connection. */
  onChunk(byteLength: number): void;
  /** All of them were. Called again if the body is sent again. */
  onEnd(): void;
}

/** A request of which somebody wants to know how far its body is. */
export interface ObservableTransportRequest extends TransportRequest {
  readonly bodyProgress?: BodyProgress;
}

const CHUNK_BYTES = 65_536;

/** The bytes piece by piece; a piece counts as sent when the connection asks for the next one. */
export async function* observedBody(bytes: Uint8Array, progress: BodyProgress): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.byteLength; offset += CHUNK_BYTES) {
    const chunk = bytes.subarray(offset, offset + CHUNK_BYTES);
    yield await Promise.resolve(chunk);
    progress.onChunk(chunk.byteLength);
  }
  progress.onEnd();
}
