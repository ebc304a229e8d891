/**
 * Event streams: from bytes to events, line by line.
 *
 * Choice: our own. The parsers that are published hold an event back when it ends with a bare CR, and forget an `id` that
 * came without data.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * @module
 */

import { NodeTextDecoder } from "../node-globals.ts";

/** What a blank line ends. */
export interface EventStreamBlock {
  readonly kind: "block";
  /** What `lastEventId` is from now on. */
  readonly lastEventId: string;
  /** Null for a block without data, which is no event. */
  readonly event: { readonly type: string; readonly data: string } | null;
}

export interface ReconnectionTime {
  readonly kind: "retry";
  readonly milliseconds: number;
}

/** Attack: an event without an end must not fill the memory. In characters. */
export const MAX_EVENT_LENGTH: number = 64 * 1024 * 1024;

/** One stream. What its last line left without a blank line after it never becomes an event. */
export class EventStreamParser {
  /** UTF-8 without the byte order mark in front, if there is one. */
  readonly #decoder = new NodeTextDecoder("utf-8");
  #line = "";
  /** Did the last piece end with a CR, which an LF may belong to? */
  #isAfterCarriageReturn = false;
  #data = "";
  #eventType = "";
  #lastEventId: string;

  /**
   * @param lastEventId - Deviation: goes on from the stream before, as in all engines; the standard lets every stream
   * begin without one, so that the first event without `id` would forget it.
   */
  constructor(lastEventId: string) {
    this.#lastEventId = lastEventId;
  }

  /** Is there more than {@link MAX_EVENT_LENGTH} that is no event yet? */
  get isTooLong(): boolean {
    return this.#line.length + this.#data.length > MAX_EVENT_LENGTH;
  }

  /** What the bytes complete, in order. Linear in their number. */
  *feed(bytes: Uint8Array): Generator<EventStreamBlock | ReconnectionTime> {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === "") return;
    if (this.#isAfterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
    this.#isAfterCarriageReturn = text === "" ? false : text.endsWith("\r");
    const lineEnd = /\r\n|\r|\n/g;
    let start = 0;
    for (let match = lineEnd.exec(text); match !== null; match = lineEnd.exec(text)) {
      const line = this.#line + text.slice(start, match.index);
      this.#line = "";
      start = lineEnd.lastIndex;
      const result = line === "" ? this.#endBlock() : this.#processLine(line);
      if (result !== null) yield result;
    }
    this.#line += text.slice(start);
  }

  #processLine(line: string): ReconnectionTime | null {
    const colon = line.indexOf(":");
    // A line without colon is a field without value; one that begins with it is a comment, whose name is no field's.
    if (colon < 0) return this.#processField(line, "");
    const value = line.slice(colon + 1);
    return this.#processField(line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value);
  }

  /** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#processField */
  #processField(name: string, value: string): ReconnectionTime | null {
    if (name === "event") this.#eventType = value;
    else if (name === "data") this.#data += `${value}\n`;
    else if (name === "id" && !value.includes("\0")) this.#lastEventId = value;
    return name === "retry" && /^[0-9]+$/.test(value) ? { kind: "retry", milliseconds: Number(value) } : null;
  }

  /** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage */
  #endBlock(): EventStreamBlock {
    const [data, type] = [this.#data, this.#eventType];
    // Step 6
    this.#data = "";
    this.#eventType = "";
    // Steps 2 to 5
    const event = data === "" ? null : { type: type === "" ? "message" : type, data: data.slice(0, -1) };
    return { kind: "block", lastEventId: this.#lastEventId, event }; // Step 1
  }
}
