/**
 * Secrets taken out of a trace before anything is made of it, so that what is printed can be passed on.
 *
 * @module
 */

import type { NetworkErrorReason, PreflightCause, TraceEvent } from "crossorigin/fetching";
import { type Header, byteLowercase } from "crossorigin/protocol";

const SECRET_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "cookie2",
  "proxy-authorization",
  "set-cookie",
  "set-cookie2",
]);

/** Headers whose whole value is one URL, however it is written. */
const URL_HEADERS: ReadonlySet<string> = new Set(["content-location", "location", "referer"]);

/** Values of credentials' headers, cookies, and what URLs have beside their address become `[redacted, N characters]`. */
export function redactTrace(trace: readonly TraceEvent[]): TraceEvent[] {
  return trace.map(redactEvent);
}

/** The same for one URL, relative ones included: its user, its fragment, its query. */
export function redactUrl(url: string): string {
  return withoutUserinfo(url)
    .replace(/(?<=#).+$/s, redacted)
    .replace(/(?<=\?)[^#]+/, redacted);
}

/** The same for text that may hold URLs. */
function redactUrls(text: string): string {
  return withoutUserinfo(text).replaceAll(/(?<=\?)[^\s"<>]+/g, redacted);
}

function withoutUserinfo(text: string): string {
  return text.replaceAll(/(?<=\/\/)[^/?#\s@]+(?=@)/g, redacted);
}

function redacted(secret: string): string {
  return `[redacted, ${secret.length} ${secret.length === 1 ? "character" : "characters"}]`;
}

function redactEvent(event: TraceEvent): TraceEvent {
  switch (event.type) {
    case "fetch":
    case "main-fetch":
    case "preflight-cache":
      return { ...event, url: redactUrl(event.url) };
    case "upgrade":
      return { ...event, from: redactUrl(event.from), to: redactUrl(event.to) };
    case "preflight-decision":
      return { ...event, because: event.because.map(redactCause) };
    case "request":
    case "done":
      return { ...event, url: redactUrl(event.url), headers: event.headers.map(redactHeader) };
    case "response":
      return { ...event, headers: event.headers.map(redactHeader) };
    case "cookies": {
      const { stored, refused, ignored } = event;
      return { ...event, stored: stored.map(redacted), refused: refused.map(redacted), ignored: ignored.map(redacted) };
    }
    case "redirect":
      return { ...event, from: redactUrl(event.from), to: redactUrl(event.to) };
    case "network-error":
      return { ...event, reason: redactReason(event.reason) };
    case "rule":
      return event;
  }
}

function redactHeader([name, value]: Header): Header {
  const key = byteLowercase(name);
  if (SECRET_HEADERS.has(key)) return [name, redacted(value)];
  return [name, URL_HEADERS.has(key) ? redactUrl(value) : redactUrls(value)];
}

function redactCause(cause: PreflightCause): PreflightCause {
  if (cause.kind !== "header") return cause;
  const { header } = cause;
  const [, value] = redactHeader([header.name, header.value]);
  return { ...cause, header: { ...header, value } };
}

function redactReason(reason: NetworkErrorReason): NetworkErrorReason {
  const { url, received, subject } = reason;
  return {
    ...reason,
    url: redactUrl(url),
    received: received === null ? null : redactUrl(received),
    subject: subject === null ? null : redactUrls(subject),
  };
}
