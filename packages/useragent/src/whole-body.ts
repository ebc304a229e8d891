/**
 * Bodies that are read whole, as most are: no stream is made of them before page code asks for one.
 *
 * @see https://fetch.spec.whatwg.org/#body-fully-read
 * @module
 */

import { TextDecoder } from "node:util";
import { NodeResponse } from "./node-globals.ts";

type Holder = InstanceType<typeof NodeResponse>;

/** Where the bytes come from. One of the two is asked, once. */
export interface BodySource {
  /** All bytes, in memory of their own. Rejects with what page code is to see. */
  readAll(): Promise<Uint8Array<ArrayBuffer>>;
  stream(): ReadableStream<Uint8Array> | null;
}

/** As much of the `Response` of Node.js as reading needs, which takes over for everything else. */
export class WholeBody {
  #source: BodySource | null;
  #response: Holder | null = null;
  /** What page code sees of a body that was read whole. */
  #readStream: Holder["body"] = null;

  constructor(source: BodySource) {
    this.#source = source;
  }

  get body(): Holder["body"] {
    if (this.#source === null && this.#response === null) return (this.#readStream ??= lockedStream());
    return this.toResponse().body;
  }

  get bodyUsed(): boolean {
    return this.#response === null ? this.#source === null : this.#response.bodyUsed;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#response?.arrayBuffer() ?? (await this.readAll()).buffer;
  }

  async json(): Promise<unknown> {
    return this.#response?.json() ?? (JSON.parse(decode(await this.readAll())) as unknown);
  }

  async text(): Promise<string> {
    return this.#response?.text() ?? decode(await this.readAll());
  }

  clone(): Holder {
    return this.toResponse().clone();
  }

  /** The body as a stream in a `Response` of Node.js, always the same one. Throws a `TypeError` for a body that was read. */
  toResponse(): Holder {
    this.#response ??= new NodeResponse(this.#takeSource().stream());
    return this.#response;
  }

  /** @see https://fetch.spec.whatwg.org/#body-fully-read */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#response !== null) return new Uint8Array(await this.#response.arrayBuffer());
    return this.#takeSource().readAll();
  }

  #takeSource(): BodySource {
    const source = this.#source;
    if (source === null) throw new TypeError("The body was read already.");
    this.#source = null;
    return source;
  }
}

/** A body that is there. */
export function wholeBodyOfBytes(bytes: Uint8Array<ArrayBuffer>): WholeBody {
  return new WholeBody({
    readAll: () => Promise.resolve(bytes),
    stream: () => new NodeResponse(bytes).body,
  });
}

const decoder = new TextDecoder();

/** UTF-8, without a byte order mark. @see https://encoding.spec.whatwg.org/#utf-8-decode */
function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** One that somebody else is reading. */
function lockedStream(): NonNullable<Holder["body"]> {
  const stream = new ReadableStream({ type: "bytes" });
  stream.getReader();
  return stream;
}
