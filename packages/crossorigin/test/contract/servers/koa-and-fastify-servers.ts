/** Koa 3 and Fastify 5, with what is mounted and in the wrapper. */

import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { fastifyApplication } from "../applications/fastify-application.ts";
import { koaApplication } from "../applications/koa-application.ts";
import { contractServer, listen } from "./listening.ts";
import { wrapped } from "./node-servers.ts";

const noCompression = "compression there is no connect-style middleware";
const noGuard = "a wrapper stands outside of everything, so there is nothing before it";

const badUrlIsNotGranted = "Fastify answers a URL that it cannot decode before any hook runs";

async function opened(application: FastifyInstance) {
  await application.listen({ port: 0, host: "127.0.0.1" });
  return { port: (application.server.address() as AddressInfo).port, close: () => application.close() };
}

export const koaServers = [
  contractServer("cors on Koa", { noCompression }, (setup) => {
    const handler = koaApplication(setup, true).callback();
    return listen(createServer((request, response) => void handler(request, response)));
  }),
  contractServer(
    "cors on Koa over HTTP/2",
    { noCompression },
    (setup) => {
      const handler = koaApplication(setup, true).callback();
      return listen(createHttp2Server((request, response) => void handler(request, response)));
    },
    "h2c",
  ),
  contractServer("withCors around Koa", { noCompression, noGuard }, (setup) =>
    listen(createServer(wrapped(setup, koaApplication(setup, false).callback()))),
  ),
];

export const fastifyServers = [
  contractServer("cors on Fastify", { noCompression, badUrlIsNotGranted }, async (setup) =>
    opened(await fastifyApplication(setup)),
  ),
  contractServer(
    "cors on Fastify over HTTP/2",
    { noCompression, badUrlIsNotGranted },
    async (setup) => opened(await fastifyApplication(setup, undefined, true)),
    "h2c",
  ),
  contractServer("withCors as Fastify's server factory", { noCompression, noGuard }, async (setup) =>
    opened(await fastifyApplication(setup, (handler) => createServer(wrapped(setup, handler)))),
  ),
];
