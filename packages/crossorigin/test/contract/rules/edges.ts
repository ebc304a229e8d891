/**
 * Requests on which servers differ before any adapter is asked. Where one departs from the rest, the reason is here and the departure is asserted, so
 * that a change is noticed.
 */

import { describe, expect, test } from "vitest";
import { type On, askOne, asked, corsLines, from, preflight, varyNames } from "../asking.ts";
import type { ContractServer, Running } from "../server.ts";
import { APP, type SetupName } from "../setups.ts";
import type { Asked } from "../wire.ts";

/** What reads the requests: Node's servers, Fastify's router, `@hono/node-server`'s requests, or a runtime. */
type Reader = `${"node" | "fastify" | "bridge"}${"" | " over HTTP/2"}` | "workerd" | "Bun" | "Deno";

function readerOf({ name, protocol }: ContractServer): Reader {
  const runtime = (["workerd", "Bun", "Deno"] as const).find((candidate) => name.includes(` on ${candidate}`));
  if (runtime !== undefined) return runtime;
  const library = name.startsWith("cors on Fastify") ? "fastify" : / on Node\b/.test(name) ? "bridge" : "node";
  return protocol.startsWith("h2") ? `${library} over HTTP/2` : library;
}

/** `granted` and `withheld` come from the policy, `bare` is an answer that no policy has seen, `none` is none at all. */
type Outcome = `${number} ${"granted" | "withheld" | "bare"}` | "none";

interface Edge {
  readonly what: string;
  readonly setup: SetupName;
  readonly request: (server: Running) => Asked;
  readonly outcome: Outcome;
  readonly departures: Partial<Record<Reader, readonly [outcome: Outcome, reason: string]>>;
}

const NO_HOST_IN_HTTP2 = ["none", "a client of HTTP/2 sends no whole URLs"] as const;
const NO_ASTERISK = ["400 bare", "a Request needs a URL"] as const;
const KNOWN_METHODS = ["400 bare", "knows its methods"] as const;

const EDGES: readonly Edge[] = [
  {
    what: "a preflight for the whole server",
    setup: "listed",
    request: () => preflight("*", APP, "PUT"),
    outcome: "204 granted",
    departures: { bridge: NO_ASTERISK, "bridge over HTTP/2": NO_ASTERISK, Bun: NO_ASTERISK },
  },
  {
    what: "a preflight with a whole URL",
    setup: "by-route",
    request: ({ host }) => preflight(`http://${host}/items?q`, APP, "DELETE"),
    outcome: "403 withheld",
    departures: {
      "node over HTTP/2": NO_HOST_IN_HTTP2,
      "fastify over HTTP/2": NO_HOST_IN_HTTP2,
      "bridge over HTTP/2": NO_HOST_IN_HTTP2,
    },
  },
  {
    what: "a path with dots, as no browser sends it",
    setup: "by-route",
    // Nobody but /items has a policy that refuses this.
    request: () => preflight("/a/../items", APP, "DELETE"),
    outcome: "204 granted",
    departures: {
      bridge: ["403 withheld", "resolves dots"],
      "bridge over HTTP/2": ["403 withheld", "resolves dots"],
      Bun: ["403 withheld", "resolves dots"],
    },
  },
  {
    what: "a method in lower case, which makes it no preflight",
    setup: "listed",
    request: () => ({ ...preflight("/items", APP, "PUT"), method: "options" }),
    outcome: "200 granted",
    departures: {
      node: KNOWN_METHODS,
      fastify: KNOWN_METHODS,
      bridge: KNOWN_METHODS,
      "fastify over HTTP/2": ["404 bare", "runs no hooks for methods it does not know"],
      "bridge over HTTP/2": ["204 granted", "a Request normalizes its method"],
      workerd: ["501 bare", "knows its methods"],
      Bun: ["none", "closes the connection"],
    },
  },
  {
    what: "a method that nobody knows",
    setup: "listed",
    request: () => asked("FOO", "/items", [from(APP)]),
    outcome: "200 granted",
    departures: {
      node: KNOWN_METHODS,
      fastify: KNOWN_METHODS,
      bridge: KNOWN_METHODS,
      "fastify over HTTP/2": ["404 bare", "runs no hooks for methods it does not know"],
      workerd: ["501 bare", "knows its methods"],
      Bun: ["none", "closes the connection"],
    },
  },
  {
    what: "a method that few know",
    setup: "listed",
    request: () => asked("PURGE", "/missing", [from(APP)]),
    outcome: "404 granted",
    departures: {},
  },
  {
    what: "an origin with white space around it",
    setup: "listed",
    request: () => asked("GET", "/plain", [["Origin", `\t ${APP} \t`]]),
    outcome: "200 granted",
    departures: {
      "node over HTTP/2": ["200 withheld", "HTTP/2 has no white space around values, it is part of them"],
      "fastify over HTTP/2": ["200 withheld", "HTTP/2 has no white space around values, it is part of them"],
      "bridge over HTTP/2": ["200 withheld", "HTTP/2 has no white space around values, it is part of them"],
    },
  },
  {
    what: "an origin with a zero byte",
    setup: "listed",
    request: () => asked("GET", "/plain", [["Origin", `${APP}\0`]]),
    outcome: "400 bare",
    departures: {
      "node over HTTP/2": ["none", "the client does not send it"],
      "fastify over HTTP/2": ["none", "the client does not send it"],
      "bridge over HTTP/2": ["none", "the client does not send it"],
    },
  },
  {
    what: "a preflight with two methods",
    setup: "listed",
    request: () => {
      const request = preflight("/items", APP, "PUT");
      return { ...request, lines: [...request.lines, ["Access-Control-Request-Method", "PUT"]] };
    },
    outcome: "403 withheld",
    departures: {
      "node over HTTP/2": ["none", "the client does not send it"],
      "fastify over HTTP/2": ["none", "the client does not send it"],
      "bridge over HTTP/2": ["none", "the client does not send it"],
    },
  },
  {
    what: "a preflight with an empty Origin",
    setup: "listed",
    request: () => preflight("/options", "", "PUT"),
    outcome: "403 withheld",
    departures: { workerd: ["200 withheld", "drops an empty Origin, so that it is no preflight"] },
  },
];

export function edges(on: On, server: ContractServer): void {
  const reader = readerOf(server);
  describe(`as ${reader} reads it`, () => {
    test.each(
      EDGES.map((edge) => [edge.what, ...(edge.departures[reader] ?? [edge.outcome, "like all"]), edge] as const),
    )("%s is answered with %s (%s)", async (_what, outcome, _reason, { setup, request }) => {
      const running = await on(setup);
      expect(await outcomeOf(running, request(running))).toBe(outcome);
    });
  });
}

async function outcomeOf(running: Running, request: Asked): Promise<Outcome> {
  try {
    const answer = await askOne(running, request);
    const isGranted = corsLines(answer).some((line) => line.startsWith("access-control-allow-origin"));
    const kind = isGranted ? "granted" : varyNames(answer).includes("origin") ? "withheld" : "bare";
    return `${answer.status} ${kind}`;
  } catch {
    return "none";
  }
}
