/** A client that sends what it is told, byte for byte, and reads what comes back, line for line. */

import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { type Socket, connect } from "node:net";
import { connect as connectTls } from "node:tls";

export type Line = readonly [name: string, value: string];
export type Protocol = "http" | "https" | "h2c" | "h2";

export interface Target {
  readonly protocol: Protocol;
  readonly port: number;
  readonly host: string;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly lines: readonly Line[];
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  /** The reason phrase; empty over HTTP/2, which has none. */
  readonly reason: string;
  /** In order, names in lower case. */
  readonly lines: readonly Line[];
  readonly body: string;
}

const TIMEOUT_MILLISECONDS = 5000;

/** Sends all requests at once, on one connection, and answers with the responses in the same order. */
export function ask(target: Target, requests: readonly Asked[]): Promise<readonly Answered[]> {
  return target.protocol === "h2" || target.protocol === "h2c"
    ? askHttp2(target, requests)
    : askHttp1(target, requests);
}

/** Sends a request and leaves before there is an answer. */
export async function leave({ protocol, port, host }: Target, request: Asked): Promise<void> {
  const isTls = protocol === "https" || protocol === "h2";
  const socket = isTls
    ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
    : connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, isTls ? "secureConnect" : "connect");
  // To a server of HTTP/2 it is noise, which is fine, too.
  socket.write(headText(request, host));
  await new Promise((resolve) => setTimeout(resolve, 1));
  socket.destroy();
}

function headText({ method, path, lines, body }: Asked, host: string): string {
  const all: Line[] = [["Host", host], ...lines];
  if (body !== undefined) all.push(["Content-Length", String(Buffer.byteLength(body))]);
  return `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body ?? ""}`;
}

function askHttp1({ protocol, port, host }: Target, requests: readonly Asked[]): Promise<readonly Answered[]> {
  return new Promise((resolve, reject) => {
    const socket: Socket =
      protocol === "https"
        ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
        : connect(port, "127.0.0.1");
    let received = Buffer.alloc(0);
    let isEnded = false;
    const finish = (error: Error | null, answers: readonly Answered[] = []): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === null) resolve(answers);
      else reject(error);
    };
    const text = (): string => received.toString("latin1");
    const timer = setTimeout(
      () => finish(new Error(`No whole answer in time, but ${JSON.stringify(text())}`)),
      TIMEOUT_MILLISECONDS,
    );
    const read = (): void => {
      const answers = parseResponses(text(), requests, isEnded);
      if (answers.length === requests.length) finish(null, answers);
      else if (isEnded) finish(new Error(`The connection ended after ${JSON.stringify(text())}`));
    };
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      read();
    });
    socket.on("end", () => {
      isEnded = true;
      read();
    });
    socket.on("error", finish);
    // In one piece, so that a server cannot wait for one request before it reads the next.
    socket.write(requests.map((request) => headText(request, host)).join(""));
  });
}

/** The responses that have come whole. */
function parseResponses(text: string, requests: readonly Asked[], isEnded: boolean): Answered[] {
  const answers: Answered[] = [];
  let rest = text;
  while (answers.length < requests.length) {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd === -1) return answers;
    const [statusLine = "", ...fields] = rest.slice(0, headEnd).split("\r\n");
    const lines = fields.map((field): Line => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    });
    const status = Number(statusLine.split(" ")[1]);
    // An interim response; after 101 it is no HTTP any more.
    if (status < 200 && status !== 101) {
      rest = rest.slice(headEnd + 4);
      continue;
    }
    const body = parseBody(
      rest.slice(headEnd + 4),
      lines,
      requests[answers.length]?.method === "HEAD" || status === 204 || status === 304 || status === 101,
      isEnded,
    );
    if (body === null) return answers;
    answers.push({ status, reason: statusLine.split(" ").slice(2).join(" "), lines, body: body.body });
    rest = body.rest;
  }
  return answers;
}

function parseBody(
  text: string,
  lines: readonly Line[],
  isEmpty: boolean,
  isEnded: boolean,
): { readonly body: string; readonly rest: string } | null {
  if (isEmpty) return { body: "", rest: text };
  const find = (wanted: string): string | undefined => lines.find(([name]) => name === wanted)?.[1];
  if (find("transfer-encoding") === "chunked") {
    let body = "";
    for (let rest = text; ;) {
      const sizeEnd = rest.indexOf("\r\n");
      if (sizeEnd === -1) return null;
      const size = Number.parseInt(rest, 16);
      const start = sizeEnd + 2;
      if (rest.length < start + size + 2) return null;
      body += rest.slice(start, start + size);
      rest = rest.slice(start + size + 2);
      if (size === 0) return { body, rest };
    }
  }
  const length = find("content-length");
  if (length === undefined) return isEnded ? { body: text, rest: "" } : null;
  return text.length < Number(length)
    ? null
    : { body: text.slice(0, Number(length)), rest: text.slice(Number(length)) };
}

async function askHttp2({ protocol, port, host }: Target, requests: readonly Asked[]): Promise<readonly Answered[]> {
  const session = connectHttp2(`${protocol === "h2" ? "https" : "http"}://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
  });
  try {
    return await Promise.all(
      requests.map(
        ({ method, path, lines, body }) =>
          new Promise<Answered>((resolve, reject) => {
            const head = [":method", method, ":path", path, ":authority", host, ":scheme", "http"];
            const stream = session.request(
              [...head, ...lines.flatMap(([name, value]) => [name.toLowerCase(), value])] as never,
              { endStream: body === undefined },
            );
            stream.setTimeout(TIMEOUT_MILLISECONDS, () => stream.close(constants.NGHTTP2_CANCEL));
            let status = 0;
            let received: Line[] = [];
            let text = "";
            stream.on("response", (headers, _flags, raw: unknown) => {
              status = headers[":status"] ?? 0;
              const flat = raw as string[];
              received = flat.flatMap((name, index): Line[] =>
                index % 2 === 0 && !name.startsWith(":") ? [[name, flat[index + 1] ?? ""]] : [],
              );
            });
            stream.setEncoding("latin1");
            stream.on("data", (chunk: string) => {
              text += chunk;
            });
            stream.on("end", () => resolve({ status, reason: "", lines: received, body: text }));
            stream.on("error", reject);
            session.on("error", reject);
            if (body !== undefined) stream.end(body);
          }),
      ),
    );
  } finally {
    session.destroy();
  }
}
