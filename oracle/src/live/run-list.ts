/** The list of scenarios in a real browser, beside their records and beside the user agent. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DIFFERENCES_PAGE, differencesPage } from "../differences.ts";
import { readDepartures, readNotReplayable, replayAll } from "../golden.ts";
import { ENGINES, type Engine, type Observation, type Scenario, readScenarioFiles } from "../scenario.ts";
import { ENGINE_PROGRAMS } from "./engines.ts";
import { lacks, recordObservations } from "./record.ts";
import { RESULTS_FOLDER, resultsOf, writeResults } from "./results.ts";
import type { LiveOutcome, LiveSession } from "./session.ts";
import { type Verdict, describe, verdict } from "./verdict.ts";

export interface ListOptions {
  readonly engine: Engine;
  readonly version: string;
  /** Only scenarios whose id contains this, or one of these, with commas between them. */
  readonly only: string;
  /** Is what the engine does written down? */
  readonly isRecording: boolean;
}

/** Were the scenarios recorded with this version of the engine? */
export function isRecordedVersion(engine: Engine, version: string): boolean {
  return readScenarioFiles().every(({ engines }) => engines[engine] === version);
}

/** What cannot be asked of the engine here, by id, and why. */
function readNotLive(engine: Engine): Readonly<Record<string, string>> {
  const path = join(import.meta.dirname, "../../data/not-live.json");
  const all = JSON.parse(readFileSync(path, "utf8")) as Partial<Record<Engine, Record<string, string>>>;
  return all[engine] ?? {};
}

function wantedScenarios(only: string): readonly Scenario[] {
  return readScenarioFiles()
    .flatMap(({ scenarios }) => scenarios)
    .filter(({ id }) => only.split(",").some((text) => id.includes(text)));
}

/** Do all scenarios tell what the engine does? When recording they do afterwards. */
async function hasObservations(session: LiveSession, { engine, only, isRecording }: ListOptions): Promise<boolean> {
  const news = wantedScenarios(only).filter((scenario) => lacks(scenario, engine));
  if (news.length === 0) return true;
  const ids = news.map(({ id }) => id).join(", ");
  if (!isRecording) {
    console.error(`Nobody has recorded what ${engine} does in ${ids}: run this with --record.`);
    return false;
  }
  const outcomes = await session.observe(news);
  const observations = observationsOf(outcomes);
  recordObservations(engine, observations);
  console.log(`Recorded: ${ids}`);
  return observations.size === news.length;
}

function observationsOf(outcomes: ReadonlyMap<string, LiveOutcome>): ReadonlyMap<string, Observation> {
  return new Map(
    [...outcomes].flatMap(([id, { observation }]): [string, Observation][] =>
      observation === null ? [] : [[id, observation]],
    ),
  );
}

/** How many scenarios ran, and how many of them disagree; tells of them. Null if nobody knows what the engine is to do in some. */
export async function runList(
  session: LiveSession,
  options: ListOptions,
): Promise<{ readonly count: number; readonly disagreements: number } | null> {
  const { engine, version, only, isRecording } = options;
  if (!(await hasObservations(session, options))) return null;
  const wanted = wantedScenarios(only);
  const skipped = new Map<string, string>();
  for (const scenario of wanted) {
    const lacking = session.lackingFor(scenario);
    const reason = lacking === null ? readNotLive(engine)[scenario.id] : `This machine lacks ${lacking}.`;
    if (reason !== undefined) skipped.set(scenario.id, reason);
  }
  const scenarios = wanted.filter(({ id }) => !skipped.has(id));
  const notReplayable = readNotReplayable();
  const surroundings = {
    engine,
    isRecordedVersion: isRecordedVersion(engine, version),
    departures: readDepartures(),
    notReplayable: new Map(
      Object.entries(notReplayable.scenarios).flatMap(([reason, ids]) => ids.map((id) => [id, reason] as const)),
    ),
  };
  const begin = performance.now();
  const live = new Map(await session.observe(scenarios));
  const liveSeconds = (performance.now() - begin) / 1000;
  const agent = await replayAll(scenarios, [engine]);
  const judge = (scenario: Scenario, outcome: LiveOutcome | undefined): Verdict =>
    verdict(scenario, outcome?.observation ?? null, agent.get(scenario.id)?.[engine], surroundings);

  // What disagrees is asked again, alone: a busy machine must not decide.
  const doubtful = scenarios.filter((scenario) => judge(scenario, live.get(scenario.id)).kind === "disagreement");
  const again: string[] = [];
  for (const scenario of doubtful) {
    const outcome = (await session.observe([scenario])).get(scenario.id);
    if (outcome !== undefined) live.set(scenario.id, outcome);
    if (judge(scenario, outcome).kind !== "disagreement") again.push(scenario.id);
  }

  const counts: Record<Verdict["kind"], number> = { equal: 0, departure: 0, unstable: 0, changed: 0, disagreement: 0 };
  const names = new Map<string, number>();
  const unstable: string[] = [];
  for (const scenario of scenarios) {
    const found = judge(scenario, live.get(scenario.id));
    counts[found.kind]++;
    if (found.kind === "unstable") unstable.push(scenario.id);
    if (found.kind === "departure") names.set(found.name, (names.get(found.name) ?? 0) + 1);
    if (found.kind === "disagreement" || found.kind === "changed") console.log(`\n${describe(scenario, found)}`);
  }
  const retried = [...live].filter(([, { isRetried }]) => isRetried).map(([id]) => id);
  console.log(`
${ENGINE_PROGRAMS[engine].title} ${version}: ${scenarios.length} scenarios in ${liveSeconds.toFixed(1)} s`);
  console.log(`  ${counts.equal} equal to the record and to the user agent`);
  console.log(`  ${counts.departure} recorded departures: ${[...names].map(([name, n]) => `${n} ${name}`).join(", ")}`);
  console.log(`  ${counts.unstable} unstable, as recorded: ${unstable.join(", ")}`);
  if (!surroundings.isRecordedVersion) console.log(`  ${counts.changed} otherwise than the recorded version`);
  console.log(`  ${counts.disagreement} disagreements`);
  if (again.length > 0) console.log(`Agreed when asked again, alone: ${again.join(", ")}`);
  if (retried.length > 0) console.log(`The engine hung, and was started anew, for: ${retried.join(", ")}`);
  for (const [id, reason] of skipped) console.log(`Not run: ${id}. ${reason}`);
  if (isRecording && only === "") {
    mkdirSync(RESULTS_FOLDER, { recursive: true });
    const path = writeResults(resultsOf(engine, version, wanted, observationsOf(live)));
    const waitsFor = ENGINES.filter((other) => wanted.some((scenario) => lacks(scenario, other)));
    if (waitsFor.length === 0) writeFileSync(DIFFERENCES_PAGE, differencesPage());
    const page =
      waitsFor.length === 0 ? DIFFERENCES_PAGE : `${DIFFERENCES_PAGE} once ${waitsFor.join(", ")} are recorded`;
    console.log(`Written: ${path}, ${page}`);
  }
  return { count: scenarios.length, disagreements: counts.disagreement };
}
