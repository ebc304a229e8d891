/**
 * Bodies of other realms: what code under test may hold when its globals are not those of this module.
 *
 * Choice: what calls itself a `Blob`, `FormData`, `ReadableStream` or `URLSearchParams` is taken for one, by its public
 * methods; what turns out not to be one is a `TypeError`, where the Web IDL would send the text `[object Blob]`.
 *
 * @see https://fetch.spec.whatwg.org/#concept-bodyinit-extract
 * @module
 */

import { Blob as NodeBlob } from "node:buffer";
import { ReadableStream as NodeReadableStream } from "node:stream/web";
import { URLSearchParams as NodeUrlSearchParams } from "node:url";
import { isUint8Array } from "node:util/types";
import type { BlobLike } from "crossorigin/fetching";
import { show, toUsvString } from "./byte-string.ts";
import { createBoundary, fileHead, textEntry } from "./multipart-form-data.ts";
import { NodeResponse } from "./node-globals.ts";

/** What stands in for a body of another realm. */
export interface AdoptedBody {
  readonly body: string | ReadableStream<Uint8Array>;
  /** The `Content-Type` that comes with it; null for none. */
  readonly type: string | null;
}

type Method = (...values: unknown[]) => unknown;

/** A stream of this realm or another? Such a body is sent while it is made, and only once. */
export function isReadableStream(value: unknown): boolean {
  return value instanceof NodeReadableStream || tagOf(value) === "ReadableStream";
}

/** Null for what Node.js itself understands. Throws a `TypeError` for what only has the name of a body. */
export function adoptBody(value: unknown): AdoptedBody | null {
  if (typeof value !== "object" || value === null) return null;
  switch (tagOf(value)) {
    case "Blob":
    case "File":
      if (value instanceof NodeBlob) return null;
      return { body: streamOf(() => bytesOfBlob(value)), type: typeOfBlob(value) || null };
    case "URLSearchParams":
      if (value instanceof NodeUrlSearchParams) return null;
      return { body: toUsvString(value, "The body"), type: "application/x-www-form-urlencoded;charset=UTF-8" };
    case "ReadableStream":
      return value instanceof NodeReadableStream ? null : { body: adoptStream(value), type: null };
    case "FormData":
      return isFormDataOfNode(value) ? null : adoptFormData(value);
    default:
      return null;
  }
}

/** A stream of this realm that reads from `value`, a web stream of any realm or an async iterable such as Node's own. */
export function adoptStream(value: object): ReadableStream<Uint8Array> {
  if (value instanceof NodeReadableStream) return value as ReadableStream<Uint8Array>;
  const getReader = methodOf(value, "getReader");
  if (getReader === null) {
    if (Symbol.asyncIterator in value) return ReadableStream.from(value as AsyncIterable<Uint8Array>);
    throw new TypeError(`The body is ${show(value)} that cannot be read: pass a ReadableStream.`);
  }
  const reader = getReader() as ReadableStreamDefaultReader<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const result = await reader.read();
        if (result.done) controller.close();
        else controller.enqueue(ownBytes(result.value));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** A blob of this realm, or what stands in for one of another realm; null for what is none. */
export function adoptBlob(value: unknown): BlobLike | null {
  if (value instanceof NodeBlob) return value;
  const tag = tagOf(value);
  if (typeof value !== "object" || value === null || (tag !== "Blob" && tag !== "File")) return null;
  const [slice, size] = [methodOf(value, "slice"), "size" in value ? Number(value.size) : Number.NaN];
  if (slice === null || !Number.isSafeInteger(size)) return null;
  return {
    size,
    type: typeOfBlob(value),
    slice: (...given) => adoptBlob(slice(...given)) ?? new NodeBlob([]),
    stream: () => streamOf(() => bytesOfBlob(value)),
  };
}

/** A stream of the bytes that `read` gives when they are asked for. */
export function streamOf(read: () => Promise<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(generate());
  async function* generate(): AsyncGenerator<Uint8Array> {
    yield await read();
  }
}

/** Bytes of any realm as bytes of this one; anything else is left for the reader to refuse. */
function ownBytes(value: Uint8Array): Uint8Array {
  return isUint8Array(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value;
}

function isFormDataOfNode(value: object): boolean {
  const type = new NodeResponse(value as FormData).headers.get("Content-Type");
  return type?.startsWith("multipart/form-data") === true;
}

function adoptFormData(value: object): AdoptedBody {
  if (!(Symbol.iterator in value)) throw new TypeError("The FormData cannot be iterated over: pass one of this realm.");
  const entries = Array.from(value as Iterable<readonly [string, unknown]>);
  const boundary = createBoundary();
  return { body: ReadableStream.from(multipart(entries, boundary)), type: `multipart/form-data; boundary=${boundary}` };
}

async function* multipart(
  entries: readonly (readonly [string, unknown])[],
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const [name, value] of entries) {
    if (typeof value !== "object" || value === null) {
      yield encoder.encode(textEntry(boundary, name, String(value)));
      continue;
    }
    const fileName = "name" in value && typeof value.name === "string" ? value.name : "blob";
    yield encoder.encode(fileHead(boundary, name, { name: fileName, type: typeOfBlob(value) }));
    yield await bytesOfBlob(value);
    yield encoder.encode("\r\n");
  }
  yield encoder.encode(`--${boundary}--\r\n`);
}

async function bytesOfBlob(blob: object): Promise<Uint8Array> {
  const arrayBuffer = methodOf(blob, "arrayBuffer");
  if (arrayBuffer === null) throw new TypeError("The Blob has no method arrayBuffer(): pass one of this realm.");
  return new Uint8Array((await arrayBuffer()) as ArrayBuffer);
}

function typeOfBlob(blob: object): string {
  return "type" in blob && typeof blob.type === "string" ? blob.type : "";
}

function methodOf(value: object, name: string): Method | null {
  const method: unknown = Reflect.get(value, name);
  return typeof method === "function" ? (method.bind(value) as Method) : null;
}

/** Classes of bodies that happy-dom gives no `Symbol.toStringTag`. */
const UNTAGGED: ReadonlySet<string> = new Set(["Blob", "File", "FormData"]);

/** What the value calls itself: its tag, or, where it has none, the body's class that it comes from; `Object` for what is neither. */
export function tagOf(value: unknown): string {
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (tag !== "Object") return tag;
  for (let prototype = prototypeOf(value); prototype !== null; prototype = prototypeOf(prototype)) {
    const { constructor } = prototype;
    if (typeof constructor === "function" && UNTAGGED.has(constructor.name)) return constructor.name;
  }
  return tag;
}

function prototypeOf(value: unknown): object | null {
  return typeof value === "object" && value !== null ? (Object.getPrototypeOf(value) as object | null) : null;
}
