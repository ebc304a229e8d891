/**
 * A response's body, read as far as it takes to know whether it can be read.
 *
 * @module
 */

/** What became of it. `limit` says why it was not read to its end. */
export type BodyReading =
  | { readonly kind: "whole" }
  | { readonly kind: "cut"; readonly bytes: number; readonly limit: "size" | "time" }
  | { readonly kind: "failed"; readonly bytes: number; readonly error: unknown };

/** Attack: an endless body ends here. Bytes are counted after decoding. */
export const MAX_READ_BYTES: number = 1024 * 1024;
/** A stream of events has a body that never ends, and is fine. */
export const MAX_READ_MILLISECONDS: number = 3000;

/** Never rejects. Takes at most three seconds, or `timeoutMilliseconds` if that is less. Lets go of the body. */
export async function readBody(body: ReadableStream<Uint8Array>, timeoutMilliseconds: number): Promise<BodyReading> {
  const reader = body.getReader();
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutMilliseconds, MAX_READ_MILLISECONDS), null);
  });
  try {
    while (bytes <= MAX_READ_BYTES) {
      const result = await Promise.race([reader.read(), timeUp]);
      if (result === null) return { kind: "cut", bytes, limit: "time" };
      if (result.done) return { kind: "whole" };
      bytes += result.value.byteLength;
    }
    return { kind: "cut", bytes: MAX_READ_BYTES, limit: "size" };
  } catch (error) {
    return { kind: "failed", bytes, error };
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
