/** Servers on loopback, and user agents that reach them under names. Everything is closed when the test ends. */

import { type IncomingMessage, type RequestListener, type Server, createServer } from "node:http";
import { type AddressInfo, type Server as NetServer, type Socket, createServer as createNetServer } from "node:net";
import type { TraceEvent } from "crossorigin/fetching";
import { onTestFinished } from "vitest";
import {
  type Client,
  type UserAgent,
  type UserAgentOptions,
  createUserAgent,
  networkErrorReason,
} from "@crossorigin/useragent";

interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly port: number;
}

export interface Loopback {
  readonly port: number;
  readonly requests: Recorded[];
  /** Connections that were ever opened. */
  connectionCount(): number;
  openConnections(): Promise<number>;
}

/** An HTTP server that records what it was asked before `listener` answers. */
export async function serve(listener: RequestListener): Promise<Loopback> {
  const requests: Recorded[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      const port = request.socket.remotePort ?? 0;
      requests.push({ method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString("latin1"), port });
      listener(request, response);
    });
    request.on("error", () => {});
  });
  let count = 0;
  server.on("connection", () => count++);
  const port = await listen(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port,
    requests,
    connectionCount: () => count,
    openConnections: () => connectionsOf(server),
  };
}

export interface RawLoopback {
  readonly port: number;
  readonly sockets: Socket[];
  /** What all sockets have sent. */
  received(): string;
  openConnections(): Promise<number>;
}

/** A server that gets sockets and writes what it likes. */
export async function serveRaw(
  onHead: (socket: Socket, head: string) => void,
  onConnection?: (socket: Socket) => void,
): Promise<RawLoopback> {
  const sockets: Socket[] = [];
  let received = "";
  const server = createNetServer((socket) => {
    sockets.push(socket);
    let head = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const current = head;
      head = "";
      onHead(socket, current);
    });
    onConnection?.(socket);
  });
  const port = await listen(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port, sockets, received: () => received, openConnections: () => connectionsOf(server) };
}

export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function connectionsOf(server: NetServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

export interface Agent {
  readonly userAgent: UserAgent;
  readonly page: Client;
  readonly trace: TraceEvent[];
}

/** A user agent that finds every name on loopback, and a page at `http://foo.example/dir/page`. */
export function agent(options: UserAgentOptions = {}, pageUrl = "http://foo.example/dir/page"): Agent {
  const trace: TraceEvent[] = [];
  const userAgent = createUserAgent({
    resolve: (hostname) => (hostname.endsWith(".invalid") ? undefined : "127.0.0.1"),
    timeoutMilliseconds: 5000,
    onTrace: (event) => trace.push(event),
    ...options,
  });
  onTestFinished(() => userAgent.close());
  return { userAgent, page: userAgent.client({ url: pageUrl }), trace };
}

/** What the promise rejected with; fails if it did not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new Error(`Did not reject, but resolved with ${String(outcome.value)}.`);
}

/** The code behind a rejection with a bare `TypeError`. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return networkErrorReason(await rejection(promise))?.code;
}

/** Waits until `condition` holds; fails after two seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 2000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("The condition did not come true within two seconds.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
