/**
 * A response's body, read as far as it takes to know whether it can be read.
 *
 * @module
 */

/** What became of it. `limit` says why it was not read to its end; `overdue` is a body of a known length that did not come in time. */
export type BodyReading =
  | { readonly kind: "whole" }
  | { readonly kind: "overdue"; readonly bytes: number; readonly contentLength: number }
  | { readonly kind: "cut"; readonly bytes: number; readonly limit: "size" | "time" }
  | {
      readonly kind: "failed";
      readonly bytes: number;
      readonly contentLength: number | null;
      readonly error: unknown;
    };

/** Attack: an endless body ends here. Bytes are counted after decoding. */
export const MAX_READ_BYTES: number = 1024 * 1024;
/** A stream of events has a body that never ends, and is fine. */
const MAX_READ_MILLISECONDS = 3000;

/** How long a body is waited for: one that says its length for as long as everything, any other for three seconds at most. */
export function readingMilliseconds(contentLength: number | null, timeoutMilliseconds: number): number {
  return contentLength === null ? Math.min(timeoutMilliseconds, MAX_READ_MILLISECONDS) : timeoutMilliseconds;
}

/** What a body is that did not come to its end in time: without a length it may have none. */
export function lateReading(bytes: number, contentLength: number | null): BodyReading {
  return contentLength === null ? { kind: "cut", bytes, limit: "time" } : { kind: "overdue", bytes, contentLength };
}

/** The length that the header says; null if it says none. */
export function parseContentLength(value: string | null): number | null {
  return value !== null && /^[0-9]+$/.test(value) ? Number(value) : null;
}

/** Never rejects. Takes no longer than {@link readingMilliseconds}. Lets go of the body. */
export async function readBody(
  body: ReadableStream<Uint8Array>,
  contentLength: number | null,
  timeoutMilliseconds: number,
): Promise<BodyReading> {
  const reader = body.getReader();
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, readingMilliseconds(contentLength, timeoutMilliseconds), null);
  });
  try {
    while (bytes <= MAX_READ_BYTES) {
      const result = await Promise.race([reader.read(), timeUp]);
      if (result === null) return lateReading(bytes, contentLength);
      if (result.done) return { kind: "whole" };
      bytes += result.value.byteLength;
    }
    return { kind: "cut", bytes: MAX_READ_BYTES, limit: "size" };
  } catch (error) {
    return { kind: "failed", bytes, contentLength, error };
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

/** For the line on what the page sees; empty if there is nothing to add. */
export function describeBodyReading(reading: BodyReading | null): string {
  if (reading?.kind !== "cut") return "";
  if (reading.limit === "size") return `not read beyond ${MAX_READ_BYTES / 1024} KiB`;
  return `not read to its end: ${reading.bytes} ${reading.bytes === 1 ? "byte" : "bytes"} came, and then no more in time`;
}
