/** One small application behind each library, and behind our policy, for {@link "./migrate-differences.test.ts"}. */

import {
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  createServer,
  request as httpRequest,
} from "node:http";
import type { AddressInfo } from "node:net";
import fastifyCors from "@fastify/cors";
import koaCors from "@koa/cors";
import type { PolicyConfig } from "crossorigin";
import { withCors as withFetchCors } from "crossorigin/fetch";
import { withCors as withNodeCors } from "crossorigin/node";
import expressCors from "cors";
import fastify from "fastify";
import { Hono } from "hono";
import { cors as honoCors } from "hono/cors";
import Koa from "koa";
import type { Library } from "../src/migrate/old-cors.ts";

export type Lines = readonly (readonly [name: string, value: string])[];

export interface Sent {
  readonly method: string;
  /** `/` answers anything, `/own` sets a grant itself, `/throw` throws. */
  readonly path: string;
  readonly lines: Lines;
}

export interface Received {
  readonly status: number;
  /** By name in lower case; several lines joined. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A running application. */
export interface Application {
  send(sent: Sent): Promise<Received>;
  close(): Promise<void>;
}

export const OWN_ORIGIN = "https://own.example";

/** The application behind the real library. `options` are handed to it as they are. */
export async function oldApplication(library: Library, options: unknown): Promise<Application> {
  if (library === "hono") return hono(options);
  return listen(await NODE_APPLICATIONS[library](options));
}

function hono(options: unknown): Application {
  const application = honoApplication(options);
  return fetchApplication((request) => application.fetch(request));
}

/** The grant that `/own` sets is reported. */
const SILENT = { onProblem: (): void => {} };

/** The same application without the library, behind our adapter. */
export async function newApplication(library: Library, policy: PolicyConfig | null): Promise<Application> {
  if (library === "hono") {
    const application = honoApplication(null);
    const handler = (request: Request): Response | Promise<Response> => application.fetch(request);
    return fetchApplication(policy === null ? handler : withFetchCors(policy, handler, SILENT));
  }
  const listener = await NODE_APPLICATIONS[library](null);
  return listen(policy === null ? listener : withNodeCors(policy, listener, SILENT));
}

const NODE_APPLICATIONS: Readonly<Record<Exclude<Library, "hono">, (options: unknown) => Promise<RequestListener>>> = {
  express: async (options) => {
    const middleware = options === null ? null : expressCors(options);
    return (request, response) => {
      if (middleware === null) answer(request, response);
      else middleware(request, response, () => answer(request, response));
    };
  },
  fastify: async (options) => {
    const application = fastify();
    if (options !== null) await application.register(fastifyCors, options as object);
    application.all("/", (_, reply) => reply.header("X-Reached", "yes").send("hello"));
    application.all("/own", (_, reply) =>
      reply.header("X-Reached", "yes").header("Access-Control-Allow-Origin", OWN_ORIGIN).send("hello"),
    );
    application.all("/throw", () => {
      throw new Error("as asked");
    });
    await application.ready();
    return (request, response) => application.routing(request, response);
  },
  koa: async (options) => {
    const application = new Koa();
    application.silent = true;
    if (options !== null) application.use(koaCors(options));
    application.use((context) => {
      if (context.path === "/throw") throw new Error("as asked");
      context.set("X-Reached", "yes");
      if (context.path === "/own") context.set("Access-Control-Allow-Origin", OWN_ORIGIN);
      context.body = "hello";
    });
    const listener = application.callback();
    return (request, response) => void listener(request, response);
  },
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("X-Reached", "yes");
  if (request.url === "/own") response.setHeader("Access-Control-Allow-Origin", OWN_ORIGIN);
  // Express itself keeps headers on errors.
  if (request.url === "/throw") response.statusCode = 500;
  response.end("hello");
}

function honoApplication(options: unknown): Hono {
  const application = new Hono();
  if (options !== null) application.use("*", honoCors(options));
  application.onError((_, context) => context.text("as asked", 500));
  application.all("*", (context) => {
    const path = new URL(context.req.url).pathname;
    if (path === "/throw") throw new Error("as asked");
    context.header("X-Reached", "yes");
    if (path === "/own") context.header("Access-Control-Allow-Origin", OWN_ORIGIN);
    return context.text("hello");
  });
  return application;
}

function fetchApplication(handler: (request: Request) => Response | Promise<Response>): Application {
  return {
    async send({ method, path, lines }) {
      const headers = new Headers();
      for (const [name, value] of lines) headers.append(name, value);
      const response = await handler(new Request(`http://server.example${path}`, { method, headers }));
      return { status: response.status, headers: new Map(response.headers) };
    },
    close: () => Promise.resolve(),
  };
}

async function listen(listener: RequestListener): Promise<Application> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    send: ({ method, path, lines }) =>
      new Promise((resolve, reject) => {
        const headers = ["Host", "server.example", ...lines.flat()];
        const request = httpRequest({ port, host: "127.0.0.1", method, path, headers }, (response) => {
          response.resume();
          response.once("end", () => {
            const received = Object.entries(response.headersDistinct);
            resolve({
              status: response.statusCode ?? 0,
              headers: new Map(received.map(([name, values = []]) => [name, values.join(", ")])),
            });
          });
        });
        request.once("error", reject);
        request.end();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
