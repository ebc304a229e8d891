/**
 * Content codings: bodies as they were before the server compressed them.
 *
 * @see https://fetch.spec.whatwg.org/#handle-content-codings
 * @module
 */

import { Readable, type Transform, pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { ResponseBody } from "crossorigin/fetching";
import { type Header, extractTokenList } from "crossorigin/protocol";

/** Value of `Accept-Encoding`. */
export const ACCEPTED_CODINGS = "gzip, deflate, br";

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The body decoded, if its one coding is known; as it came otherwise. A body that does not decode fails while it is read. */
export function decodedBody(body: ResponseBody, headers: readonly Header[]): ResponseBody {
  const codings = extractTokenList(headers, "Content-Encoding");
  const [coding, ...others] = codings.kind === "list" ? codings.values : [];
  const decoder = coding === undefined || others.length > 0 ? undefined : DECODERS[coding.toLowerCase()];
  return decoder === undefined ? body : new DecodedBody(body, decoder);
}

/** Decodes when it is read, so that a body nobody reads costs nothing. */
class DecodedBody implements ResponseBody {
  readonly #body: ResponseBody;
  readonly #decoder: () => Transform;

  constructor(body: ResponseBody, decoder: () => Transform) {
    this.#body = body;
    this.#decoder = decoder;
  }

  cancel(): void {
    this.#body.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    // Failures reach the reader through the stream it iterates; the callback has nothing to add.
    const decoded = pipeline(Readable.from(this.#body), this.#decoder(), () => undefined);
    try {
      yield* decoded as AsyncIterable<Uint8Array>;
    } finally {
      this.#body.cancel();
    }
  }
}
