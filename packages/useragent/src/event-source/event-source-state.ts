/**
 * What an `EventSource` has associated with it, out of reach of page code.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 * @module
 */

import { FetchController } from "crossorigin/fetching";
import type { FetchContext } from "../fetch-method.ts";
import type { UserAgentClock } from "../user-agent-clock.ts";

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSED = 2;

/** What a page's event sources act through. */
export interface EventSourceContext {
  readonly fetchContext: FetchContext;
  readonly clock: UserAgentClock;
}

export interface EventSourceState {
  readonly context: EventSourceContext;
  readonly target: EventTarget;
  readonly url: URL;
  readonly withCredentials: boolean;
  /** Of every fetch of the event source, and of the time between them. */
  readonly controller: FetchController;
  readyState: typeof CONNECTING | typeof OPEN | typeof CLOSED;
  /** Where the next connection leads: where redirects of the one before led. */
  connectionUrl: URL;
  reconnectionMilliseconds: number;
  /** The last event ID string; empty for none. */
  lastEventId: string;
}

export function createState(
  context: EventSourceContext,
  target: EventTarget,
  { url, withCredentials }: { readonly url: URL; readonly withCredentials: boolean },
): EventSourceState {
  return {
    context,
    target,
    url,
    withCredentials,
    controller: new FetchController(),
    readyState: CONNECTING,
    connectionUrl: url,
    // Choice: the standard leaves it to the user agent.
    reconnectionMilliseconds: context.fetchContext.effects.profile.eventSourceReconnectionMilliseconds,
    lastEventId: "",
  };
}
