/**
 * Header names and values. A value is bytes, kept as a latin-1 (isomorphic) string: one character per byte.
 *
 * @see https://fetch.spec.whatwg.org/#headers
 * @module
 */

import { isToken } from "./token.ts";

/** Is `value` a header name, that is a token? @see https://fetch.spec.whatwg.org/#header-name */
export function isHeaderName(value: string): boolean {
  return isToken(value);
}

/**
 * Is `value` a header value: bytes only, no NUL, LF or CR, and no SP or TAB at either end?
 * All other bytes are legal, control bytes included.
 *
 * @see https://fetch.spec.whatwg.org/#header-value
 */
export function isHeaderValue(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const codeUnit = value.charCodeAt(index);
    if (codeUnit === 0x00 || codeUnit === 0x0a || codeUnit === 0x0d || codeUnit > 0xff) return false;
  }
  return !isTabOrSpace(value.charCodeAt(0)) && !isTabOrSpace(value.charCodeAt(value.length - 1));
}

/**
 * Strips TAB, LF, CR and SP from both ends. Linear in the length of `value`.
 *
 * @see https://fetch.spec.whatwg.org/#concept-header-value-normalize
 */
export function normalizeHeaderValue(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isHttpWhitespace(value.charCodeAt(start))) start++;
  while (end > start && isHttpWhitespace(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

/** TAB (0x09) or SP (0x20). @see https://fetch.spec.whatwg.org/#http-tab-or-space */
export function isTabOrSpace(codeUnit: number): boolean {
  return codeUnit === 0x09 || codeUnit === 0x20;
}

/** TAB, LF, CR or SP. @see https://fetch.spec.whatwg.org/#http-whitespace */
function isHttpWhitespace(codeUnit: number): boolean {
  return isTabOrSpace(codeUnit) || codeUnit === 0x0a || codeUnit === 0x0d;
}

/**
 * Lower-cases A–Z and nothing else, as bytes have no locale.
 *
 * @see https://infra.spec.whatwg.org/#byte-lowercase
 */
export function byteLowercase(value: string): string {
  return isAscii(value) ? value.toLowerCase() : value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Upper-cases a–z and nothing else: `ß` and `ſ` stay what they are.
 *
 * @see https://infra.spec.whatwg.org/#byte-uppercase
 */
export function byteUppercase(value: string): string {
  return isAscii(value) ? value.toUpperCase() : value.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Of what is ASCII, the language's own case mappings change letters only, and are many times faster. */
function isAscii(value: string): boolean {
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** Equal but for the case of A–Z? Names that differ mostly do so at once. @see https://infra.spec.whatwg.org/#byte-case-insensitive */
export function isByteCaseInsensitiveMatch(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (lowercasedCodeUnit(a.charCodeAt(index)) !== lowercasedCodeUnit(b.charCodeAt(index))) return false;
  }
  return true;
}

function lowercasedCodeUnit(codeUnit: number): number {
  return codeUnit >= 0x41 && codeUnit <= 0x5a ? codeUnit + 0x20 : codeUnit;
}
