/**
 * The essence of a MIME type, which is all that safelisting and blocking need of one.
 *
 * @see https://mimesniff.spec.whatwg.org/#parse-a-mime-type
 * @module
 */

import { type Header, getDecodeAndSplit } from "./header-list.ts";
import { byteLowercase, normalizeHeaderValue } from "./header-value.ts";
import { isToken } from "./token.ts";

/**
 * The lower-cased `type/subtype` of `input`, or null where parsing a MIME type fails.
 * Parameters cannot make it fail, so they are not looked at. Linear in the length of `input`.
 */
export function mimeTypeEssence(input: string): string | null {
  const trimmed = normalizeHeaderValue(input); // Step 1
  const slash = trimmed.indexOf("/"); // Steps 3 to 6 — the type: everything before the first slash, a token
  if (slash < 0) return null;
  const type = trimmed.slice(0, slash);
  if (!isToken(type)) return null;
  const semicolon = trimmed.indexOf(";", slash); // Steps 7 to 9 — the subtype: up to `;`, trailing white space off, a token
  const rest = trimmed.slice(slash + 1, semicolon < 0 ? undefined : semicolon);
  const subtype = rest.slice(0, rest.length - trailingWhitespaceLength(rest));
  if (!isToken(subtype)) return null;
  return `${byteLowercase(type)}/${byteLowercase(subtype)}`;
}

/**
 * The essence of the last MIME type in `Content-Type` that parses and does not stand for all types; null for failure.
 * Linear in the length of the header.
 *
 * @see https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
 */
export function extractMimeTypeEssence(headers: readonly Header[]): string | null {
  const essences = (getDecodeAndSplit(headers, "Content-Type") ?? []).map(mimeTypeEssence);
  return essences.findLast((essence) => essence !== null && essence !== "*/*") ?? null;
}

function trailingWhitespaceLength(value: string): number {
  let end = value.length;
  while (end > 0 && " \t\n\r".includes(value.charAt(end - 1))) end--;
  return value.length - end;
}
