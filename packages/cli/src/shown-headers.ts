/**
 * Which header lines are worth showing. Says nothing about what they mean.
 *
 * @module
 */

import { type Header, byteLowercase } from "crossorigin/protocol";

/** `relevant`: those CORS is about. `guide`: all but what every message has. `all`: all. */
export type HeaderSelection = "relevant" | "guide" | "all";

const DULL_REQUEST_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "connection",
  "content-length",
  "host",
  "pragma",
  "priority",
  "referer",
  "user-agent",
]);

const DULL_RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

const RELEVANT_RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  "allow",
  "content-type",
  "cross-origin-resource-policy",
  "location",
  "set-cookie",
  "timing-allow-origin",
  "vary",
  "www-authenticate",
]);

/** Request headers: what the page or CORS added, that is not what every request has. */
export function shownRequestHeaders(headers: readonly Header[], selection: HeaderSelection): Header[] {
  if (selection === "all") return [...headers];
  return headers.filter(([name]) => {
    const key = byteLowercase(name);
    return !DULL_REQUEST_HEADERS.has(key) && !key.startsWith("sec-");
  });
}

/** Response headers by selection. */
export function shownResponseHeaders(headers: readonly Header[], selection: HeaderSelection): Header[] {
  if (selection === "all") return [...headers];
  return headers.filter(([name]) => {
    const key = byteLowercase(name);
    if (selection === "guide") return !DULL_RESPONSE_HEADERS.has(key);
    return key.startsWith("access-control-") || RELEVANT_RESPONSE_HEADERS.has(key);
  });
}
