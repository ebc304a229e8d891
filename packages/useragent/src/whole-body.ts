/**
 * Bodies that are read whole, as most are: no stream is made of them before page code asks for one.
 *
 * @see https://fetch.spec.whatwg.org/#body-fully-read
 * @module
 */

import { BodyTooLargeError, type ResponseBody, readFully } from "crossorigin/fetching";
import { NodeResponse, NodeTextDecoder } from "./node-globals.ts";

type Holder = InstanceType<typeof NodeResponse>;

/** Where the bytes come from. One of the two is asked, once. */
export interface BodySource {
  /** All bytes, in memory of their own. Rejects with what page code is to see. */
  readAll(): Promise<Uint8Array<ArrayBuffer>>;
  stream(): ReadableStream<Uint8Array> | null;
}

/** How much of a stream is read whole, copies of it included. */
export interface BodyLimit {
  readonly maxBytes: number;
  /** What page code sees of a {@link BodyTooLargeError}. */
  readonly toPageError: (error: unknown) => unknown;
}

const UNLIMITED: BodyLimit = { maxBytes: Number.POSITIVE_INFINITY, toPageError: (error) => error };

/** As much of the `Response` of Node.js as reading needs, which takes over for everything else. */
export class WholeBody {
  #source: BodySource | null;
  #response: Holder | null = null;
  /** What page code sees of a body that was read whole. */
  #readStream: Holder["body"] = null;
  readonly #limit: BodyLimit;

  constructor(source: BodySource, limit: BodyLimit = UNLIMITED) {
    this.#source = source;
    this.#limit = limit;
  }

  get body(): Holder["body"] {
    if (this.#source === null && this.#response === null) return (this.#readStream ??= lockedStream());
    return this.toResponse().body;
  }

  get bodyUsed(): boolean {
    return this.#response === null ? this.#source === null : this.#response.bodyUsed;
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

  /** With the same limit: each of the two counts for itself. */
  clone(): WholeBody {
    const copy = this.toResponse().clone();
    return new WholeBody({ readAll: () => readResponse(copy, this.#limit), stream: () => copy.body }, this.#limit);
  }

  /** The body as a stream in a `Response` of Node.js, always the same one. Throws a `TypeError` for a body that was read. */
  toResponse(): Holder {
    this.#response ??= new NodeResponse(this.#takeSource().stream());
    return this.#response;
  }

  /** @see https://fetch.spec.whatwg.org/#body-fully-read */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#response !== null) return readResponse(this.#response, this.#limit);
    return this.#takeSource().readAll();
  }

  #takeSource(): BodySource {
    const source = this.#source;
    if (source === null) throw alreadyRead();
    this.#source = null;
    return source;
  }
}

/** All of the stream, which stays locked. Rejects with a `TypeError` if it is being read, or was. */
async function readResponse({ body: stream, bodyUsed }: Holder, limit: BodyLimit): Promise<Uint8Array<ArrayBuffer>> {
  if (bodyUsed) throw alreadyRead();
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {});
  const body: ResponseBody = {
    cancel,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const result = await reader.read();
        if (result.done) return;
        yield result.value as Uint8Array;
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
  return new WholeBody({
    readAll: () => Promise.resolve(bytes),
    stream: () => new NodeResponse(bytes).body,
  });
}

const decoder = new NodeTextDecoder();

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
