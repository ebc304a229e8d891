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
import { cors as ourExpressCors } from "crossorigin/express";
import { cors as ourFastifyCors } from "crossorigin/fastify";
import { cors as ourHonoCors } from "crossorigin/hono";
import { cors as ourKoaCors } from "crossorigin/koa";
import expressCors from "cors";
import fastify, { type FastifyInstance } from "fastify";
import { Hono, type MiddlewareHandler } from "hono";
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

/** The grant that `/own` sets is reported. */
const SILENT = { onProblem: (): void => {} };

/** The application behind the real library. `options` are handed to it as they are. */
export async function oldApplication(library: Library, options: unknown): Promise<Application> {
  if (library === "express") return expressApplication(expressCors(options));
  if (library === "fastify") return fastifyApplication((app) => app.register(fastifyCors, options as object));
  if (library === "koa") return koaApplication(koaCors(options));
  return honoApplication(honoCors(options as object));
}

/** The same application behind our adapter instead; without any for null. */
export async function newApplication(library: Library, policy: PolicyConfig | null): Promise<Application> {
  if (library === "express") return expressApplication(policy === null ? null : ourExpressCors(policy, SILENT));
  if (library === "fastify")
    return fastifyApplication((app) => (policy === null ? null : app.register(ourFastifyCors(policy, SILENT))));
  if (library === "koa") return koaApplication(policy === null ? null : ourKoaCors(policy, SILENT));
  return honoApplication(policy === null ? null : ourHonoCors(policy, SILENT));
}

type NodeMiddleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

function expressApplication(middleware: NodeMiddleware | null): Promise<Application> {
  return listen((request, response) => {
    if (middleware === null) answer(request, response);
    else middleware(request, response, () => answer(request, response));
  });
}

async function fastifyApplication(register: (app: FastifyInstance) => unknown): Promise<Application> {
  const app = fastify();
  await register(app);
  app.all("/", (_, reply) => reply.header("X-Reached", "yes").send("hello"));
  app.all("/own", (_, reply) =>
    reply.header("X-Reached", "yes").header("Access-Control-Allow-Origin", OWN_ORIGIN).send("hello"),
  );
  app.all("/throw", () => {
    throw new Error("as asked");
  });
  await app.ready();
  return listen((request, response) => app.routing(request, response));
}

function koaApplication(middleware: Koa.Middleware | null): Promise<Application> {
  const app = new Koa();
  app.silent = true;
  if (middleware !== null) app.use(middleware);
  app.use((context) => {
    if (context.path === "/throw") throw new Error("as asked");
    context.set("X-Reached", "yes");
    if (context.path === "/own") context.set("Access-Control-Allow-Origin", OWN_ORIGIN);
    context.body = "hello";
  });
  const listener = app.callback();
  return listen((request, response) => void listener(request, response));
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("X-Reached", "yes");
  if (request.url === "/own") response.setHeader("Access-Control-Allow-Origin", OWN_ORIGIN);
  // Express itself keeps headers on errors.
  if (request.url === "/throw") response.statusCode = 500;
  response.end("hello");
}

function honoApplication(middleware: MiddlewareHandler | null): Application {
  const app = new Hono();
  if (middleware !== null) app.use("*", middleware);
  app.onError((_, context) => context.text("as asked", 500));
  app.all("*", (context) => {
    const path = new URL(context.req.url).pathname;
    if (path === "/throw") throw new Error("as asked");
    context.header("X-Reached", "yes");
    if (path === "/own") context.header("Access-Control-Allow-Origin", OWN_ORIGIN);
    return context.text("hello");
  });
  return {
    async send({ method, path, lines }) {
      const headers = new Headers();
      for (const [name, value] of lines) headers.append(name, value);
      const response = await app.request(`http://server.example${path}`, { method, headers });
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
