/**
 * Event handler attributes: `onload` and the like, each a listener that can be exchanged.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
 * @module
 */

import { createInternalSlot } from "../internal-slot.ts";
/** What an event handler attribute holds. Objects that cannot be called are kept, and do nothing. */
export type EventHandler<E extends Event = Event> = ((event: E) => unknown) | null;

interface Handler {
  readonly value: object;
  readonly listener: (event: Event) => void;
}

const handlersOf = createInternalSlot<Map<string, Handler>>();

/** Gives `prototype` an attribute `on…` for every type. */
export function defineEventHandlers(prototype: EventTarget, types: readonly string[]): void {
  for (const type of types) {
    const name = `on${type}`;
    const attribute = {
      get [name](): unknown {
        return handlersOf.get(this)?.get(type)?.value ?? null;
      },
      set [name](value: unknown) {
        setEventHandler(this as unknown as EventTarget, type, value);
      },
    };
    Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(attribute));
  }
}

/** A new handler keeps the place of the one before; null gives the place up. */
function setEventHandler(target: EventTarget, type: string, value: unknown): void {
  const handlers = handlersOf.get(target) ?? new Map<string, Handler>();
  handlersOf.set(target, handlers);
  const before = handlers.get(type);
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    if (before !== undefined) target.removeEventListener(type, before.listener);
    handlers.delete(type);
    return;
  }
  const listener = before?.listener ?? ((event: Event) => callHandler(target, type, event));
  handlers.set(type, { value, listener });
  if (before === undefined) target.addEventListener(type, listener);
}

/** @see https://html.spec.whatwg.org/multipage/webappapis.html#the-event-handler-processing-algorithm */
function callHandler(target: EventTarget, type: string, event: Event): void {
  const handler = handlersOf.get(target)?.get(type)?.value;
  if (typeof handler !== "function") return;
  const result: unknown = Reflect.apply(handler, target, [event]);
  if (result === false) event.preventDefault();
}
