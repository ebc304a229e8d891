/**
 * `XMLHttpRequestEventTarget` and `XMLHttpRequestUpload`: whom requests tell of their progress.
 *
 * @see https://xhr.spec.whatwg.org/#xmlhttprequesteventtarget
 * @module
 */

import { createInternalSlot } from "../internal-slot.ts";
import { type EventHandler, defineEventHandlers } from "../dom/event-handler.ts";
import { finishInterface } from "../dom/interface.ts";
import type { ProgressEvent } from "./progress-event.ts";
import { toDomString } from "../byte-string.ts";
import { toBoolean } from "../dom/web-idl.ts";
import { NodeEventTarget } from "../node-globals.ts";

/** What must be passed to construct what page code cannot construct. */
export const INTERNAL: unique symbol = Symbol("internal");

const PROGRESS_TYPES = ["loadstart", "progress", "abort", "error", "load", "timeout", "loadend"] as const;

type ProgressType = (typeof PROGRESS_TYPES)[number];
type AddEventListener = EventTarget["addEventListener"];
type RemoveEventListener = EventTarget["removeEventListener"];

type ProgressListener<Target> = (this: Target, event: ProgressEvent) => unknown;
type Listener<Target> = (this: Target, event: Event) => unknown;
type AddOptions = Parameters<AddEventListener>[2];
type RemoveOptions = Parameters<RemoveEventListener>[2];

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- signatures more for methods that are there
export interface XMLHttpRequestEventTarget {
  addEventListener(type: ProgressType, listener: ProgressListener<this>, options?: AddOptions): void;
  addEventListener(type: string, listener: Listener<this>, options?: AddOptions): void;
  addEventListener(...given: Parameters<AddEventListener>): void;
  removeEventListener(type: ProgressType, listener: ProgressListener<this>, options?: RemoveOptions): void;
  removeEventListener(type: string, listener: Listener<this>, options?: RemoveOptions): void;
  removeEventListener(...given: Parameters<RemoveEventListener>): void;
}

/**
 * Choice: what a listener throws is told as Node.js's own `EventTarget` tells it: as an uncaught exception of the process,
 * with which `process.on("uncaughtException")` stands for `window.onerror`. Other listeners are called all the same.
 * Deviation: `isTrusted` is false, as only Node.js itself can make it true.
 */
export abstract class XMLHttpRequestEventTarget extends NodeEventTarget {
  declare onloadstart: EventHandler<ProgressEvent>;
  declare onprogress: EventHandler<ProgressEvent>;
  declare onabort: EventHandler<ProgressEvent>;
  declare onerror: EventHandler<ProgressEvent>;
  declare onload: EventHandler<ProgressEvent>;
  declare ontimeout: EventHandler<ProgressEvent>;
  declare onloadend: EventHandler<ProgressEvent>;

  constructor(token: typeof INTERNAL) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    super();
  }
}

defineEventHandlers(XMLHttpRequestEventTarget.prototype, PROGRESS_TYPES);
finishInterface(XMLHttpRequestEventTarget, 0);

interface Registration {
  readonly type: string;
  readonly callback: unknown;
  readonly isCapture: boolean;
  readonly isOnce: boolean;
}

const registrationsOf = createInternalSlot<Set<Registration>>();

/** Keeps count of its listeners, as `send()` asks whether there is one. */
export class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {
  constructor(token: typeof INTERNAL) {
    super(token);
    registrationsOf.set(this, new Set());
  }

  override addEventListener(type: ProgressType, listener: ProgressListener<this>, options?: AddOptions): void;
  override addEventListener(type: string, listener: Listener<this>, options?: AddOptions): void;
  override addEventListener(...given: Parameters<AddEventListener>): void;
  override addEventListener(...given: unknown[]): void {
    super.addEventListener(...(given as Parameters<AddEventListener>));
    const [type, callback, options] = given as Parameters<AddEventListener>;
    const { once, signal } = typeof options === "object" && options !== null ? options : {};
    if (callback === null || signal?.aborted === true) return;
    const registration = {
      type: toDomString(type, "The type"),
      callback,
      isCapture: isCapture(options),
      isOnce: toBoolean(once),
    };
    const registrations = registrationsOf.get(this);
    if (registrations === undefined || findRegistration(registrations, registration) !== undefined) return;
    registrations.add(registration);
    signal?.addEventListener("abort", () => registrations.delete(registration), { once: true });
  }

  override removeEventListener(type: ProgressType, listener: ProgressListener<this>, options?: RemoveOptions): void;
  override removeEventListener(type: string, listener: Listener<this>, options?: RemoveOptions): void;
  override removeEventListener(...given: Parameters<RemoveEventListener>): void;
  override removeEventListener(...given: unknown[]): void {
    super.removeEventListener(...(given as Parameters<RemoveEventListener>));
    const [type, callback, options] = given as Parameters<RemoveEventListener>;
    const registrations = registrationsOf.get(this);
    const wanted = { type: toDomString(type, "The type"), callback, isCapture: isCapture(options) };
    const found = registrations === undefined ? undefined : findRegistration(registrations, wanted);
    if (found !== undefined) registrations?.delete(found);
  }

  override dispatchEvent(event: Event): boolean {
    const registrations = registrationsOf.get(this) ?? new Set<Registration>();
    for (const registration of registrations)
      if (registration.isOnce && registration.type === event.type) registrations.delete(registration);
    return super.dispatchEvent(event);
  }
}

finishInterface(XMLHttpRequestUpload, 0, { addEventListener: 2, removeEventListener: 2 });

/** Is any listener registered, of whatever type? @see https://xhr.spec.whatwg.org/#the-send()-method, step 5 */
export function hasListener(upload: XMLHttpRequestUpload): boolean {
  return (registrationsOf.get(upload)?.size ?? 0) > 0;
}

function findRegistration(
  registrations: ReadonlySet<Registration>,
  { type, callback, isCapture }: Omit<Registration, "isOnce">,
): Registration | undefined {
  return [...registrations].find(
    (known) => known.type === type && known.callback === callback && known.isCapture === isCapture,
  );
}

function isCapture(options: Parameters<AddEventListener>[2] | Parameters<RemoveEventListener>[2]): boolean {
  return typeof options === "object" && options !== null ? options.capture === true : options === true;
}
