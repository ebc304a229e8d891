/**
 * Extracting header list values: parsing CORS response headers by their ABNF, all or nothing.
 *
 * @see https://fetch.spec.whatwg.org/#extract-header-list-values
 * @module
 */

import { type Header, getHeaderValues } from "./header-list.ts";
import { isTabOrSpace } from "./header-value.ts";
import { isTokenCodeUnit } from "./token.ts";

/** Absent is not failure, and neither is an empty list. */
export type ExtractedTokens =
  | { readonly kind: "absent" }
  | { readonly kind: "list"; readonly values: readonly string[] }
  | { readonly kind: "failure"; readonly value: string };

/** What `Access-Control-Max-Age` says. `failure` holds the value that is no `delta-seconds`. */
export type ExtractedDeltaSeconds =
  | { readonly kind: "absent" }
  | { readonly kind: "seconds"; readonly seconds: number; readonly value: string }
  | { readonly kind: "failure"; readonly value: string };

/**
 * Parses a header whose ABNF is `#token` (`Access-Control-Allow-Methods`, `-Allow-Headers`, `-Expose-Headers`).
 * Every line is parsed on its own; one bad element anywhere fails the whole header.
 * One pass over the value; stops at the first bad character.
 */
export function extractTokenList(list: readonly Header[], name: string): ExtractedTokens {
  const lines = getHeaderValues(list, name);
  if (lines.length === 0) return { kind: "absent" };
  const values: string[] = [];
  for (const line of lines) {
    if (!parseTokenList(line, values)) return { kind: "failure", value: line };
  }
  return { kind: "list", values };
}

/**
 * Parses a header whose ABNF is `delta-seconds`, a single value (`Access-Control-Max-Age`).
 * Digits beyond what a double can hold saturate to `Number.MAX_VALUE` at the latest; never NaN or infinite.
 */
export function extractDeltaSeconds(list: readonly Header[], name: string): ExtractedDeltaSeconds {
  const lines = getHeaderValues(list, name);
  if (lines.length === 0) return { kind: "absent" };
  const value = lines.join(", ");
  if (!/^[0-9]+$/.test(value)) return { kind: "failure", value };
  return { kind: "seconds", seconds: Math.min(Number(value), Number.MAX_VALUE), value };
}

/**
 * Appends the elements of one `#token` line to `into`: empty elements, TAB and SP around commas are fine.
 *
 * @returns whether the line parses
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-lists-rule-abnf-extension
 */
export function parseTokenList(line: string, into: string[]): boolean {
  let index = 0;
  while (index < line.length) {
    const codeUnit = line.charCodeAt(index);
    if (codeUnit === 0x2c || isTabOrSpace(codeUnit)) {
      index++;
      continue;
    }
    const start = index;
    while (index < line.length && isTokenCodeUnit(line.charCodeAt(index))) index++;
    if (index === start) return false;
    into.push(line.slice(start, index));
    while (index < line.length && isTabOrSpace(line.charCodeAt(index))) index++;
    if (index < line.length && line.charCodeAt(index) !== 0x2c) return false;
  }
  return true;
}
