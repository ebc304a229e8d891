/** Random scenarios in a browser and on the user agent, and the smallest one in which they disagree. */

import fc from "fast-check";
import type { Certificate } from "../certificate.ts";
import { comparable, isEqual } from "../golden.ts";
import type { LiveSession } from "../live/session.ts";
import { replay } from "../replay.ts";
import type { Engine, Observation, Scenario } from "../scenario.ts";
import { ScriptedServer } from "../scripted-server.ts";
import { scenarioArbitrary } from "./generator.ts";
import { departureOf } from "./departures.ts";

export interface RandomDisagreement {
  /** The smallest that was found. */
  readonly scenario: Scenario;
  readonly live: Observation | null;
  readonly agent: Observation;
}

export interface RandomOutcome {
  readonly equal: number;
  /** How many of each recorded departure. */
  readonly departures: ReadonlyMap<string, number>;
  /** How many of those two were asked again, alone, because they had disagreed. */
  readonly askedAgain: number;
  /** How many disagree; the first ones were made small. */
  readonly disagreeing: number;
  readonly disagreements: readonly RandomDisagreement[];
}

export interface RandomOptions {
  readonly session: LiveSession;
  readonly certificate: Certificate;
  readonly engine: Engine;
  readonly count: number;
  readonly seed: number;
}

const BATCH = 2500;
/** The verdict on what does not differ. */
const EQUAL = "equal";
const CONCURRENT_REPLAYS = 16;
/** Making them small takes time, and the rest is mostly the same. */
const MAX_SHRUNK = 12;
const SHRINK_MILLISECONDS = 20_000;

export async function runRandom({ session, certificate, engine, count, seed }: RandomOptions): Promise<RandomOutcome> {
  const server = await ScriptedServer.start(certificate);
  const agentOf = (scenario: Scenario): Promise<Observation> =>
    replay(scenario, { server, ca: certificate.ca, profile: engine });
  let tried = 0;
  const pairOf = async (scenario: Scenario): Promise<RandomDisagreement> => {
    tried++;
    const named = { ...scenario, id: `shrink-${tried}` };
    const [found, agent] = await Promise.all([session.observe([named]), agentOf(named)]);
    return { scenario, live: found.get(named.id)?.observation ?? null, agent };
  };
  /** What is said of it: equal, by which departures it differs, or null for a disagreement. */
  const verdictOn = async ({ scenario, live, agent }: RandomDisagreement): Promise<string | null> => {
    if (live === null) return null;
    return isEqual(scenario, live, agent) ? EQUAL : departureOf({ scenario, live, agent }, engine, agentOf);
  };
  const property = fc.asyncProperty(
    scenarioArbitrary,
    async (scenario) => (await verdictOn(await pairOf(scenario))) !== null,
  );
  try {
    // The tuple makes them the ones that the property is checked with.
    const samples = fc.sample(fc.tuple(scenarioArbitrary), { seed, numRuns: count }).map(([scenario]) => scenario);
    const verdicts: string[] = [];
    const suspects: number[] = [];
    for (let from = 0; from < count; from += BATCH) {
      const batch = samples.slice(from, from + BATCH).map((scenario, n) => ({ ...scenario, id: `random-${from + n}` }));
      const found = await session.observe(batch);
      const agents = await inParallel(batch, agentOf);
      for (const [n, scenario] of batch.entries()) {
        const agent = agents[n];
        if (agent === undefined) continue;
        const live = found.get(scenario.id)?.observation ?? null;
        const verdict = await verdictOn({ scenario, live, agent });
        if (verdict === null) suspects.push(from + n);
        else verdicts.push(verdict);
      }
    }
    const disagreements: RandomDisagreement[] = [];
    let disagreeing = 0;
    for (const index of suspects) {
      const scenario = samples[index];
      if (scenario === undefined) continue;
      // Asked again, alone: a busy machine must not decide.
      const verdict = await verdictOn(await pairOf(scenario));
      if (verdict !== null) {
        verdicts.push(verdict);
        continue;
      }
      disagreeing++;
      if (disagreements.length >= MAX_SHRUNK) continue;
      const run = await fc.check(property, {
        seed,
        path: String(index),
        numRuns: 1,
        interruptAfterTimeLimit: SHRINK_MILLISECONDS,
      });
      disagreements.push(await pairOf(run.counterexample?.[0] ?? scenario));
    }
    const departures = new Map<string, number>();
    for (const name of verdicts) if (name !== EQUAL) departures.set(name, (departures.get(name) ?? 0) + 1);
    const equal = verdicts.filter((name) => name === EQUAL).length;
    return { equal, departures, askedAgain: suspects.length - disagreeing, disagreeing, disagreements };
  } finally {
    await server.close();
  }
}

async function inParallel<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: CONCURRENT_REPLAYS }, work));
  return results;
}

/** The scenario in one line, which can be pasted into the list, and below it what the engine and the user agent did. */
export function describeRandom({ scenario, live, agent }: RandomDisagreement, engine: Engine): string {
  const { observed: _, ...given } = scenario;
  const seen = live === null ? [] : [{ engines: [engine], ...comparable(scenario, live) }];
  const lines = (observation: Observation | null): string[] => {
    if (observation === null) return ["  nothing: it hung"];
    const { server, script } = comparable(scenario, observation);
    return [...server, ...script].map((entry) => `  ${JSON.stringify(entry)}`);
  };
  return [JSON.stringify({ ...given, observed: seen }), engine, ...lines(live), "user agent", ...lines(agent)].join(
    "\n",
  );
}
