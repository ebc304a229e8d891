/**
 * Bodies: what `Request` and `Response` have in common.
 *
 * Choice: parsing a form is left to the `Response` of Node.js, which follows the same standard.
 *
 * @see https://fetch.spec.whatwg.org/#body-mixin
 * @module
 */

import { Blob as NodeBlob } from "node:buffer";
import { extractMimeType, getHeader, serializeMimeType } from "crossorigin/protocol";
import { makeMembersEnumerable } from "./dom/interface.ts";
import { adoptStream, isReadableStream, streamOf } from "./foreign-body.ts";
import { type Headers, headerListOf } from "./headers.ts";
import { createInternalSlot } from "./internal-slot.ts";
import { NodeTextEncoder, nodeResponseClass } from "./node-globals.ts";
import { readParts, toSendableBody } from "./sendable-body.ts";
import { WholeBody, wholeBodyOfBytes } from "./whole-body.ts";

/** All that the standard takes, and all that the global `Response` is declared to take. @see https://fetch.spec.whatwg.org/#bodyinit */
export type BodyInit =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | NonNullable<ConstructorParameters<typeof globalThis.Response>[0]>;

/** @see https://fetch.spec.whatwg.org/#body-with-type */
export interface ExtractedBody {
  readonly holder: WholeBody;
  /** The `Content-Type` that comes with the body; null for none. */
  readonly type: string | null;
}

/** Locked and disturbed streams are a `TypeError`. @see https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
export function extractBody(init: BodyInit): ExtractedBody {
  if (typeof init === "string")
    return { holder: wholeBodyOfBytes(new NodeTextEncoder().encode(init)), type: "text/plain;charset=UTF-8" };
  if (isReadableStream(init) || isIterableOfBytes(init)) {
    const holder = new WholeBody(adoptStream(init));
    if (holder.bodyUsed || holder.body.locked)
      throw new TypeError("The stream was read or is being read, so it cannot be a body.");
    return { holder, type: null };
  }
  const body = toSendableBody(init);
  const readAll = (): Promise<Uint8Array<ArrayBuffer>> => readParts(body);
  return { holder: new WholeBody({ readAll, stream: () => streamOf(readAll) }), type: body.type };
}

/** Such as a stream of Node.js, which its `fetch` takes as well. */
function isIterableOfBytes(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

const holders = createInternalSlot<WholeBody | null>();

/** Gives a request or response its body; null for none. */
export function setBody(target: Body, holder: WholeBody | null): void {
  holders.set(target, holder);
}

/** The body of a request or response; null for none. */
export function bodyOf(target: Body): WholeBody | null {
  return holders.get(target) ?? null;
}

/** Is a body there that was read from or is being read? @see https://fetch.spec.whatwg.org/#body-unusable */
export function isUnusable(target: Body): boolean {
  return target.bodyUsed || target.body?.locked === true;
}

/** A second holder of the same body, to be read independently. @see https://fetch.spec.whatwg.org/#concept-body-clone */
export function cloneBody(target: Body): WholeBody | null {
  if (isUnusable(target)) throw new TypeError("The body was read or is being read, so it cannot be cloned.");
  return bodyOf(target)?.clone() ?? null;
}

/** The body mixin. */
export abstract class Body {
  abstract get headers(): Headers;

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return branded(this)?.body ?? null;
  }

  get bodyUsed(): boolean {
    return branded(this)?.bodyUsed ?? false;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return holderOf(this).arrayBuffer();
  }

  async blob(): Promise<Blob> {
    const bytes = await holderOf(this).readAll();
    const type = extractMimeType(headerListOf(this.headers));
    return new NodeBlob([bytes], { type: type === null ? "" : serializeMimeType(type) });
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await holderOf(this).arrayBuffer());
  }

  async formData(): Promise<FormData> {
    const bytes = await holderOf(this).readAll();
    const type = getHeader(headerListOf(this.headers), "Content-Type");
    const NodeResponse = nodeResponseClass();
    return new NodeResponse(bytes, { headers: type === null ? {} : { "Content-Type": type } }).formData();
  }

  async json(): Promise<unknown> {
    return holderOf(this).json();
  }

  async text(): Promise<string> {
    return holderOf(this).text();
  }

  /** Strings as their bytes come in. Throws a `TypeError` if the body was read. @see https://fetch.spec.whatwg.org/#dom-body-textstream */
  textStream(): ReadableStream<string> {
    if (isUnusable(this)) throw new TypeError("The body was read or is being read, so there is no stream of its text."); // Step 1
    const { body } = this;
    if (body === null) return new ReadableStream({ start: (controller) => controller.close() }); // Step 2
    const { TextDecoderStream } = process.getBuiltinModule("node:stream/web");
    return body.pipeThrough(new TextDecoderStream()); // Steps 3 to 6
  }
}

makeMembersEnumerable(Body.prototype);

/** What reads the body; an empty one for none. */
function holderOf(target: Body): WholeBody {
  return branded(target) ?? wholeBodyOfBytes(new Uint8Array());
}

/** The same as {@link bodyOf}. Throws a `TypeError` for what page code calls a method on that is not of its object. */
function branded(target: Body): WholeBody | null {
  if (!holders.has(target)) throw new TypeError("Illegal invocation: this is neither a Request nor a Response object.");
  return bodyOf(target);
}
