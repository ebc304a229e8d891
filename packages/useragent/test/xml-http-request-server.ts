/** The server of the page scripts: what each path does, under every name. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

type Answer = (request: IncomingMessage, response: ServerResponse, query: string, body: string) => void;

/** The steps, never closer together than 120 ms, which is more than page code waits for two progress events. */
function later(first: () => void, ...others: (() => void)[]): void {
  first();
  const [second, ...rest] = others;
  if (second !== undefined) setTimeout(() => later(second, ...rest), 120);
}

const HEADERS: readonly (readonly [string, string])[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "x-a, X-B, set-cookie, x_a, foo"],
  ["X-A", "1"],
  ["x-a", "2"],
  ["X-B", ""],
  ["X-Hidden", "h"],
  ["Set-Cookie", "a=b"],
  ["Content-Type", "text/plain"],
  ["x_a", "3"],
  ["foo", "4"],
  ["Content-Length", "0"],
];

const ANSWERS: Readonly<Record<string, Answer>> = {
  "/": (_, response) =>
    response.setHeader("Content-Type", "text/html").end("<!doctype html><link rel=icon href=data:,>"),
  "/plain": (_, response) => response.setHeader("Content-Length", 5).end("hello"),
  "/no-cors": (_, response) => {
    response.removeHeader("Access-Control-Allow-Origin");
    response.end("secret");
  },
  "/chunks": (_, response) =>
    later(
      () => response.write("one"),
      () => response.write("two"),
      () => response.write("three"),
      () => response.end(),
    ),
  "/halves": (_, response) =>
    later(
      () => response.write(Buffer.from([0xe2])),
      () => response.write(Buffer.from([0x82])),
      () => response.write(Buffer.from([0xac, 0xf0])),
      () => response.end(),
    ),
  "/empty": (_, response) => response.setHeader("Content-Length", 0).end(),
  "/status": (_, response, query) => response.writeHead(Number(query)).end(),
  "/redirect": (_, response, query) => {
    const [status = "302", location = ""] = query.split(" ");
    response.writeHead(Number(status), { Location: location }).end();
  },
  "/echo": (request, response, _, body) =>
    response.end(
      JSON.stringify({
        method: request.method,
        type: request.headers["content-type"]?.replace(/boundary=.*/, "boundary") ?? null,
        length: /multipart/.test(request.headers["content-type"] ?? "")
          ? null
          : (request.headers["content-length"] ?? null),
        a: request.headers["x-a"] ?? null,
        empty: request.headers["x-empty"] ?? null,
        cookie: request.headers.cookie ?? null,
        body: body.replaceAll(/--+[^\r\n-]+(?:-[\w-]+)*/g, "--boundary"),
      }),
    ),
  "/granted-then-withheld": (_, response) => {
    response.removeHeader("Access-Control-Allow-Origin");
    response.end("secret");
  },
  "/silence": () => {},
  "/head-then-silence": (_, response) => response.write("abc"),
  "/break": (_, response) => {
    response.setHeader("Content-Length", 100);
    later(
      () => response.write("0123456789"),
      () => response.destroy(),
    );
  },
  "/typed": (_, response, query) => {
    const split = query.lastIndexOf(" ");
    response.setHeader("Content-Type", query.slice(0, split)).end(Buffer.from(query.slice(split + 1), "hex"));
  },
  "/headers": (_, response) => response.writeHead(200, "Fine thing", HEADERS.flat()).end(),
  "/gzip": (_, response) => {
    const encoded = gzipSync("a".repeat(1000));
    response.setHeader("Content-Encoding", "gzip").setHeader("Content-Length", encoded.byteLength).end(encoded);
  },
};

/** Answers that come in pieces. */
const SPACED: ReadonlySet<string> = new Set(["/chunks", "/halves", "/head-then-silence", "/break"]);

/** @param onRequest - hears `METHOD /path` before the answer */
export function createScriptListener(
  onRequest: (line: string) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [path = "", query = ""] = decodeURIComponent(request.url ?? "").split(/\?(.*)/s);
      onRequest(`${request.method ?? ""} ${path}`);
      const { origin } = request.headers;
      response.setHeader("Access-Control-Allow-Origin", origin ?? "*");
      response.setHeader("Cache-Control", "no-store");
      // Chromium waits for more of a body before it tells of it if it has to guess the type.
      response.setHeader("X-Content-Type-Options", "nosniff");
      if (SPACED.has(path)) response.setHeader("Content-Type", "text/plain");
      if (origin !== undefined) response.setHeader("Access-Control-Allow-Credentials", "true");
      if (request.method === "OPTIONS" && path !== "/refused") {
        response.setHeader("Access-Control-Allow-Headers", request.headers["access-control-request-headers"] ?? "");
        response.setHeader("Access-Control-Max-Age", "0");
        response.writeHead(204).end();
        return;
      }
      const answer = ANSWERS[path];
      if (answer === undefined) response.writeHead(404).end();
      else answer(request, response, query, Buffer.concat(chunks).toString("latin1"));
    });
  };
}
