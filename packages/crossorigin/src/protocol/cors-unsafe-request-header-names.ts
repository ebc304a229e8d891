/**
 * CORS-unsafe request-header names: what a preflight has to ask for.
 *
 * @see https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
 * @module
 */

import { type UnsafeRequestHeaderCause, unsafeRequestHeaderCause } from "./cors-safelisted-request-header.ts";
import { type Header, convertHeaderNamesToASortedLowercaseSet, sortAndCombine } from "./header-list.ts";
import { byteLowercase } from "./header-value.ts";
import type { Profile } from "./profile.ts";
import { PROFILES } from "./profiles.ts";

/** The most bytes that all safelisted values of a request may have together. */
export const MAX_SAFELISTED_VALUES_BYTES = 1024;

/** One header line that needs a preflight, and why. `sum`: safelisted alone, but the values together exceed 1024 bytes. */
export interface UnsafeRequestHeader {
  /** Lower-cased. */
  readonly name: string;
  readonly value: string;
  readonly cause: UnsafeRequestHeaderCause | { readonly kind: "sum"; readonly bytes: number };
}

/** The names for `Access-Control-Request-Headers`: lower-cased, sorted by byte, each once; empty if no header needs a preflight. */
export function corsUnsafeRequestHeaderNames(
  headers: readonly Header[],
  profile: Profile = PROFILES.standard,
): string[] {
  return convertHeaderNamesToASortedLowercaseSet(corsUnsafeRequestHeaders(headers, profile).map(({ name }) => name));
}

/** The header lines behind {@link corsUnsafeRequestHeaderNames}, in the list's order, each with its cause. */
export function corsUnsafeRequestHeaders(
  headers: readonly Header[],
  profile: Profile = PROFILES.standard,
): UnsafeRequestHeader[] {
  const unsafe: UnsafeRequestHeader[] = []; // Step 1
  const potentiallyUnsafe: Header[] = []; // Step 2
  let safelistValueBytes = 0; // Step 3
  for (const header of profile.safelistedUnit === "line" ? headers : sortAndCombine(headers)) {
    // Step 4
    const [name, value] = header;
    const cause = unsafeRequestHeaderCause(name, value, profile);
    if (cause !== null) {
      unsafe.push({ name: byteLowercase(name), value, cause });
    } else {
      potentiallyUnsafe.push(header);
      safelistValueBytes += value.length;
    }
  }
  if (profile.safelistedSumLimited && safelistValueBytes > MAX_SAFELISTED_VALUES_BYTES) {
    // Step 5 — too much in all: none of them is safe any more.
    for (const [name, value] of potentiallyUnsafe) {
      unsafe.push({ name: byteLowercase(name), value, cause: { kind: "sum", bytes: safelistValueBytes } });
    }
  }
  return unsafe; // Step 6 is the caller's: a set of names.
}
