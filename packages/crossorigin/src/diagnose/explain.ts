/**
 * Explaining a fetch from its trace. Every judgement was made by the algorithms; this only puts them into words.
 *
 * @module
 */

import type { NetworkErrorReason, TraceEvent } from "../fetching/index.ts";
import type { Header } from "../protocol/index.ts";
import { type Code, renderMessage } from "./codes.ts";
import { escapeFromWire, shownUrl } from "../protocol/escape.ts";
import type { ExplainedExchange, ExplainedPreflight, Explanation, Verdict, VisibleResponse } from "./explanation.ts";
import { clientFixes } from "./client-fixes.ts";
import { explainRule, isExplainable } from "./explain-rule.ts";
import { notesOn } from "./notes.ts";
import { originNearMiss } from "./origin-near-miss.ts";
import { describePreflightCause } from "./preflight-cause.ts";
import { serverFixes } from "./server-fixes.ts";
import { type Story, type ToldExchange, isBodyBroken, isForElement, originAtTheEnd, readTrace } from "./story.ts";

/**
 * @param events - all events of one finished fetch, in order
 * @throws TypeError if they do not begin with a `fetch` event, or if the fetch is not finished
 *
 * A `network-error` after `done` says that the body broke off while the page read it, or that an element or an
 * `EventSource` could not use the response.
 */
export function explain(events: readonly TraceEvent[]): Explanation {
  const story = readTrace(events);
  const { verdict, code } = judge(story);
  const { fetch } = story;
  return {
    verdict,
    code,
    summary: summarize(story, code),
    page: {
      origin: fetch.origin,
      method: escapeFromWire(fetch.method),
      url: escapeFromWire(fetch.url),
      mode: fetch.mode,
      credentials: fetch.credentialsMode,
      redirect: fetch.redirectMode,
    },
    preflight: explainPreflight(story),
    exchanges: story.exchanges.map((exchange) => explainExchange(story, exchange)),
    visible: visibleResponse(story),
    fixes: { server: serverFixes(story), client: clientFixes(story) },
    notes: notesOn(story),
  };
}

/** An opaque response is withheld: nothing of it can be read. */
function judge({ failure, done }: Story): { verdict: Verdict; code: Code | null } {
  if (failure !== null)
    return { verdict: failure.code.startsWith("network/") ? "network-failure" : "withheld", code: failure.code };
  if (done === null) throw new TypeError("The trace has no end. Pass all events of one fetch, after it has finished.");
  if (done.responseType === "opaque") return { verdict: "withheld", code: "exposure/opaque-response" };
  if (done.responseType === "opaqueredirect") return { verdict: "withheld", code: "exposure/opaque-redirect" };
  return { verdict: "shared", code: null };
}

function summarize(story: Story, code: Code | null): string {
  const { failure, done, fetch } = story;
  if (isBodyBroken(story) && failure !== null) return describeBrokenBody(failure, story);
  if (failure !== null) return describeFailure(story, failure);
  if (code !== null) return renderMessage(code, {});
  const status = done?.status ?? 0;
  if (done?.responseType === "basic")
    return `The request is same-origin, so CORS does not apply; the page reads the response (status ${status}).`;
  const end = originAtTheEnd(story);
  return `The response (status ${status}) is shared with ${end === fetch.origin ? end : `${fetch.origin}, which appears as ${end} after the redirects`}.`;
}

function describeFailure(story: Story, failure: NetworkErrorReason): string {
  const { received, expected, subject } = failure;
  const message = renderMessage(failure.code, {
    url: shownUrl(failure.url),
    origin: originAtTheEnd(story),
    received: received === null ? null : escapeFromWire(received),
    expected: expected === null ? null : escapeFromWire(expected),
    subject:
      subject === null ? null : escapeFromWire(failure.code === "network/timeout" ? timeoutWords(subject) : subject),
  });
  const isAboutAllowOrigin = /\/allow-origin-(?:multiple|invalid|mismatch)$/.test(failure.code);
  const nearMiss = isAboutAllowOrigin && received !== null ? originNearMiss(received, originAtTheEnd(story)) : null;
  const more =
    failure.defects.length > 1
      ? ` There ${failure.defects.length === 2 ? "is one more thing" : `are ${failure.defects.length - 1} more things`} wrong with this preflight.`
      : "";
  return `${message}${nearMiss === null ? "" : ` ${nearMiss}`}${more}`;
}

function describeBrokenBody({ code, url, subject }: NetworkErrorReason, story: Story): string {
  const why = subject === null ? "" : ` (${escapeFromWire(subject)})`;
  const head = `The head of the response of ${shownUrl(url)} came`;
  const what = `${code === "network/timeout" ? "did not come to its end in time" : "broke off"}${why}`;
  const heard = isForElement(story)
    ? `${head}, and its body ${what}, so the element cannot use it.`
    : `${head} and the page may read it (status ${story.done?.status ?? 0}), but the body ${what}.`;
  return `${heard} This is not a CORS problem.`;
}

/** undici's own words for its limits, in ours. */
function timeoutWords(detail: string): string {
  if (/^Headers Timeout Error/i.test(detail)) return "connected, and the head of the response did not come";
  if (/^Body Timeout Error/i.test(detail)) return "the body of the response stopped coming";
  if (/^Connect Timeout Error/i.test(detail)) return "no connection was made";
  return detail;
}

function explainPreflight({ decisions, exchanges }: Story): ExplainedPreflight {
  const because = new Set(decisions.flatMap((decision) => decision.because.map(describePreflightCause)));
  return {
    needed: because.size > 0,
    because: [...because],
    sent: exchanges.some(({ request }) => request.isPreflight),
  };
}

function explainExchange(story: Story, { request, response, events }: ToldExchange): ExplainedExchange {
  const url = shownUrl(request.url);
  return {
    purpose: request.isPreflight ? "preflight" : "request",
    request: { method: escapeFromWire(request.method), url, headers: escapeHeaders(request.headers) },
    response:
      response === null
        ? null
        : {
            status: response.status,
            statusMessage: escapeFromWire(response.statusMessage),
            headers: escapeHeaders(response.headers),
          },
    rules: events.filter(isExplainable).map((event) => explainRule(event, url, originAtTheEnd(story))),
  };
}

function visibleResponse(story: Story): VisibleResponse {
  const { done, failure } = story;
  if (done === null || (failure !== null && (isForElement(story) || !isBodyBroken(story))))
    return { type: "error", status: 0, headers: [] };
  return { type: done.responseType, status: done.status, headers: escapeHeaders(done.headers) };
}

function escapeHeaders(headers: readonly Header[]): Header[] {
  return headers.map(([name, value]) => [escapeFromWire(name), escapeFromWire(value)]);
}
