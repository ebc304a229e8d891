/** A server's side of a WebSocket, as much of it as scenarios need. @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */

import { createHash } from "node:crypto";
import type { ScriptedFrame } from "./scenario.ts";

const FINAL = 0x80;
const TEXT = 0x1;
const CLOSE = 0x8;
const MASK_BYTES = 4;
/** Longer payloads have their length elsewhere in the frame. */
const MAX_SHORT_LENGTH = 125;

/** What `Sec-WebSocket-Accept` answers to a key. @see https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A scripted frame on the wire. Throws for a payload of more than 125 bytes. */
export function frameBytes(frame: Exclude<ScriptedFrame, { waitMilliseconds: number }>): Buffer {
  if ("text" in frame) return frameOf(TEXT, Buffer.from(frame.text));
  const code = Buffer.alloc(2);
  code.writeUInt16BE(frame.close);
  return frameOf(CLOSE, Buffer.concat([code, Buffer.from(frame.reason ?? "")]));
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  if (payload.length > MAX_SHORT_LENGTH)
    throw new Error(`A frame of ${payload.length} bytes is too long for a script.`);
  return Buffer.concat([Buffer.from([FINAL | opcode, payload.length]), payload]);
}

/** Reads what a client sends, and tells of its Close frame, with the one that answers it. */
export class ClientFrames {
  #buffer = Buffer.alloc(0);
  readonly #onClose: (answer: Buffer) => void;

  constructor(onClose: (answer: Buffer) => void) {
    this.#onClose = onClose;
  }

  push(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 2) {
      const length = this.#buffer.readUInt8(1) & 0x7f;
      const start = 2 + MASK_BYTES;
      if (this.#buffer.length < start + length) return;
      const mask = this.#buffer.subarray(2, start);
      const payload = this.#buffer
        .subarray(start, start + length)
        .map((byte, index) => byte ^ mask.readUInt8(index % MASK_BYTES));
      const opcode = this.#buffer.readUInt8(0) & 0xf;
      this.#buffer = this.#buffer.subarray(start + length);
      if (opcode === CLOSE) this.#onClose(frameOf(CLOSE, Buffer.from(payload)));
    }
  }
}
