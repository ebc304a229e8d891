/**
 * A page's members as globals, for page code that expects them there: in Node.js, and in jsdom's or happy-dom's window.
 *
 * @module
 */

import { show } from "./byte-string.ts";
import type { Client } from "./client.ts";

/** Puts back what was there; what somebody else has replaced since is left alone. The second call does nothing. */
export interface InstalledGlobals {
  (): void;
  [Symbol.dispose](): void;
}

interface DocumentLike {
  readonly URL: string;
}

/**
 * Puts `fetch` and every class of the client on `target`, and `sendBeacon` on its `navigator`, if it has one. Relative URLs
 * are resolved against the client's URL, whatever `target.location` says. A `URL` that is there stays, and gets the client's
 * `createObjectURL` and `revokeObjectURL`.
 *
 * Choice: on `globalThis`, `Response` goes on making Node.js's own, which servers in the same process answer with;
 * `instanceof` takes both, and the static methods are the client's. On any other target it is the client's class.
 *
 * Choice: a `document` at the client's very URL gets the client's cookies as `document.cookie`, as both then speak of the
 * same page; any other document keeps its own.
 */
export function installGlobals(client: Client, target: object = globalThis): InstalledGlobals {
  if (!isClient(client))
    throw new TypeError(`The client is ${show(client)}: pass a page, which userAgent.client({ url }) makes.`);
  if (target === null || (typeof target !== "object" && typeof target !== "function"))
    throw new TypeError(`The target is ${show(target)}: pass a window such as jsdom's, or nothing for globalThis.`);
  const urlClass = "URL" in target && typeof target.URL === "function" ? target.URL : null;
  const undo = Object.entries(client)
    .filter(([name, value]) => isGlobal(name, value) && !(name === "URL" && urlClass !== null))
    .map(([name, value]) => {
      const isHeld = name === "Response" && target === globalThis;
      return define(target, name, { value: isHeld ? sharedResponse(client) : (value as unknown), writable: true });
    });
  const { createObjectURL, revokeObjectURL } = client.URL;
  if (urlClass !== null) {
    for (const [name, value] of Object.entries({ createObjectURL, revokeObjectURL }))
      undo.push(define(urlClass, name, { value, writable: true }));
  }
  const document = client.worker ? null : documentOf(target);
  if (document !== null && withoutFragment(document.URL) === withoutFragment(client.url)) {
    const { cookies } = client;
    undo.push(define(document, "cookie", { get: () => cookies.get(), set: (cookie: string) => cookies.set(cookie) }));
  }
  const navigator = client.worker ? null : objectAt(target, "navigator");
  if (navigator !== null) undo.push(define(navigator, "sendBeacon", { value: client.sendBeacon, writable: true }));
  const restore = (): void => {
    for (const step of undo.splice(0).toReversed()) step();
  };
  return Object.assign(restore, { [Symbol.dispose]: restore });
}

/** A page, and not its user agent. */
function isClient(value: unknown): boolean {
  return typeof value === "object" && value !== null && "url" in value && "fetch" in value && "URL" in value;
}

/** `fetch` and the classes; not what is the client's own, such as `close`, which a window has too. */
function isGlobal(name: string, value: unknown): boolean {
  return typeof value === "function" && (name === "fetch" || /^[A-Z]/.test(name));
}

/** The `Response` of Node.js for those that construct one, and the client's for all else. */
function sharedResponse({ Response }: Client): typeof globalThis.Response {
  const isResponse = (value: unknown): boolean => value instanceof Response || value instanceof former;
  const former = globalThis.Response;
  return new Proxy(former, {
    get(target, name) {
      if (name === Symbol.hasInstance) return isResponse;
      if (name === "error" || name === "json" || name === "redirect") return Response[name];
      return Reflect.get(target, name) as unknown;
    },
  });
}

/** Returns what puts the former property back. */
function define(target: object, name: string, descriptor: PropertyDescriptor): () => void {
  const former = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { ...descriptor, configurable: true, enumerable: former?.enumerable ?? true });
  return () => {
    const current = Object.getOwnPropertyDescriptor(target, name);
    if (current?.value !== descriptor.value || current?.get !== descriptor.get) return;
    if (former === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, former);
  };
}

function documentOf(target: object): DocumentLike | null {
  const document = objectAt(target, "document");
  if (document === null || !("URL" in document)) return null;
  return typeof document.URL === "string" ? (document as DocumentLike) : null;
}

function objectAt(target: object, name: string): object | null {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "object" ? value : null;
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, "");
}
