/** Where CORS is mounted, as only some frameworks can tell. */

import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { serve } from "@hono/node-server";
import express from "express";
import express4 from "express-4";
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { describe, expect, onTestFinished, test } from "vitest";
import { cors as expressCors } from "../../src/adapters/express.ts";
import { cors as fastifyCors } from "../../src/adapters/fastify.ts";
import { cors as honoCors } from "../../src/adapters/hono.ts";
import { cors as koaCors } from "../../src/adapters/koa.ts";
import { asked, askOne, expectGrant, from, preflight } from "./asking.ts";
import { listen } from "./servers/listening.ts";
import { APP, LISTED } from "./setups.ts";
import type { Answered, Asked } from "./wire.ts";

interface Problems {
  readonly codes: string[];
  readonly options: { readonly onProblem: (problem: { readonly code: string }) => void };
}

function problems(): Problems {
  const codes: string[] = [];
  return { codes, options: { onProblem: ({ code }) => void codes.push(code) } };
}

type Guard = (request: unknown, response: unknown, next: () => void) => void;

async function send(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  request: Asked,
): Promise<Answered> {
  const { port, close } = await listen(createServer((asked, response) => void listener(asked, response)));
  onTestFinished(async () => void (await close()));
  return askOne({ protocol: "http", port, host: "api.example" }, request);
}

const put = asked("PUT", "/x", [from(APP)], "");

describe.each([
  ["Express 5", express],
  ["Express 4", express4],
] as const)("on %s", (_name, create) => {
  const application = (): ReturnType<typeof express> => create().set("env", "test");
  const end = (_request: unknown, response: { end(): unknown }): void => void response.end();

  test("a route for PUT alone is reported once: preflights do not reach it", async () => {
    const { codes, options } = problems();
    const app = application();
    app.put("/x", expressCors(LISTED, options), end);
    expectGrant(await send(app, put));
    expect((await send(app, put)).status).toBe(200);
    expect(codes).toEqual(["server/preflight-not-routed"]);
    expect((await send(app, preflight("/x", APP, "PUT"))).lines).not.toContainEqual([
      "access-control-allow-origin",
      APP,
    ]);
  });

  test.each<[string, (app: ReturnType<typeof express>, cors: ReturnType<typeof expressCors>) => unknown]>([
    ["for the whole application", (app, cors) => app.use(cors).put("/x", end)],
    ["for a path", (app, cors) => app.use("/x", cors).put("/x", end)],
    ["for all methods of the route", (app, cors) => app.all("/x", cors, end)],
    ["for the route and its OPTIONS", (app, cors) => app.options("/x", cors).put("/x", cors, end)],
    [
      "behind a route that goes on",
      (app, cors) =>
        app
          .put("/x", (_request, _response, next) => next())
          .use(cors)
          .put("/x", end),
    ],
    ["in a router", (app, cors) => app.use("/", create.Router().use(cors)).put("/x", end)],
  ])("mounted %s nothing is reported, and preflights are answered", async (_how, mount) => {
    const { codes, options } = problems();
    const app = application();
    mount(app, expressCors(LISTED, options));
    expectGrant(await send(app, put));
    expect((await send(app, preflight("/x", APP, "PUT"))).status).toBe(204);
    expect(codes).toEqual([]);
  });

  test.each<[string, string[], string | RegExp]>([
    ["the same path", [], "/x"],
    ["all paths", [], create === express4 ? "*" : "/{*all}"],
    ["a pattern", [], /^\/x/],
    ["another path", ["server/preflight-not-routed"], "/y"],
  ])("mounted on PUT and on OPTIONS of %s, %j is reported, whatever comes first", async (_where, expected, path) => {
    const { codes, options } = problems();
    const app = application();
    app.options(path, expressCors(LISTED, options));
    app.put("/x", expressCors(LISTED, options), end);
    expectGrant(await send(app, put));
    expect((await send(app, preflight("/x", APP, "PUT"))).status).toBe(expected.length === 0 ? 204 : 200);
    expect(codes).toEqual(expected);
  });

  test("a resolver sees the whole path, wherever it is mounted", async () => {
    const paths: string[] = [];
    const app = application();
    app.use(
      "/x",
      expressCors(({ path }) => {
        paths.push(path);
        return null;
      }),
    );
    await send(app, asked("GET", "/x/y?z"));
    expect(paths).toEqual(["/x/y"]);
  });

  test.each<
    [string, string[], (app: ReturnType<typeof express>, guard: Guard, cors: ReturnType<typeof expressCors>) => unknown]
  >([
    ["of another path", [], (app, guard, cors) => app.use("/admin", guard).use("/x", cors)],
    ["of another route", [], (app, guard, cors) => app.get("/admin", guard, end).use(cors)],
    ["of another router", [], (app, guard, cors) => app.use("/admin", create.Router().use(guard)).use(cors)],
    ["of the same path", ["server/mounted-behind-guard"], (app, guard, cors) => app.use("/x", guard).use("/x", cors)],
    ["of the same route", ["server/mounted-behind-guard"], (app, guard, cors) => app.all("/x", guard, cors)],
    ["of all routes", ["server/mounted-behind-guard"], (app, guard, cors) => app.all(/./, guard).use(cors)],
    [
      "of a router for everything",
      ["server/mounted-behind-guard"],
      (app, guard, cors) => app.use(create.Router().use(guard)).use(cors),
    ],
    [
      "around its router",
      ["server/mounted-behind-guard"],
      (app, guard, cors) => app.use("/x", guard, create.Router().use(cors)),
    ],
  ])("a guard %s before it is reported as %j", async (_whose, expected, mount) => {
    const { codes, options } = problems();
    const app = application();
    mount(
      app,
      function authenticate(_request, _response, next) {
        next();
      },
      expressCors(LISTED, options),
    );
    app.put("/x", end);
    expectGrant(await send(app, put));
    expect(codes).toEqual(expected);
  });

  test("harmless middleware before it is not taken for a guard, and a guard behind it neither", async () => {
    const { codes, options } = problems();
    const app = application();
    app.use(create.json(), create.urlencoded({ extended: false }));
    app.use((_request, _response, next) => next());
    app.use(expressCors(LISTED, options));
    app.use(function authenticate(_request: unknown, response: { sendStatus(status: number): void }) {
      response.sendStatus(401);
    });
    const answer = await send(app, put);
    expect([answer.status, codes]).toEqual([401, []]);
    expectGrant(answer);
  });
});

