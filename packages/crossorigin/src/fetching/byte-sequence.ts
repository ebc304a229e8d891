/**
 * Byte sequences.
 *
 * @see https://infra.spec.whatwg.org/#byte-sequences
 * @module
 */

/** All chunks as one, copied: they may be parts of larger buffers, which would stay in memory with them. */
export function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
