/**
 * The bytes of a response that are there already, and their text.
 *
 * @see https://xhr.spec.whatwg.org/#received-bytes
 * @module
 */

import { NodeTextDecoder } from "../node-globals.ts";

export class ReceivedBytes {
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;
  #text: { readonly decoder: StreamDecoder; next: number; value: string } | null = null;

  get byteLength(): number {
    return this.#byteLength;
  }

  append(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.byteLength;
  }

  /** A copy of all. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#byteLength);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return bytes;
  }

  /**
   * The text so far; every byte is decoded once, however often it is asked for.
   *
   * Deviation: the standard decodes anew what is there, and shows U+FFFD for half a character; we wait for the other
   * half, as Chromium does.
   *
   * @param encodingOf - asked once, with the first bytes: the encoding where no byte order mark tells another
   */
  toText(isComplete: boolean, encodingOf: (head: Uint8Array) => string): string {
    if (this.#text === null) {
      const head = this.toBytes();
      if (head.byteLength < LONGEST_MARK && !isComplete) return "";
      const { encoding, length } = byteOrderMarkOf(head) ?? { encoding: encodingOf(head), length: 0 };
      const decoder = createDecoder(encoding);
      this.#text = { decoder, next: this.#chunks.length, value: decoder(head.subarray(length), isComplete) };
      return this.#text.value;
    }
    const text = this.#text;
    for (; text.next < this.#chunks.length; text.next++)
      text.value += text.decoder(this.#chunks[text.next] ?? new Uint8Array(), false);
    if (isComplete) text.value += text.decoder(new Uint8Array(), true);
    return text.value;
  }
}

const LONGEST_MARK = 3;

/** @see https://encoding.spec.whatwg.org/#bom-sniff */
function byteOrderMarkOf([a, b, c]: Uint8Array): { readonly encoding: string; readonly length: number } | null {
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: "utf-8", length: 3 };
  if (a === 0xfe && b === 0xff) return { encoding: "utf-16be", length: 2 };
  if (a === 0xff && b === 0xfe) return { encoding: "utf-16le", length: 2 };
  return null;
}

/** Decodes the next bytes; the last time, what is left over too, and nothing more after that. */
type StreamDecoder = (bytes: Uint8Array, isLast: boolean) => string;

function createDecoder(encoding: string): StreamDecoder {
  if (encoding === "x-user-defined") return decodeUserDefined;
  const decoder = new NodeTextDecoder(encoding, { ignoreBOM: true });
  let isEnded = false;
  return (bytes, isLast) => {
    if (isEnded) return "";
    isEnded = isLast;
    return decoder.decode(bytes, { stream: !isLast });
  };
}

/** What pages read binary data with; Node.js does not know it everywhere. @see https://encoding.spec.whatwg.org/#x-user-defined-decoder */
function decodeUserDefined(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : 0xf7_00 + byte);
  return text;
}

/** The name of the encoding that `label` stands for; null if none that can be decoded. @see https://encoding.spec.whatwg.org/#concept-encoding-get */
export function encodingOfLabel(label: string): string | null {
  const trimmed = label.replaceAll(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "").toLowerCase();
  if (trimmed === "x-user-defined") return trimmed;
  try {
    return new NodeTextDecoder(trimmed).encoding;
  } catch {
    return null;
  }
}