test("on Koa a guard behind it is none, and its 401 has the grant", async () => {
  const { codes, options } = problems();
  const app = new Koa();
  app.use(koaCors(LISTED, options));
  app.use(function authenticate(context) {
    context.throw(401);
  });
  app.silent = true;
  const answer = await send(app.callback(), put);
  expect([answer.status, codes]).toEqual([401, []]);
  expectGrant(answer);
});

test("on Koa a resolver sees the whole path, whatever a mount has cut off", async () => {
  const paths: string[] = [];
  const app = new Koa();
  app.use(async (context, next) => {
    context.path = context.path.replace("/x", "");
    await next();
  });
  app.use(
    koaCors(
      ({ path }) => {
        paths.push(path);
        return null;
      },
      { onDecision: () => {} },
    ),
  );
  await send(app.callback(), asked("GET", "/x/y?z"));
  expect(paths).toEqual(["/x/y"]);
});

describe("on Fastify, in a plugin with a context of its own", () => {
  async function registered(plugin: (options: Problems["options"]) => FastifyPluginAsync) {
    const { codes, options } = problems();
    const app = Fastify();
    app.register(plugin(options), { prefix: "/x" });
    await app.ready();
    const listener = (request: IncomingMessage, response: ServerResponse): void => app.routing(request, response);
    return { codes, listener };
  }

  test("it is reported once that preflights do not reach it", async () => {
    const { codes, listener } = await registered((options) => async (plugin) => {
      await plugin.register(fastifyCors(LISTED, options));
      plugin.put("/", async () => "put");
    });
    expectGrant(await send(listener, put));
    expectGrant(await send(listener, put));
    expect((await send(listener, preflight("/x", APP, "PUT"))).status).toBe(404);
    expect(codes).toEqual(["server/preflight-not-routed"]);
  });

  test.each<[string, (plugin: FastifyInstance) => unknown]>([
    ["the route takes OPTIONS", (plugin) => plugin.options("/", async () => "options")],
    [
      "the plugin has a not-found handler",
      (plugin) => plugin.setNotFoundHandler((_request, reply) => void reply.code(404).send()),
    ],
  ])("nothing is reported if %s", async (_how, add) => {
    const { codes, listener } = await registered((options) => async (plugin) => {
      await plugin.register(fastifyCors(LISTED, options));
      plugin.put("/", async () => "put");
      add(plugin);
    });
    expectGrant(await send(listener, put));
    expect((await send(listener, preflight("/x", APP, "PUT"))).status).toBe(204);
    expect(codes).toEqual([]);
  });
});

test("on Fastify an injected request is answered like any other", async () => {
  const app = Fastify();
  await app.register(fastifyCors(LISTED));
  const headers = { Origin: APP, "Access-Control-Request-Method": "PUT" };
  const answer = await app.inject({ method: "OPTIONS", url: "/x", headers });
  expect([answer.statusCode, answer.headers["access-control-allow-origin"]]).toEqual([204, APP]);
});

test("on Fastify a guard behind it is none, and its 401 has the grant", async () => {
  const { codes, options } = problems();
  const app = Fastify();
  app.register(fastifyCors(LISTED, options));
  app.addHook("onRequest", async function authenticate(_request, reply) {
    return reply.code(401).send();
  });
  await app.ready();
  const answer = await send((request, response) => app.routing(request, response), put);
  expect([answer.status, codes]).toEqual([401, []]);
  expectGrant(answer);
});

describe("on Hono", () => {
  async function sendTo(app: Hono, request: Asked): Promise<Answered> {
    const port = await new Promise<number>((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (info) => resolve(info.port));
      onTestFinished(() => void server.close());
    });
    return askOne({ protocol: "http", port, host: "api.example" }, request);
  }

  test("a route for PUT alone is reported once: preflights do not reach it", async () => {
    const { codes, options } = problems();
    const app = new Hono();
    app.put("/x", honoCors(LISTED, options), (context) => context.body(null));
    expectGrant(await sendTo(app, put));
    await sendTo(app, put);
    expect(codes).toEqual(["server/preflight-not-routed"]);
  });

  test("a guard behind it is none, and its 401 has the grant", async () => {
    const { codes, options } = problems();
    const app = new Hono();
    app.use(honoCors(LISTED, options));
    app.use(async function authenticate(context) {
      return context.body(null, 401);
    });
    const answer = await sendTo(app, put);
    expect([answer.status, codes]).toEqual([401, []]);
    expectGrant(answer);
  });
});
