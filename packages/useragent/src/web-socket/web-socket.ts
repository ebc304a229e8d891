/**
 * `WebSocket`: the handshake over the same algorithms as `fetch`, the wire by the package `ws`.
 *
 * @see https://websockets.spec.whatwg.org/#the-websocket-interface
 * @module
 */

import type { CloseEvent } from "undici";
import { createRequest, isBlockedAsMixedContent } from "crossorigin/fetching";
import { isToken } from "crossorigin/protocol";
import { show, toDomString, toUsvString } from "../byte-string.ts";
import { type EventHandler, defineEventHandlers } from "../dom/event-handler.ts";
import { createPageInterface, defineConstants, finishInterface } from "../dom/interface.ts";
import { needArguments } from "../dom/web-idl.ts";
import { close, send } from "./send-message.ts";
import {
  BINARY_TYPES,
  type BinaryType,
  CLOSED,
  CLOSING,
  CONNECTING,
  OPEN,
  type WebSocketContext,
  type WebSocketState,
  createState,
} from "./web-socket-state.ts";
import { NodeEventTarget } from "../node-globals.ts";

const states = new WeakMap<object, WebSocketState>();

type AddEventListener = EventTarget["addEventListener"];
type RemoveEventListener = EventTarget["removeEventListener"];

/** The events by their types. */
interface WebSocketEvents {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: Event;
  readonly close: CloseEvent;
}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- a signature more for methods that are there
export interface WebSocket {
  addEventListener<Type extends keyof WebSocketEvents>(
    type: Type,
    listener: (event: WebSocketEvents[Type]) => unknown,
    options?: Parameters<AddEventListener>[2],
  ): void;
  addEventListener(...given: Parameters<AddEventListener>): void;
  removeEventListener<Type extends keyof WebSocketEvents>(
    type: Type,
    listener: (event: WebSocketEvents[Type]) => unknown,
    options?: Parameters<RemoveEventListener>[2],
  ): void;
  removeEventListener(...given: Parameters<RemoveEventListener>): void;
}

/** Pages have a class of their own: see {@link createWebSocketClass}. */
export class WebSocket extends NodeEventTarget {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  declare onopen: EventHandler;
  declare onmessage: EventHandler<MessageEvent>;
  declare onerror: EventHandler;
  declare onclose: EventHandler<CloseEvent>;

  /** @param context - the page; page code cannot pass one, as its class takes two arguments */
  constructor(context: WebSocketContext, url: unknown, protocols: unknown = []) {
    super();
    const given = toUsvString(url, "The URL");
    const names = toProtocols(protocols); // Step 8
    const parsed = parseUrl(given, context.fetchContext.environment.url); // Steps 2 to 7
    const unfit = names.find((name, index) => !isToken(name) || names.indexOf(name) !== index); // Step 9
    if (unfit !== undefined)
      throw new DOMException(`The subprotocol ${show(unfit)} is no token, or there twice.`, "SyntaxError");
    refuseMixedContent(context, parsed);
    const state = createState(context, this, parsed);
    states.set(this, state);
    // Step 12 — loaded when it is first needed, with what speaks the protocol.
    void import("./connection.ts").then(({ establish }) => establish(state, names));
  }

  get url(): string {
    return stateOf(this).url.href;
  }

  get readyState(): WebSocketState["readyState"] {
    return stateOf(this).readyState;
  }

  /** Bytes that were given to `send()` and are not on their way yet. */
  get bufferedAmount(): number {
    return stateOf(this).bufferedAmount;
  }

  get extensions(): string {
    return stateOf(this).extensions;
  }

  get protocol(): string {
    return stateOf(this).protocol;
  }

  get binaryType(): BinaryType {
    return stateOf(this).binaryType;
  }

  set binaryType(value: BinaryType) {
    const state = stateOf(this);
    const string = toDomString(value, "The binaryType");
    state.binaryType = BINARY_TYPES.find((known) => known === string) ?? state.binaryType;
  }

  /** Throws an `InvalidStateError` `DOMException` before the event `open`. */
  send(data: string | ArrayBufferLike | ArrayBufferView | Blob): void {
    needArguments("WebSocket.send", arguments.length, 1);
    send(stateOf(this), data);
  }

  /** `code` is 1000, or 3000 to 4999. Throws an `InvalidAccessError` or `SyntaxError` `DOMException`. */
  close(code?: number, reason?: string): void {
    close(stateOf(this), code, reason);
  }
}

defineEventHandlers(WebSocket.prototype, ["open", "message", "error", "close"]);
finishInterface(WebSocket, 1, { close: 0 });
defineConstants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });

/** The `WebSocket` class of one page. */
export interface WebSocketConstructor {
  /**
   * Connects. Throws a `SyntaxError` `DOMException` for a URL or subprotocols that cannot be, and in some profiles a
   * `SecurityError` for mixed content.
   */
  new (url: string | URL, protocols?: string | string[]): WebSocket;
  readonly prototype: WebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}

/** A page's own class, bound to where the page is. */
export function createWebSocketClass(context: WebSocketContext): WebSocketConstructor {
  return createPageInterface(WebSocket, NodeEventTarget, (given) => {
    needArguments("WebSocket", given.length, 1);
    return [context, ...given];
  }) as WebSocketConstructor;
}

/** Steps 2 to 7. */
function parseUrl(given: string, base: URL): URL {
  if (!URL.canParse(given, base.href)) throw new DOMException(`${show(given)} is not a URL.`, "SyntaxError");
  const url = new URL(given, base);
  const parsed = new URL(url.href.replace(/^http(?=s?:)/, "ws"));
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:")
    throw new DOMException(`${show(given)} is none of the schemes ws, wss, http and https.`, "SyntaxError");
  if (parsed.href.includes("#")) throw new DOMException(`${show(given)} has a fragment.`, "SyntaxError");
  return parsed;
}

/** Throws a `SecurityError` `DOMException` where a profile does so rather than let the connection fail. */
function refuseMixedContent({ fetchContext }: WebSocketContext, { href }: URL): void {
  const { environment, effects } = fetchContext;
  if (!effects.profile.mixedWebSocketsThrow) return;
  const request = createRequest({ url: new URL(href.replace(/^ws/, "http")), client: environment });
  if (isBlockedAsMixedContent(request, effects.profile))
    throw new DOMException(`A page that came over https may not connect to ${show(href)}.`, "SecurityError");
}

/** A union of string and sequence. @see https://webidl.spec.whatwg.org/#js-union */
function toProtocols(value: unknown): string[] {
  const isSequence = typeof value === "object" && value !== null && Symbol.iterator in value;
  const given = isSequence ? Array.from(value as Iterable<unknown>) : [value];
  return given.map((protocol) => toDomString(protocol, "The subprotocol"));
}

function stateOf(socket: WebSocket): WebSocketState {
  const state = states.get(socket);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not a WebSocket object.");
  return state;
}
