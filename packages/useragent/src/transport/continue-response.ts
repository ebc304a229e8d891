/**
 * `100 (Continue)` responses that nobody asked for: skipped, as browsers do.
 *
 * Choice: undici takes one for a violation of the protocol and gives up; so they are removed before it reads them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-100-continue
 * @module
 */

import type { Socket } from "node:net";

const START = /^HTTP\/1\.[01] 100[ \r\n]/;
const START_LENGTH = "HTTP/1.1 100 ".length;
/** Bytes of one interim response; longer ones are left to the parser. */
const MAX_INTERIM_BYTES = 16_384;

/**
 * Makes `socket.read()` leave out `100` responses in front of a response. Looks only at what follows a request's head,
 * so bytes in the middle of a body are never taken for one. Changes and returns `socket`.
 */
export function ignoreContinueResponses(socket: Socket): Socket {
  /** Bytes that may be the beginning of a `100` response; null when the response is under way. */
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
    if (held === null || !(chunk instanceof Uint8Array)) return chunk;
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const text = held.subarray(0, MAX_INTERIM_BYTES).toString("latin1");
      const isPrefix = text.length < START_LENGTH && START.test(`${text}${"HTTP/1.1 100 ".slice(text.length)}`);
      const end = START.test(text) ? text.indexOf("\r\n\r\n") : -1;
      const isUnfinished = isPrefix || (START.test(text) && end < 0 && held.length < MAX_INTERIM_BYTES);
      if (isUnfinished) return null;
      if (end < 0) break;
      held = held.subarray(end + 4);
      if (held.length === 0) return null;
    }
    const rest = held;
    held = null;
    return rest;
  };
  return socket;
}
