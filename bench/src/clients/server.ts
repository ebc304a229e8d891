/** The server that clients talk to, in a process of its own: `server.ts` tells its port. `/put/SECONDS` grants preflights for so long. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const BODIES: Readonly<Record<string, Buffer>> = {
  "/": Buffer.from(JSON.stringify({ hello: "world" })),
  "/mebibyte": Buffer.alloc(1 << 20, "a"),
};
const OTHER = Buffer.from(JSON.stringify({ ok: true }));

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
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
  response.setHeader("Content-Type", "application/json").setHeader("Content-Length", body.byteLength);
  request.resume().once("end", () => response.end(body));
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", 1024, () => process.send?.({ port: (server.address() as AddressInfo).port }));
