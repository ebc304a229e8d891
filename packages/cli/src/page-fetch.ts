/**
 * One fetch as a page of a browser would do it, and its explanation.
 *
 * @module
 */

import { type UserAgent, createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { escapeFromWire, explain, redactTrace, redactUrl, shownUrl } from "crossorigin/diagnose";
import type { NetworkErrorReason, TraceEvent } from "crossorigin/fetching";
import { type Asked, askForConsumer } from "./ask-for-consumer.ts";
import type { CheckRequest } from "./check-request.ts";
import { type UsedExplanation, useOf } from "./page-use.ts";
import { type BodyReading, lateReading } from "./read-body.ts";
import { type Resolution, withoutBrackets } from "./request-options.ts";

/** Lets the user agent's own limits speak first: they know what was being waited for, and may be a second late. */
const EXTRA_MILLISECONDS = 1500;

export interface PageFetchOptions {
  readonly signal: AbortSignal;
  /** Told what is being waited for. */
  readonly onProgress: (text: string) => void;
}

export interface PageFetch extends UsedExplanation {
  /** Null if the page gets none. */
  readonly body: BodyReading | null;
  /** Those that no connection was asked for. */
  readonly unusedResolutions: readonly Resolution[];
  /** Could a client certificate have been of use: did a request with credentials go to an https server? */
  readonly isCertificateOffered: boolean;
}

/** Never rejects for what a server does: that is in the explanation, a body that breaks off included. */
export async function fetchAsPage(request: CheckRequest, { signal, onProgress }: PageFetchOptions): Promise<PageFetch> {
  const { timeoutMilliseconds, page, addressSpace } = request;
  const trace: TraceEvent[] = [];
  const used = new Set<Resolution>();
  let end: (() => void) | null = null;
  const onEnd = new Promise<void>((resolve) => {
    end = resolve;
  });
  const userAgent = userAgentFor(request, used, (event) => {
    trace.push(event);
    if (event.type === "done" || event.type === "network-error") end?.();
    if (event.type !== "request") return;
    const url = shownUrl(request.isRedacted ? redactUrl(event.url) : event.url);
    onProgress(`${escapeFromWire(event.method, 40)} ${url.slice(0, 200)}`);
  });
  let isOverdue = false;
  const close = (): void => void userAgent.close();
  // A chain of redirects may stay below the limit step by step; this one is for the whole.
  const deadline = setTimeout(() => {
    isOverdue = true;
    close();
  }, timeoutMilliseconds + EXTRA_MILLISECONDS);
  signal.addEventListener("abort", close, { once: true });
  let asked: Asked = { body: null, load: null };
  let heard: TraceEvent[] = [];
  try {
    const from = addressSpace === null ? {} : { ipAddressSpace: addressSpace, localNetworkAccess: "granted" as const };
    const client = userAgent.client({ url: page.url, opaqueOrigin: page.isOpaque, ...from });
    asked = await askForConsumer(client, request, { signal, onEnd });
  } catch (error) {
    if (!isFinished(trace)) throw error;
  } finally {
    // What is still open is closed by us, which is none of the server's doing.
    heard = [...trace];
    clearTimeout(deadline);
    signal.removeEventListener("abort", close);
    await userAgent.close();
  }
  const ending = endingOf(asked.body, isOverdue, heard, timeoutMilliseconds);
  if (ending.failure !== null && heard.at(-1)?.type !== "network-error")
    heard.push({ type: "network-error", reason: ending.failure });
  const told = isOverdue ? heard.map((event) => asTimeout(event, timeoutMilliseconds)) : heard;
  const explanation = explain(request.isRedacted ? redactTrace(told) : told);
  const unusedResolutions = request.resolutions.filter((resolution) => !used.has(resolution));
  const isCertificateOffered = heard.some(
    (event) => event.type === "request" && event.includeCredentials && event.url.startsWith("https:"),
  );
  return { ...useOf(explanation, request, asked.load), body: ending.body, unusedResolutions, isCertificateOffered };
}

/** Adds each `--resolve` to `used` that a connection was made with. */
function userAgentFor(
  { profile, timeoutMilliseconds, resolutions, ca, clientCertificate }: CheckRequest,
  used: Set<Resolution>,
  onTrace: (event: TraceEvent) => void,
): UserAgent {
  return createUserAgent({
    profile,
    timeoutMilliseconds,
    resolve: (host, port) => {
      const resolution = resolutionFor(resolutions, host, port);
      if (resolution !== undefined) used.add(resolution);
      return resolution?.address;
    },
    ...(ca === null ? {} : { ca }),
    ...(clientCertificate === null ? {} : { clientCertificate }),
    onTrace,
  });
}

function isFinished(trace: readonly TraceEvent[]): boolean {
  const last = trace.findLast(({ type }) => type === "done" || type === "network-error");
  return last !== undefined;
}

/**
 * What the trace does not hold, as it ends when the page has the head of the response. Slow is not broken, as a body may have
 * no end; but one that says its length has.
 */
function endingOf(
  body: BodyReading | null,
  isOverdue: boolean,
  heard: readonly TraceEvent[],
  timeoutMilliseconds: number,
): { readonly body: BodyReading | null; readonly failure: NetworkErrorReason | null } {
  if (body?.kind === "overdue") return { body, failure: lateFailure(body, heard, timeoutMilliseconds) };
  if (body?.kind !== "failed") return { body, failure: null };
  const known = networkErrorReason(body.error);
  if (isOverdue || known?.code === "network/timeout")
    return endingOf(lateReading(body.bytes, body.contentLength), isOverdue, heard, timeoutMilliseconds);
  // An interruption has no reason.
  if (known === undefined) return { body, failure: null };
  const { trace: _, ...failure } = known;
  return { body, failure };
}

function lateFailure(
  { bytes, contentLength }: Extract<BodyReading, { kind: "overdue" }>,
  heard: readonly TraceEvent[],
  timeoutMilliseconds: number,
): NetworkErrorReason {
  const { url = "", hop = 0 } = heard.findLast((event) => event.type === "request") ?? {};
  const read = `${bytes} ${bytes === 1 ? "byte was" : "bytes were"} read`;
  return {
    code: "network/timeout",
    step: null,
    url,
    hop,
    isPreflight: false,
    expected: null,
    received: null,
    subject: `Content-Length is ${contentLength}, and ${read} within ${timeoutMilliseconds / 1000} s`,
    defects: [],
  };
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
