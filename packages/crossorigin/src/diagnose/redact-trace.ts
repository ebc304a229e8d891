/**
 * Secrets taken out of a trace before anything is made of it, so that what is printed can be kept and passed on.
 *
 * @module
 */

import type { NetworkErrorReason, PreflightCause, TraceEvent } from "../fetching/index.ts";
import { type Header, byteLowercase } from "../protocol/index.ts";

/** Headers that CORS, elements and caches are about, and what is in every message. Of all others only the name is shown. */
const SHOWN_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "accept-ranges",
  "age",
  "allow",
  "cache-control",
  "connection",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "date",
  "host",
  "keep-alive",
  "origin",
  "range",
  "server",
  "timing-allow-origin",
  "transfer-encoding",
  "user-agent",
  "vary",
  "x-content-type-options",
]);

/** Headers whose whole value is one URL, however it is written. */
const URL_HEADERS: ReadonlySet<string> = new Set(["content-location", "location", "referer"]);

/**
 * A copy in which the values of cookies and of all headers that CORS is not about, and what URLs have beside their
 * address, are `[redacted, N characters]`. Linear in the size of the trace.
 */
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
  // Users last: what stands in their place holds spaces, which end a URL.
  return withoutUserinfo(
    text.replaceAll(/(?<=\/\/[^\s"<>#]*#)[^\s"<>]+/g, redacted).replaceAll(/(?<=\?)[^\s"<>#]+/g, redacted),
  );
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
    case "http-cache":
      return {
        ...event,
        url: redactUrl(event.url),
        requestHeaders: event.requestHeaders.map(redactHeader),
        headers: event.headers.map(redactHeader),
      };
    case "response":
      return { ...event, headers: event.headers.map(redactHeader) };
    case "cookies": {
      const { stored, refused, ignored } = event;
      return { ...event, stored: stored.map(redacted), refused: refused.map(redacted), ignored: ignored.map(redacted) };
    }
    case "redirect":
      return { ...event, from: redactUrl(event.from), to: redactUrl(event.to) };
    case "rule":
      return { ...event, ...redactTexts(event) };
    case "network-error":
      return { ...event, reason: redactReason(event.reason) };
  }
}

function redactHeader([name, value]: Header): Header {
  const key = byteLowercase(name);
  if (URL_HEADERS.has(key)) return [name, redactUrl(value)];
  const isShown = SHOWN_HEADERS.has(key) || key.startsWith("access-control-") || key.startsWith("sec-fetch-");
  return [name, isShown ? redactUrls(value) : redacted(value)];
}

function redactCause(cause: PreflightCause): PreflightCause {
  if (cause.kind !== "header") return cause;
  const { header } = cause;
  const [, value] = redactHeader([header.name, header.value]);
  return { ...cause, header: { ...header, value } };
}

function redactReason(reason: NetworkErrorReason): NetworkErrorReason {
  const { url, received, defects } = reason;
  return {
    ...reason,
    ...redactTexts(reason),
    url: redactUrl(url),
    // It may be a URL that is relative, or is none.
    received: received === null ? null : redactUrl(received),
    defects: defects.map((defect) => {
      const { subject, received: got } = redactTexts({ ...defect, expected: null });
      return { ...defect, subject, received: got };
    }),
  };
}

type Texts = Pick<NetworkErrorReason, "expected" | "received" | "subject">;

function redactTexts({ expected, received, subject }: Texts): Texts {
  return { expected: redactText(expected), received: redactText(received), subject: redactText(subject) };
}

function redactText(text: string | null): string | null {
  return text === null ? null : redactUrls(text);
}
