/**
 * `crossorigin demo`: real servers, the classic scenarios, and what became of each.
 *
 * @module
 */

import { EXIT_INTERRUPTED, EXIT_OK, EXIT_WITHHELD } from "../exit-status.ts";
import { parsePort } from "../request-options.ts";
import { styleFor } from "../style.ts";
import type { Surroundings } from "../surroundings.ts";
import { UsageError } from "../usage-error.ts";
import { startDemoServers } from "./demo-servers.ts";
import type { Outcome } from "./outcome.ts";
import { pageHandler } from "./page-handler.ts";
import { playScenarios } from "./play.ts";
import { renderHint, renderIntroduction, renderOutcome, renderSummary } from "./render-outcome.ts";
import { SCENARIOS } from "./scenarios.data.ts";
import { renderServing } from "./render-serving.ts";

export interface DemoOptions {
  readonly serve?: boolean;
  readonly pagePort?: string;
  readonly resourcePort?: string;
}

/** Prints every scenario. Returns the exit status: 0 if all ended as expected. */
export async function demo(options: DemoOptions, { stdout, env, signal }: Surroundings): Promise<number> {
  const style = styleFor(stdout, env);
  const pagePort = parsePort(options.pagePort ?? "0");
  const resourcePort = parsePort(options.resourcePort ?? "0");
  if (pagePort !== 0 && pagePort === resourcePort)
    throw new UsageError(`--page-port and --resource-port are both ${pagePort}; two servers need two ports`);
  const servers = await startDemoServers(pagePort, resourcePort);
  try {
    stdout.write(`${renderIntroduction(servers.ports, style)}\n`);
    const outcomes: Outcome[] = [];
    for await (const outcome of playScenarios(SCENARIOS, servers)) {
      outcomes.push(outcome);
      stdout.write(`\n${renderOutcome(outcome, [outcomes.length, SCENARIOS.length], servers.ports, style)}\n`);
      if (signal.aborted) return EXIT_INTERRUPTED;
    }
    stdout.write(`\n${renderSummary(outcomes, style)}\n`);
    if (options.serve !== true) stdout.write(`\n${renderHint(style)}\n`);
    if (options.serve === true) {
      servers.serveThePage(pageHandler(outcomes, servers));
      stdout.write(`\n${renderServing(servers.ports, style)}\n`);
      await interruption(signal);
    }
    return outcomes.every(({ differences }) => differences.length === 0) ? EXIT_OK : EXIT_WITHHELD;
  } finally {
    await servers.close();
  }
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
