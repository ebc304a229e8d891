/**
 * The same small server in each framework: without CORS, with the lines of the grant set by hand, with this library, and with the framework's usual one.
 *
 * @module
 */

import { type RequestListener, createServer } from "node:http";
import fastifyCors from "@fastify/cors";
import { serve } from "@hono/node-server";
import koaCors from "@koa/cors";
import expressCors from "cors";
import express from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { H3, handleCors, toNodeHandler } from "h3";
import { Hono } from "hono";
import { cors as honoCors } from "hono/cors";
import Koa from "koa";
import { createPolicy } from "crossorigin";
import { cors as forExpress } from "crossorigin/express";
import { cors as forFastify } from "crossorigin/fastify";
import { cors as forHono } from "crossorigin/hono";
import { cors as forKoa } from "crossorigin/koa";
import { withCors } from "crossorigin/node";
import { withCors as withCorsFetch } from "crossorigin/fetch";

export const ORIGIN = "https://app.example";
const ORIGINS = [ORIGIN, "https://admin.example", "https://partner.example"];
const BODY = JSON.stringify({ hello: "world" });
const policy = createPolicy({
  origins: ORIGINS,
  credentials: true,
  methods: ["PUT"],
  requestHeaders: ["content-type", "x-a"],
  maxAgeSeconds: 600,
});
/** The same policy for the others. */
const usual = {
  origin: ORIGINS,
  credentials: true,
  methods: ["PUT"],
  allowedHeaders: ["content-type", "x-a"],
  maxAge: 600,
};
const ACTUAL = [
  ["Access-Control-Allow-Origin", ORIGIN],
  ["Access-Control-Allow-Credentials", "true"],
  ["Vary", "Origin"],
] as const;
const PREFLIGHT = [
  ...ACTUAL,
  ["Access-Control-Allow-Methods", "PUT"],
  ["Access-Control-Allow-Headers", "content-type, x-a"],
  ["Access-Control-Max-Age", "600"],
] as const;

/** Listens, and answers the port. */
export type Start = () => Promise<number>;

function listen(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}

const plain: RequestListener = (_request, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(BODY);
};

function express5(middleware?: express.RequestHandler): RequestListener {
  const app = express();
  app.disable("etag");
  if (middleware !== undefined) app.use(middleware);
  app.get("/", (_request, response) => void response.type("application/json").send(BODY));
  return app;
}

function koa(middleware?: Koa.Middleware): RequestListener {
  const app = new Koa();
  if (middleware !== undefined) app.use(middleware);
  app.use((context) => {
    context.type = "application/json";
    context.body = BODY;
  });
  const handle = app.callback();
  return (request, response) => void handle(request, response);
}

async function fastify(prepare?: (app: FastifyInstance) => unknown): Promise<number> {
  const app = Fastify();
  await prepare?.(app);
  app.get("/", (_request, reply) => reply.type("application/json").send(BODY));
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as { port: number }).port;
}

function hono(prepare?: (app: Hono) => unknown): Promise<number> {
  const app = new Hono();
  prepare?.(app);
  app.get("/", (context) => context.body(BODY, 200, { "Content-Type": "application/json" }));
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => resolve(port));
  });
}

function fetchHandler(handler: (request: Request) => Response | Promise<Response>): Promise<number> {
  return new Promise((resolve) => {
    serve({ fetch: handler, port: 0, hostname: "127.0.0.1" }, ({ port }) => resolve(port));
  });
}

function respond(): Response {
  return new Response(BODY, { headers: { "Content-Type": "application/json" } });
}

function h3(prepare?: (app: H3) => unknown): Promise<number> {
  const app = new H3();
  prepare?.(app);
  app.get("/", () => new Response(BODY, { headers: { "Content-Type": "application/json" } }));
  return listen(toNodeHandler(app));
}

