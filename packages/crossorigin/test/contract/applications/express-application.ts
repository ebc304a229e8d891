/** The application on Express. */

import compression from "compression";
import type { Express, NextFunction, Request, Response } from "express";
import type express from "express";
import { cors } from "../../../src/adapters/express.ts";
import { APP, OWN_GRANT, OWN_NEIGHBOURS, OWN_PREFLIGHT_LINES, type Setup } from "../setups.ts";
import { authenticate, rawReply, soon } from "./node-application.ts";

/** With CORS mounted as the setup says, or without, to be wrapped. */
export function expressApplication(createApplication: typeof express, setup: Setup, isMounted: boolean): Express {
  const { source, options, inner, journal } = setup;
  const application = createApplication();
  // Else errors are printed.
  application.set("env", "test");
  if (setup.isGuarded) application.use(authenticate);
  if (setup.compression === "before") application.use(compression({ threshold: 0 }));
  if (isMounted) application.use(cors(source, options));
  if (setup.compression === "after") application.use(compression({ threshold: 0 }));
  if (isMounted && inner !== null) application.use(cors(inner.source, inner.options));
  application.use((request, response, next) => {
    journal.hits.push(`${request.method} ${request.path}`);
    if (!rawReply(request.path, response)) next();
  });
  application.use(createApplication.json());
  application.use((_request, response, next) => {
    response.set("X-Exposed", "1");
    next();
  });
  addRoutes(application);
  return application;
}

function addRoutes(application: Express): void {
  application.get("/plain", (_request, response) => void response.type("text").send("plain"));
  application.get("/vary", (_request, response) => void response.vary("Accept-Encoding").type("text").send("vary"));
  application.get("/vary-late", (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/plain", Vary: "Accept-Encoding" });
    response.end("vary");
  });
  application.get("/vary-origin", (_request, response) => void response.vary("origin").send("vary"));
  application.get("/own-cors", (_request, response) => {
    response.set({ "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true" });
    response.set("Access-Control-Expose-Headers", "X-Own");
    response.send("own");
  });
  application.get("/own-grant", (_request, response) => void response.set(OWN_GRANT).send("own"));
  application.options(
    "/own-preflight-lines",
    (_request, response) => void response.set(OWN_PREFLIGHT_LINES).send("own"),
  );
  application.get("/own-neighbours", (_request, response) => void response.set(OWN_NEIGHBOURS).send("own"));
  application.get("/own-grant-twice", (_request, response) => {
    response.append("Access-Control-Allow-Origin", APP).append("Access-Control-Allow-Origin", APP).send("own");
  });
  application.get("/vary-all", (_request, response) => void response.vary("*").send("vary"));
  application.get("/status-500", (_request, response) => void response.status(500).send("500"));
  application.get("/throw", () => {
    throw new Error("thrown");
  });
  // Express 4 does not wait for promises.
  application.get("/reject", async (_request: Request, _response: Response, next: NextFunction) => {
    await soon();
    next(new Error("rejected"));
  });
  application.get("/stream", async (_request, response) => {
    response.write("a");
    await soon();
    response.write("b");
    await soon();
    response.end("c");
  });
  application.get("/events", async (_request, response) => {
    response.type("text/event-stream").flushHeaders();
    response.write("data: 1\n\n");
    await soon();
    response.end("data: 2\n\n");
  });
  application.get("/not-modified", (_request, response) => void response.set("ETag", '"1"').status(304).end());
  application.get(
    "/cookies",
    (_request, response) => void response.cookie("a", "1", { path: "" }).append("Set-Cookie", "b=2").send("cookies"),
  );
  application.get("/redirect", (_request, response) => response.redirect("/plain"));
  application.options("/options", (_request, response) => void response.send("mine"));
  application.all(["/items", "/none", "/broken"], (request, response) => void response.send(request.method));
  application.post("/json", (_request, response) => void response.send("json"));
  application.get("/bytes/:bytes", (_request, response) => void response.send("bytes"));
}
