/**
 * Bodies: what `Request` and `Response` have in common.
 *
 * Choice: extracting, reading, parsing and cloning a body are left to the `Response` of Node.js, which follows the same
 * standard, but for strings and bytes, and for what is read whole. Statuses, types and headers around it are ours.
 *
 * @see https://fetch.spec.whatwg.org/#body-mixin
 * @module
 */

import { TextDecoderStream } from "node:stream/web";
import { getHeader } from "crossorigin/protocol";
import { makeMembersEnumerable } from "./dom/interface.ts";
import { adoptBody } from "./foreign-body.ts";
import { type Headers, headerListOf } from "./headers.ts";
import { createInternalSlot } from "./internal-slot.ts";
import { NodeResponse, NodeTextEncoder } from "./node-globals.ts";
import { WholeBody, wholeBodyOfBytes } from "./whole-body.ts";

/** One body: whole, or in the `Response` of Node.js, which does more with it. */
export type BodyHolder = WholeBody | InstanceType<typeof NodeResponse>;

type BodyHolderInit = ConstructorParameters<typeof NodeResponse>[0];

/** All that the standard takes, and all that the global `Response` is declared to take. @see https://fetch.spec.whatwg.org/#bodyinit */
export type BodyInit =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | NonNullable<BodyHolderInit>;

/** @see https://fetch.spec.whatwg.org/#body-with-type */
export interface ExtractedBody {
  readonly holder: BodyHolder;
  /** The `Content-Type` that comes with the body; null for none. */
  readonly type: string | null;
}

/** Locked and disturbed streams are a `TypeError`. @see https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
export function extractBody(init: BodyInit): ExtractedBody {
  if (typeof init === "string")
    return { holder: wholeBodyOfBytes(new NodeTextEncoder().encode(init)), type: "text/plain;charset=UTF-8" };
  const adopted = adoptBody(init);
  if (adopted !== null) return { holder: new NodeResponse(adopted.body), type: adopted.type };
  const holder = new NodeResponse(init as BodyHolderInit);
  return { holder, type: holder.headers.get("Content-Type") };
}

const holders = createInternalSlot<BodyHolder | null>();

/** Gives a request or response its body; null for none. */
export function setBody(target: Body, holder: BodyHolder | null): void {
  holders.set(target, holder);
}

/** The body of a request or response; null for none. */
export function bodyOf(target: Body): BodyHolder | null {
  return holders.get(target) ?? null;
}

/** Is a body there that was read from or is being read? @see https://fetch.spec.whatwg.org/#body-unusable */
export function isUnusable(target: Body): boolean {
  return target.bodyUsed || target.body?.locked === true;
}

/** A second holder of the same body, to be read independently. @see https://fetch.spec.whatwg.org/#concept-body-clone */
export function cloneBody(target: Body): BodyHolder | null {
  if (isUnusable(target)) throw new TypeError("The body was read or is being read, so it cannot be cloned.");
  return bodyOf(target)?.clone() ?? null;
}

/** The body mixin. */
export abstract class Body {
  abstract get headers(): Headers;

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return bodyOf(this)?.body ?? null;
  }

  get bodyUsed(): boolean {
    return bodyOf(this)?.bodyUsed ?? false;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return holderOf(this).arrayBuffer();
  }

  async blob(): Promise<Blob> {
    return (await typedHolderOf(this)).blob();
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await holderOf(this).arrayBuffer());
  }

  async formData(): Promise<FormData> {
    return (await typedHolderOf(this)).formData();
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
    return body.pipeThrough(new TextDecoderStream()); // Steps 3 to 6
  }
}

makeMembersEnumerable(Body.prototype);

/** What reads the body; an empty one for none. */
function holderOf(target: Body): BodyHolder {
  return bodyOf(target) ?? new NodeResponse(null);
}

/** With our `Content-Type`, which `blob` and `formData` go by. */
async function typedHolderOf(target: Body): Promise<InstanceType<typeof NodeResponse>> {
  const holder = holderOf(target);
  const response = holder instanceof WholeBody ? new NodeResponse(await holder.readAll()) : holder;
  const type = getHeader(headerListOf(target.headers), "Content-Type");
  if (type === null) response.headers.delete("Content-Type");
  else response.headers.set("Content-Type", type);
  return response;
}
