/**
 * What headers can be made from: pairs, or an object.
 *
 * @see https://fetch.spec.whatwg.org/#typedefdef-headersinit
 * @module
 */

import { show, toByteString } from "./byte-string.ts";

/** All that the standard takes, and all that the global `Headers` is declared to take. */
export type HeadersInit =
  | Iterable<Iterable<string>>
  | Readonly<Record<string, string>>
  | NonNullable<ConstructorParameters<typeof globalThis.Headers>[0]>;

/** The pairs as byte strings, all converted before the first is used. Throws a `TypeError` for anything that is no pair. */
export function headerPairs(init: unknown): readonly (readonly [name: string, value: string])[] {
  if ((typeof init !== "object" && typeof init !== "function") || init === null) {
    throw new TypeError(`Headers cannot be made from ${show(init)}: pass pairs, an object, or Headers.`);
  }
  if (!isIterable(init) && Object.prototype.toString.call(init) === "[object Headers]") {
    throw new TypeError("Headers of another realm that cannot be iterated over: pass pairs, an object, or Headers.");
  }
  return isIterable(init) ? Array.from(init, toPair) : recordPairs(init);
}

function toPair(pair: unknown): readonly [string, string] {
  const parts = typeof pair === "object" && pair !== null && isIterable(pair) ? [...pair] : null;
  if (parts === null || parts.length !== 2) {
    throw new TypeError(
      `Headers need pairs of name and value, not ${parts === null ? show(pair) : `${parts.length} items`}.`,
    );
  }
  return [toByteString(parts[0], "The header name"), toByteString(parts[1], "The header value")];
}

/** Own enumerable properties in order, each key once. @see https://webidl.spec.whatwg.org/#js-record */
function recordPairs(record: object): (readonly [string, string])[] {
  const pairs = new Map<string, string>();
  for (const key of Reflect.ownKeys(record)) {
    if (Reflect.getOwnPropertyDescriptor(record, key)?.enumerable !== true) continue;
    const name = toByteString(key, "The header name");
    pairs.set(name, toByteString(Reflect.get(record, key), "The header value"));
  }
  return [...pairs];
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && value[Symbol.iterator] !== undefined && value[Symbol.iterator] !== null;
}