/** By framework, by contender. `none` knows nothing of CORS, `by hand` sets the lines and asks nothing. */
export const CONTENDERS: Readonly<Record<string, Readonly<Record<string, Start>>>> = {
  "node:http": {
    none: () => listen(plain),
    "by hand": () =>
      listen((request, response) => {
        if (request.method === "OPTIONS") {
          for (const [name, value] of PREFLIGHT) response.setHeader(name, value);
          response.statusCode = 204;
          response.end();
          return;
        }
        for (const [name, value] of ACTUAL) response.setHeader(name, value);
        plain(request, response);
      }),
    crossorigin: () => listen(withCors(policy, plain)),
    "expressjs/cors": () => {
      const middleware = expressCors(usual);
      return listen((request, response) => middleware(request, response, () => plain(request, response)));
    },
  },
  "express 5": {
    none: () => listen(express5()),
    "by hand": () =>
      listen(
        express5((request, response, next) => {
          const isPreflight = request.method === "OPTIONS";
          for (const [name, value] of isPreflight ? PREFLIGHT : ACTUAL) response.setHeader(name, value);
          if (isPreflight) response.status(204).end();
          else next();
        }),
      ),
    crossorigin: () => listen(express5(forExpress(policy))),
    "expressjs/cors": () => listen(express5(expressCors(usual))),
  },
  "koa 3": {
    none: () => listen(koa()),
    "by hand": () =>
      listen(
        koa((context, next) => {
          const isPreflight = context.method === "OPTIONS";
          for (const [name, value] of isPreflight ? PREFLIGHT : ACTUAL) context.set(name, value);
          if (!isPreflight) return next();
          context.status = 204;
          return undefined;
        }),
      ),
    crossorigin: () => listen(koa(forKoa(policy))),
    "@koa/cors": () =>
      listen(
        koa(
          koaCors({
            credentials: true,
            allowMethods: ["PUT"],
            allowHeaders: usual.allowedHeaders,
            maxAge: 600,
            origin: (context) => (ORIGINS.includes(context.get("Origin")) ? context.get("Origin") : ""),
          }),
        ),
      ),
  },
  "fastify 5": {
    none: () => fastify(),
    "by hand": () =>
      fastify((app) => {
        app.addHook("onRequest", (request, reply, done) => {
          const isPreflight = request.method === "OPTIONS";
          for (const [name, value] of isPreflight ? PREFLIGHT : ACTUAL) reply.header(name, value);
          if (isPreflight) reply.code(204).send();
          else done();
        });
      }),
    crossorigin: () => fastify((app) => app.register(forFastify(policy))),
    "@fastify/cors": () => fastify((app) => app.register(fastifyCors, usual)),
  },
  "hono 4": {
    none: () => hono(),
    "by hand": () =>
      hono((app) => {
        app.use((context, next) => {
          const isPreflight = context.req.method === "OPTIONS";
          for (const [name, value] of isPreflight ? PREFLIGHT : ACTUAL) context.header(name, value);
          return isPreflight ? Promise.resolve(context.body(null, 204)) : next();
        });
      }),
    crossorigin: () => hono((app) => app.use(forHono(policy))),
    "hono/cors": () =>
      hono((app) =>
        app.use(
          honoCors({
            origin: ORIGINS,
            credentials: true,
            allowMethods: ["PUT"],
            allowHeaders: usual.allowedHeaders,
            maxAge: 600,
          }),
        ),
      ),
  },
  "fetch handler": {
    none: () => fetchHandler(respond),
    "by hand": () =>
      fetchHandler((request) => {
        if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT as never });
        const response = respond();
        for (const [name, value] of ACTUAL) response.headers.set(name, value);
        return response;
      }),
    // Reading a header makes the adapter to Node.js build all of them.
    "by hand, asked": () =>
      fetchHandler((request) => {
        if (request.headers.get("origin") !== ORIGIN) return new Response(null, { status: 500 });
        if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT as never });
        const response = respond();
        for (const [name, value] of ACTUAL) response.headers.set(name, value);
        return response;
      }),
    crossorigin: () => fetchHandler(withCorsFetch(policy, respond)),
  },
  "h3 2": {
    none: () => h3(),
    h3: () =>
      h3((app) =>
        app.use((event) => {
          const answer = handleCors(event, {
            origin: ORIGINS,
            credentials: true,
            methods: ["PUT"],
            allowHeaders: usual.allowedHeaders,
            maxAge: "600",
          });
          return answer === false ? undefined : answer;
        }),
      ),
  },
};
