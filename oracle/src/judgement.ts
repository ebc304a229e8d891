/** Is what came of a scenario what is to come of it: as the engine of the profile did, or as a list says? */

import type { ProfileName } from "crossorigin/protocol";
import {
  type Departure,
  type Outcome,
  comparable,
  expectation,
  isEqual,
  readDepartures,
  readNotReplayable,
  standardExpectation,
} from "./golden.ts";
import type { Lacking } from "./names.ts";
import type { Observation, Scenario } from "./scenario.ts";

/** What cannot be had here: scenarios that need it are told of, and not counted. */
export const UNAVAILABLE: ReadonlySet<string> = new Set<Lacking>(["port-80", "ipv6", "other-loopback-address"]);

/** One scenario of a departure, under one profile. */
export interface ListedDeparture {
  readonly name: string;
  readonly profile: ProfileName;
  readonly id: string;
  /** Absent: there the user agent does what the standard asks for. */
  readonly actual?: Observation;
}

/** What `data/` says about scenarios. */
export interface Lists {
  /** Reasons by id. */
  readonly notReplayable: ReadonlyMap<string, string>;
  readonly departures: readonly ListedDeparture[];
}

export function readLists(): Lists {
  const { scenarios } = readNotReplayable();
  return {
    notReplayable: new Map(
      Object.entries(scenarios).flatMap(([reason, ids]) => ids.map((id) => [id, reason] as const)),
    ),
    departures: readDepartures().flatMap(listed),
  };
}

function listed({ name, profiles, scenarios }: Departure): ListedDeparture[] {
  return scenarios.flatMap((entry) =>
    profiles.map((profile) => ({ name, profile, ...(typeof entry === "string" ? { id: entry } : entry) })),
  );
}

/** Null if the outcome is what it is to be; else what is wrong. Not for scenarios that cannot be replayed. */
export function difference(
  scenario: Scenario,
  profile: ProfileName,
  outcome: Outcome | undefined,
  departures: readonly ListedDeparture[],
): object | null {
  const { id } = scenario;
  if (outcome === undefined) return { id, problem: "was not replayed" };
  if (outcome.kind === "failed") return { id, problem: outcome.error };
  if (outcome.kind === "not-replayable")
    return UNAVAILABLE.has(outcome.reason) ? null : { id, problem: `cannot be replayed: ${outcome.reason}` };
  const got = outcome.observation;
  const wanted = expectation(scenario, profile);
  const departure = departures.find((candidate) => candidate.id === id && candidate.profile === profile);
  if (departure === undefined) return isEqual(scenario, got, wanted) ? null : report(scenario, "differs", got, wanted);
  if (isEqual(scenario, got, wanted)) return { id, problem: `departs no more: remove it from ${departure.name}` };
  const actual = departure.actual ?? standardExpectation(scenario);
  return isEqual(scenario, got, actual) ? null : report(scenario, `departs, but not as ${departure.name}`, got, actual);
}

function report(scenario: Scenario, problem: string, got: Observation, wanted: Observation): object {
  return { id: scenario.id, problem, got: comparable(scenario, got), wanted: comparable(scenario, wanted) };
}
