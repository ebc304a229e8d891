/**
 * Interim (1xx) responses that nobody asked for: skipped, as browsers do.
 *
 * Choice: undici takes `100 (Continue)` for a violation of the protocol and gives up, and lets every other one start its
 * timeout again; so all but `101` are removed before it reads them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-informational-1xx
 * @module
 */

import type { Socket } from "node:net";

const INTERIM = /^HTTP\/1\.[01] 1(?!01)[0-9]{2}[ \r\n]/;
const EXAMPLE = "HTTP/1.1 100 ";
/** Bytes of one interim response; longer ones are left to the parser, which has limits of its own. */
const MAX_INTERIM_BYTES = 16_384;

/**
 * Makes `socket.read()` leave out interim responses. Looks only at what follows a request's head, so bytes in the middle
 * of a body are never taken for one. Changes and returns `socket`.
 */
export function skipInterimResponses(socket: Socket): Socket {
  /** Bytes that may be the beginning of an interim response; null when the final one is under way. */
  let held: Buffer | null = null;
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket) as (...values: unknown[]) => boolean;
  socket.write = (...values: unknown[]): boolean => {
    // The head of a request is the only string with a request line in front that undici writes.
    if (typeof values[0] === "string" && /^[^ \r\n]+ \S+ HTTP\/1\.1\r\n/.test(values[0])) held = Buffer.alloc(0);
    return write(...values);
  };
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (held === null || !Buffer.isBuffer(chunk)) return chunk;
    const { rest, isFinal } = withoutInterimResponses(held.length === 0 ? chunk : Buffer.concat([held, chunk]));
    held = isFinal ? null : rest;
    return isFinal ? rest : null;
  };
  return socket;
}

/** What is left of `bytes`, and whether it is the beginning of the final response for sure. */
export function withoutInterimResponses(bytes: Buffer): { readonly rest: Buffer; readonly isFinal: boolean } {
  let rest = bytes;
  for (;;) {
    const start = rest.toString("latin1", 0, EXAMPLE.length);
    // What is too short to tell is held back as long as it can become an interim response.
    if (!INTERIM.test(start + EXAMPLE.slice(start.length))) return { rest, isFinal: true };
    const end = rest.subarray(0, MAX_INTERIM_BYTES).indexOf("\r\n\r\n");
    if (end < 0) return { rest, isFinal: rest.length >= MAX_INTERIM_BYTES };
    rest = rest.subarray(end + 4);
  }
}
