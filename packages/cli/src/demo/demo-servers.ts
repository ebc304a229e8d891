/**
 * The servers of the demonstration: the page's and the resources', on loopback only.
 *
 * @module
 */

import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError, systemReason } from "../usage-error.ts";
import { type Handler, resourceRoutes } from "./resource-routes.ts";
import type { DemoPorts } from "./scenario.ts";

const LOOPBACK = "127.0.0.1";

/** One request that reached the resources' server. */
export interface WireEntry {
  readonly method: string;
  readonly path: string;
  /** 0 as long as no answer was written. */
  status: number;
}

export interface DemoServers {
  readonly ports: DemoPorts;
  /** What reached the resources' server, in order; grows. */
  readonly log: readonly WireEntry[];
  /** Gives the page's server its content. */
  serveThePage(handler: Handler): void;
  close(): Promise<void>;
}

/** Ports of 0 are chosen by the system. @throws UsageError for a port that cannot be used */
export async function startDemoServers(pagePort: number, resourcePort: number): Promise<DemoServers> {
  const log: WireEntry[] = [];
  let pageHandler: Handler = notFound;
  let routes: ReadonlyMap<string, Handler> = new Map();
  const page = createServer((request, response) => void answer(pageHandler, request, response));
  const resource = createServer((request, response) => {
    const path = pathOf(request);
    const entry: WireEntry = { method: request.method ?? "", path, status: 0 };
    log.push(entry);
    response.once("finish", () => {
      entry.status = response.statusCode;
    });
    void answer(routes.get(path) ?? notFound, request, response);
  });
  const close = async (): Promise<void> => {
    await Promise.all([page, resource].map(stop));
  };
  try {
    const ports = {
      page: await listen(page, pagePort, "--page-port"),
      resource: await listen(resource, resourcePort, "--resource-port"),
      nobody: await unusedPort(),
    };
    routes = resourceRoutes(ports);
    return { ports, log, close, serveThePage: (handler) => void (pageHandler = handler) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A request's path, without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").replace(/\?.*$/s, "");
}

async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await handler(request, response);
  } catch {
    // The client went away in the middle of its body; there is nobody to tell.
    response.destroy();
  }
}

const notFound: Handler = (request, response) => {
  request.resume();
  response.writeHead(404, { "Content-Type": "text/plain" }).end("not found\n");
};

function listen(server: Server, port: number, option: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const other = option === "" ? "" : `; choose another with ${option}`;
      reject(new UsageError(`port ${port} cannot be used: ${systemReason(error)}${other}`));
    });
    server.listen(port, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });
}

/** A port that was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0, "");
  await stop(server);
  return port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
