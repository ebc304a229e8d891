/**
 * A trace sorted by exchange: the ground that explanation, fixes and notes stand on.
 *
 * @module
 */

import type { NetworkErrorReason, TraceEvent } from "../fetching/index.ts";

type Event<Type extends TraceEvent["type"]> = Extract<TraceEvent, { type: Type }>;

/** One request on the wire, or one that the HTTP cache answered, with all that was decided about it. */
export interface ToldExchange {
  readonly request: Event<"request">;
  response: Event<"response"> | null;
  /** An upgrade of the URL, rules, redirects, cookies and cache changes, in order. */
  readonly events: TraceEvent[];
}

export interface Story {
  readonly fetch: Event<"fetch">;
  readonly hops: Event<"main-fetch">[];
  readonly decisions: Event<"preflight-decision">[];
  readonly exchanges: ToldExchange[];
  /** Of the URL of the next exchange to https; null if there was none. */
  upgrade: Event<"upgrade"> | null;
  /** The reason if the fetch ended in a network error. */
  failure: NetworkErrorReason | null;
  /** What the page sees if it did not, or if only its body broke off. */
  done: Event<"done"> | null;
}

/** Sorts a whole trace. Throws a TypeError for one that does not begin with its `fetch` event. Linear. */
export function readTrace(events: readonly TraceEvent[]): Story {
  const [first] = events;
  if (first?.type !== "fetch")
    throw new TypeError("A trace begins with an event of type fetch. Pass all events of one fetch, in order.");
  const story: Story = {
    fetch: first,
    hops: [],
    decisions: [],
    exchanges: [],
    upgrade: null,
    failure: null,
    done: null,
  };
  for (const event of events) readEvent(story, event);
  return story;
}

/** The request that was refused or answered last; undefined if nothing was sent. */
export function lastExchange(story: Story): ToldExchange | undefined {
  return story.exchanges.at(-1);
}

/** The last exchange that was no preflight. */
export function lastRequest(story: Story): ToldExchange | undefined {
  return story.exchanges.findLast((exchange) => !exchange.request.isPreflight);
}

/** Is it an element, or a URL in CSS, that wants the response, and no script? */
export function isForElement({ fetch }: Story): boolean {
  return fetch.destination !== "";
}

/** Did the head of the response come and pass, and the body break off? */
export function isBodyBroken({ failure, done }: Story): boolean {
  return failure !== null && done !== null && failure.code.startsWith("network/");
}

/** The origin as the last hop saw it: the page's, or `null`. */
export function originAtTheEnd(story: Story): string {
  return story.hops.at(-1)?.serializedOrigin ?? story.fetch.origin;
}

function readEvent(story: Story, event: TraceEvent): void {
  switch (event.type) {
    case "fetch":
      return;
    case "upgrade":
      story.upgrade = event;
      return;
    case "main-fetch":
      story.hops.push(event);
      return;
    case "preflight-decision":
      story.decisions.push(event);
      return;
    case "request":
      pushExchange(story, { request: event, response: null, events: [] });
      return;
    case "response": {
      const exchange = lastExchange(story);
      if (exchange !== undefined) exchange.response = event;
      return;
    }
    case "http-cache":
      readHttpCache(story, event);
      return;
    case "network-error":
      story.failure = event.reason;
      return;
    case "done":
      story.done = event;
      return;
    default:
      lastExchange(story)?.events.push(event);
  }
}

/** What the cache had stands where the server's answer would: it is what the checks see. */
function readHttpCache(story: Story, event: Event<"http-cache">): void {
  const { action, exchange, hop, method, url, requestHeaders, includeCredentials } = event;
  const { status, statusMessage, headers } = event;
  const response = { type: "response", exchange, status, statusMessage, headers } as const;
  const asked = lastExchange(story);
  if (action === "revalidated" && asked !== undefined) {
    asked.response = response;
    asked.events.push(event);
    return;
  }
  const request = {
    type: "request",
    exchange,
    hop,
    isPreflight: false,
    method,
    url,
    headers: requestHeaders,
    includeCredentials,
    bodyBytes: null,
  } as const;
  pushExchange(story, { request, response, events: [event] });
}

/** Its URL may have been upgraded before. */
function pushExchange(story: Story, exchange: ToldExchange): void {
  if (story.upgrade !== null) exchange.events.unshift(story.upgrade);
  story.upgrade = null;
  story.exchanges.push(exchange);
}
