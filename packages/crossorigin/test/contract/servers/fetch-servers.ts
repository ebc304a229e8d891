/** Fetch handlers and Hono on Node, by `@hono/node-server`. */

import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { getRequestListener } from "@hono/node-server";
import { FETCH_SERVERS } from "../applications/fetch-servers-by-name.ts";
import { contractServer, listen } from "./listening.ts";

export const fetchServers = Object.entries(FETCH_SERVERS).flatMap(([name, { departures, open }]) => [
  contractServer(`${name} on Node`, departures, (setup) => {
    const listener = getRequestListener(open(setup));
    return listen(createServer((request, response) => void listener(request, response)));
  }),
  contractServer(
    `${name} on Node over HTTP/2`,
    departures,
    (setup) => {
      const listener = getRequestListener(open(setup));
      return listen(createHttp2Server((request, response) => void listener(request, response)));
    },
    "h2c",
  ),
]);
