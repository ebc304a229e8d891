/**
 * Scheme fetch: HTTP(S), and the schemes whose responses are in memory.
 *
 * @see https://fetch.spec.whatwg.org/#concept-scheme-fetch
 * @module
 */

import { getHeader, parseSingleRange } from "../protocol/index.ts";
import { isAuthorizedForBlobUrl } from "./blob-url.ts";
import { processDataUrl } from "./data-url.ts";
import { type FetchParams, appropriateNetworkError, fail } from "./fetch-params.ts";
import { httpFetch } from "./http-fetch.ts";
import { type Request, currentUrl } from "./request.ts";
import { type InternalResponse, type NetworkError, type Response, bodyOfBlob, bodyOfBytes } from "./response.ts";

/** Choice: `file:` URLs are none that can be fetched. */
export async function schemeFetch(params: FetchParams): Promise<Response> {
  if (params.controller.isCanceled) return appropriateNetworkError(params); // Step 1
  const url = currentUrl(params.request);
  switch (url.protocol) {
    case "about:": {
      if (url.pathname !== "blank") break;
      const headers: InternalResponse["headers"] = [["Content-Type", "text/html;charset=utf-8"]];
      return memoryResponse(params.request, { headers, body: bodyOfBytes(new Uint8Array()) });
    }
    case "blob:":
      return blobResponse(params);
    case "data:": {
      const dataUrl = processDataUrl(url);
      if (dataUrl === null) return fail(params, { code: "scheme-fetch/data-url-invalid", step: "scheme fetch" });
      const headers: InternalResponse["headers"] = [["Content-Type", dataUrl.mimeType]];
      return memoryResponse(params.request, { headers, body: bodyOfBytes(dataUrl.body) });
    }
    case "http:":
    case "https:":
      return httpFetch(params, []);
  }
  return fail(params, { code: "scheme-fetch/unsupported-scheme", step: "scheme fetch", received: url.protocol }); // Step 4
}

/**
 * Not applicable: step 5, as no page here is at a `blob:` URL.
 */
function blobResponse(params: FetchParams): InternalResponse | NetworkError {
  const { request } = params;
  const { blobUrlEntry: entry, method, headers } = request;
  if (method !== "GET")
    return fail(params, {
      code: "scheme-fetch/blob-method-not-get",
      step: "scheme fetch, blob, step 2",
      received: method,
    });
  if (entry === null)
    return fail(params, { code: "scheme-fetch/blob-url-unknown", step: "scheme fetch, blob, step 2" });
  if (request.destination !== "document" && !isAuthorizedForBlobUrl(entry, request.client))
    // Steps 6 to 8
    return fail(params, { code: "scheme-fetch/blob-url-of-other-partition", step: "scheme fetch, blob, step 8" });
  const { blob } = entry;
  const { type } = blob;
  const contentType: InternalResponse["headers"] = [["Content-Type", type]];
  const range = getHeader(headers, "Range");
  if (range === null)
    // Step 13
    return memoryResponse(request, {
      headers: [["Content-Length", String(blob.size)], ...contentType],
      body: bodyOfBlob(blob),
    });
  const span = rangeOf(range, blob.size); // Steps 14.3 to 14.7
  if (span === null)
    return fail(params, {
      code: "scheme-fetch/blob-range-invalid",
      step: "scheme fetch, blob, step 14",
      expected: String(blob.size),
      received: range,
    });
  const slicedBlob = blob.slice(span.start, span.end + 1, type); // Step 14.8
  return memoryResponse(request, {
    status: 206,
    statusMessage: "Partial Content",
    headers: [
      ["Content-Length", String(slicedBlob.size)],
      ...contentType,
      ["Content-Range", `bytes ${span.start}-${span.end}/${blob.size}`],
    ],
    body: bodyOfBlob(slicedBlob),
    rangeRequested: true,
  });
}

/**
 * First and last byte; null for a header that does not parse, and for one that asks for no byte that is there.
 *
 * Deviation: a suffix longer than the blob is all of it, and an empty one is a failure, as in Chromium; the standard gets
 * to a negative start, or to an end before it.
 */
function rangeOf(header: string, fullLength: number): { readonly start: number; readonly end: number } | null {
  const range = parseSingleRange(header, true); // Steps 14.3 and 14.4
  if (range === null) return null;
  const { start, end } = range;
  const first = start === null ? Math.max(fullLength - Number(end), 0) : Number(start); // Steps 14.6 and 14.7.1
  if (first >= fullLength) return null;
  return { start: first, end: start === null || end === null ? fullLength - 1 : Math.min(Number(end), fullLength - 1) }; // Step 14.7.2
}

/** A response that did not come over the network. */
function memoryResponse(
  request: Request,
  response: Pick<InternalResponse, "headers" | "body"> & Partial<InternalResponse>,
): InternalResponse {
  return {
    type: "default",
    urlList: [...request.urlList],
    status: 200,
    statusMessage: "OK",
    corsExposedHeaderNameList: [],
    rangeRequested: false,
    requestIncludesCredentials: true,
    timingAllowPassed: false,
    redirectTaint: "same-origin",
    connection: null,
    ...response,
  };
}
