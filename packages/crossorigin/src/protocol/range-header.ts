/**
 * Parsing a single range header value.
 *
 * @see https://fetch.spec.whatwg.org/#simple-range-header-value
 * @module
 */

/** Both ends in bytes, inclusive; null where the header leaves one out. Never both null. */
export interface SingleRange {
  readonly start: bigint | null;
  readonly end: bigint | null;
}

const STRICT = /^bytes=([0-9]*)-([0-9]*)$/;
const LENIENT = /^bytes[\t ]*=[\t ]*(?:([0-9]+)[\t ]*)?-[\t ]*([0-9]*)$/;

/**
 * Parses `bytes=0-`, `bytes=5-9` or `bytes=-500`; null on failure. The unit is case-sensitive and several ranges fail.
 * Numbers are arbitrarily long. Safelisting calls it with `allowWhitespace` false and values of at most 128 bytes;
 * other callers bound the value themselves.
 */
export function parseSingleRange(value: string, allowWhitespace: boolean): SingleRange | null {
  const match = (allowWhitespace ? LENIENT : STRICT).exec(value); // Steps 1 to 16
  if (match === null) return null;
  const start = decimalOrNull(match[1]);
  const end = decimalOrNull(match[2]);
  if (start === null && end === null) return null; // Step 17
  if (start !== null && end !== null && start > end) return null; // Step 18
  return { start, end }; // Step 19
}

function decimalOrNull(digits = ""): bigint | null {
  return digits === "" ? null : BigInt(digits);
}
