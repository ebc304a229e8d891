/**
 * Plays the scenarios with our user agent against the demonstration's servers.
 *
 * @module
 */

import { type Client, type UserAgent, createUserAgent } from "@crossorigin/useragent";
import { explain } from "crossorigin/diagnose";
import type { TraceEvent } from "crossorigin/fetching";
import type { DemoServers } from "./demo-servers.ts";
import { type Outcome, judgeOutcome, wireLines } from "./outcome.ts";
import { PAGE_HOST, RESOURCE_HOSTS, type Scenario, pageOrigin, scenarioUrl } from "./scenario.ts";

const LOOPBACK = "127.0.0.1";
/** Nothing on loopback takes longer. */
const TIMEOUT_MILLISECONDS = 10_000;

/** One outcome after the other: one user agent plays them all, so that caches and cookies carry over. */
export async function* playScenarios(
  scenarios: readonly Scenario[],
  servers: DemoServers,
): AsyncGenerator<Outcome, void> {
  const hosts: ReadonlySet<string> = new Set([PAGE_HOST, ...Object.values(RESOURCE_HOSTS)]);
  const trace: TraceEvent[] = [];
  const userAgent: UserAgent = createUserAgent({
    resolve: (host) => (hosts.has(host) ? LOOPBACK : undefined),
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    onTrace: (event) => trace.push(event),
  });
  const page = userAgent.client({ url: `${pageOrigin(servers.ports)}/` });
  try {
    for (const scenario of scenarios) {
      trace.length = 0;
      const begin = servers.log.length;
      const body = await readBody(page, scenario, servers);
      yield judgeOutcome(scenario, { explanation: explain(trace), body, wire: wireLines(servers.log.slice(begin)) });
    }
  } finally {
    await userAgent.close();
  }
}

/** The page's own view: a body, or nothing; `fetch` tells no more. */
async function readBody(page: Client, scenario: Scenario, { ports }: DemoServers): Promise<string | null> {
  const { method = "GET", headers = {}, body = null, credentials = "same-origin", mode = "cors" } = scenario.request;
  try {
    const response = await page.fetch(scenarioUrl(scenario, ports), { method, headers, body, credentials, mode });
    const text = await response.text();
    return response.type === "opaque" ? null : text;
  } catch {
    return null;
  }
}
