/**
 * Responses: what came over the network, what a page may see of it, and network errors.
 *
 * @see https://fetch.spec.whatwg.org/#responses
 * @module
 */

import { type HeaderList, type RedirectTaint, basicFilteredHeaders, corsFilteredHeaders } from "../protocol/index.ts";
import type { BlobLike } from "./blob-url.ts";
import { concatenate } from "./byte-sequence.ts";
import type { Connection } from "./fetch-params.ts";
import type { NetworkErrorReason } from "./network-error-reason.ts";

/** A response's body. Whoever does not read it to the end must cancel it, so that the transport can let go of the connection. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  cancel(): void;
  /** Instead of {@link ResponseBody.cancel}, for a body that nobody is allowed to read: the HTTP cache may still want it. */
  leaveUnread?(): void;
}

/** For a body that nobody is allowed to read. */
export function leaveUnread(body: ResponseBody | null): void {
  if (body?.leaveUnread === undefined) body?.cancel();
  else body.leaveUnread();
}

/** A body that is there already. */
export function bodyOfBytes(bytes: Uint8Array): ResponseBody {
  return {
    cancel: () => {},
    async *[Symbol.asyncIterator]() {
      if (bytes.byteLength > 0) yield await Promise.resolve(bytes);
    },
  };
}

/** A body that a blob reads from when it is asked to. */
export function bodyOfBlob(blob: BlobLike): ResponseBody {
  return { cancel: () => {}, [Symbol.asyncIterator]: () => blob.stream()[Symbol.asyncIterator]() };
}

/** A body has more bytes than whoever reads it whole takes. */
export class BodyTooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`more than ${maxBytes} bytes`);
    this.name = "BodyTooLargeError";
  }
}

/**
 * Reads a body to its end. Rejects if it fails, with a {@link BodyTooLargeError} if it is longer than `maxBytes`.
 *
 * Attack: a body without end, and one that decodes to much more than was sent, must not fill the memory.
 */
export async function readFully(body: ResponseBody, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new BodyTooLargeError(maxBytes);
    chunks.push(chunk);
  }
  return concatenate(chunks);
}

/** A response as the network gave it. Page code never holds one. */
export interface InternalResponse {
  readonly type: "default";
  readonly urlList: readonly URL[];
  readonly status: number;
  /** latin-1, as headers. */
  readonly statusMessage: string;
  readonly headers: HeaderList;
  body: ResponseBody | null;
  corsExposedHeaderNameList: readonly string[];
  rangeRequested: boolean;
  requestIncludesCredentials: boolean;
  timingAllowPassed: boolean;
  redirectTaint: RedirectTaint;
  /** Where it came from; null if nobody was asked. */
  readonly connection: Connection | null;
}

/** A view on an internal response, which stays unchanged behind it. @see https://fetch.spec.whatwg.org/#concept-filtered-response */
export interface FilteredResponse {
  readonly type: "basic" | "cors" | "opaque" | "opaqueredirect";
  readonly urlList: readonly URL[];
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: HeaderList;
  readonly internalResponse: InternalResponse;
}

/**
 * A network error: to a page all are alike, and `reason` is for the embedder only.
 *
 * @see https://fetch.spec.whatwg.org/#concept-network-error
 */
export interface NetworkError {
  readonly type: "error";
  readonly reason: NetworkErrorReason;
}

export type Response = InternalResponse | FilteredResponse | NetworkError;

/** A network error with this reason. */
export function networkError(reason: NetworkErrorReason): NetworkError {
  return { type: "error", reason };
}

/** @see https://fetch.spec.whatwg.org/#concept-filtered-response-basic */
export function toBasicFilteredResponse(internalResponse: InternalResponse): FilteredResponse {
  const { urlList, status, statusMessage, headers } = internalResponse;
  return { type: "basic", urlList, status, statusMessage, headers: basicFilteredHeaders(headers), internalResponse };
}

/** @see https://fetch.spec.whatwg.org/#concept-filtered-response-cors */
export function toCorsFilteredResponse(internalResponse: InternalResponse): FilteredResponse {
  const { urlList, status, statusMessage, headers, corsExposedHeaderNameList } = internalResponse;
  return {
    type: "cors",
    urlList,
    status,
    statusMessage,
    headers: corsFilteredHeaders(headers, corsExposedHeaderNameList),
    internalResponse,
  };
}

/** Shows nothing at all. @see https://fetch.spec.whatwg.org/#concept-filtered-response-opaque */
export function toOpaqueFilteredResponse(internalResponse: InternalResponse): FilteredResponse {
  return { type: "opaque", urlList: [], status: 0, statusMessage: "", headers: [], internalResponse };
}

/** Shows the URL and nothing else. @see https://fetch.spec.whatwg.org/#concept-filtered-response-opaque-redirect */
export function toOpaqueRedirectFilteredResponse(internalResponse: InternalResponse): FilteredResponse {
  return {
    type: "opaqueredirect",
    urlList: internalResponse.urlList,
    status: 0,
    statusMessage: "",
    headers: [],
    internalResponse,
  };
}
