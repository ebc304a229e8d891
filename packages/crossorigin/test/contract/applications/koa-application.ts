/** The application on Koa. */

import { PassThrough } from "node:stream";
import Koa, { type Context } from "koa";
import { cors } from "../../../src/adapters/koa.ts";
import { APP, OWN_GRANT, OWN_NEIGHBOURS, OWN_PREFLIGHT_LINES, type Setup } from "../setups.ts";
import { rawReply, soon } from "./node-application.ts";

/** With CORS mounted as the setup says, or without, to be wrapped. */
export function koaApplication(setup: Setup, isMounted: boolean): Koa {
  const { source, options, inner, journal } = setup;
  const application = new Koa();
  // Else errors are printed.
  application.silent = true;
  if (setup.isGuarded)
    application.use(async function authenticate(context, next) {
      if (context.get("authorization") === "") context.status = 401;
      else await next();
    });
  if (isMounted) application.use(cors(source, options));
  if (isMounted && inner !== null) application.use(cors(inner.source, inner.options));
  application.use(async (context) => {
    journal.hits.push(`${context.method} ${context.path}`);
    context.set("X-Exposed", "1");
    if (context.path.startsWith("/raw")) {
      context.respond = false;
      rawReply(context.path, context.res);
    } else await answer(context);
  });
  return application;
}

async function answer(context: Context): Promise<void> {
  switch (context.path) {
    case "/plain":
      context.body = "plain";
      return;
    case "/vary":
      context.vary("Accept-Encoding");
      context.body = "vary";
      return;
    case "/vary-late":
      context.body = "vary";
      context.append("Vary", "Accept-Encoding");
      return;
    case "/vary-origin":
      context.vary("origin");
      context.body = "vary";
      return;
    case "/own-cors":
      context.set({ "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true" });
      context.set("Access-Control-Expose-Headers", "X-Own");
      context.body = "own";
      return;
    case "/own-grant":
      context.set(OWN_GRANT);
      context.body = "own";
      return;
    case "/own-preflight-lines":
      context.set(OWN_PREFLIGHT_LINES);
      context.body = "own";
      return;
    case "/own-neighbours":
      context.set(OWN_NEIGHBOURS);
      context.body = "own";
      return;
    case "/own-grant-twice":
      context.append("Access-Control-Allow-Origin", APP);
      context.append("Access-Control-Allow-Origin", APP);
      context.body = "own";
      return;
    case "/vary-all":
      context.vary("*");
      context.body = "vary";
      return;
    case "/status-500":
      context.status = 500;
      context.body = "500";
      return;
    case "/throw":
      throw new Error("thrown");
    case "/reject":
      await soon();
      throw new Error("rejected");
    case "/stream":
    case "/events": {
      const stream = new PassThrough();
      const isEvents = context.path === "/events";
      if (isEvents) context.type = "text/event-stream";
      context.body = stream;
      void writeSlowly(stream, isEvents ? ["data: 1\n\n", "data: 2\n\n"] : ["a", "b", "c"]);
      return;
    }
    case "/not-modified":
      context.set("ETag", '"1"');
      context.status = 304;
      return;
    case "/cookies":
      context.append("Set-Cookie", "a=1");
      context.append("Set-Cookie", "b=2");
      context.body = "cookies";
      return;
    case "/redirect":
      context.redirect("/plain");
      return;
    case "/options":
      if (context.method === "OPTIONS") context.body = "mine";
      return;
    case "/items":
    case "/none":
    case "/broken":
      context.body = context.method;
      return;
    case "/json": {
      let text = "";
      for await (const chunk of context.req) text += String(chunk);
      try {
        JSON.parse(text);
      } catch {
        context.throw(400);
      }
      context.body = "json";
      return;
    }
    default:
  }
}

async function writeSlowly(stream: PassThrough, chunks: readonly string[]): Promise<void> {
  for (const chunk of chunks) {
    stream.write(chunk);
    await soon();
  }
  stream.end();
}
