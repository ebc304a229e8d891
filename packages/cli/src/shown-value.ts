/**
 * Values of a policy file as text and as JSON, of any size and depth.
 *
 * @module
 */

import { escapeFromWire } from "crossorigin/diagnose";

/** Attack: a value nested deeper than the stack, or as large as the file, is shown by its top. */
const MAX_DEPTH = 4;
const MAX_ITEMS = 100;
const MAX_STRING_LENGTH = 2000;
const MAX_TEXT_LENGTH = 200;

/** JSON of the value's top, in printable ASCII; `nothing` for undefined. */
export function shownValue(value: unknown): string {
  return escapeFromWire(JSON.stringify(boundedValue(value)) ?? "nothing", MAX_TEXT_LENGTH);
}

/** The value if it is small; else a copy of its top, in which `...` stands for what is left out. */
export function boundedValue(value: unknown, depth: number = 0): unknown {
  if (typeof value === "string")
    return value.length > MAX_STRING_LENGTH ? `${value.slice(0, MAX_STRING_LENGTH)}...` : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth === MAX_DEPTH) return "...";
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item: unknown) => boundedValue(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `... and ${value.length - MAX_ITEMS} more`] : items;
  }
  const entries = Object.entries(value);
  const shown = entries
    .slice(0, MAX_ITEMS)
    .map(([name, item]): [string, unknown] => [name, boundedValue(item, depth + 1)]);
  if (entries.length > MAX_ITEMS) shown.push(["...", `and ${entries.length - MAX_ITEMS} more`]);
  return Object.fromEntries(shown);
}
