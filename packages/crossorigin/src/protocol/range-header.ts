/**
 * Parsing a single range header value.
 *
 * @see https://fetch.spec.whatwg.org/#simple-range-header-value
 * @module
 */

import type { Profile } from "./profile.ts";

/** Both ends in bytes, inclusive; null where the header leaves one out. Never both null. */
export interface SingleRange {
  readonly start: bigint | null;
  readonly end: bigint | null;
}

/** What profiles say of ranges. */
export type RangeProfile = Pick<Profile, "rangeUnitCaseSensitive" | "rangeNumberLimit">;

const STRICT = /^bytes=([0-9]*)-([0-9]*)$/;
const STRICT_WITHOUT_CASE = /^bytes=([0-9]*)-([0-9]*)$/i;
const LENIENT = /^bytes[\t ]*=[\t ]*(?:([0-9]+)[\t ]*)?-[\t ]*([0-9]*)$/;

/** Is it one range with a start, as no page has to ask for? Looks at the whole value. */
export function isSimpleRange(value: string, profile: RangeProfile): boolean {
  const range = profile.rangeUnitCaseSensitive
    ? parseSingleRange(value, false)
    : rangeOf(STRICT_WITHOUT_CASE.exec(value));
  const limit = profile.rangeNumberLimit;
  if (range === null || range.start === null) return false;
  return limit === null || (range.start < limit && (range.end === null || range.end < limit));
}

/**
 * Parses `bytes=0-`, `bytes=5-9` or `bytes=-500`; null on failure. The unit is case-sensitive and several ranges fail.
 * Numbers are arbitrarily long. Callers bound the value themselves.
 */
export function parseSingleRange(value: string, allowWhitespace: boolean): SingleRange | null {
  return rangeOf((allowWhitespace ? LENIENT : STRICT).exec(value)); // Steps 1 to 16
}

function rangeOf(match: RegExpExecArray | null): SingleRange | null {
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
