/**
 * A body whose beginning was looked at, and which is whole nevertheless.
 *
 * @module
 */

import { concatenate } from "./byte-sequence.ts";
import type { ResponseBody } from "./response.ts";

/** Waits for the first `length` bytes, or all there are if they are fewer, and gives the body that is to be read instead. Rejects if the body fails. */
export async function peek(
  body: ResponseBody,
  length: number,
): Promise<{ readonly head: Uint8Array; readonly body: ResponseBody }> {
  const chunks: Uint8Array[] = [];
  const rest = body[Symbol.asyncIterator]();
  for (let count = 0; count < length;) {
    const next = await rest.next();
    if (next.done === true) break;
    chunks.push(next.value);
    count += next.value.byteLength;
  }
  return {
    head: concatenate(chunks).subarray(0, length),
    body: {
      cancel: () => body.cancel(),
      async *[Symbol.asyncIterator]() {
        yield* chunks.splice(0);
        yield* { [Symbol.asyncIterator]: () => rest };
      },
    },
  };
}
