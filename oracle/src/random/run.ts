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
const EQUAL = "equal";
/** That, or the names of the departures that it differs by. */
type Verdict = string;
const CONCURRENT_REPLAYS = 16;
/** Making them small takes time, and the rest is mostly the same. */
const MAX_SHRUNK = 12;
const SHRINK_MILLISECONDS = 20_000;

/** Runs the scenarios of a seed, and judges each; what disagrees once is asked again, alone: a busy machine must not decide. */
export async function runRandom({ session, certificate, engine, count, seed }: RandomOptions): Promise<RandomOutcome> {
  const server = await ScriptedServer.start(certificate);
  const judge = new Judge(session, engine, (scenario) =>
    replay(scenario, { server, ca: certificate.ca, profile: engine }),
  );
  try {
    // The tuple makes them the ones that the property is checked with.
    const samples = fc.sample(fc.tuple(scenarioArbitrary), { seed, numRuns: count }).map(([scenario]) => scenario);
    const verdicts: (Verdict | null)[] = [];
    for (let from = 0; from < count; from += BATCH)
      verdicts.push(...(await judge.verdictsOn(samples.slice(from, from + BATCH), from)));
    const suspects = [...verdicts.entries()].filter(([, verdict]) => verdict === null).map(([index]) => index);
    const disagreements: RandomDisagreement[] = [];
    for (const index of suspects) {
      const scenario = samples[index];
      if (scenario === undefined) continue;
      const verdict = await judge.verdictOn(await judge.pairOf(scenario));
      verdicts[index] = verdict;
      if (verdict === null && disagreements.length < MAX_SHRUNK)
        disagreements.push(await judge.shrunk(scenario, seed, index));
    }
    const departures = new Map<string, number>();
    for (const name of verdicts)
      if (name !== null && name !== EQUAL) departures.set(name, (departures.get(name) ?? 0) + 1);
    const disagreeing = verdicts.filter((verdict) => verdict === null).length;
    const equal = verdicts.filter((verdict) => verdict === EQUAL).length;
    return { equal, departures, askedAgain: suspects.length - disagreeing, disagreeing, disagreements };
  } finally {
    await server.close();
  }
}

/** Asks the engine and the user agent, and compares what they did. */
class Judge {
  readonly #session: LiveSession;
  readonly #engine: Engine;
  readonly #agentOf: (scenario: Scenario) => Promise<Observation>;
  #tried = 0;

  constructor(session: LiveSession, engine: Engine, agentOf: (scenario: Scenario) => Promise<Observation>) {
    this.#session = session;
    this.#engine = engine;
    this.#agentOf = agentOf;
  }

  /** `from`: of the first of them, so that each has a name of its own. */
  async verdictsOn(scenarios: readonly Scenario[], from: number): Promise<readonly (Verdict | null)[]> {
    const named = scenarios.map((scenario, n) => ({ ...scenario, id: `random-${from + n}` }));
    const found = await this.#session.observe(named);
    return inParallel(named, async (scenario) => {
      const live = found.get(scenario.id)?.observation ?? null;
      return this.verdictOn({ scenario, live, agent: await this.#agentOf(scenario) });
    });
  }

  /** Null: they disagree. */
  async verdictOn({ scenario, live, agent }: RandomDisagreement): Promise<Verdict | null> {
    if (live === null) return null;
    if (isEqual(scenario, live, agent)) return EQUAL;
    return departureOf({ scenario, live, agent }, this.#engine, this.#agentOf);
  }

  /** What both make of it, by itself. */
  async pairOf(scenario: Scenario): Promise<RandomDisagreement> {
    this.#tried++;
    const named = { ...scenario, id: `shrink-${this.#tried}` };
    const [found, agent] = await Promise.all([this.#session.observe([named]), this.#agentOf(named)]);
    return { scenario, live: found.get(named.id)?.observation ?? null, agent };
  }

  /** The smallest scenario in which they disagree, of those that the sample shrinks to. */
  async shrunk(scenario: Scenario, seed: number, index: number): Promise<RandomDisagreement> {
    const property = fc.asyncProperty(
      scenarioArbitrary,
      async (smaller) => (await this.verdictOn(await this.pairOf(smaller))) !== null,
    );
    const options = { seed, path: String(index), numRuns: 1, interruptAfterTimeLimit: SHRINK_MILLISECONDS };
    const run = await fc.check(property, options);
    return this.pairOf(run.counterexample?.[0] ?? scenario);
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
