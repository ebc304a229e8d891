/**
 * One fetch as a page of a browser would do it, and its explanation.
 *
 * @module
 */

import { type ElementLoad, type UserAgent, createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { type Explanation, escapeFromWire, explain, redactTrace, redactUrl, shownUrl } from "crossorigin/diagnose";
import type { NetworkErrorReason, TraceEvent } from "crossorigin/fetching";
import { type Asked, askForConsumer } from "./ask-for-consumer.ts";
import type { CheckRequest } from "./check-request.ts";
import { CONSUMERS } from "./consumers.data.ts";
import { type Came, type ConsumerExplanation, type PageUse, pageUse } from "./page-use.ts";
import type { BodyReading } from "./read-body.ts";
import { type Resolution, withoutBrackets } from "./request-options.ts";

/** Lets the user agent's own limits speak first: they know what was being waited for, and may be a second late. */
const EXTRA_MILLISECONDS = 1500;

export interface PageFetchOptions {
  readonly signal: AbortSignal;
  /** Told what is being waited for. */
  readonly onProgress: (text: string) => void;
}

export interface PageFetch {
  readonly explanation: ConsumerExplanation;
  readonly use: PageUse;
  /** Null if the page gets none. */
  readonly body: BodyReading | null;
  /** Those that no connection was asked for. */
  readonly unusedResolutions: readonly Resolution[];
}

/** Never rejects for what a server does: that is in the explanation, a body that breaks off included. */
export async function fetchAsPage(request: CheckRequest, { signal, onProgress }: PageFetchOptions): Promise<PageFetch> {
  const { timeoutMilliseconds, page, consumer, crossorigin } = request;
  const trace: TraceEvent[] = [];
  const used = new Set<Resolution>();
  let end = (): void => {};
  const onEnd = new Promise<void>((resolve) => {
    end = resolve;
  });
  const userAgent = userAgentFor(request, used, (event) => {
    trace.push(event);
    if (event.type === "done" || event.type === "network-error") end();
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
  try {
    const client = userAgent.client({ url: page.url, opaqueOrigin: page.isOpaque });
    asked = await askForConsumer(client, request, { signal, onEnd });
  } catch (error) {
    if (!isFinished(trace)) throw error;
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener("abort", close);
    await userAgent.close();
  }
  const ending = endingOf(asked.body, isOverdue);
  if (ending.failure !== null) trace.push({ type: "network-error", reason: ending.failure });
  const told = isOverdue ? trace.map((event) => asTimeout(event, timeoutMilliseconds)) : trace;
  const explanation = explain(request.isRedacted ? redactTrace(told) : told);
  const use = pageUse(consumer, crossorigin, cameOf(request, asked.load, explanation));
  const unusedResolutions = request.resolutions.filter((resolution) => !used.has(resolution));
  return { explanation: forConsumer(explanation, use), use, body: ending.body, unusedResolutions };
}

/** Adds each `--resolve` to `used` that a connection was made with. */
function userAgentFor(
  { profile, timeoutMilliseconds, resolutions, ca }: CheckRequest,
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
    onTrace,
  });
}

function cameOf({ consumer }: CheckRequest, load: ElementLoad | null, explanation: Explanation): Came {
  if (load !== null) return { kind: "load", load };
  const { verdict, visible, exchanges } = explanation;
  if (consumer !== "beacon")
    return { kind: "response", isShared: verdict === "shared", isOpaque: visible.type.startsWith("opaque") };
  const isDelivered = exchanges.some(({ purpose, response }) => purpose === "request" && response !== null);
  return { kind: "beacon", isDelivered };
}

/** What needs not be read works without being readable; and it needs no advice on reading where nothing ever reads it. */
function forConsumer(explanation: Explanation, { as, works }: PageUse): ConsumerExplanation {
  const { verdict, fixes } = as === "beacon" ? withBeaconFixes(explanation) : explanation;
  if (verdict !== "withheld" || !works) return { ...explanation, fixes };
  const reads = CONSUMERS[as].abilities.some(({ denied }) => denied !== "");
  return { ...explanation, verdict: "opaque", fixes: reads ? fixes : { server: [], client: [] } };
}

/** A beacon has no credentials mode to change. */
function withBeaconFixes(explanation: Explanation): Explanation {
  const { code, fixes } = explanation;
  if (code === null || !/^cors-.*credentials/.test(code)) return explanation;
  const text = "If the server needs no cookies, use fetch() with keepalive: true: a beacon always includes them.";
  return { ...explanation, fixes: { ...fixes, client: [{ text, headers: [], on: null, policy: null }] } };
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
