/** The application on Fastify. */

import { Readable } from "node:stream";
import Fastify, { type FastifyInstance, type FastifyServerFactory } from "fastify";
import { cors } from "../../../src/adapters/fastify.ts";
import { APP, OWN_GRANT, OWN_NEIGHBOURS, OWN_PREFLIGHT_LINES, type Setup } from "../setups.ts";
import { pathOf, rawReply, soon } from "./node-application.ts";

/** With CORS mounted as the setup says, or, with a factory for the server, without. */
export async function fastifyApplication(
  setup: Setup,
  serverFactory?: FastifyServerFactory,
  isHttp2: boolean = false,
): Promise<FastifyInstance> {
  const { source, options, inner, journal } = setup;
  const application = createApplication(serverFactory, isHttp2);
  if (setup.isGuarded)
    application.addHook("onRequest", async function authenticate(request, reply) {
      if (request.headers.authorization === undefined) await reply.code(401).send();
    });
  if (serverFactory === undefined) {
    await application.register(cors(source, options));
    if (inner !== null) await application.register(cors(inner.source, inner.options));
  }
  application.addHook("onRequest", async (request, reply) => {
    const path = pathOf(request.url);
    journal.hits.push(`${request.method} ${path}`);
    reply.header("X-Exposed", "1");
    if (!rawReply(path, reply.raw)) return;
    reply.hijack();
  });
  addRoutes(application);
  return application;
}

function createApplication(serverFactory: FastifyServerFactory | undefined, isHttp2: boolean): FastifyInstance {
  if (isHttp2) return Fastify({ http2: true }) as unknown as FastifyInstance;
  return serverFactory === undefined ? Fastify() : Fastify({ serverFactory });
}

function addRoutes(application: FastifyInstance): void {
  application.get("/plain", async () => "plain");
  application.get("/vary", async (_request, reply) => reply.header("Vary", "Accept-Encoding").send("vary"));
  application.get(
    "/vary-late",
    { onSend: async (_request, reply) => void reply.header("vary", "Accept-Encoding") },
    async () => "vary",
  );
  application.get("/vary-origin", async (_request, reply) => reply.header("Vary", "origin").send("vary"));
  application.get("/own-cors", async (_request, reply) =>
    reply
      .headers({ "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true" })
      .header("Access-Control-Expose-Headers", "X-Own")
      .send("own"),
  );
  application.get("/own-grant", async (_request, reply) => reply.headers(OWN_GRANT).send("own"));
  application.options("/own-preflight-lines", async (_request, reply) =>
    reply.headers(OWN_PREFLIGHT_LINES).send("own"),
  );
  application.get("/own-neighbours", async (_request, reply) => reply.headers(OWN_NEIGHBOURS).send("own"));
  application.get("/own-grant-twice", async (_request, reply) =>
    reply.header("Access-Control-Allow-Origin", [APP, APP]).send("own"),
  );
  application.get("/vary-all", async (_request, reply) => reply.header("Vary", "*").send("vary"));
  application.get("/status-500", async (_request, reply) => reply.code(500).send("500"));
  application.get("/throw", () => {
    throw new Error("thrown");
  });
  application.get("/reject", async () => {
    await soon();
    throw new Error("rejected");
  });
  application.get("/stream", async (_request, reply) => reply.send(Readable.from(slowly(["a", "b", "c"]))));
  application.get("/events", async (_request, reply) =>
    reply.type("text/event-stream").send(Readable.from(slowly(["data: 1\n\n", "data: 2\n\n"]))),
  );
  application.get("/not-modified", async (_request, reply) => reply.header("ETag", '"1"').code(304).send());
  application.get("/cookies", async (_request, reply) =>
    reply.header("Set-Cookie", "a=1").header("set-cookie", "b=2").send("cookies"),
  );
  application.get("/redirect", async (_request, reply) => reply.redirect("/plain"));
  application.options("/options", async () => "mine");
  for (const url of ["/items", "/none", "/broken"])
    application.route({
      method: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
      url,
      handler: async (request) => request.method,
    });
  application.post("/json", async () => "json");
  application.get("/bytes/:bytes", async () => "bytes");
}

async function* slowly(chunks: readonly string[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    yield chunk;
    await soon();
  }
}
