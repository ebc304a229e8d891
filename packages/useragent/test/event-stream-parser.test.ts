import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventStreamParser } from "../src/event-source/event-stream-parser.ts";
import { STREAMS } from "./event-source-streams.ts";

/** As the table has it. */
function parse(chunks: readonly (string | Uint8Array)[], lastEventId = ""): string[] {
  const parser = new EventStreamParser(lastEventId);
  return chunks.flatMap((chunk) => {
    const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    return [...parser.feed(bytes)].map((found) => {
      if (found.kind === "retry") return `retry|${found.milliseconds}`;
      if (found.event === null) return `id|${found.lastEventId}`;
      return `${found.event.type}|${found.event.data}|${found.lastEventId}`;
    });
  });
}

describe("26.25: an event stream", () => {
  test.each(STREAMS)("%s", (_, stream, events) => {
    expect(parse([stream])).toEqual(events);
  });

  test.each(STREAMS)("%s, byte by byte", (_, stream, events) => {
    expect(parse([...new TextEncoder().encode(stream)].map((byte) => Uint8Array.of(byte)))).toEqual(events);
  });

  test("is the same however it is cut", () => {
    const piece = fc.constantFrom(
      "data",
      "id",
      "event",
      "retry",
      ":",
      " ",
      "\n",
      "\r",
      "\r\n",
      "\0",
      "x",
      "é",
      "€",
      "𝄞",
      "1",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 8 }), (pieces, cuts) => {
        const bytes = new TextEncoder().encode(pieces.join(""));
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        expect(parse(chunks)).toEqual(parse([bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  test("an event is there as soon as its blank line is, though it ends with CR", () => {
    const parser = new EventStreamParser("");
    const feed = (text: string): unknown[] => [...parser.feed(new TextEncoder().encode(text))];
    expect(feed("data:a\r\r")).toHaveLength(1);
    expect(feed("\ndata:b\n\n")).toHaveLength(1);
  });

  test("bytes that are no UTF-8 are U+FFFD", () => {
    expect(parse([Uint8Array.of(...Buffer.from("data:"), 0xff, 0x0a, 0x0a)])).toEqual(["message|\u{FFFD}|"]);
  });

  test("goes on with the last event ID of the stream before", () => {
    expect(parse(["data: a\n\nid: 2\n\n"], "1")).toEqual(["message|a|1", "id|2"]);
  });
});
