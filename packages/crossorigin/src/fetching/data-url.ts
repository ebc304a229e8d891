/**
 * `data:` URLs: a response in the URL itself.
 *
 * @see https://fetch.spec.whatwg.org/#data-url-processor
 * @module
 */

import { parseMimeType, serializeMimeType } from "../protocol/index.ts";
import { forgivingBase64Decode } from "./base64.ts";

export interface DataUrl {
  /** Serialized, as `Content-Type` shows it. */
  readonly mimeType: string;
  readonly body: Uint8Array;
}

/** What the URL holds; null for one without a comma, and for base64 that is none. Linear in the URL's length. */
export function processDataUrl(url: URL): DataUrl | null {
  const input = url.href.slice("data:".length, url.hash === "" ? undefined : -url.hash.length).replace(/#$/, ""); // Steps 2 and 3
  const comma = input.indexOf(","); // Steps 4 to 7
  if (comma < 0) return null;
  let mimeType = input.slice(0, comma).replaceAll(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, ""); // Step 6
  let body = percentDecode(input.slice(comma + 1)); // Steps 9 and 10
  const isBase64 = /; *base64$/i.test(mimeType);
  if (isBase64) {
    const decoded = forgivingBase64Decode(body); // Steps 11.1 to 11.3
    if (decoded === null) return null;
    body = decoded;
    mimeType = mimeType.slice(0, mimeType.lastIndexOf(";")); // Steps 11.4 to 11.6
  }
  if (mimeType.startsWith(";")) mimeType = `text/plain${mimeType}`; // Step 12
  const parsed = parseMimeType(mimeType); // Step 13
  return { mimeType: parsed === null ? "text/plain;charset=US-ASCII" : serializeMimeType(parsed), body }; // Steps 14 and 15
}

/** The bytes that a part of a serialized URL stands for, which is ASCII. @see https://url.spec.whatwg.org/#percent-decode */
export function percentDecode(input: string): Uint8Array {
  const bytes = new Uint8Array(input.length);
  let length = 0;
  for (let index = 0; index < input.length; index++) {
    const digits = input.slice(index + 1, index + 3);
    const isEncoded = input[index] === "%" && /^[0-9a-f]{2}$/i.test(digits);
    bytes[length++] = isEncoded ? Number.parseInt(digits, 16) : input.charCodeAt(index);
    if (isEncoded) index += 2;
  }
  return bytes.subarray(0, length);
}
