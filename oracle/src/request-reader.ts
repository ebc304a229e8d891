/** Reads HTTP/1.1 requests off a socket as they are: header lines with their case and order, bodies decoded. */

export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  /** As on the wire, latin-1. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** latin-1. */
  readonly body: string;
}

export class RequestReader {
  #buffer = Buffer.alloc(0);
  readonly #onRequest: (request: ReceivedRequest) => void;

  constructor(onRequest: (request: ReceivedRequest) => void) {
    this.#onRequest = onRequest;
  }

  push(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const read = readRequest(this.#buffer);
      if (read === null) return;
      this.#buffer = this.#buffer.subarray(read.length);
      this.#onRequest(read.request);
    }
  }
}

/** The request in front, and how many bytes it takes; null if it is not complete. */
function readRequest(buffer: Buffer): { readonly request: ReceivedRequest; readonly length: number } | null {
  const end = buffer.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [requestLine = "", ...lines] = buffer.toString("latin1", 0, end).split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
  });
  const start = end + 4;
  const valueOf = (name: string): string => headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
  if (/chunked/i.test(valueOf("transfer-encoding"))) {
    const body = readChunks(buffer, start);
    return body && { request: { method, target, headers, body: body.text }, length: body.end };
  }
  const length = start + Number(valueOf("content-length") || 0);
  if (buffer.length < length) return null;
  return { request: { method, target, headers, body: buffer.toString("latin1", start, length) }, length };
}

function readChunks(buffer: Buffer, start: number): { readonly text: string; readonly end: number } | null {
  let [text, position] = ["", start];
  for (;;) {
    const lineEnd = buffer.indexOf("\r\n", position);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(buffer.toString("latin1", position, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (buffer.length < next) return null;
    if (size === 0) return { text, end: next };
    text += buffer.toString("latin1", lineEnd + 2, lineEnd + 2 + size);
    position = next;
  }
}
