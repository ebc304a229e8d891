/** A live observation beside the recorded one, and beside what the user agent does under the engine's profile. */

import { type Departure, type Outcome, comparable, isEqual, observationOf, standardExpectation } from "../golden.ts";
import { UNAVAILABLE } from "../judgement.ts";
import type { Engine, Observation, Scenario } from "../scenario.ts";

export type Verdict =
  /** The engine, its record and the user agent did the same. */
  | { readonly kind: "equal" }
  /** The user agent does otherwise, and that is on a list. */
  | { readonly kind: "departure"; readonly name: string }
  /** The engine did otherwise than its record, in a scenario in which it does not always do the same. */
  | { readonly kind: "unstable" }
  /** Another version of the engine did otherwise than its record. */
  | { readonly kind: "changed"; readonly recorded: Observation; readonly live: Observation }
  | {
      readonly kind: "disagreement";
      readonly problem: string;
      readonly live: Observation | null;
      readonly expected: Observation | null;
    };

export interface Surroundings {
  readonly engine: Engine;
  /** Whether the observations were recorded with this version. */
  readonly isRecordedVersion: boolean;
  readonly departures: readonly Departure[];
  /** Reasons by id. */
  readonly notReplayable: ReadonlyMap<string, string>;
}

/** `live`: null if the engine hung twice. `agent`: undefined if nobody replayed it. */
export function verdict(
  scenario: Scenario,
  live: Observation | null,
  agent: Outcome | undefined,
  { engine, isRecordedVersion, departures, notReplayable }: Surroundings,
): Verdict {
  const { id, unstable, volatile } = scenario;
  const recorded = observationOf(scenario.observed, engine);
  if (live === null) return { kind: "disagreement", problem: "the engine hung twice", live, expected: recorded };
  if (!isEqual(scenario, live, recorded)) {
    if (!isRecordedVersion) return { kind: "changed", recorded, live };
    if (unstable?.[engine] !== undefined || volatile === true) return { kind: "unstable" };
    return { kind: "disagreement", problem: "the engine did otherwise than its record", live, expected: recorded };
  }
  const reason = notReplayable.get(id);
  if (reason !== undefined) return { kind: "departure", name: reason };
  if (agent?.kind === "not-replayable" && UNAVAILABLE.has(agent.reason))
    return { kind: "departure", name: agent.reason };
  if (agent === undefined || agent.kind !== "observed") {
    const why =
      agent === undefined ? "it was not replayed" : agent.kind === "failed" ? String(agent.error.cause) : agent.reason;
    return { kind: "disagreement", problem: `the user agent did not replay it: ${why}`, live, expected: null };
  }
  const { observation } = agent;
  if (isEqual(scenario, live, observation)) return { kind: "equal" };
  const departure = departures.find(
    ({ profiles, scenarios }) =>
      profiles.includes(engine) && scenarios.some((entry) => (typeof entry === "string" ? entry : entry.id) === id),
  );
  const entry = departure?.scenarios.find((candidate) => typeof candidate !== "string" && candidate.id === id);
  const listed = typeof entry === "object" ? entry.actual : departure && standardExpectation(scenario);
  if (departure !== undefined && listed !== undefined && isEqual(scenario, observation, listed))
    return { kind: "departure", name: departure.name };
  return { kind: "disagreement", problem: "the user agent does otherwise", live, expected: observation };
}

/** Both sides, to be read. */
export function describe(scenario: Scenario, found: Verdict & { kind: "disagreement" | "changed" }): string {
  const show = (observation: Observation | null): string =>
    observation === null ? "nothing" : JSON.stringify(comparable(scenario, observation), null, 2);
  const title = `${scenario.id}: ${scenario.name}`;
  return found.kind === "changed"
    ? `${title}\n  recorded: ${show(found.recorded)}\n  now: ${show(found.live)}`
    : `${title}\n  ${found.problem}\n  engine: ${show(found.live)}\n  expected: ${show(found.expected)}`;
}
