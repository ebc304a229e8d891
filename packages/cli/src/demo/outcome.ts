/**
 * What a scenario came to, and how that differs from what was expected.
 *
 * @module
 */

import type { Explanation } from "crossorigin/diagnose";
import type { WireEntry } from "./demo-servers.ts";
import type { ExpectedOutcome, Scenario } from "./scenario.ts";

export interface Outcome {
  readonly scenario: Scenario;
  readonly explanation: Explanation;
  /** What the page read; null if it got no body. */
  readonly body: string | null;
  /** The server's log of this scenario: `METHOD path status`. */
  readonly wire: readonly string[];
  /** One sentence for each difference from what was expected; empty if there is none. */
  readonly differences: readonly string[];
}

/** Compares what happened with what the scenario expects. */
export function judgeOutcome(scenario: Scenario, happened: Pick<Outcome, "explanation" | "body" | "wire">): Outcome {
  const { expected } = scenario;
  const { explanation, body, wire } = happened;
  const visibleNames = explanation.visible.headers.map(([name]) => name.toLowerCase());
  const differences = [
    difference("verdict", expected.verdict, explanation.verdict),
    difference("code", expected.code, explanation.code),
    difference("preflight", expected.preflight, preflightOf(explanation)),
    difference("the server's log", expected.wire, wire),
    difference("body", expected.body, body),
    difference(
      "readable headers",
      expected.readable ?? [],
      (expected.readable ?? []).filter((name) => visibleNames.includes(name)),
    ),
    difference(
      "hidden headers",
      expected.hidden ?? [],
      (expected.hidden ?? []).filter((name) => !visibleNames.includes(name)),
    ),
  ].filter((sentence) => sentence !== null);
  return { scenario, ...happened, differences };
}

/** A preflight as the scenarios speak of it. */
export function preflightOf({ preflight }: Explanation): ExpectedOutcome["preflight"] {
  if (!preflight.needed) return "not needed";
  return preflight.sent ? "sent" : "cached";
}

/** The log's entries as the scenarios write them. */
export function wireLines(entries: readonly WireEntry[]): string[] {
  return entries.map(({ method, path, status }) => `${method} ${path} ${status}`);
}

function difference(subject: string, expected: unknown, received: unknown): string | null {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(received)];
  return wanted === got ? null : `${subject}: expected ${wanted}, got ${got}`;
}
