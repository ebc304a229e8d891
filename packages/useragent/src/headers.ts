/**
 * `Headers`, with the guards that keep pages from headers that are not theirs.
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
import { escapeFromWire } from "crossorigin/diagnose";

/** @see https://fetch.spec.whatwg.org/#concept-headers-guard */
export type HeadersGuard = "none" | "immutable" | "request" | "request-no-cors" | "response";

export type HeadersInit = Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

/** The list and guard behind a `Headers`, for this package only. */
const internals = new WeakMap<Headers, { list: HeaderList; guard: HeadersGuard }>();

/** A `Headers` over `list`, which it changes in place. */
export function createHeaders(list: HeaderList, guard: HeadersGuard): Headers {
  const headers = new Headers();
  internals.set(headers, { list, guard });
  return headers;
}

/** The header list behind a `Headers`. */
export function headerListOf(headers: Headers): HeaderList {
  return internalsOf(headers).list;
}

export class Headers {
  constructor(init?: HeadersInit | Headers) {
    internals.set(this, { list: [], guard: "none" });
    if (init !== undefined) fillHeaders(this, init);
  }

  /** Throws TypeError for an invalid name or value; does nothing where the guard forbids it. @see https://fetch.spec.whatwg.org/#concept-headers-append */
  append(name: string, value: string): void {
    const { list, guard } = internalsOf(this);
    const normalized = normalizeHeaderValue(String(value));
    if (!isAllowed(guard, String(name), normalized)) return;
    if (guard === "request-no-cors") {
      const old = getHeader(list, name);
      if (!isNoCorsSafelistedRequestHeader(name, old === null ? normalized : `${old}, ${normalized}`)) return;
    }
    appendHeader(list, name, normalized);
    removePrivileged(list, guard);
  }

  set(name: string, value: string): void {
    const { list, guard } = internalsOf(this);
    const normalized = normalizeHeaderValue(String(value));
    if (!isAllowed(guard, String(name), normalized)) return;
    if (guard === "request-no-cors" && !isNoCorsSafelistedRequestHeader(name, normalized)) return;
    setHeader(list, name, normalized);
    removePrivileged(list, guard);
  }

  delete(name: string): void {
    const { list, guard } = internalsOf(this);
    if (!isAllowed(guard, String(name), "")) return;
    const isOutside = !isNoCorsSafelistedRequestHeaderName(name) && !isPrivilegedNoCorsRequestHeaderName(name);
    if (guard === "request-no-cors" && isOutside) return;
    deleteHeader(list, name);
    removePrivileged(list, guard);
  }

  get(name: string): string | null {
    checkName(String(name));
    return getHeader(internalsOf(this).list, name);
  }

  has(name: string): boolean {
    checkName(String(name));
    return containsHeader(internalsOf(this).list, name);
  }

  getSetCookie(): string[] {
    return getHeaderValues(internalsOf(this).list, "Set-Cookie");
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArgument?: unknown): void {
    for (const [name, value] of this) callback.call(thisArgument, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (const [name, value] of sortAndCombine(internalsOf(this).list)) yield [name, value];
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
}

/** @see https://fetch.spec.whatwg.org/#concept-headers-fill */
export function fillHeaders(headers: Headers, init: HeadersInit | Headers): void {
  const pairs = Symbol.iterator in Object(init) ? (init as Iterable<readonly [string, string]>) : Object.entries(init);
  for (const pair of pairs) {
    const [name, value, ...others] = pair as readonly string[];
    if (name === undefined || value === undefined || others.length > 0) throw new TypeError("Headers: each item must be a pair of name and value.");
    headers.append(name, value);
  }
}

function internalsOf(headers: Headers): { list: HeaderList; guard: HeadersGuard } {
  const found = internals.get(headers);
  if (found === undefined) throw new TypeError("Illegal invocation: this is not a Headers object.");
  return found;
}

/** @see https://fetch.spec.whatwg.org/#headers-validate */
function isAllowed(guard: HeadersGuard, name: string, value: string): boolean {
  checkName(name);
  if (!isHeaderValue(value)) {
    throw new TypeError(`Invalid value for the header ${name}: ${escapeFromWire(value, 100)}. A value has no NUL, CR or LF and no characters above U+00FF.`);
  }
  if (guard === "immutable") throw new TypeError("These headers cannot be changed: they belong to a response that was fetched.");
  if (guard === "request") return !isForbiddenRequestHeader(name, value);
  return guard !== "response" || !isForbiddenResponseHeaderName(name);
}

function checkName(name: string): void {
  if (!isHeaderName(name)) throw new TypeError(`Invalid header name: ${escapeFromWire(name, 100)}. A name is one or more letters, digits or !#$%&'*+-.^_\`|~`);
}

function removePrivileged(list: HeaderList, guard: HeadersGuard): void {
  if (guard === "request-no-cors") deleteHeader(list, "Range");
}
