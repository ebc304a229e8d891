/**
 * The `token` production that methods and header names share.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens
 * @module
 */

/** Is this code unit (0–65535) a `tchar`: ALPHA, DIGIT or one of ``!#$%&'*+-.^_`|~``? */
export function isTokenCodeUnit(codeUnit: number): boolean {
  if (codeUnit < 0x80) return TCHAR[codeUnit] === 1;
  return false;
}

/** Is `value` one or more `tchar`? Linear in its length, stops at the first other character. */
export function isToken(value: string): boolean {
  if (value.length === 0) return false;
  for (let index = 0; index < value.length; index++) {
    if (!isTokenCodeUnit(value.charCodeAt(index))) return false;
  }
  return true;
}

const TCHAR = new Uint8Array(0x80);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TCHAR[character.charCodeAt(0)] = 1;
}
