/**
 * Fetch handlers in one process: what each library adds to a handler that makes a small response.
 *
 * @module
 */

import { H3, handleCors } from "h3";
import { Hono, type MiddlewareHandler } from "hono";
import { cors as honoCors } from "hono/cors";
import { createPolicy } from "crossorigin";
import { withCors } from "crossorigin/fetch";
import { cors as forHono } from "crossorigin/hono";
import type { Row } from "./measure.ts";
import { fresh, keep } from "./stand-in.ts";

const REQUESTS = 512;
type Handler = (request: Request) => Response | Promise<Response>;

function respond(): Response {
  return new Response("{}", { headers: { "Content-Type": "application/json" } });
}

function honoHandler(middleware: MiddlewareHandler | null): Handler {
  const app = new Hono();
  if (middleware !== null) app.use(middleware);
  app.get("/", () => respond());
  return (request) => app.fetch(request);
}

function h3Handler(origin: string[]): Handler {
  const app = new H3();
  app.use((event) => {
    const answer = handleCors(event, { origin, credentials: true, methods: ["PUT"], allowHeaders: ["x-a"] });
    return answer === false ? undefined : answer;
  });
  app.get("/", () => respond());
  return (request) => app.fetch(request);
}

/** The least that can be done: a `Set`, and the lines put on the response's own headers. */
function floorHandler(origins: readonly string[]): Handler {
  const granted = new Set(origins);
  return (request) => {
    const origin = request.headers.get("origin");
    const isGranted = origin !== null && granted.has(origin);
    if (request.method === "OPTIONS" && origin !== null) return preflight(request, isGranted ? origin : null);
    const response = respond();
    response.headers.set("Vary", "Origin");
    if (isGranted) {
      response.headers.set("Access-Control-Allow-Origin", origin);
      response.headers.set("Access-Control-Allow-Credentials", "true");
    }
    return response;
  };
}

function preflight(request: Request, origin: string | null): Response {
  const isGranted =
    origin !== null &&
    request.headers.get("access-control-request-method") === "PUT" &&
    request.headers.get("access-control-request-headers") === "x-a";
  if (!isGranted) return new Response(null, { status: 403, headers: { Vary: "Origin" } });
  return new Response(null, {
    status: 204,
    headers: {
      Vary: "Origin",
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Allow-Methods": "PUT",
      "Access-Control-Allow-Headers": "x-a",
    },
  });
}

function contender(name: string, handler: Handler, requests: readonly Request[]): Row["contenders"][number] {
  let turn = 0;
  return { name, run: () => keep(handler(requests[turn++ % requests.length] as Request)) };
}

export function fetchHandlerRows(): Row[] {
  return [10, 1000].flatMap((count) => {
    const origins = Array.from({ length: count }, (_, index) => `https://tenant${index}.example`);
    const policy = createPolicy({ origins, credentials: true, methods: ["PUT"], requestHeaders: ["x-a"] });
    const usual = { origin: origins, credentials: true, allowMethods: ["PUT"], allowHeaders: ["x-a"] };
    const handlers: Readonly<Record<string, Handler>> = {
      floor: floorHandler(origins),
      "no CORS": respond,
      crossorigin: withCors(policy, respond),
      "Hono, no CORS": honoHandler(null),
      "Hono, crossorigin": honoHandler(forHono(policy)),
      "hono/cors": honoHandler(honoCors(usual)),
      h3: h3Handler(origins),
    };
    const row = (kind: string, init: (index: number) => RequestInit): Row => {
      const requests = Array.from({ length: REQUESTS }, (_, index) => new Request("http://api.example/", init(index)));
      return {
        name: `${kind}, ${count} origins`,
        contenders: Object.entries(handlers).map(([name, handler]) => contender(name, handler, requests)),
      };
    };
    const origin = (index: number): string => fresh(origins[(index * 7919) % count] ?? "");
    const asked = { "access-control-request-method": "PUT", "access-control-request-headers": "x-a" };
    return [
      row("actual granted", (index) => ({ headers: { origin: origin(index) } })),
      row("actual refused", (index) => ({ headers: { origin: `https://stranger${index}.test` } })),
      row("preflight granted", (index) => ({ method: "OPTIONS", headers: { origin: origin(index), ...asked } })),
      row("preflight refused", (index) => ({
        method: "OPTIONS",
        headers: { origin: `https://stranger${index}.test`, ...asked },
      })),
    ];
  });
}
