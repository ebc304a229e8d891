/** Servers on loopback that a test starts and that end with it. */

import { type RequestListener, createServer as createHttpServer } from "node:http";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { onTestFinished } from "vitest";

/** An HTTP server; returns its URL without a path. */
export async function httpServer(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await start(createHttpServer(listener))}`;
}

/** A server of bare connections; returns its URL as if it spoke HTTP. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  return `http://127.0.0.1:${await start(server)}`;
}

/** Answers each connection's first bytes with `answer`, and closes unless it is to stay open. */
export function rawAnswer(answer: string | Buffer, { stayOpen = false } = {}): Promise<string> {
  return rawServer((socket) => {
    socket.once("data", () => {
      if (stayOpen) socket.write(answer);
      else socket.end(answer);
    });
  });
}

/** Starts any server on a free port of loopback, to be closed when the test ends. */
export async function start(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
