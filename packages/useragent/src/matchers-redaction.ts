/**
 * Secrets taken out of a trace before a test's output is made of it: logs of tests are kept and passed on.
 *
 * @module
 */

import type { TraceEvent } from "crossorigin/fetching";
import { byteLowercase } from "crossorigin/protocol";

/** Values that CORS is about; of every other header only the name is shown. */
const SHOWN_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "allow",
  "content-language",
  "content-type",
  "cross-origin-resource-policy",
  "host",
  "location",
  "origin",
  "range",
  "timing-allow-origin",
  "vary",
]);

const COOKIE_LISTS: ReadonlySet<string> = new Set(["stored", "refused", "ignored"]);

/** Values of headers, cookies, and what URLs have beside their address become `[hidden, N characters]`. */
export function hideSecrets(trace: readonly TraceEvent[]): TraceEvent[] {
  return hideWithin(trace) as TraceEvent[];
}

/** The same for text that is or holds URLs: their users, queries and fragments. */
function hideUrlSecrets(text: string): string {
  return text
    .replaceAll(/(?<=\/\/)[^/?#\s@]+(?=@)/g, hidden)
    .replaceAll(/(?<=\/\/[^\s"<>#]*#)[^\s"<>]+/g, hidden)
    .replaceAll(/(?<=\?)[^\s"<>#]+/g, hidden);
}

function hideWithin(value: unknown): unknown {
  if (typeof value === "string") return hideUrlSecrets(value);
  if (Array.isArray(value)) return value.map(hideWithin);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideMember(key, item)]));
}

function hideMember(key: string, value: unknown): unknown {
  if (key === "headers") return (value as readonly (readonly [string, string])[]).map(hideHeader);
  if (COOKIE_LISTS.has(key)) return (value as readonly string[]).map(hidden);
  if (key !== "header") return hideWithin(value);
  const header = value as { readonly name: string; readonly value: string };
  return { ...header, value: hideHeader([header.name, header.value])[1] };
}

function hideHeader([name, value]: readonly [string, string]): [string, string] {
  const key = byteLowercase(name);
  const isShown = SHOWN_HEADERS.has(key) || key.startsWith("access-control-") || key.startsWith("sec-");
  return [name, isShown ? hideUrlSecrets(value) : hidden(value)];
}

function hidden(secret: string): string {
  return `[hidden, ${secret.length} ${secret.length === 1 ? "character" : "characters"}]`;
}
