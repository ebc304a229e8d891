/**
 * A Bloom filter of origins: says of nearly every stranger that it is one, without reaching for memory that is not at hand.
 *
 * @see https://en.wikipedia.org/wiki/Bloom_filter
 * @module
 */

/** Two bits are set of sixteen for each origin: one stranger of seventy passes. */
const BITS_PER_ORIGIN = 16;

/** A table of a hundred thousand strings is scattered over megabytes, and asking it costs several reads from main memory; this takes 256 KiB. */
export class OriginFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  constructor(origins: ReadonlySet<string>) {
    const size = 2 ** Math.ceil(Math.log2(origins.size * BITS_PER_ORIGIN));
    this.#bits = new Uint32Array(size / 32);
    this.#mask = size - 1;
    for (const origin of origins) {
      const hash = hashOf(origin);
      this.#set(hash);
      this.#set(secondHash(hash));
    }
  }

  /** False if it is none of the origins for sure. One pass over the value. */
  mayHave(value: string): boolean {
    const hash = hashOf(value);
    return this.#has(hash) && this.#has(secondHash(hash));
  }

  #set(hash: number): void {
    const bit = hash & this.#mask;
    this.#bits[bit >>> 5] = Number(this.#bits[bit >>> 5]) | (1 << (bit & 31));
  }

  #has(hash: number): boolean {
    const bit = hash & this.#mask;
    return (Number(this.#bits[bit >>> 5]) & (1 << (bit & 31))) !== 0;
  }
}

/** FNV-1a. Collisions that somebody seeks out only make the exact table answer. */
function hashOf(value: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < value.length; index++) hash = Math.imul(hash ^ value.charCodeAt(index), 0x01000193);
  return hash ^ (hash >>> 15);
}

function secondHash(hash: number): number {
  return Math.imul(hash, 0x85ebca6b) >>> 7;
}
