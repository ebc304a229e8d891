/** The structural types of the adapters fit the real ones, without casts and annotations. */

import { createServer } from "node:http";
import {
  type Http2ServerRequest,
  type Http2ServerResponse,
  createSecureServer,
  createServer as createHttp2Server,
} from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { serve } from "@hono/node-server";
import express, { Router } from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { LivePolicy, createDynamicPolicy } from "../../src/adapters/dynamic.ts";
import { cors as expressCors, withCors as expressWithCors } from "../../src/adapters/express.ts";
import { cors as fastifyCors, withCors as fastifyWithCors } from "../../src/adapters/fastify.ts";
import { withCors as fetchWithCors } from "../../src/adapters/fetch.ts";
import { cors as honoCors, withCors as honoWithCors } from "../../src/adapters/hono.ts";
import { cors as koaCors, withCors as koaWithCors } from "../../src/adapters/koa.ts";
import { cors, withCors } from "../../src/adapters/node.ts";
import { createPolicy } from "../../src/index.ts";

const policy = createPolicy({ origins: ["https://app.example"] });

// Every kind of policy.
cors(policy);
cors({ origins: "*" });
cors(new LivePolicy({ origins: "*" }));
cors(createDynamicPolicy({ origins: async () => true }));
cors(({ path, requestedMethod }) => (path === "/" && requestedMethod === "GET" ? policy : null));
// @ts-expect-error -- what depends on the origin is for dynamic policies, which tell caches so
cors(({ origin }) => (origin === null ? null : policy));
cors(async ({ method }) => (method === "GET" ? policy : null));
cors(policy, { onDecision: ({ decision, shadowDecision }) => [decision.code, shadowDecision?.code], shadow: policy });
cors(policy, { onProblem: ({ code, message, request }) => [code, message, request.path], debug: true });
// @ts-expect-error -- a config is not made anew for each request
cors(() => ({ origins: "*" }));
// @ts-expect-error -- any origin and credentials together need the danger's name
cors({ origins: "*", credentials: true });
// @ts-expect-error -- options have names
cors(policy, { debugging: true });

// Node's own servers.
createServer(withCors(policy, (request, response) => response.writeHead(200).end(request.url)));
createServer(withCors(policy, async (request, response) => void response.end(request.headers.host)));
createServer(
  { keepAlive: true },
  withCors(policy, (_request, response) => response.writeHead(200).end()),
);
createHttpsServer(
  {},
  withCors(policy, (request, response) => response.writeHead(200).end(request.url)),
);
createHttp2Server(withCors(policy, (_request, response) => response.writeHead(200).end()));
createHttp2Server({}).on(
  "request",
  withCors(policy, (request, response) => response.stream.end(request.authority)),
);
// With options before it, nothing tells TypeScript which of Node's requests it is: say so.
createSecureServer(
  {},
  withCors(policy, (request: Http2ServerRequest, response: Http2ServerResponse) => response.end(request.authority)),
);
createSecureServer(
  {},
  // @ts-expect-error -- taken for a request of node:http
  withCors(policy, (_request, response) => response.writeHead(200).end()),
);
createServer().on(
  "request",
  withCors(policy, (_request, response) => response.end()),
);
createServer((request, response) => cors(policy)(request, response, () => response.end()));
createHttp2Server((request, response) => cors(policy)(request, response, () => response.end()));

// Express.
const application = express();
application.use(expressCors(policy));
application.use("/api", expressCors(policy));
application.use(expressCors(policy, { passPreflights: true }), express.json());
application.put("/x", expressCors(policy), (_request, response) => response.json({}));
application.options("/x", expressCors(policy));
application.route("/x").all(expressCors(policy));
Router().use(expressCors(policy));
application.use(cors(policy));
createServer(expressWithCors(policy, application));
createServer(withCors(policy, application));

// Koa.
const koa = new Koa();
koa.use(koaCors(policy));
koa.use(koaCors(async () => policy));
createServer(koaWithCors(policy, koa.callback()));
new Koa<{ readonly user: string }, { readonly more: number }>().use(koaCors(policy));

// Fastify.
const fastify = Fastify();
void fastify.register(fastifyCors(policy));
await fastify.register(fastifyCors(policy, { debug: true }));
void Fastify({ http2: true }).register(fastifyCors(policy));
void Fastify({ https: {} }).register(fastifyCors(policy));
void Fastify({ logger: true }).register(fastifyCors(policy), { prefix: "/api" });
Fastify({ serverFactory: (handler) => createServer(fastifyWithCors(policy, handler)) });

// Hono.
const hono = new Hono();
hono.use(honoCors(policy));
hono.use("/api/*", honoCors(policy));
hono.put("/x", honoCors(policy), (context) => context.text("x"));
new Hono<{ Bindings: { readonly KEY: string }; Variables: { readonly user: string } }>().use(honoCors(policy));
serve({ fetch: honoWithCors(policy, hono.fetch) });
// Requests and responses by name still have their types behind the middleware.
hono.use(honoCors(policy)).get("/y", (context) => context.json({ y: context.req.query("y") }));

// Fetch handlers.
const worker = {
  fetch: fetchWithCors(
    policy,
    async (_request: Request, environment: { readonly KEY: string }) => new Response(environment.KEY),
  ),
};
const answered: Response | Promise<Response> = worker.fetch(new Request("https://api.example"), { KEY: "k" });
void answered;
fetchWithCors(policy, (request) => new Response(request.url), { onError: (error) => Response.json(String(error)) });
// @ts-expect-error -- a handler answers with a response
fetchWithCors(policy, () => "text");
export const GET = fetchWithCors(policy, () => Response.json({}));
