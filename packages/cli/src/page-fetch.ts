/**
 * One fetch as a page of a browser would do it, and its explanation.
 *
 * @module
 */

import { createUserAgent } from "@crossorigin/useragent";
import { type Explanation, escapeFromWire, explain } from "crossorigin/diagnose";
import type { TraceEvent } from "crossorigin/fetching";
import type { CheckRequest } from "./check-request.ts";
import { withoutBrackets } from "./request-options.ts";

/** Lets the user agent's own limits speak first: they know what was being waited for, and may be a second late. */
const EXTRA_MILLISECONDS = 1500;

export interface PageFetchOptions {
  readonly signal: AbortSignal;
  /** Told what is being waited for. */
  readonly onProgress: (text: string) => void;
}

/** Never rejects for what a server does: that is in the explanation. The body is not read. */
export async function fetchAsPage(
  request: CheckRequest,
  { signal, onProgress }: PageFetchOptions,
): Promise<Explanation> {
  const trace: TraceEvent[] = [];
  const userAgent = createUserAgent({
    profile: request.profile,
    timeoutMilliseconds: request.timeoutMilliseconds,
    resolve: (host, port) => addressOf(request.resolutions, host, port),
    ...(request.ca === null ? {} : { ca: request.ca }),
    onTrace: (event) => {
      trace.push(event);
      if (event.type === "request") onProgress(`${escapeFromWire(event.method, 40)} ${escapeFromWire(event.url, 200)}`);
    },
  });
  // A chain of redirects may stay below the limit step by step; this one is for the whole.
  const deadline = setTimeout(() => void userAgent.close(), request.timeoutMilliseconds + EXTRA_MILLISECONDS);
  try {
    const page = userAgent.client({ url: request.page.url, opaqueOrigin: request.page.isOpaque });
    const response = await page.fetch(request.url.href, {
      method: request.method,
      headers: request.headers.map(([name, value]): [string, string] => [name, value]),
      body: request.body,
      credentials: request.credentials,
      mode: request.mode,
      redirect: request.redirect,
      signal,
    });
    await response.body?.cancel();
  } catch (error) {
    if (!isFinished(trace)) throw error;
  } finally {
    clearTimeout(deadline);
    await userAgent.close();
  }
  return explain(trace);
}

function isFinished(trace: readonly TraceEvent[]): boolean {
  const last = trace.findLast(({ type }) => type === "done" || type === "network-error");
  return last !== undefined;
}

function addressOf(resolutions: CheckRequest["resolutions"], host: string, port: number): string | undefined {
  return resolutions.find((resolution) => resolution.host === withoutBrackets(host) && resolution.port === port)
    ?.address;
}
