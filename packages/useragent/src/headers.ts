/**
 * `Headers`: what page code may read and write of a header list.
 *
 * @see https://fetch.spec.whatwg.org/#headers-class
 * @module
 */

import {
  type HeaderList,
  appendHeader,
  containsHeader,
  deleteHeader,
  getHeader,
  getHeaderValues,
  isForbiddenRequestHeader,
  isForbiddenResponseHeaderName,
  isHeaderName,
  isHeaderValue,
  isNoCorsSafelistedRequestHeader,
  isNoCorsSafelistedRequestHeaderName,
  isPrivilegedNoCorsRequestHeaderName,
  normalizeHeaderValue,
  setHeader,
  sortAndCombine,
} from "crossorigin/protocol";
import { show, toByteString } from "./byte-string.ts";
import { finishInterface } from "./dom/interface.ts";
import { type HeadersInit, headerPairs } from "./headers-init.ts";
import { createInternalSlot } from "./internal-slot.ts";

/** @see https://fetch.spec.whatwg.org/#concept-headers-guard */
export type HeadersGuard = "none" | "immutable" | "request" | "request-no-cors" | "response";

interface HeadersState {
  readonly headerList: HeaderList;
  readonly guard: HeadersGuard;
}

/** List and guard of every `Headers`, out of reach of page code. */
const states = createInternalSlot<HeadersState>();

/** Headers on a list, which they share and change. */
export function createHeaders(headerList: HeaderList, guard: HeadersGuard): Headers {
  const headers = new Headers();
  states.set(headers, { headerList, guard });
  return headers;
}

/** The list behind the headers. */
export function headerListOf(headers: Headers): HeaderList {
  return stateOf(headers).headerList;
}

export class Headers {
  /** Throws a `TypeError` for names and values that are none, and for items that are no pair. */
  constructor(init?: HeadersInit) {
    states.set(this, { headerList: [], guard: "none" });
    if (init !== undefined) fillHeaders(this, init);
  }

  /** Adds a value; several of one name are joined with `, ` where they are read. @see https://fetch.spec.whatwg.org/#concept-headers-append */
  append(name: string, value: string): void {
    const { headerList, guard } = stateOf(this);
    needArguments("append", arguments.length, 2);
    const byteName = toByteString(name, "The header name");
    const normalized = normalizeHeaderValue(toByteString(value, "The header value")); // Step 1
    if (!validate(guard, byteName, normalized)) return; // Step 2
    if (guard === "request-no-cors") {
      // Step 3 — what the list would say counts, not the value alone.
      const before = getHeader(headerList, byteName);
      const temporaryValue = before === null ? normalized : `${before}, ${normalized}`;
      if (!isNoCorsSafelistedRequestHeader(byteName, temporaryValue)) return;
    }
    appendHeader(headerList, byteName, normalized); // Step 4
    removePrivilegedNoCorsRequestHeaders(headerList, guard); // Step 5
  }

  delete(name: string): void {
    const { headerList, guard } = stateOf(this);
    needArguments("delete", arguments.length, 1);
    const byteName = toByteString(name, "The header name");
    if (!validate(guard, byteName, "")) return; // Step 1
    const isDeletable = isNoCorsSafelistedRequestHeaderName(byteName) || isPrivilegedNoCorsRequestHeaderName(byteName);
    if (guard === "request-no-cors" && !isDeletable) return; // Step 2
    if (!containsHeader(headerList, byteName)) return; // Step 3
    deleteHeader(headerList, byteName); // Step 4
    removePrivilegedNoCorsRequestHeaders(headerList, guard); // Step 5
  }

  get(name: string): string | null {
    const { headerList } = stateOf(this);
    needArguments("get", arguments.length, 1);
    return getHeader(headerList, validName(name));
  }

  /** The values of `Set-Cookie`, which cannot be joined. Always empty for responses to a `fetch`. */
  getSetCookie(): string[] {
    return getHeaderValues(stateOf(this).headerList, "Set-Cookie");
  }

