/**
 * Asking for a URL as a page does: by a script, or by an element.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import type { Client, ElementLoad, LoadOptions } from "@crossorigin/useragent";
import type { CheckRequest } from "./check-request.ts";
import { CONSUMERS } from "./consumers.data.ts";
import { type BodyReading, parseContentLength, readBody } from "./read-body.ts";
import { sendXmlHttpRequest } from "./xhr-request.ts";

export interface Asked {
  /** Null if the page reads none. */
  readonly body: BodyReading | null;
  /** Null for what scripts ask with. */
  readonly load: ElementLoad | null;
}

/** Rejects with what `fetch` rejects with. `onEnd` resolves when the page's one fetch is over. */
export async function askForConsumer(
  page: Client,
  request: CheckRequest,
  { signal, onEnd }: { readonly signal: AbortSignal; readonly onEnd: Promise<void> },
): Promise<Asked> {
  const { element } = CONSUMERS[request.consumer];
  if (element !== null) return { body: null, load: await page.load(loadOptionsOf(request)) };
  switch (request.consumer) {
    case "xhr":
      return { body: await sendXmlHttpRequest(page, request), load: null };
    case "event-source":
      return { body: await openEventSource(page, request), load: null };
    case "beacon":
      if (page.sendBeacon(request.url, dataOf(request))) await onEnd;
      return { body: null, load: null };
    default: {
      const response = await page.fetch(request.url.href, fetchInitOf(request, signal));
      const contentLength = parseContentLength(response.headers.get("content-length"));
      const body =
        response.body === null ? null : await readBody(response.body, contentLength, request.timeoutMilliseconds);
      return { body, load: null };
    }
  }
}

/** Opens; whoever closes the user agent ends it. What was refused after the head is told as of a body. Never rejects. */
function openEventSource({ EventSource }: Client, { url, credentials }: CheckRequest): Promise<BodyReading | null> {
  return new Promise((resolve) => {
    const source = new EventSource(url, { withCredentials: credentials === "include" });
    source.addEventListener("open", () => resolve(null));
    source.addEventListener("error", (error) => resolve({ kind: "failed", bytes: 0, contentLength: null, error }));
  });
}

function fetchInitOf(
  { method, headers, body, credentials, mode, redirect, integrity }: CheckRequest,
  signal: AbortSignal,
): Parameters<Client["fetch"]>[1] {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  return { method, headers: pairs, body, credentials, mode, redirect, integrity: integrity ?? "", signal };
}

/** A beacon's `Content-Type` is its blob's, which is in lower case, or that of text. */
function dataOf({ body, headers, isTypeGiven }: CheckRequest): Blob | string | null {
  if (body === null) return null;
  if (!isTypeGiven && isUtf8(body)) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  return new Blob([new Uint8Array(body)], { type: headers.at(-1)?.[1] ?? "" });
}

/** Attributes that an element does not have were refused before. */
function loadOptionsOf({ consumer, url, crossorigin, integrity, preloadAs, credentials }: CheckRequest): LoadOptions {
  return {
    element: CONSUMERS[consumer].element,
    src: url,
    ...(crossorigin === null ? {} : { crossorigin }),
    ...(integrity === null ? {} : { integrity }),
    ...(consumer === "module-worker" ? { credentials } : {}),
    ...(preloadAs === null ? {} : { as: preloadAs }),
  } as LoadOptions;
}
