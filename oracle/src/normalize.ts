/** What of requests and responses is compared: everything but what every engine sends in its own way. */

import type { Names } from "./names.ts";
import type { ReceivedRequest } from "./request-reader.ts";
import type { ObservedRequest, ObservedRequests, StepResult } from "./scenario.ts";

/** Left out unless a scenario keeps them. */
const NOISE: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "dnt",
  "host",
  "te",
  "transfer-encoding",
]);

/** What engines send by themselves. */
const PRIORITIES: ReadonlySet<string> = new Set([
  "i",
  "u=0",
  "u=0, i",
  "u=1, i",
  "u=2",
  "u=3, i",
  "u=4",
  "u=4, i",
  "u=5, i",
  "u=6",
]);

/** What engines and we accept where an element asks, each in its own order: images, style sheets, prefetches, fonts and media. */
const ELEMENT_ACCEPTS =
  /^(?:image\/(?:avif|jxl|png|webp),.*\*\/\*;q=0\.[58]|text\/css,\*\/\*;q=0\.1|text\/html,application\/xhtml\+xml,.*|application\/signed-exchange;.*|application\/font-woff.*|(?:audio|video)\/.*)$/;

/** What the user agent sends where a page sets nothing else. */
export interface Defaults {
  readonly userAgent: string;
  readonly acceptLanguage: string;
  /** URLs that `Referer` may hold. */
  readonly referrers: readonly string[];
}

/** A request as scenarios write it: names in lower case, without noise, with tokens. */
export function observeRequest(
  request: ReceivedRequest,
  url: string,
  names: Names,
  defaults: Defaults,
  keeps: ReadonlySet<string>,
): ObservedRequest {
  const headers: Record<string, string> = {};
  const [, boundary = null] = /^multipart\/form-data; *boundary=(.+)$/i.exec(valueOf(request, "content-type")) ?? [];
  const withoutBoundary = (text: string): string => (boundary === null ? text : text.replaceAll(boundary, "BOUNDARY"));
  for (const [name, received] of request.headers) {
    const value = withoutBoundary(received);
    const key = name.toLowerCase();
    if (!keeps.has(key) && isNoise(key, value, defaults)) continue;
    const shown = shownAs(key, value, defaults) ?? names.collapse(value);
    headers[key] = key in headers ? `${headers[key]}, ${shown}` : shown;
  }
  const body = observeBody(withoutBoundary(request.body));
  return {
    request: `${request.method} ${names.collapse(url)}`,
    ...(Object.keys(headers).length === 0 ? {} : { headers: withoutSpaceAtTheEnd(headers) }),
    ...(body === "" ? {} : { body }),
  };
}

/** What stands for a value that every user agent has its own of; null if it is to be shown. */
function shownAs(name: string, value: string, { userAgent }: Defaults): string | null {
  if (name === "user-agent" && value === userAgent) return "{userAgent}";
  if (name === "sec-websocket-key" && /^[A-Za-z0-9+/]{22}==$/.test(value)) return "{key}";
  return name === "sec-websocket-extensions" ? "{extensions}" : null;
}

/** An empty last line leaves a space there once it is joined, which no server sees where it is sent joined. */
function withoutSpaceAtTheEnd(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(/[ \t]+$/, "")]));
}

function valueOf({ headers }: ReceivedRequest, lowercasedName: string): string {
  return headers.find(([name]) => name.toLowerCase() === lowercasedName)?.[1] ?? "";
}

function isNoise(name: string, value: string, { userAgent, acceptLanguage, referrers }: Defaults): boolean {
  return (
    NOISE.has(name) ||
    name.startsWith("sec-") ||
    (name === "priority" && PRIORITIES.has(value)) ||
    (name === "accept" && (value === "*/*" || ELEMENT_ACCEPTS.test(value))) ||
    (name === "user-agent" && value === userAgent) ||
    (name === "accept-language" && value === acceptLanguage) ||
    (name === "referer" && referrers.includes(value))
  );
}

/** Bodies beyond this are told by their length. */
const MAX_SHOWN_BODY = 1000;

function observeBody(body: string): string {
  return body.length > MAX_SHOWN_BODY ? `(${body.length} bytes)` : body;
}

/** Repeated parts written out, so that lists can be compared. `{n}` counts from 0. */
export function writeOutRequests(requests: ObservedRequests): readonly ObservedRequest[] {
  return requests.flatMap((entry) =>
    "repeat" in entry
      ? Array.from({ length: entry.repeat }, (_, n) =>
          entry.requests.map((request) => ({ ...request, request: numbered(request.request, n) })),
        ).flat()
      : [entry],
  );
}

/** As {@link writeOutRequests}, for results. How often `progress` is fired in a row is a matter of time, so once is enough. */
export function writeOutResults(results: readonly StepResult[]): readonly StepResult[] {
  return results.flatMap((result) => {
    if (typeof result !== "object" || result === null) return [result];
    if ("sequence" in result && typeof result.sequence === "string")
      return [{ ...result, sequence: result.sequence.replaceAll(/(?<![:\w])((?:u:)?progress)(?: \1)+(?!\w)/g, "$1") }];
    if (!("repeat" in result) || !("results" in result)) return [result];
    return Array.from({ length: Number(result.repeat) }, () => result.results as StepResult[]).flat();
  });
}

export function numbered(text: string, n: number): string {
  return text.replaceAll("{n}", String(n));
}

/** Consecutive equal requests as one: how often an engine tries again after a reset depends on its idle connections. */
export function withoutRepetitions(requests: readonly ObservedRequest[]): readonly ObservedRequest[] {
  return requests.filter((request, index) => index === 0 || canonical(request) !== canonical(requests[index - 1]));
}

/** JSON with sorted keys: equal for values that are equal. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
