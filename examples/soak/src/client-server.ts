/** The server of the client's soak, in a process of its own and on two ports, two origins: tells them, and how many connections are open when asked. */

import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

const LONG = Buffer.alloc(200_000, "a");
const ZIPPED = gzipSync("ok");

const listener: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const { origin } = request.headers;
  // `/withheld` grants nothing to nobody.
  if (origin !== undefined && pathname !== "/withheld") response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  if (request.method === "OPTIONS") {
    if (pathname !== "/refused") response.setHeader("Access-Control-Allow-Methods", "PUT");
    response.setHeader("Access-Control-Allow-Headers", "x-soak, content-type");
    response.setHeader("Access-Control-Max-Age", searchParams.get("max-age") ?? "0");
    response.writeHead(204).end();
    return;
  }
  request.resume();
  switch (pathname) {
    case "/cookies":
      response.setHeader("Set-Cookie", `soak${searchParams.get("number")}=1; Path=/cookies; Max-Age=600`).end("ok");
      break;
    case "/redirect":
      response.writeHead(302, { Location: searchParams.get("to") ?? "/" }).end();
      break;
    case "/long":
      response.end(LONG);
      break;
    case "/zipped":
      response.setHeader("Content-Encoding", "gzip").end(ZIPPED);
      break;
    case "/reset":
      response.destroy();
      break;
    case "/stalled":
      response.write("o");
      break;
    case "/silent":
      break;
    default:
      // After the request, so that its connection can be used again.
      request.once("end", () => response.end("ok"));
  }
};

const servers = [createServer(listener), createServer(listener)];
for (const server of servers) await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", 1024, resolve));

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

process.on("disconnect", () => process.exit(0));
process.on("message", () => {
  void Promise.all(servers.map(connections)).then((counts) => process.send?.(counts));
});
process.send?.(servers.map((server) => (server.address() as AddressInfo).port));
