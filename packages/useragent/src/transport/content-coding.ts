/**
 * Content codings: what `Accept-Encoding` offers, and taking the codings off a body again.
 *
 * @see https://fetch.spec.whatwg.org/#handle-content-codings
 * @module
 */

import { type Duplex, Readable, Transform, type TransformCallback, pipeline } from "node:stream";
import * as zlib from "node:zlib";
import { type Header, getDecodeAndSplit } from "crossorigin/protocol";

/** Attack: every coding is a decoder with its memory; nobody sends more than two in earnest. */
const MAX_CODINGS = 4;

/** Choice: a body that ends early is handed over as far as it goes, as browsers do with missing gzip trailers. */
const ZLIB_OPTIONS: zlib.ZlibOptions = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const BROTLI_OPTIONS: zlib.BrotliOptions = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};

/** Zstandard came to Node.js 22 with 22.15. */
const hasZstd = typeof zlib.createZstdDecompress === "function";

/** The value of `Accept-Encoding`: what {@link decodeBody} decodes. */
export const ACCEPT_ENCODING: string = hasZstd ? "gzip, deflate, br, zstd" : "gzip, deflate, br";

/**
 * The body without its codings. Unknown codings, and more than four, leave it as it is.
 * A body that does not decode makes what it returns fail. Whoever stops reading that stops `source`.
 */
export function decodeBody(source: AsyncIterable<Uint8Array>, headers: readonly Header[]): AsyncIterable<Uint8Array> {
  const codings = (getDecodeAndSplit(headers, "Content-Encoding") ?? []).map((coding) => coding.toLowerCase());
  const decoders: Duplex[] = [];
  if (codings.length > MAX_CODINGS) return source;
  // The last coding was applied last.
  for (const coding of codings.toReversed()) {
    if (coding === "" || coding === "identity") continue;
    const decoder = createDecoder(coding);
    if (decoder === null) return source;
    decoders.push(decoder);
  }
  const last = decoders.at(-1);
  if (last === undefined) return source;
  last.on("error", ignoreOutcome);
  pipeline([Readable.from(source, { objectMode: false }), ...decoders], ignoreOutcome);
  return last;
}

/** Errors are seen by whoever reads the last stream. */
function ignoreOutcome(): void {}

function createDecoder(coding: string): Duplex | null {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip(ZLIB_OPTIONS);
    case "deflate":
      return new Inflate();
    case "br":
      return zlib.createBrotliDecompress(BROTLI_OPTIONS);
    case "zstd":
      return hasZstd
        ? zlib.createZstdDecompress({ flush: zlib.constants.ZSTD_e_flush, finishFlush: zlib.constants.ZSTD_e_flush })
        : null;
    default:
      return null;
  }
}

/** `deflate`: the zlib format as registered, or bare deflate data as some servers send; the first byte tells. */
class Inflate extends Transform {
  #inflate: zlib.Inflate | zlib.InflateRaw | null = null;

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    if (this.#inflate === null) {
      const [first] = chunk;
      if (first === undefined) {
        callback();
        return;
      }
      this.#inflate = (first & 0x0f) === 0x08 ? zlib.createInflate(ZLIB_OPTIONS) : zlib.createInflateRaw(ZLIB_OPTIONS);
      this.#inflate.on("data", (data: Buffer) => {
        if (!this.push(data)) this.#inflate?.pause();
      });
      this.#inflate.once("error", (error) => this.destroy(error));
    }
    this.#inflate.write(chunk, () => callback());
  }

  override _read(size: number): void {
    this.#inflate?.resume();
    super._read(size);
  }

  override _flush(callback: TransformCallback): void {
    if (this.#inflate === null) {
      callback();
      return;
    }
    this.#inflate.once("end", () => callback());
    this.#inflate.end();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#inflate?.destroy();
    callback(error);
  }
}
