/**
 * Bodies that are read whole, as most are: no stream is made of them before page code asks for one.
 *
 * @see https://fetch.spec.whatwg.org/#body-fully-read
 * @module
 */

import { Readable } from "node:stream";
import { isUint8Array } from "node:util/types";
import { BodyTooLargeError, type ResponseBody, readFully } from "crossorigin/fetching";
import { streamOf } from "./foreign-body.ts";
import { NodeTextDecoder } from "./node-globals.ts";

type BodyStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Where the bytes come from. One of the two is asked, once. */
export interface BodySource {
  /** All bytes, in memory of their own. Rejects with what page code is to see. */
  readAll(): Promise<Uint8Array<ArrayBuffer>>;
  stream(): ReadableStream<Uint8Array>;
}

/** How much of a stream is read whole, copies of it included. */
export interface BodyLimit {
  readonly maxBytes: number;
  /** What page code sees of a {@link BodyTooLargeError}. */
  readonly toPageError: (error: unknown) => unknown;
}

const UNLIMITED: BodyLimit = { maxBytes: Number.POSITIVE_INFINITY, toPageError: (error) => error };

/** One body: read whole, or as the stream that page code asked for, or gave. */
export class WholeBody {
  #source: BodySource | null;
  #stream: BodyStream | null = null;
  /** What page code sees of a body that was read whole. */
  #readStream: BodyStream | null = null;
  readonly #limit: BodyLimit;

  constructor(origin: BodySource | ReadableStream<Uint8Array>, limit: BodyLimit = UNLIMITED) {
    const isSource = "readAll" in origin;
    this.#source = isSource ? origin : null;
    if (!isSource) this.#stream = origin as BodyStream;
    this.#limit = limit;
  }

  /** Always the same one. That of a body that was read whole is locked. */
  get body(): BodyStream {
    if (this.#source === null && this.#stream === null) return (this.#readStream ??= lockedStream());
    return this.#toStream();
  }

  get bodyUsed(): boolean {
    return this.#stream === null ? this.#source === null : isDisturbed(this.#stream);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.readAll()).buffer;
  }

  async json(): Promise<unknown> {
    return JSON.parse(decode(await this.readAll())) as unknown;
  }

  async text(): Promise<string> {
    return decode(await this.readAll());
  }

  /** With the same limit: each of the two counts for itself. Throws a `TypeError` for a body that was read. */
  clone(): WholeBody {
    const [kept, copy] = this.#toStream().tee();
    this.#stream = kept;
    return new WholeBody(copy, this.#limit);
  }

  /** @see https://fetch.spec.whatwg.org/#body-fully-read */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#stream !== null) return readStream(this.#stream, this.#limit);
    return this.#takeSource().readAll();
  }

  #toStream(): BodyStream {
    this.#stream ??= this.#takeSource().stream() as BodyStream;
    return this.#stream;
  }

  #takeSource(): BodySource {
    const source = this.#source;
    if (source === null) throw alreadyRead();
    this.#source = null;
    return source;
  }
}

/** Was it read from, or canceled? It is there for web streams as well, which its declaration leaves out. */
function isDisturbed(stream: BodyStream): boolean {
  return Readable.isDisturbed(stream as unknown as NodeJS.ReadableStream);
}

/** All of the stream, which stays locked. Rejects with a `TypeError` if it is being read, or was, or is not of bytes. */
async function readStream(stream: BodyStream, limit: BodyLimit): Promise<Uint8Array<ArrayBuffer>> {
  if (isDisturbed(stream)) throw alreadyRead();
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {});
  const body: ResponseBody = {
    cancel,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const result = await reader.read();
        if (result.done) return;
        if (!isUint8Array(result.value)) throw new TypeError("A chunk of the body is no Uint8Array.");
        yield result.value;
      }
    },
  };
  try {
    return await readFully(body, limit.maxBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    cancel();
    throw limit.toPageError(error);
  }
}

function alreadyRead(): TypeError {
  return new TypeError("The body was read already.");
}

/** A body that is there. */
export function wholeBodyOfBytes(bytes: Uint8Array<ArrayBuffer>): WholeBody {
  const readAll = (): Promise<Uint8Array<ArrayBuffer>> => Promise.resolve(bytes);
  return new WholeBody({ readAll, stream: () => streamOf(readAll) });
}

const decoder = new NodeTextDecoder();

/** UTF-8, without a byte order mark. @see https://encoding.spec.whatwg.org/#utf-8-decode */
function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** One that somebody else is reading. */
function lockedStream(): BodyStream {
  const stream = new ReadableStream({ type: "bytes" }) as BodyStream;
  stream.getReader();
  return stream;
}
