/**
 * Header lists: name–value pairs in order, duplicates kept, names compared without case.
 *
 * @see https://fetch.spec.whatwg.org/#concept-header-list
 * @module
 */

import { byteLowercase, isByteCaseInsensitiveMatch, isTabOrSpace } from "./header-value.ts";

/** One header line; both parts are latin-1 strings. */
export type Header = readonly [name: string, value: string];

/** A header list that an algorithm may change in place. */
export type HeaderList = Header[];

/** Does the list contain `name`, in any case? @see https://fetch.spec.whatwg.org/#header-list-contains */
export function containsHeader(list: readonly Header[], name: string): boolean {
  return indexOfHeader(list, name) >= 0;
}

/**
 * All values of `name` joined with `, ` in order; null if there is none.
 * Two lines of one name therefore read as one list value, which is why a doubled `Access-Control-Allow-Origin` never matches.
 *
 * @see https://fetch.spec.whatwg.org/#concept-header-list-get
 */
export function getHeader(list: readonly Header[], name: string): string | null {
  let joined: string | null = null;
  for (const header of list) {
    if (isByteCaseInsensitiveMatch(header[0], name)) joined = joined === null ? header[1] : `${joined}, ${header[1]}`;
  }
  return joined;
}

/** The values of `name`, one item a line. */
export function getHeaderValues(list: readonly Header[], name: string): string[] {
  const values: string[] = [];
  for (const header of list) if (isByteCaseInsensitiveMatch(header[0], name)) values.push(header[1]);
  return values;
}

/** Adds a line, with the spelling that an earlier line of the same name has. @see https://fetch.spec.whatwg.org/#concept-header-list-append */
export function appendHeader(list: HeaderList, name: string, value: string): void {
  const first = list[indexOfHeader(list, name)];
  list.push([first === undefined ? name : first[0], value]);
}

/** Replaces the first line of `name` and drops the others; appends if there is none. @see https://fetch.spec.whatwg.org/#concept-header-list-set */
export function setHeader(list: HeaderList, name: string, value: string): void {
  const index = indexOfHeader(list, name);
  const first = list[index];
  if (first === undefined) {
    list.push([name, value]);
    return;
  }
  const rest = list.slice(index + 1).filter(([key]) => !isByteCaseInsensitiveMatch(key, name));
  list.length = index;
  list.push([first[0], value]);
  for (const header of rest) list.push(header);
}

/** Removes every line of `name`. @see https://fetch.spec.whatwg.org/#concept-header-list-delete */
export function deleteHeader(list: HeaderList, name: string): void {
  const kept = list.filter(([key]) => !isByteCaseInsensitiveMatch(key, name));
  list.length = 0;
  for (const header of kept) list.push(header); // Attack: a spread of a long list would overflow the stack.
}

/** Joins `value` to the first line of `name` with `, `; appends if there is none. @see https://fetch.spec.whatwg.org/#concept-header-list-combine */
export function combineHeader(list: HeaderList, name: string, value: string): void {
  const index = indexOfHeader(list, name);
  const first = list[index];
  if (first === undefined) list.push([name, value]);
  else list[index] = [first[0], `${first[1]}, ${value}`];
}

/** Names lower-cased, without duplicates, in byte order. @see https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set */
export function convertHeaderNamesToASortedLowercaseSet(names: Iterable<string>): string[] {
  const lowercased = new Set<string>();
  for (const name of names) lowercased.add(byteLowercase(name));
  return [...lowercased].toSorted(compareCodeUnits);
}

/**
 * The list as iteration shows it: names lower-cased and sorted, values joined, `set-cookie` kept apart.
 *
 * @see https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine
 */
export function sortAndCombine(list: readonly Header[]): HeaderList {
  const valuesByName = new Map<string, string[]>();
  for (const [key, value] of list) {
    const name = byteLowercase(key);
    const values = valuesByName.get(name);
    if (values === undefined) valuesByName.set(name, [value]);
    else values.push(value);
  }
  const combined: HeaderList = [];
  for (const [name, values] of [...valuesByName].toSorted(([a], [b]) => compareCodeUnits(a, b))) {
    if (name === "set-cookie") for (const value of values) combined.push([name, value]);
    else combined.push([name, values.join(", ")]);
  }
  return combined;
}

/** The joined value of `name`, split; null if the list does not contain it. @see https://fetch.spec.whatwg.org/#concept-header-list-get-decode-split */
export function getDecodeAndSplit(list: readonly Header[], name: string): string[] | null {
  const value = getHeader(list, name);
  return value === null ? null : decodeAndSplit(value);
}

/**
 * Splits at commas outside quoted strings, trims TAB and SP, keeps empty items.
 * An unterminated quote swallows the rest. Linear in the length of `input`.
 *
 * @see https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
 */
export function decodeAndSplit(input: string): string[] {
  const values: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < input.length; index++) {
    const character = input[index];
    if (quoted) {
      if (character === "\\") index++;
      else if (character === '"') quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === ",") {
      values.push(trimTabsAndSpaces(input, start, index));
      start = index + 1;
    }
  }
  values.push(trimTabsAndSpaces(input, start, input.length));
  return values;
}

/** Of the first line of `name`; -1 if there is none. Every request looks up some dozens of names, so a plain loop. */
function indexOfHeader(list: readonly Header[], name: string): number {
  let index = 0;
  for (const header of list) {
    if (isByteCaseInsensitiveMatch(header[0], name)) return index;
    index++;
  }
  return -1;
}

function trimTabsAndSpaces(input: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isTabOrSpace(input.charCodeAt(start))) start++;
  while (end > start && isTabOrSpace(input.charCodeAt(end - 1))) end--;
  return input.slice(start, end);
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}
