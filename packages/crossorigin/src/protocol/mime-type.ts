/**
 * MIME types: their essence, which is all that safelisting and blocking need, and their parameters.
 *
 * @see https://mimesniff.spec.whatwg.org/#mime-type-representation
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

export interface MimeType {
  /** `type/subtype`, lower-cased. */
  readonly essence: string;
  /** Names lower-cased, in order. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Null for failure. Linear in the length of `input`. @see https://mimesniff.spec.whatwg.org/#parse-a-mime-type */
export function parseMimeType(input: string): MimeType | null {
  const essence = mimeTypeEssence(input);
  if (essence === null) return null;
  const parameters = new Map<string, string>();
  const text = input.slice(0, input.length - trailingWhitespaceLength(input));
  let position = text.indexOf(";");
  while (position >= 0 && position < text.length) {
    const start = position + 1; // Step 11.1
    const end = nextOf(text, ";=", start); // Steps 11.2 and 11.3
    const name = byteLowercase(text.slice(start, end).replace(/^[\t\n\r ]+/, "")); // Step 11.4
    position = end;
    if (text[end] !== "=") continue; // Step 11.5
    const value = parameterValue(text, end + 1); // Steps 11.6 to 11.9
    position = value.end;
    // Step 11.10 — the first of a name counts.
    if (value.text === null || !isToken(name) || !isQuotable(value.text) || parameters.has(name)) continue;
    parameters.set(name, value.text);
  }
  return { essence, parameters };
}

/** The value at `start`, and where the `;` after it is. A value without quotes must not be empty. */
function parameterValue(text: string, start: number): { readonly text: string | null; readonly end: number } {
  if (text[start] !== '"') {
    const end = nextOf(text, ";", start);
    const given = text.slice(start, end);
    const value = given.slice(0, given.length - trailingWhitespaceLength(given));
    return { text: value === "" ? null : value, end };
  }
  let value = "";
  let index = start + 1;
  for (; index < text.length && text[index] !== '"'; index++) {
    if (text[index] === "\\" && index + 1 < text.length) index++;
    value += text.charAt(index);
  }
  return { text: value, end: nextOf(text, ";", index) };
}

function nextOf(text: string, characters: string, start: number): number {
  let index = start;
  while (index < text.length && !characters.includes(text.charAt(index))) index++;
  return index;
}

function isQuotable(value: string): boolean {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value);
}

/** @see https://mimesniff.spec.whatwg.org/#serialize-a-mime-type */
export function serializeMimeType({ essence, parameters }: MimeType): string {
  const serialized = [...parameters].map(([name, value]) => {
    const isBare = isToken(value);
    return `;${name}=${isBare ? value : `"${value.replaceAll(/["\\]/g, "\\$&")}"`}`;
  });
  return essence + serialized.join("");
}

/** Null for failure. @see https://fetch.spec.whatwg.org/#concept-header-extract-mime-type */
export function extractMimeType(headers: readonly Header[]): MimeType | null {
  const found: MimeType[] = [];
  let charset: string | undefined;
  for (const value of getDecodeAndSplit(headers, "Content-Type") ?? []) {
    const candidate = parseMimeType(value); // Step 6.1
    if (candidate === null || candidate.essence === "*/*") continue; // Step 6.2
    const { essence, parameters } = candidate;
    if (essence !== found.at(-1)?.essence) charset = parameters.get("charset"); // Step 6.4
    else if (!parameters.has("charset") && charset !== undefined) {
      found.push({ essence, parameters: new Map([...parameters, ["charset", charset]]) }); // Step 6.5
      continue;
    }
    found.push(candidate);
  }
  return found.at(-1) ?? null;
}

/** @see https://mimesniff.spec.whatwg.org/#xml-mime-type */
export function isXmlMimeType({ essence }: MimeType): boolean {
  return essence.endsWith("+xml") || essence === "text/xml" || essence === "application/xml";
}

function trailingWhitespaceLength(value: string): number {
  let end = value.length;
  while (end > 0 && " \t\n\r".includes(value.charAt(end - 1))) end--;
  return value.length - end;
}
