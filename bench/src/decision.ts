/**
 * What a decision costs: ours beside a floor written by hand.
 *
 * @module
 */

import { type Policy, type PolicyConfig, createPolicy, decide } from "crossorigin";
import { createFloor } from "./floor.ts";
import type { Row } from "./measure.ts";
import { type Middleware, type PeerOptions, createPeers } from "./peers.ts";
import { type StandInRequest, StandInResponse, fresh, keep } from "./stand-in.ts";

const METHODS = ["PUT"];
const REQUEST_HEADERS = ["content-type", "x-a"];
/** More than any cache of a processor holds. */
const REQUESTS = 4096;

function ours(policy: Policy): Middleware {
  return (request, response) => {
    const { headers, vary } = decide(policy, request);
    for (const { name, value } of headers) response.setHeader(name, value);
    if (vary !== null) response.setHeader("Vary", vary);
  };
}

/** Rotates through the requests. */
function contender(
  name: string,
  middleware: Middleware,
  requests: readonly StandInRequest[],
): Row["contenders"][number] {
  let turn = 0;
  return {
    name,
    run: () => {
      const response = new StandInResponse();
      middleware(requests[turn++ % requests.length] as StandInRequest, response);
      keep(response);
    },
  };
}

function requestsOf(
  origins: readonly string[],
  method: string,
  headers: Readonly<Record<string, string>>,
): StandInRequest[] {
  return Array.from({ length: REQUESTS }, (_, index) => ({
    method,
    url: "/",
    headers: {
      host: "api.example",
      accept: "*/*",
      origin: fresh(origins[(index * 7919) % origins.length] ?? ""),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fresh(value)])),
    },
  }));
}

const STRANGERS = Array.from({ length: 1000 }, (_, index) => `https://stranger${index}.test`);
const PREFLIGHT = { "access-control-request-method": "PUT", "access-control-request-headers": "content-type,x-a" };

/** {actual, preflight} × {granted, refused} for one list of origins; `granted` are the origins that are, `listed` is what the peers are given. */
function rowsFor(name: string, config: PolicyConfig, granted: readonly string[], listed: PeerOptions["origin"]): Row[] {
  const policy = ours(createPolicy(config));
  const floor = createFloor(config.origins, METHODS, REQUEST_HEADERS, config.credentials === true);
  const peers = createPeers({
    origin: listed,
    methods: METHODS,
    allowedHeaders: REQUEST_HEADERS,
    credentials: config.credentials === true,
  });
  const row = (kind: string, requests: readonly StandInRequest[]): Row => ({
    name: `${kind}, ${name}`,
    contenders: [
      contender("floor", floor, requests),
      contender("crossorigin", policy, requests),
      ...Object.entries(peers).map(([peer, middleware]) => contender(peer, middleware, requests)),
    ],
  });
  return [
    row("actual granted", requestsOf(granted, "GET", {})),
    ...(config.origins === "*" ? [] : [row("actual refused", requestsOf(STRANGERS, "GET", {}))]),
    row("preflight granted", requestsOf(granted, "OPTIONS", PREFLIGHT)),
    ...(config.origins === "*" ? [] : [row("preflight refused", requestsOf(STRANGERS, "OPTIONS", PREFLIGHT))]),
    row(
      "preflight refused for a header",
      requestsOf(granted, "OPTIONS", { ...PREFLIGHT, "access-control-request-headers": "x-a,x-other" }),
    ),
  ];
}

function tenants(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `https://tenant${index}.example`);
}

/** The rows that are compared with the floor. */
export function decisionRows(): Row[] {
  const more = { methods: METHODS, requestHeaders: REQUEST_HEADERS };
  const listed = [1, 10, 1000, 100_000].flatMap((count) => {
    const origins = tenants(count);
    const name = count === 1 ? "1 origin" : `${count} origins`;
    return rowsFor(name, { ...more, origins, credentials: true }, origins, origins);
  });
  const wildcards = tenants(1000).map((origin) => origin.replace("://", "://*."));
  const patterns = tenants(1000).map(
    (origin) => new RegExp(`^https://(?:[a-z0-9-]+\\.)+${origin.slice("https://".length).replaceAll(".", "\\.")}$`),
  );
  const subdomains = tenants(1000).map((origin) => origin.replace("://", "://www."));
  return [
    ...listed,
    ...rowsFor("any origin", { ...more, origins: "*" }, STRANGERS, "*"),
    ...rowsFor("1000 wildcards", { ...more, origins: wildcards, credentials: true }, subdomains, patterns),
  ];
}

/** Hostile requests; compared with a plain request under the same policy. */
export function hostileRows(): Row[] {
  const plain = { origin: tenants(10)[3] ?? "", ...PREFLIGHT };
  const rows: Row[] = [];
  for (const origins of [tenants(10), ["https://*.tenant3.example", ...tenants(10)]]) {
    const policy = ours(createPolicy({ origins, methods: METHODS, requestHeaders: REQUEST_HEADERS }));
    const run = (name: string, headers: Readonly<Record<string, string>>): Row["contenders"][number] => {
      const { origin = "", ...others } = headers;
      return contender(name, policy, requestsOf([origin], "OPTIONS", others));
    };
    const row = (name: string, headers: Readonly<Record<string, string>>): Row => ({
      name: `${name}, ${origins.length === 10 ? "listed" : "wildcard"}`,
      contenders: [run("plain", plain), run("crossorigin", { ...plain, ...headers })],
    });
    rows.push(
      row("16 KiB of commas", { "access-control-request-headers": ",".repeat(16_384) }),
      row("15 KiB of names", { "access-control-request-headers": "x-a,".repeat(3840) }),
      row("8 KiB of names", { "access-control-request-headers": "x-a,".repeat(2047) }),
      row("127 commas and spaces", { "access-control-request-headers": ", ".repeat(127) }),
      row("8 KiB origin", { origin: `https://${"a".repeat(8192)}` }),
      row("490 character origin", { origin: `https://${"a.".repeat(236)}tenant3.test` }),
    );
  }
  return rows;
}
