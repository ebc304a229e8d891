/**
 * The server that clients talk to, in a process of its own: `server.ts [KEY CERT]` tells its port, and with a key and a
 * certificate another one, where it speaks HTTP/2 and HTTP/1.1 over TLS. `/put/SECONDS` grants preflights for so long.
 */

import { readFileSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { type Http2ServerRequest, type Http2ServerResponse, createSecureServer } from "node:http2";
import type { AddressInfo, Server } from "node:net";

const BODIES: Readonly<Record<string, Buffer>> = {
  "/": Buffer.from(JSON.stringify({ hello: "world" })),
  "/mebibyte": Buffer.alloc(1 << 20, "a"),
};
const OTHER = Buffer.from(JSON.stringify({ ok: true }));

function answer(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
  const { method, url = "/" } = request;
  response.setHeader("Access-Control-Allow-Origin", "*");
  if (method === "OPTIONS") {
    // happy-dom asks for every method.
    response.setHeader("Access-Control-Allow-Methods", "GET, PUT");
    response.setHeader("Access-Control-Allow-Headers", "*");
    response.setHeader("Access-Control-Max-Age", url.slice("/put/".length));
    response.statusCode = 204;
    response.end();
    return;
  }
  const body = BODIES[url] ?? OTHER;
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Content-Length", body.byteLength);
  request.resume();
  request.once("end", () => void response.end(body));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", 1024, () => resolve((server.address() as AddressInfo).port));
  });
}

const [key, cert] = process.argv.slice(2);
const port = await listen(createServer({ keepAliveTimeout: 600_000 }, answer));
const pair = key === undefined || cert === undefined ? null : { key: readFileSync(key), cert: readFileSync(cert) };
const securePort = pair === null ? null : await listen(createSecureServer({ ...pair, allowHTTP1: true }, answer));
process.on("disconnect", () => process.exit(0));
process.send?.({ port, securePort });