  has(name: string): boolean {
    const { headerList } = stateOf(this);
    needArguments("has", arguments.length, 1);
    return containsHeader(headerList, validName(name));
  }

  set(name: string, value: string): void {
    const { headerList, guard } = stateOf(this);
    needArguments("set", arguments.length, 2);
    const byteName = toByteString(name, "The header name");
    const normalized = normalizeHeaderValue(toByteString(value, "The header value")); // Step 1
    if (!validate(guard, byteName, normalized)) return; // Step 2
    if (guard === "request-no-cors" && !isNoCorsSafelistedRequestHeader(byteName, normalized)) return; // Step 3
    setHeader(headerList, byteName, normalized); // Step 4
    removePrivilegedNoCorsRequestHeaders(headerList, guard); // Step 5
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArgument?: unknown): void {
    if (typeof callback !== "function") throw new TypeError(`Headers.forEach needs a function, not ${show(callback)}.`);
    for (const [name, value] of this.entries()) callback.call(thisArgument, value, name, this);
  }

  /** Names lower-cased and sorted, values joined; `set-cookie` one by one. */
  entries(): Generator<[string, string], undefined, unknown> {
    return pairsToIterate(stateOf(this), ([name, value]) => [name, value]);
  }

  keys(): Generator<string, undefined, unknown> {
    return pairsToIterate(stateOf(this), ([name]) => name);
  }

  values(): Generator<string, undefined, unknown> {
    return pairsToIterate(stateOf(this), ([, value]) => value);
  }

  declare [Symbol.iterator]: () => Generator<[string, string], undefined, unknown>;
}

finishInterface(Headers, 0, { forEach: 1 });
// One and the same function, as for everything that can be iterated over by pairs.
Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Reflect.get(Headers.prototype, "entries"),
  writable: true,
  configurable: true,
});

/** @see https://fetch.spec.whatwg.org/#concept-headers-fill */
export function fillHeaders(headers: Headers, init: HeadersInit): void {
  for (const [name, value] of headerPairs(init)) headers.append(name, value);
}

/** Sorted again at every step, as the list may change meanwhile. @see https://webidl.spec.whatwg.org/#idl-iterable */
function* pairsToIterate<T>(
  { headerList }: HeadersState,
  show: (header: HeaderList[number]) => T,
): Generator<T, undefined, unknown> {
  for (let index = 0; ; index++) {
    const header = sortAndCombine(headerList)[index];
    if (header === undefined) return undefined;
    yield show(header);
  }
}

/** May headers with this guard be changed in this way? False is silent. @see https://fetch.spec.whatwg.org/#headers-validate */
function validate(guard: HeadersGuard, name: string, value: string): boolean {
  if (!isHeaderName(name)) throw new TypeError(`The header name ${show(name)} is not a token.`);
  if (!isHeaderValue(value))
    throw new TypeError(`The value ${show(value)} of the header ${show(name)} has a NUL, CR or LF in it.`);
  if (guard === "immutable")
    throw new TypeError(`The header ${show(name)} cannot be changed: these headers are immutable.`);
  if (guard === "request" && isForbiddenRequestHeader(name, value)) return false;
  return guard !== "response" || !isForbiddenResponseHeaderName(name);
}

/** @see https://fetch.spec.whatwg.org/#concept-headers-remove-privileged-no-cors-request-headers */
function removePrivilegedNoCorsRequestHeaders(headerList: HeaderList, guard: HeadersGuard): void {
  if (guard === "request-no-cors") deleteHeader(headerList, "Range");
}

function validName(name: string): string {
  const byteName = toByteString(name, "The header name");
  if (!isHeaderName(byteName)) throw new TypeError(`The header name ${show(byteName)} is not a token.`);
  return byteName;
}

function needArguments(method: string, given: number, needed: 1 | 2): void {
  if (given < needed) throw new TypeError(`Headers.${method} needs ${needed === 1 ? "an argument" : "two arguments"}.`);
}

function stateOf(headers: Headers): HeadersState {
  const state = states.get(headers);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not a Headers object.");
  return state;
}
