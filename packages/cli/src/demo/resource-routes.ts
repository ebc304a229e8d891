/**
 * The resources of the demonstration: most guarded by our policies, some broken on purpose.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type PolicyConfig, createPolicy } from "crossorigin";
import { withCors } from "crossorigin/node";
import { type DemoPorts, pageOrigin, resourceOrigin } from "./scenario.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

const COOKIE_NAME = "pageAccess";

/** Handlers by path. */
export function resourceRoutes(ports: DemoPorts): ReadonlyMap<string, Handler> {
  return new Map([...guardedRoutes(ports), ...brokenRoutes(pageOrigin(ports))]);
}

/** A server sets such policies up once and does not think of CORS again. */
function guardedRoutes(ports: DemoPorts): [string, Handler][] {
  const page = pageOrigin(ports);
  const guarded = (config: PolicyConfig, handler: Handler): Handler => withCors(createPolicy(config), handler);
  const preflighted: PolicyConfig = {
    origins: [page],
    requestHeaders: ["content-type", "x-pingother"],
    maxAgeSeconds: 86_400,
  };
  // The page comes over plain http, from loopback, for the sake of the demonstration; a policy must say that it knows.
  const credentialed: PolicyConfig = { origins: [page], credentials: true, dangerouslyAllowInsecureOrigins: true };
  return [
    ["/resources/public-data/", guarded({ origins: "*" }, text("public data\n"))],
    ["/resources/restricted-data/", guarded({ origins: [page] }, text("restricted data\n"))],
    ["/resources/for-somebody-else/", guarded({ origins: ["https://somebody.example"] }, text("not for you\n"))],
    ["/resources/post-here/", guarded(preflighted, countBytes)],
    ["/resources/new-place/", guarded(preflighted, countBytes)],
    ["/resources/moved/", guarded(preflighted, redirect(307, "/resources/new-place/"))],
    [
      "/resources/far-away/",
      guarded({ origins: [page] }, redirect(302, `${resourceOrigin("elsewhere", ports)}/resources/restricted-data/`)),
    ],
    ["/resources/credentialed-content/", guarded(credentialed, countVisits)],
    ["/resources/numbered/", guarded({ origins: [page] }, text("numbered\n", { "X-Request-Id": "42" }))],
    [
      "/resources/numbered-and-exposed/",
      guarded({ origins: [page], exposedHeaders: ["x-request-id"] }, text("numbered\n", { "X-Request-Id": "42" })),
    ],
  ];
}

/** Handlers that set the headers by hand, and get them wrong the way people do. */
function brokenRoutes(page: string): [string, Handler][] {
  const grant = { "Access-Control-Allow-Origin": page, Vary: "Origin" };
  return [
    ["/broken/no-allow-credentials/", text("no consent\n", grant)],
    ["/broken/other-origin/", text("another environment\n", { "Access-Control-Allow-Origin": "https://foo.example" })],
    ["/broken/trailing-slash/", text("a slash\n", { "Access-Control-Allow-Origin": `${page}/`, Vary: "Origin" })],
    ["/broken/two-layers/", text("twice\n", { "Access-Control-Allow-Origin": [page, page], Vary: "Origin" })],
    ["/broken/forgotten-header/", preflightWith(204, { ...grant, "Access-Control-Allow-Headers": "Content-Type" })],
    ["/broken/forgotten-method/", preflightWith(204, { ...grant, "Access-Control-Allow-Methods": "GET, POST" })],
    [
      "/broken/login-first/",
      preflightWith(401, { ...grant, "Access-Control-Allow-Headers": "Authorization", "WWW-Authenticate": "Bearer" }),
    ],
    ["/broken/slash", preflightWith(308, { ...grant, Location: "/broken/slash/" })],
  ];
}

type Headers = Readonly<Record<string, string | string[]>>;

function text(body: string, headers: Headers = {}): Handler {
  return (request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Type": "text/plain", ...headers }).end(body);
  };
}

function preflightWith(status: number, headers: Headers): Handler {
  return (request, response) => {
    request.resume();
    response.writeHead(request.method === "OPTIONS" ? status : 200, headers).end();
  };
}

function redirect(status: number, location: string): Handler {
  return (request, response) => {
    request.resume();
    const query = /\?.*$/s.exec(request.url ?? "")?.[0] ?? "";
    response.writeHead(status, { Location: location + query }).end();
  };
}

const countBytes: Handler = async (request, response) => {
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Uint8Array).length;
  text(`received ${bytes} bytes\n`)(request, response);
};

const countVisits: Handler = (request, response) => {
  const cookies = (request.headers.cookie ?? "").split("; ");
  const previous = Number(
    cookies.find((cookie) => cookie.startsWith(`${COOKIE_NAME}=`))?.slice(COOKIE_NAME.length + 1) ?? 0,
  );
  const visits = Number.isSafeInteger(previous) ? previous + 1 : 1;
  text(`visits: ${visits}\n`, { "Set-Cookie": `${COOKIE_NAME}=${visits}; SameSite=Lax` })(request, response);
};
