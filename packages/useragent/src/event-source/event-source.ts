/**
 * `EventSource`: server-sent events, over the same algorithms as `fetch`.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 * @module
 */

import { show, toUsvString } from "../byte-string.ts";
import { type EventHandler, defineEventHandlers } from "../dom/event-handler.ts";
import { createPageInterface, defineConstants, finishInterface } from "../dom/interface.ts";
import { needArguments, toBoolean } from "../dom/web-idl.ts";
import { keepConnected } from "./connection.ts";
import {
  CLOSED,
  CONNECTING,
  type EventSourceContext,
  type EventSourceState,
  OPEN,
  createState,
} from "./event-source-state.ts";
import { NodeEventTarget } from "../node-globals.ts";

export interface EventSourceInit {
  /** May cookies travel to another origin? Default: false. */
  readonly withCredentials?: boolean | undefined;
}

const states = new WeakMap<object, EventSourceState>();

type AddEventListener = EventTarget["addEventListener"];
type RemoveEventListener = EventTarget["removeEventListener"];
type MessageListener = (event: MessageEvent) => unknown;

/** Events of any name but `open` and `error` are messages. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- a signature more for methods that are there
export interface EventSource {
  addEventListener(type: string, listener: MessageListener, options?: Parameters<AddEventListener>[2]): void;
  addEventListener(...given: Parameters<AddEventListener>): void;
  removeEventListener(type: string, listener: MessageListener, options?: Parameters<RemoveEventListener>[2]): void;
  removeEventListener(...given: Parameters<RemoveEventListener>): void;
}

/** Pages have a class of their own: see {@link createEventSourceClass}. */
export class EventSource extends NodeEventTarget {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSED: 2;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSED: 2;
  declare onopen: EventHandler;
  declare onmessage: EventHandler<MessageEvent>;
  declare onerror: EventHandler;

  /** @param context - the page; page code cannot pass one, as its class takes two arguments */
  constructor(context: EventSourceContext, url: unknown, init: unknown) {
    super();
    const given = toUsvString(url, "The URL");
    const withCredentials = convertInit(init); // Step 7
    const base = context.fetchContext.environment.url;
    if (!URL.canParse(given, base.href)) throw new DOMException(`${show(given)} is not a URL.`, "SyntaxError"); // Step 4
    const state = createState(context, this, { url: new URL(given, base), withCredentials }); // Steps 3 and 5
    states.set(this, state);
    void keepConnected(state); // Step 15
  }

  get url(): string {
    return stateOf(this).url.href;
  }

  get withCredentials(): boolean {
    return stateOf(this).withCredentials;
  }

  get readyState(): number {
    return stateOf(this).readyState;
  }

  /** Ends it for good, without an event. */
  close(): void {
    const state = stateOf(this);
    state.readyState = CLOSED;
    state.controller.abort(new DOMException("The event source was closed.", "AbortError"));
  }
}

defineEventHandlers(EventSource.prototype, ["open", "message", "error"]);
finishInterface(EventSource, 1);
defineConstants(EventSource, { CONNECTING, OPEN, CLOSED });

/** The `EventSource` class of one page. */
export interface EventSourceConstructor {
  /** Connects. Throws a `SyntaxError` `DOMException` for what is no URL. */
  new (url: string | URL, init?: EventSourceInit): EventSource;
  readonly prototype: EventSource;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
}

/** A page's own class, bound to where the page is. */
export function createEventSourceClass(context: EventSourceContext): EventSourceConstructor {
  return createPageInterface(EventSource, NodeEventTarget, (given) => {
    needArguments("EventSource", given.length, 1);
    return [context, ...given];
  }) as EventSourceConstructor;
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#eventsourceinit */
function convertInit(init: unknown): boolean {
  if (init === undefined || init === null) return false;
  if (typeof init !== "object" && typeof init !== "function")
    throw new TypeError(`EventSourceInit is ${show(init)}, not an object.`);
  return "withCredentials" in init && toBoolean(init.withCredentials);
}

function stateOf(source: EventSource): EventSourceState {
  const state = states.get(source);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not an EventSource object.");
  return state;
}
