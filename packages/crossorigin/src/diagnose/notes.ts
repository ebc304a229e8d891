/**
 * What is worth knowing beside the verdict.
 *
 * @module
 */

import { type Header, getHeader, getHeaderValues, parseTokenList, byteLowercase } from "../protocol/index.ts";
import type { NetworkErrorReason, TraceEvent } from "../fetching/index.ts";
import { type NoteCode, renderMessage } from "./codes.ts";
import { escapeFromWire, shownUrl } from "../protocol/escape.ts";
import type { Note } from "./explanation.ts";
import { hiddenHeaderNames } from "./hidden-headers.ts";
import { type Story, type ToldExchange, isBodyBroken, isForElement, lastRequest, originAtTheEnd } from "./story.ts";

/** More hidden headers than that are counted. */
const MAX_LISTED_NAMES = 20;

/** All notes on one fetch, each once. */
export function notesOn(story: Story): Note[] {
  const notes = [
    ...exposureNotes(story),
    ...failureNotes(story),
    ...bodyNotes(story),
    ...story.exchanges.flatMap((exchange) => exchangeNotes(story, exchange)),
  ];
  const byText = new Map(notes.map((entry) => [`${entry.code} ${entry.text}`, entry]));
  return [...byText.values()];
}

function exposureNotes(story: Story): Note[] {
  const hidden = hiddenHeaderNames(story);
  if (hidden.length === 0) return [];
  const more = hidden.length > MAX_LISTED_NAMES ? ` and ${hidden.length - MAX_LISTED_NAMES} more` : "";
  const subject = hidden.slice(0, MAX_LISTED_NAMES).join(", ") + more;
  const notes = [note("exposure/header-not-exposed", { subject })];
  const headers = lastRequest(story)?.response?.headers ?? [];
  const exposed: string[] = [];
  for (const line of getHeaderValues(headers, "Access-Control-Expose-Headers")) parseTokenList(line, exposed);
  if (story.fetch.credentialsMode === "include" && exposed.includes("*")) {
    notes.push(note("exposure/expose-wildcard-with-credentials", {}));
  }
  return notes;
}

/** The head came and was judged; the body broke off. */
function bodyNotes(story: Story): Note[] {
  const { failure } = story;
  if (failure === null || !isBodyBroken(story)) return [];
  return [
    {
      code: failure.code,
      text: isForElement(story)
        ? "Every check of CORS was passed, so no header will help."
        : `Every check of CORS was passed, so no header will help: page code gets status and headers, and ${failure.code === "network/timeout" ? "waits" : "an error"} when it reads the body.`,
    },
  ];
}

/** The status often tells more than the missing header. */
function failureNotes({ failure, done, exchanges }: Story): Note[] {
  const status = exchanges.at(-1)?.response?.status ?? 0;
  if (failure === null || done !== null || status < 300) return [];
  const values = {
    url: shownUrl(failure.url),
    received: String(status),
    subject: describeStatus(status, failure.isPreflight),
  };
  if (failure.isPreflight && isMissingGrant(failure))
    return [note("cors-preflight/answered-by-something-else", values)];
  if (failure.code === "cors-check/allow-origin-missing" && status >= 400)
    return [note("cors-check/error-response-without-grant", values)];
  return [];
}

function isMissingGrant(failure: NetworkErrorReason): boolean {
  return failure.defects.some(({ code }) => code === "cors-preflight/allow-origin-missing");
}

function describeStatus(status: number, isPreflight: boolean): string {
  if (status === 401 && !isPreflight) return "a login is needed, and its answer carries no grant.";
  if (status === 401 || status === 403)
    return "a login check, a firewall or an origin check came first; preflights carry no cookies and no Authorization.";
  if (status === 404) return "no route answers at this address.";
  if (status === 405 || status === 501) return `the route does not answer ${isPreflight ? "OPTIONS" : "this method"}.`;
  if (status === 429) return "a rate limit came first.";
  if (status >= 500) return "the server or a gateway in front of it failed.";
  return status < 400
    ? "a rule for slashes, https, host names or logins redirects it."
    : "the request was refused before CORS was looked at.";
}

function exchangeNotes(story: Story, { request, response, events }: ToldExchange): Note[] {
  const url = shownUrl(request.url);
  const notes: Note[] = events.flatMap((event) => eventNotes(event, url));
  if (!request.isPreflight && response !== null) notes.push(...headerNotes(story, response.headers, url));
  const origin = getHeader(request.headers, "Origin");
  if (request.hop > 0 && origin === "null" && story.fetch.origin !== "null")
    notes.push(note("redirect/origin-tainted", { url, origin: story.fetch.origin }));
  return notes;
}

function eventNotes(event: TraceEvent, url: string): Note[] {
  switch (event.type) {
    case "preflight-cache":
      return event.authorizationUnderWildcard ? [note("cors-preflight/authorization-under-wildcard", {})] : [];
    case "rule": {
      if (event.rule !== "local-network-access" || !event.ok) return [];
      const { received, expected, subject } = event;
      return [note("local-network-access/permission-needed", { url, received, expected, subject })];
    }
    case "redirect":
      return event.isAuthorizationRemoved
        ? [note("redirect/authorization-removed", { url, subject: shownUrl(event.to) })]
        : [];
    case "cookies":
      return [
        ...(event.ignored.length > 0 ? [note("cookies/ignored", { url })] : []),
        ...event.refused.map((cookie) => note("cookies/refused", { url, received: escapeFromWire(cookie, 100) })),
      ];
    default:
      return [];
  }
}

function headerNotes(story: Story, headers: readonly Header[], url: string): Note[] {
  const allowOrigin = getHeader(headers, "Access-Control-Allow-Origin");
  const notes: Note[] = [];
  if (allowOrigin === "*" && getHeader(headers, "Access-Control-Allow-Credentials") === "true")
    notes.push(note("cors-check/credentials-with-wildcard", {}));
  const vary = byteLowercase(getHeader(headers, "Vary") ?? "")
    .split(",")
    .map((name) => name.trim());
  if (
    allowOrigin === originAtTheEnd(story) &&
    allowOrigin !== "null" &&
    !vary.includes("origin") &&
    !vary.includes("*")
  ) {
    notes.push(note("caching/vary-origin-missing", { url }));
  }
  return notes;
}

function note(code: NoteCode, values: Readonly<Record<string, string | null>>): Note {
  return { code, text: renderMessage(code, values) };
}
