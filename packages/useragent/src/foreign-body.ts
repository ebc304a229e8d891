/**
 * Streams and blobs of other realms: what code under test may hold when its globals are not those of this module.
 *
 * Choice: what calls itself a `Blob` or `ReadableStream` is taken for one, by its public methods.
 *
 * @see https://fetch.spec.whatwg.org/#concept-bodyinit-extract
 * @module
 */

import { Blob as NodeBlob } from "node:buffer";
import { isUint8Array } from "node:util/types";
import type { BlobLike } from "crossorigin/fetching";
import { show } from "./byte-string.ts";

type Method = (...values: unknown[]) => unknown;

/** A stream of this realm or another? Such a body is sent while it is made, and only once. */
export function isReadableStream(value: unknown): boolean {
  return isStreamOfNode(value) || tagOf(value) === "ReadableStream";
}

function isStreamOfNode(value: unknown): value is ReadableStream<Uint8Array> {
  return value instanceof process.getBuiltinModule("node:stream/web").ReadableStream;
}

/** A stream of this realm that reads from `value`, a web stream of any realm or an async iterable such as Node's own. */
export function adoptStream(value: object): ReadableStream<Uint8Array> {
  if (isStreamOfNode(value)) return value;
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

/** A byte stream of what `read` gives, in memory of its own, when it is asked for. */
export function streamOf(read: () => Promise<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { ReadableStream: NodeReadableStream } = process.getBuiltinModule("node:stream/web");
  return new NodeReadableStream(
    {
      type: "bytes",
      async pull(controller) {
        const bytes = await read();
        if (bytes.byteLength > 0) controller.enqueue(bytes);
        controller.close();
        controller.byobRequest?.respond(0);
      },
    },
    { highWaterMark: 0 },
  ) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Bytes of any realm as bytes of this one; anything else is left for the reader to refuse. */
function ownBytes(value: Uint8Array): Uint8Array {
  return isUint8Array(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value;
}

async function bytesOfBlob(blob: object): Promise<Uint8Array<ArrayBuffer>> {
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
