/**
 * The page's own server: the page, the scenarios as data, and the log of the resources' server.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { type DemoServers, pathOf } from "./demo-servers.ts";
import { type Outcome, wireLines } from "./outcome.ts";
import type { Handler } from "./resource-routes.ts";
import { pageOrigin, scenarioUrl } from "./scenario.ts";

/** From `src/demo` and from `dist/demo` alike. */
const PAGE_FOLDER = new URL("../../page/", import.meta.url);

const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
};

/** `outcomes` are those of our own user agent, shown beside what the browser does. */
export function pageHandler(outcomes: readonly Outcome[], servers: DemoServers): Handler {
  let loads = 0;
  return (request, response) => {
    request.resume();
    const path = pathOf(request);
    const file = FILES[path];
    if (file !== undefined) return send(response, 200, file[1], readFileSync(new URL(file[0], PAGE_FOLDER)));
    if (path === "/scenarios.json") return sendJson(response, { load: ++loads, ...describe(outcomes, servers) });
    if (path === "/log.json") return sendJson(response, wireLines(servers.log));
    return send(response, 404, "text/plain", "not found\n");
  };
}

function describe(outcomes: readonly Outcome[], { ports }: DemoServers): object {
  const scenarios = outcomes.map(({ scenario, explanation }) => {
    const { id, title, story, expected, request } = scenario;
    const { method, headers, body, credentials, mode } = request;
    const { verdict, code, summary, fixes } = explanation;
    return {
      id,
      title,
      story,
      expected,
      url: scenarioUrl(scenario, ports),
      init: { method, headers, body, credentials, mode },
      explanation: { verdict, code, summary, fixes },
    };
  });
  return { origin: pageOrigin(ports), scenarios };
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, "application/json", JSON.stringify(value));
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response
    .writeHead(status, {
      "Content-Type": type,
      "Cache-Control": "no-store",
      "Content-Security-Policy": "default-src 'self'; img-src data:; connect-src *; frame-ancestors 'none'",
      "X-Content-Type-Options": "nosniff",
    })
    .end(body);
}
