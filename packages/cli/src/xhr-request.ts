/**
 * One `XMLHttpRequest` of a page, its body read as far as it takes to know whether it can be read.
 *
 * @see https://xhr.spec.whatwg.org/#interface-xmlhttprequest
 * @module
 */

import type { Client } from "@crossorigin/useragent";
import type { CheckRequest } from "./check-request.ts";
import { type BodyReading, MAX_READ_BYTES, lateReading, parseContentLength, readingMilliseconds } from "./read-body.ts";

/** Never rejects. Null if there is nothing to read: the request failed, or was interrupted. An error of a body is the request itself. */
export function sendXmlHttpRequest(
  { XMLHttpRequest }: Client,
  { url, method, headers, body, credentials, hasUploadListener, timeoutMilliseconds }: CheckRequest,
): Promise<BodyReading | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let timer: NodeJS.Timeout | undefined;
    let bytes = 0;
    let contentLength: number | null = null;
    const end = (reading: BodyReading | null): void => {
      clearTimeout(timer);
      resolve(reading);
      if (reading?.kind === "cut" || reading?.kind === "overdue") request.abort();
    };
    const isHeadThere = (): boolean => timer !== undefined;
    request.addEventListener("readystatechange", () => {
      if (request.readyState !== XMLHttpRequest.HEADERS_RECEIVED) return;
      contentLength = parseContentLength(request.getResponseHeader("content-length"));
      timer = setTimeout(
        () => end(lateReading(bytes, contentLength)),
        readingMilliseconds(contentLength, timeoutMilliseconds),
      );
    });
    request.addEventListener("progress", (event) => {
      bytes = "loaded" in event && typeof event.loaded === "number" ? event.loaded : bytes;
      if (bytes > MAX_READ_BYTES) end({ kind: "cut", bytes: MAX_READ_BYTES, limit: "size" });
    });
    request.addEventListener("load", () => end({ kind: "whole" }));
    request.addEventListener("error", () =>
      end(isHeadThere() ? { kind: "failed", bytes, contentLength, error: request } : null),
    );
    request.addEventListener("abort", () => end(null));
    request.open(method, url.href);
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    request.withCredentials = credentials === "include";
    if (hasUploadListener) request.upload.addEventListener("progress", () => {});
    request.send(body);
  });
}
