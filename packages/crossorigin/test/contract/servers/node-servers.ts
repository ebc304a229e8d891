/** Node's own servers, and a connect-style chain on top. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createSecureServer, createServer as createHttp2Server } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import compression from "compression";
import { cors, withCors } from "../../../src/adapters/node.ts";
import { type Request, type Response, authenticate, nodeApplication } from "../applications/node-application.ts";
import type { Departures } from "../server.ts";
import type { Setup } from "../setups.ts";
import { contractServer, listen } from "./listening.ts";

const WRAPPED: Departures = {
  noGuard: "a wrapper stands outside of everything, so there is nothing before it",
  noCompression: "no chain of middleware",
};

type Handler = (request: never, response: never) => unknown;

/** The wrapper around any request handler, mounted as the setup says. */
export function wrapped(setup: Setup, handler: Handler) {
  const { source, options, inner } = setup;
  const application = inner === null ? handler : withCors(inner.source, handler, inner.options);
  return withCors(source, application as (request: Request, response: never) => unknown, options) as (
    request: unknown,
    response: unknown,
  ) => void;
}

function keyPair(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "contract-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const files = ["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=api.example"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...files], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let madeKeyPair: ReturnType<typeof keyPair> | null = null;
const ownKeyPair = (): ReturnType<typeof keyPair> => (madeKeyPair ??= keyPair());

type Middleware = (request: Request, response: Response, next: () => unknown) => unknown;

/** As connect does it, and no more. */
function connectChain(setup: Setup): (request: Request, response: Response) => unknown {
  const { source, options, inner } = setup;
  const compress = compression({ threshold: 0 }) as unknown as Middleware;
  const mounted = cors(source, options) as unknown as Middleware;
  const chain: Middleware[] = [
    ...(setup.isGuarded ? [authenticate] : []),
    ...(setup.compression === "before" ? [compress] : []),
    mounted,
    ...(setup.compression === "after" ? [compress] : []),
    ...(inner === null ? [] : [cors(inner.source, inner.options) as unknown as Middleware]),
  ];
  const application = nodeApplication(setup);
  return (request, response) => {
    const run = (index: number): unknown => {
      const middleware = chain[index];
      return middleware === undefined
        ? application(request, response)
        : middleware(request, response, () => run(index + 1));
    };
    return run(0);
  };
}

export const nodeServers = [
  contractServer("withCors on node:http", WRAPPED, (setup) =>
    listen(createServer(wrapped(setup, nodeApplication(setup)))),
  ),
  contractServer(
    "withCors on node:https",
    WRAPPED,
    (setup) => listen(createHttpsServer(ownKeyPair(), wrapped(setup, nodeApplication(setup)))),
    "https",
  ),
  contractServer(
    "withCors on node:http2 in clear text",
    WRAPPED,
    (setup) => listen(createHttp2Server(wrapped(setup, nodeApplication(setup)))),
    "h2c",
  ),
  contractServer(
    "withCors on node:http2 over TLS",
    WRAPPED,
    (setup) => listen(createSecureServer(ownKeyPair(), wrapped(setup, nodeApplication(setup)))),
    "h2",
  ),
  contractServer(
    "cors in a connect-style chain",
    { guardIsUnknown: "a chain does not tell what runs before" },
    (setup) => listen(createServer(connectChain(setup) as never)),
  ),
];
