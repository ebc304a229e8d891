/**
 * MIME types with their parameters.
 *
 * @see https://mimesniff.spec.whatwg.org/#mime-type-representation
 * @module
 */

import { type Header, byteLowercase, getDecodeAndSplit, isToken, mimeTypeEssence } from "crossorigin/protocol";

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
  const text = input.replace(/[\t\n\r ]+$/, "");
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
    const value = text.slice(start, end).replace(/[\t\n\r ]+$/, "");
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
