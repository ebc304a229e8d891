/**
 * Bodies that page code gives, of any realm, whose length is known before their bytes are: all but streams.
 *
 * Choice: what calls itself a `Blob`, `FormData` or `URLSearchParams` is taken for one, by its public methods; what turns
 * out not to be one is a `TypeError`, where the Web IDL would send the text `[object Blob]`.
 *
 * @see https://fetch.spec.whatwg.org/#concept-bodyinit-extract
 * @module
 */

import { Blob as NodeBlob } from "node:buffer";
import { isUint8Array } from "node:util/types";
import { toUsvString } from "./byte-string.ts";
import { tagOf } from "./foreign-body.ts";
import { createBoundary, fileHead, textEntry } from "./multipart-form-data.ts";
import { NodeTextEncoder } from "./node-globals.ts";

/** All that the `send()` of `XMLHttpRequest` sends as something else than its text. */
export type XMLHttpRequestBodyInit = string | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams;

export interface SendableBody {
  readonly byteLength: number;
  /** The `Content-Type` that comes with it; null for none. */
  readonly type: string | null;
  /** Is it text, or sent as text? Then it is UTF-8, whatever the author says. */
  readonly isText: boolean;
  readonly parts: readonly BodyPart[];
}

type BodyPart = Uint8Array | BlobLike;

/** A blob of this realm or another. */
interface BlobLike {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Bytes are copied now. What is no body is sent as its text; symbols are a `TypeError`. */
export function toSendableBody(value: unknown): SendableBody {
  if (ArrayBuffer.isView(value)) return bytesBody(value.buffer, value.byteOffset, value.byteLength);
  switch (typeof value === "object" ? tagOf(value) : "") {
    case "ArrayBuffer":
      return bytesBody(value as ArrayBuffer);
    case "Blob":
    case "File":
      return body([toBlobLike(value)], toBlobLike(value).type || null, false);
    case "URLSearchParams":
      return textBody(value, "application/x-www-form-urlencoded;charset=UTF-8");
    case "FormData":
      return formDataBody(value as FormData);
    default:
      return textBody(value, "text/plain;charset=UTF-8");
  }
}

/** A detached buffer has no bytes. @see https://webidl.spec.whatwg.org/#dfn-get-buffer-source-copy */
function bytesBody(buffer: ArrayBufferLike, offset = 0, byteLength = buffer.byteLength): SendableBody {
  const isDetached = "detached" in buffer && buffer.detached;
  return body(
    [isDetached ? new Uint8Array() : Uint8Array.from(new Uint8Array(buffer, offset, byteLength))],
    null,
    false,
  );
}

function textBody(value: unknown, type: string): SendableBody {
  return body([new NodeTextEncoder().encode(toUsvString(value, "The body"))], type, true);
}

function formDataBody(formData: FormData): SendableBody {
  const encoder = new NodeTextEncoder();
  const boundary = createBoundary();
  const parts: BodyPart[] = [];
  if (!(Symbol.iterator in formData))
    throw new TypeError("The FormData cannot be iterated over: pass one of this realm.");
  for (const [name, value] of formData as Iterable<[string, unknown]>) {
    if (typeof value !== "object" || value === null) {
      parts.push(encoder.encode(textEntry(boundary, name, String(value))));
      continue;
    }
    const file = toBlobLike(value);
    const fileName = "name" in value && typeof value.name === "string" ? value.name : "blob";
    parts.push(encoder.encode(fileHead(boundary, name, { name: fileName, type: file.type })));
    parts.push(file, encoder.encode("\r\n"));
  }
  parts.push(encoder.encode(`--${boundary}--\r\n`));
  return body(parts, `multipart/form-data; boundary=${boundary}`, false);
}

function toBlobLike(value: unknown): BlobLike {
  if (value instanceof NodeBlob) return value;
  const { size, type, arrayBuffer } = value as Partial<BlobLike>;
  if (typeof size !== "number" || typeof type !== "string" || typeof arrayBuffer !== "function")
    throw new TypeError("The Blob cannot be read: it has no size, type or arrayBuffer(). Pass one of this realm.");
  return value as BlobLike;
}

function body(parts: readonly BodyPart[], type: string | null, isText: boolean): SendableBody {
  const byteLength = parts.reduce((sum, part) => sum + (isUint8Array(part) ? part.byteLength : part.size), 0);
  return { byteLength, type, isText, parts };
}

/** All bytes. Rejects if a blob cannot be read. */
export async function readParts({
  parts,
  byteLength,
}: Pick<SendableBody, "parts" | "byteLength">): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    const chunk = isUint8Array(part) ? part : new Uint8Array(await part.arrayBuffer());
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
