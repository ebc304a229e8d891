/**
 * CORS-safelisted request-headers: what a page may send to another origin without asking first.
 *
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 * @module
 */

import { byteLowercase } from "./header-value.ts";
import { mimeTypeEssence } from "./mime-type.ts";
import type { Profile } from "./profile.ts";
import { PROFILES } from "./profiles.ts";
import { isSimpleRange } from "./range-header.ts";
import { isSafelistedClientHint } from "./safelisted-client-hint.ts";

/** The longest value, in bytes, that any safelisted header may have. */
export const MAX_SAFELISTED_VALUE_BYTES = 128;

/** Why one header is not safelisted. */
export type UnsafeRequestHeaderCause =
  /** The name is on no safelist. */
  | { readonly kind: "name" }
  /** The value is longer than 128 bytes. */
  | { readonly kind: "length"; readonly bytes: number }
  /** The value has a byte that the name's grammar does not safelist. */
  | { readonly kind: "byte"; readonly byte: number; readonly index: number }
  /** `Content-Type` is no MIME type (null) or not one of the three that forms can send. */
  | { readonly kind: "mime-type"; readonly essence: string | null }
  /** `Range` is not one simple range with a start. */
  | { readonly kind: "range" };

const SAFELISTED_ESSENCES: ReadonlySet<string> = new Set([
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "text/plain",
]);

/**
 * A control byte other than TAB, DEL, or one of `"():<>?@[\]{}`. Bytes from 0x80 on are safe.
 *
 * @see https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
 */
export function isCorsUnsafeRequestHeaderByte(byte: number): boolean {
  if (byte < 0x20) return byte !== 0x09;
  return byte === 0x7f || (byte < 0x80 && '"():<>?@[\\]{}'.includes(String.fromCharCode(byte)));
}

/** Is the header (name, value) CORS-safelisted? Looks at no more than 128 bytes of the value. */
export function isCorsSafelistedRequestHeader(
  name: string,
  value: string,
  profile: Profile = PROFILES.standard,
): boolean {
  return unsafeRequestHeaderCause(name, value, profile) === null;
}

/** What keeps the header (name, value) off the safelist; null if nothing does. Cost as for {@link isCorsSafelistedRequestHeader}. */
export function unsafeRequestHeaderCause(
  name: string,
  value: string,
  profile: Profile = PROFILES.standard,
): UnsafeRequestHeaderCause | null {
  const lowercased = byteLowercase(name);
  if (profile.clientHintsSafelisted && isSafelistedClientHint(lowercased, value)) return null;
  if (!isCorsSafelistedRequestHeaderName(lowercased)) return { kind: "name" };
  // Step 1 — 128 bytes at most. The name is looked at first so that the cause names what matters most; the outcome is the same.
  if (value.length > MAX_SAFELISTED_VALUE_BYTES) return { kind: "length", bytes: value.length };
  switch (lowercased) {
    // Step 2 — by name.
    case "accept-language":
    case "content-language":
      return firstByteCause(value, (byte) => !isSafelistedLanguageByte(byte));
    case "range":
      return isSimpleRange(value, profile) ? null : { kind: "range" };
    case "content-type":
      return firstByteCause(value, isCorsUnsafeRequestHeaderByte) ?? contentTypeCause(value);
    default:
      return firstByteCause(value, isCorsUnsafeRequestHeaderByte); // `accept`
  }
}

/** Can a header of this lower-cased name be safelisted at all, given the right value? */
export function isCorsSafelistedRequestHeaderName(lowercasedName: string): boolean {
  return (
    lowercasedName === "accept" ||
    lowercasedName === "accept-language" ||
    lowercasedName === "content-language" ||
    lowercasedName === "content-type" ||
    lowercasedName === "range"
  );
}

/**
 * A name that `*` in `Access-Control-Allow-Headers` never covers: `Authorization`.
 *
 * @see https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
 */
export function isCorsNonWildcardRequestHeaderName(name: string): boolean {
  return byteLowercase(name) === "authorization";
}

function contentTypeCause(value: string): UnsafeRequestHeaderCause | null {
  const essence = mimeTypeEssence(value);
  return essence !== null && SAFELISTED_ESSENCES.has(essence) ? null : { kind: "mime-type", essence };
}

function isSafelistedLanguageByte(byte: number): boolean {
  const isAlphanumeric =
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
  return isAlphanumeric || " *,-.;=".includes(String.fromCharCode(byte));
}

function firstByteCause(value: string, isUnsafe: (byte: number) => boolean): UnsafeRequestHeaderCause | null {
  for (let index = 0; index < value.length; index++) {
    const byte = value.charCodeAt(index);
    if (isUnsafe(byte)) return { kind: "byte", byte, index };
  }
  return null;
}
