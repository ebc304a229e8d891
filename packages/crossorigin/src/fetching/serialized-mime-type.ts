/**
 * A MIME type with its parameters, parsed and serialized again: what `Content-Type` shows of a `data:` URL.
 *
 * @see https://mimesniff.spec.whatwg.org/#parsing-a-mime-type
 * @module
 */

import { byteLowercase, isToken, mimeTypeEssence } from "../protocol/index.ts";

/** Null where parsing a MIME type fails. Parameters that are none are left out. Linear in the length of `input`. */
export function serializedMimeType(input: string): string | null {
  const essence = mimeTypeEssence(input);
  if (essence === null) return null;
  const parameters = new Map<string, string>();
  let rest = input.includes(";") ? input.slice(input.indexOf(";") + 1) : "";
  while (rest !== "") {
    // Steps 11.2 to 11.5 — a name up to `;` or `=`.
    const name = rest.slice(0, rest.search(/[;=]|$/));
    const after = rest.slice(name.length);
    const { value, length } = after.startsWith("=") ? parameterValue(after.slice(1)) : { value: null, length: -1 };
    rest = after.slice(1 + Math.max(length, 0));
    if (length >= 0 && rest.startsWith(";")) rest = rest.slice(1);
    const key = byteLowercase(name.replace(/^[\t\n\r ]+/, ""));
    // Step 11.10 — the first of a name counts.
    if (value !== null && isToken(key) && !parameters.has(key)) parameters.set(key, value);
  }
  const serialized = [...parameters].map(([name, value]) => `;${name}=${isToken(value) ? value : quoted(value)}`);
  return essence + serialized.join("");
}

/** A value at the beginning of `text`, quoted or up to `;`, and how far it goes; null if it is none. */
function parameterValue(text: string): { readonly value: string | null; readonly length: number } {
  const [all = "", inner = ""] = /^"((?:[^"\\]|\\[^])*\\?)(?:"[^;]*)?/.exec(text) ?? [];
  if (all !== "") return { value: codePoints(inner.replaceAll(/\\([^])/g, "$1")), length: all.length };
  const plain = text.slice(0, text.search(/;|$/));
  const value = plain.replace(/[\t\n\r ]+$/, "");
  return { value: value === "" ? null : codePoints(value), length: plain.length };
}

/** The value if it has HTTP quoted-string token code points only; else null. */
function codePoints(value: string): string | null {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? value : null;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
}
