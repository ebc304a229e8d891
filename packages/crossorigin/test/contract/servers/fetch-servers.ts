/** Fetch handlers and Hono on Node, by `@hono/node-server`. */

import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { FETCH_SERVERS } from "../applications/fetch-servers-by-name.ts";
import { contractServer } from "./listening.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

function served(fetch: Fetch): Promise<{ readonly port: number; readonly close: () => Promise<unknown> }> {
  return new Promise((resolve) => {
    const server: ServerType = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }: AddressInfo) =>
      resolve({
        port,
        close: () =>
          new Promise((closed) => {
            server.close(closed);
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      }),
    );
  });
}

export const fetchServers = Object.entries(FETCH_SERVERS).map(([name, { departures, open }]) =>
  contractServer(`${name} on Node`, departures, (setup) => served(open(setup))),
);
