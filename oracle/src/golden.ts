/**
 * The golden layer: every recorded scenario on the user agent, compared with what the engine of its profile did, or with
 * what the standard asks for.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProfileName } from "crossorigin/protocol";
import { createCertificate } from "./certificate.ts";
import { HOSTNAMES } from "./names.ts";
import { canonical, withoutRepetitions, writeOutRequests, writeOutResults } from "./normalize.ts";
import { NotReplayable, blocksItsThread, replay } from "./replay.ts";
import { ENGINES, type Engine, type Observation, type Scenario } from "./scenario.ts";
import { type ScenarioServer, ScriptedServer } from "./scripted-server.ts";
import { ThreadedServer } from "./threaded-server.ts";

export const PROFILE_NAMES: readonly ProfileName[] = ["standard", ...ENGINES];

/** Scenarios that the user agent cannot replay, with what it lacks. */
export interface NotReplayableList {
  readonly reasons: Readonly<Record<string, string>>;
  /** Ids by reason. */
  readonly scenarios: Readonly<Record<string, readonly string[]>>;
}

/** Where the user agent does otherwise than an engine on purpose, or cannot follow it. */
export interface Departure {
  readonly name: string;
  readonly profiles: readonly ProfileName[];
  readonly why: string;
  /** An id alone: there the user agent does what the standard asks for. */
  readonly scenarios: readonly (string | { readonly id: string; readonly actual: Observation })[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, "../data", name), "utf8"));

export function readNotReplayable(): NotReplayableList {
  return read("not-replayable.json") as NotReplayableList;
}

export function readDepartures(): readonly Departure[] {
  return (read("departures.json") as { readonly departures: readonly Departure[] }).departures;
}

/** What the standard asks for. */
export function standardExpectation({ id, observed, standard }: Scenario): Observation {
  if (standard?.observation !== undefined) return standard.observation;
  const [first, ...others] = observed;
  if (standard?.as !== undefined) return observationOf(observed, standard.as);
  if (first === undefined || others.length > 0) throw new Error(`Nobody decided what the standard asks for in ${id}.`);
  return first;
}

/** What the engine did, or what the standard asks for. */
export function expectation(scenario: Scenario, profile: ProfileName): Observation {
  return profile === "standard" ? standardExpectation(scenario) : observationOf(scenario.observed, profile);
}

export function observationOf(observed: Scenario["observed"], engine: Engine): Observation {
  const found = observed.find(({ engines }) => engines.includes(engine));
  if (found === undefined) throw new Error(`There is no observation of ${engine}.`);
  return found;
}

/** What came of one scenario under one profile. */
export type Outcome =
  | { readonly kind: "observed"; readonly observation: Observation }
  | { readonly kind: "not-replayable"; readonly reason: string }
  /** The replay threw. */
  | { readonly kind: "failed"; readonly error: Error };

export type Outcomes = ReadonlyMap<string, Readonly<Record<ProfileName, Outcome>>>;

/** More at once gain nothing: the work is this process's own. */
const CONCURRENT_REPLAYS = 16;

interface Replayed {
  readonly scenario: Scenario;
  readonly profile: ProfileName;
}

/** Replays everything under every profile, or some, on one server; what blocks its thread afterwards, on another one. */
export async function replayAll(
  scenarios: readonly Scenario[],
  profiles: readonly ProfileName[] = PROFILE_NAMES,
  concurrentReplays: number = CONCURRENT_REPLAYS,
): Promise<Outcomes> {
  const certificate = createCertificate(HOSTNAMES);
  const outcomes = new Map<string, Record<ProfileName, Outcome>>();
  const replayOn = async (server: ScenarioServer, { scenario, profile }: Replayed): Promise<void> => {
    const outcome = await outcomeOf(scenario, profile, server, certificate.ca);
    const known = outcomes.get(scenario.id) ?? ({} as Record<ProfileName, Outcome>);
    outcomes.set(scenario.id, { ...known, [profile]: outcome });
  };
  const all = scenarios.flatMap((scenario) => profiles.map((profile): Replayed => ({ scenario, profile })));
  const blocking = all.filter(({ scenario }) => blocksItsThread(scenario));
  const queue = all.filter(({ scenario }) => !blocksItsThread(scenario));
  const server = await ScriptedServer.start(certificate);
  try {
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await replayOn(server, next);
    };
    await Promise.all(Array.from({ length: concurrentReplays }, work));
  } finally {
    await server.close();
  }
  if (blocking.length === 0) return outcomes;
  const threaded = await ThreadedServer.start(certificate);
  try {
    for (const next of blocking) await replayOn(threaded, next);
  } finally {
    await threaded.close();
  }
  return outcomes;
}

/** Replays one scenario under one profile. */
export async function outcomeOf(
  scenario: Scenario,
  profile: ProfileName,
  server: ScenarioServer,
  ca: string,
): Promise<Outcome> {
  try {
    return { kind: "observed", observation: await replay(scenario, { server, ca, profile }) };
  } catch (error) {
    if (error instanceof NotReplayable) return { kind: "not-replayable", reason: error.reason };
    return { kind: "failed", error: new Error(`${scenario.id} under ${profile} threw`, { cause: error }) };
  }
}

/** The same observation in one form: repetitions written out, or left out where they mean nothing. */
export function comparable({ volatile }: Scenario, { server, script }: Observation): Observation {
  const requests = writeOutRequests(server);
  return {
    server: volatile === true ? withoutRepetitions(requests) : requests,
    script: writeOutResults(script),
  };
}

export function isEqual(scenario: Scenario, a: Observation, b: Observation): boolean {
  return canonical(comparable(scenario, a)) === canonical(comparable(scenario, b));
}
