/**
 * Files and standard input, read whole and with a limit.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { UsageError, quoted, systemReason } from "./usage-error.ts";

/** The largest input, in bytes. */
const MAX_INPUT_BYTES: number = 64 * 1024 * 1024;

/** The bytes of the file at `path`, or of `stdin` if `path` is `-`. `purpose` begins the complaint: `the policy`. */
export async function readInput(path: string, purpose: string, stdin: Readable): Promise<Uint8Array> {
  const input = path === "-" ? stdin : createReadStream(path);
  const name = path === "-" ? "standard input" : quoted(path);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of input) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
      length += bytes.length;
      // Attack: an endless pipe must not fill the memory.
      if (length > MAX_INPUT_BYTES)
        throw new UsageError(`${purpose} in ${name} is larger than ${MAX_INPUT_BYTES} bytes`);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${purpose} in ${name} cannot be read: ${systemReason(error)}`);
  } finally {
    if (path !== "-") input.destroy();
  }
  return Buffer.concat(chunks, length);
}
