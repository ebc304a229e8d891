/**
 * One applied rule in words.
 *
 * @module
 */

import type { TraceEvent } from "../fetching/index.ts";
import { renderMessage } from "./codes.ts";
import { escapeFromWire, shownUrl } from "../protocol/escape.ts";
import type { ExplainedRule } from "./explanation.ts";

const EXPLAINABLE = ["upgrade", "rule", "redirect", "cookies", "preflight-cache", "http-cache"] as const;

type ExplainableEvent = Extract<TraceEvent, { type: (typeof EXPLAINABLE)[number] }>;

/** Is this an event that belongs among an exchange's rules? */
export function isExplainable(event: TraceEvent): event is ExplainableEvent {
  return EXPLAINABLE.some((type) => type === event.type);
}

/** `url` is the exchange's, escaped; `origin` the request's as the server saw it. */
export function explainRule(event: ExplainableEvent, url: string, origin: string): ExplainedRule {
  switch (event.type) {
    case "rule":
      return { rule: event.rule, ok: event.ok, step: event.step, code: event.code, text: ruleText(event, url, origin) };
    case "upgrade":
      return { rule: "upgrade", ok: true, step: null, code: null, text: upgradeText(event) };
    case "redirect":
      return { rule: "redirect", ok: true, step: null, code: null, text: redirectText(event) };
    case "cookies":
      return { rule: "cookies", ok: event.refused.length === 0, step: null, code: null, text: cookiesText(event) };
    case "preflight-cache":
      return { rule: "preflight-cache", ok: true, step: null, code: null, text: cacheText(event) };
    case "http-cache":
      return { rule: "http-cache", ok: true, step: null, code: null, text: HTTP_CACHE_TEXTS[event.action] };
  }
}

const HTTP_CACHE_TEXTS: Readonly<Record<Extract<TraceEvent, { type: "http-cache" }>["action"], string>> = {
  answered: "The HTTP cache has the response; nothing was sent. The checks see the headers it was stored with.",
  "answered-stale":
    "The HTTP cache has the response, stale within its stale-while-revalidate; it is used, and renewed for later requests.",
  revalidated:
    "The server answered 304 Not Modified: the response is the stored one, with the headers of the 304 in the place of its own.",
};

function ruleText(event: Extract<TraceEvent, { type: "rule" }>, url: string, origin: string): string {
  const received = event.received === null ? null : escapeFromWire(event.received);
  if (event.code !== null) {
    const expected = event.expected === null ? origin : escapeFromWire(event.expected);
    return renderMessage(event.code, {
      url,
      origin,
      received,
      expected,
      subject: event.subject === null ? null : escapeFromWire(event.subject),
    });
  }
  if (event.rule === "cors-preflight") return "The preflight grants the request: origin, method and every header.";
  if (event.rule === "local-network-access")
    return `The address ${received} is less public than the page's, and the user lets the page go there.`;
  if (event.rule === "cross-origin-resource-policy") return "No Cross-Origin-Resource-Policy forbids embedding it.";
  if (event.step === "3")
    return "The CORS check passes: Access-Control-Allow-Origin is * and the request includes no credentials.";
  const withCredentials = event.step === "7" ? ", and Access-Control-Allow-Credentials is true" : "";
  return `The CORS check passes: Access-Control-Allow-Origin is ${received ?? origin}${withCredentials}.`;
}

function upgradeText({ from }: Extract<TraceEvent, { type: "upgrade" }>): string {
  return `Upgraded to https from ${shownUrl(from)}: a page of https loads images, sound and videos over https only.`;
}

function redirectText(event: Extract<TraceEvent, { type: "redirect" }>): string {
  const method =
    event.methodBefore === event.methodAfter
      ? ""
      : `; ${escapeFromWire(event.methodBefore)} becomes ${event.methodAfter}, and the body is dropped`;
  const authorization = event.isAuthorizationRemoved ? "; Authorization is removed, as another origin follows" : "";
  return `Redirected (status ${event.status}) to ${shownUrl(event.to)}${method}${authorization}.`;
}

function cookiesText(event: Extract<TraceEvent, { type: "cookies" }>): string {
  if (event.ignored.length > 0) return "Set-Cookie is ignored: the request does not include credentials.";
  const refused =
    event.refused.length === 0
      ? ""
      : `; refused: ${event.refused.map((cookie) => escapeFromWire(cookie, 100)).join(" | ")}`;
  return `Cookies stored: ${event.stored.length}${refused}.`;
}

function cacheText(event: Extract<TraceEvent, { type: "preflight-cache" }>): string {
  if (event.action === "cleared")
    return "The preflight cache forgets what it held for this URL, as the request failed.";
  if (event.maxAgeSeconds === 0) return "Not kept in the preflight cache: the answer may be kept for 0 seconds.";
  if (event.action === "not-stored")
    return "Not kept in the preflight cache: browsers of this profile keep none for such a request.";
  const allowed = [...event.methods, ...event.headerNames].map((name) => escapeFromWire(name, 50));
  return `Kept in the preflight cache for ${event.maxAgeSeconds} seconds: ${allowed.length === 0 ? "nothing beyond what is always allowed" : allowed.slice(0, 30).join(", ")}.`;
}
