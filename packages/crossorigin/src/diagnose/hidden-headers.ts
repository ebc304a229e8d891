/**
 * Response headers that came and that the page cannot read.
 *
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
 * @module
 */

import { byteLowercase, isForbiddenResponseHeaderName } from "../protocol/index.ts";
import { escapeFromWire } from "../protocol/escape.ts";
import { type Story, isForElement, lastRequest } from "./story.ts";

/** Headers about the connection, the server and its caches, and those that browsers deal with themselves. */
const UNINTERESTING: ReadonlySet<string> = new Set([
  "accept-ranges",
  "age",
  "alt-svc",
  "connection",
  "content-encoding",
  "content-security-policy",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "date",
  "keep-alive",
  "nel",
  "permissions-policy",
  "proxy-authenticate",
  "proxy-connection",
  "referrer-policy",
  "report-to",
  "reporting-endpoints",
  "server",
  "strict-transport-security",
  "te",
  "timing-allow-origin",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "via",
  "x-content-type-options",
  "x-frame-options",
  "x-powered-by",
  "x-xss-protection",
]);

/** In lower case and escaped, without those no page needs. Empty unless the response is a CORS one, and a script's. */
export function hiddenHeaderNames(story: Story): string[] {
  if (story.done?.responseType !== "cors" || isForElement(story)) return [];
  const visible = new Set(story.done.headers.map(([name]) => byteLowercase(name)));
  const received = lastRequest(story)?.response?.headers ?? [];
  const names = new Set(received.map(([name]) => byteLowercase(name)));
  return [...names].filter((name) => !visible.has(name) && !isUninteresting(name)).map((name) => escapeFromWire(name));
}

function isUninteresting(name: string): boolean {
  return UNINTERESTING.has(name) || isForbiddenResponseHeaderName(name) || name.startsWith("access-control-");
}
