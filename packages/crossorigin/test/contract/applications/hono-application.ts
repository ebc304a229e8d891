/** The application on Hono. Runs on every runtime. */

import { Hono } from "hono";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { cors } from "../../../src/adapters/hono.ts";
import { APP, OWN_GRANT, OWN_NEIGHBOURS, OWN_PREFLIGHT_LINES, type Setup } from "../setups.ts";
import { slowly } from "./fetch-application.ts";

/** With CORS mounted as the setup says, or without, to be wrapped. */
export function honoApplication(setup: Setup, isMounted: boolean): Hono {
  const { source, options, inner, journal } = setup;
  const application = new Hono();
  if (setup.isGuarded)
    application.use(async function authenticate(context, next) {
      if (context.req.header("authorization") === undefined) return context.body(null, 401);
      return next();
    });
  if (setup.compression === "before") application.use(compress({ threshold: 0 }));
  if (isMounted) application.use(cors(source, options));
  if (setup.compression === "after") application.use(compress({ threshold: 0 }));
  if (isMounted && inner !== null) application.use(cors(inner.source, inner.options));
  application.use(async (context, next) => {
    journal.hits.push(`${context.req.method} ${context.req.path}`);
    await next();
  });
  // Else errors are printed.
  application.onError((error) =>
    error instanceof HTTPException ? error.getResponse() : new Response("", { status: 500 }),
  );
  addRoutes(application);
  return application;
}

function addRoutes(application: Hono): void {
  const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  application.get("/plain", (context) => {
    context.header("X-Exposed", "1");
    return context.text("plain");
  });
  application.get("/vary", (context) => {
    context.header("Vary", "Accept-Encoding");
    return context.text("vary");
  });
  application.get("/vary-late", async (context) => {
    await soon();
    return context.text("vary", 200, { Vary: "Accept-Encoding" });
  });
  application.get("/vary-origin", (context) => context.text("vary", 200, { vary: "origin" }));
  application.get("/own-cors", (context) => {
    context.header("Access-Control-Allow-Origin", "*");
    context.header("Access-Control-Allow-Credentials", "true");
    return context.text("own", 200, { "Access-Control-Expose-Headers": "X-Own" });
  });
  application.get("/own-grant", (context) => context.text("own", 200, OWN_GRANT));
  application.options("/own-preflight-lines", (context) => context.text("own", 200, OWN_PREFLIGHT_LINES));
  application.get("/own-neighbours", (context) => context.text("own", 200, OWN_NEIGHBOURS));
  application.get("/own-grant-twice", (context) => {
    context.header("Access-Control-Allow-Origin", APP, { append: true });
    context.header("Access-Control-Allow-Origin", APP, { append: true });
    return context.text("own");
  });
  application.get("/vary-all", (context) => context.text("vary", 200, { Vary: "*" }));
  const shared = new Response(null, { status: 204 });
  application.get("/shared", () => shared);
  application.get("/status-500", (context) => context.text("500", 500));
  application.get("/throw", () => {
    throw new Error("thrown");
  });
  application.get("/reject", async () => {
    await soon();
    throw new Error("rejected");
  });
  application.get("/stream", (context) => context.body(slowly(["a", "b", "c"])));
  application.get("/events", (context) =>
    context.body(slowly(["data: 1\n\n", "data: 2\n\n"]), 200, { "Content-Type": "text/event-stream" }),
  );
  application.get("/not-modified", (context) => context.body(null, 304, { ETag: '"1"' }));
  application.get("/cookies", (context) => {
    context.header("Set-Cookie", "a=1", { append: true });
    context.header("Set-Cookie", "b=2", { append: true });
    return context.text("cookies");
  });
  application.get("/redirect", (context) => context.redirect("/plain"));
  application.get("/raw", () => new Response("raw", { headers: { Vary: "Accept-Encoding" } }));
  application.options("/options", (context) => context.text("mine"));
  for (const path of ["/items", "/none", "/broken"])
    application.all(path, (context) => context.text(context.req.method));
  application.post("/json", async (context) => {
    await context.req.json().catch(() => {
      throw new HTTPException(400);
    });
    return context.text("json");
  });
}
