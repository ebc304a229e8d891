/**
 * What Node.js has, taken while its globals are its own: code under test may have them replaced.
 *
 * @module
 */

import type * as Http from "node:http";
import type * as Util from "node:util";

/** An import of `node:util` would load what every one of its exports needs. */
const util: typeof Util = process.getBuiltinModule("node:util");
export const NodeTextDecoder: typeof Util.TextDecoder = util.TextDecoder;
export const NodeTextEncoder: typeof Util.TextEncoder = util.TextEncoder;

/** Event targets of before and after a replacement do not take each other's events. */
export const NodeEvent: typeof globalThis.Event = globalThis.Event;
export const NodeEventTarget: typeof globalThis.EventTarget = globalThis.EventTarget;
export const NodeAbortController: typeof globalThis.AbortController = globalThis.AbortController;
export const NodeAbortSignal: typeof globalThis.AbortSignal = globalThis.AbortSignal;

/** Classes that Node.js loads with all of its `fetch` when they are first read, which few programs need. */
export const nodeResponseClass = laterRead("Response") as () => typeof globalThis.Response;
export const nodeMessageEventClass = laterRead("MessageEvent") as () => typeof globalThis.MessageEvent;
const closeEventClass = laterRead("CloseEvent") as () => typeof Http.CloseEvent | undefined;

/** No global before Node.js 23. */
export function nodeCloseEventClass(): typeof Http.CloseEvent {
  return closeEventClass() ?? process.getBuiltinModule("node:http").CloseEvent;
}

/** What the global is now, read when it is asked for. */
function laterRead(name: string): () => unknown {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  return descriptor?.get?.bind(globalThis) ?? ((): unknown => descriptor?.value);
}
