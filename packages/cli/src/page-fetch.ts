/**
 * One fetch as a page of a browser would do it, and its explanation.
 *
 * @module
 */

import { type Response, type UserAgent, createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { type Explanation, escapeFromWire, explain, redactTrace, redactUrl, shownUrl } from "crossorigin/diagnose";
import type { NetworkErrorReason, TraceEvent } from "crossorigin/fetching";
import type { CheckRequest } from "./check-request.ts";
import { type BodyReading, readBody } from "./read-body.ts";
import { type Resolution, withoutBrackets } from "./request-options.ts";

/** Lets the user agent's own limits speak first: they know what was being waited for, and may be a second late. */
const EXTRA_MILLISECONDS = 1500;

export interface PageFetchOptions {
  readonly signal: AbortSignal;
  /** Told what is being waited for. */
  readonly onProgress: (text: string) => void;
}

export interface PageFetch {
  readonly explanation: Explanation;
  /** Null if the page gets none. */
  readonly body: BodyReading | null;
  /** Those that no connection was asked for. */
  readonly unusedResolutions: readonly Resolution[];
}

/** Never rejects for what a server does: that is in the explanation, a body that breaks off included. */
export async function fetchAsPage(request: CheckRequest, { signal, onProgress }: PageFetchOptions): Promise<PageFetch> {
  const { timeoutMilliseconds } = request;
  const trace: TraceEvent[] = [];
  const used = new Set<Resolution>();
  const userAgent = createUserAgent({
    profile: request.profile,
    timeoutMilliseconds,
    resolve: (host, port) => {
      const resolution = resolutionFor(request.resolutions, host, port);
      if (resolution !== undefined) used.add(resolution);
      return resolution?.address;
    },
    ...(request.ca === null ? {} : { ca: request.ca }),
    onTrace: (event) => {
      trace.push(event);
      if (event.type !== "request") return;
      const url = shownUrl(request.isRedacted ? redactUrl(event.url) : event.url);
      onProgress(`${escapeFromWire(event.method, 40)} ${url.slice(0, 200)}`);
    },
  });
  let isOverdue = false;
  // A chain of redirects may stay below the limit step by step; this one is for the whole.
  const deadline = setTimeout(() => {
    isOverdue = true;
    void userAgent.close();
  }, timeoutMilliseconds + EXTRA_MILLISECONDS);
  let body: BodyReading | null = null;
  try {
    const response = await send(userAgent, request, signal);
    if (response.body !== null) body = await readBody(response.body, timeoutMilliseconds);
  } catch (error) {
    if (!isFinished(trace)) throw error;
  } finally {
    clearTimeout(deadline);
    await userAgent.close();
  }
  const ending = endingOf(body, isOverdue);
  if (ending.failure !== null) trace.push({ type: "network-error", reason: ending.failure });
  const told = isOverdue ? trace.map((event) => asTimeout(event, timeoutMilliseconds)) : trace;
  const unusedResolutions = request.resolutions.filter((resolution) => !used.has(resolution));
  return { explanation: explain(request.isRedacted ? redactTrace(told) : told), body: ending.body, unusedResolutions };
}

function send(userAgent: UserAgent, request: CheckRequest, signal: AbortSignal): Promise<Response> {
  const { page, url, method, headers, body, credentials, mode, redirect } = request;
  return userAgent.client({ url: page.url, opaqueOrigin: page.isOpaque }).fetch(url.href, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    body,
    credentials,
    mode,
    redirect,
    signal,
  });
}

function isFinished(trace: readonly TraceEvent[]): boolean {
  const last = trace.findLast(({ type }) => type === "done" || type === "network-error");
  return last !== undefined;
}

/** What the trace does not hold, as it ends when the page has the head of the response. Slow is not broken: a body may have no end. */
function endingOf(
  body: BodyReading | null,
  isOverdue: boolean,
): { readonly body: BodyReading | null; readonly failure: NetworkErrorReason | null } {
  if (body?.kind !== "failed") return { body, failure: null };
  const known = networkErrorReason(body.error);
  if (isOverdue || known?.code === "network/timeout")
    return { body: { kind: "cut", bytes: body.bytes, limit: "time" }, failure: null };
  // An interruption has no reason.
  if (known === undefined) return { body, failure: null };
  const { trace: _, ...failure } = known;
  return { body, failure };
}

/** The page was closed by us, because of the limit. */
function asTimeout(event: TraceEvent, timeoutMilliseconds: number): TraceEvent {
  if (event.type !== "network-error" || event.reason.code !== "network/client-closed") return event;
  const subject = `the whole fetch took longer than ${timeoutMilliseconds / 1000} s`;
  const reason: NetworkErrorReason = { ...event.reason, code: "network/timeout", subject };
  return { type: "network-error", reason };
}

/** One for the host itself counts before one for every host. */
function resolutionFor(resolutions: readonly Resolution[], host: string, port: number): Resolution | undefined {
  const forPort = resolutions.filter((resolution) => resolution.port === port);
  return (
    forPort.find((resolution) => resolution.host === withoutBrackets(host)) ??
    forPort.find((resolution) => resolution.host === "*")
  );
}
