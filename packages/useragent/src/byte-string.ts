/**
 * Conversions from JavaScript values to the string types of the Web IDL.
 *
 * @see https://webidl.spec.whatwg.org/#js-ByteString
 * @module
 */

import { escapeFromWire } from "crossorigin/protocol";

/** A latin-1 string. Throws a `TypeError` that names `what` for code units above 255. */
export function toByteString(value: unknown, what: string): string {
  const string = toDomString(value, what);
  for (let index = 0; index < string.length; index++) {
    const codeUnit = string.charCodeAt(index);
    if (codeUnit <= 0xff) continue;
    const character = `U+${codeUnit.toString(16).toUpperCase().padStart(4, "0")}`;
    throw new TypeError(
      `${what} ${show(string)} has the character ${character}, which is no byte: headers carry bytes only.`,
    );
  }
  return string;
}

/** A string without lone surrogates. @see https://webidl.spec.whatwg.org/#js-USVString */
export function toUsvString(value: unknown, what: string): string {
  return toDomString(value, what).toWellFormed();
}

/** A string; symbols are a `TypeError`. @see https://webidl.spec.whatwg.org/#js-DOMString */
export function toDomString(value: unknown, what: string): string {
  if (typeof value === "symbol") throw new TypeError(`${what} is a symbol, which is no string.`);
  return String(value);
}

/** The longest value, in characters, that an error message quotes. */
const MAX_SHOWN_LENGTH = 120;

/** A value as an error message shows it: strings quoted and escaped, not too long. */
export function show(value: unknown): string {
  if (typeof value === "string") return `"${escapeFromWire(value, MAX_SHOWN_LENGTH)}"`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return escapeFromWire(String(value), MAX_SHOWN_LENGTH);
  return Array.isArray(value) ? "an array" : "an object";
}

/** Bytes as a string, one character a byte. @see https://infra.spec.whatwg.org/#isomorphic-decode */
export function isomorphicDecode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A latin-1 string as bytes. @see https://infra.spec.whatwg.org/#isomorphic-encode */
export function isomorphicEncode(string: string): Uint8Array {
  return Buffer.from(string, "latin1");
}
