/** Express 5 and 4, with the middleware and in the wrapper. */

import { createServer } from "node:http";
import express from "express";
import express4 from "express-4";
import { expressApplication } from "../applications/express-application.ts";
import type { Departures } from "../server.ts";
import { contractServer, listen } from "./listening.ts";
import { wrapped } from "./node-servers.ts";

const MOUNTED: Departures = {
  redirectVary: ["accept", "Express words a redirect's body by `Accept`"],
};

const WRAPPED: Departures = {
  ...MOUNTED,
  noGuard: "a wrapper stands outside of everything, so there is nothing before it",
};

export const expressServers = [["Express 5", express] as const, ["Express 4", express4] as const].flatMap(
  ([name, create]) => [
    contractServer(`cors on ${name}`, MOUNTED, (setup) =>
      listen(createServer(expressApplication(create, setup, true))),
    ),
    contractServer(`withCors around ${name}`, WRAPPED, (setup) =>
      listen(createServer(wrapped(setup, expressApplication(create, setup, false)))),
    ),
  ],
);
