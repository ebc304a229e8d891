/** The command `oracle`: the scenarios in a real browser, beside their records and beside the user agent. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Certificate, createCertificate } from "./certificate.ts";
import { DIFFERENCES_PAGE, differencesPage } from "./differences.ts";
import { readDepartures, readNotReplayable, replayAll } from "./golden.ts";
import { ENGINE_PROGRAMS, install } from "./live/engines.ts";
import { RESULTS_FOLDER, resultsOf, writeResults } from "./live/results.ts";
import { type LiveOutcome, LiveSession } from "./live/session.ts";
import { type Verdict, describe, verdict } from "./live/verdict.ts";
import { HOSTNAMES } from "./names.ts";
import { describeRandom, runRandom } from "./random/run.ts";
import { ENGINES, type Engine, type Observation, type Scenario, readScenarioFiles } from "./scenario.ts";

const USAGE = `npm run oracle -- [--engine chromium|firefox|webkit] [--only TEXT] [--record | --page]

  --engine  the browser to ask; chromium if absent
  --only    only scenarios whose id contains this
  --random  so many random scenarios as well
  --seed    of the random scenarios; 1 if absent
  --random-only  leave the list out
  --count   write how many passed and how many failed to this file
  --record  write vectors/results/<engine>-<version>.json and docs/browser-differences.md
  --page    write docs/browser-differences.md alone, from the results that are there
`;

/** Installed or not; so that a caller can tell it from a failure. */
const EXIT_NO_ENGINE = 3;

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "chromium" },
    random: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    "random-only": { type: "boolean", default: false },
    count: { type: "string", default: "" },
    page: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    record: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Scenarios that were run, and how many of them disagree. */
const total = { passed: 0, failed: 0 };

function add(count: number, disagreements: number): number {
  total.passed += count - disagreements;
  total.failed += disagreements;
  return disagreements === 0 ? 0 : 1;
}

const isEngine = (name: string): name is Engine => ENGINES.some((engine) => engine === name);

async function main(): Promise<number> {
  const { engine } = values;
  if (values.help || !isEngine(engine)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  if (values.page) {
    writeFileSync(DIFFERENCES_PAGE, differencesPage());
    return 0;
  }
  const descriptor = ENGINE_PROGRAMS[engine];
  if (descriptor.find() === null) install(descriptor);
  const program = descriptor.find();
  if (program === null) {
    console.error(
      `No ${descriptor.title} found: install it with \`sudo apt-get install ${descriptor.packages.join(" ")}\`.`,
    );
    return EXIT_NO_ENGINE;
  }
  const version = descriptor.version(program);
  const certificate = createCertificate(HOSTNAMES);
  const session = await LiveSession.start(certificate, (url, server) =>
    descriptor.launch(program, url, server, certificate),
  );
  try {
    const status = values["random-only"] ? 0 : await runList(session, engine, version);
    const count = Number(values.random);
    return count === 0 ? status : Math.max(status, await runRandomly(session, certificate, engine, version, count));
  } finally {
    await session.close();
  }
}

async function runRandomly(
  session: LiveSession,
  certificate: Certificate,
  engine: Engine,
  version: string,
  count: number,
): Promise<number> {
  const begin = performance.now();
  const seed = Number(values.seed);
  const outcome = await runRandom({ session, certificate, engine, count, seed });
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  for (const disagreement of outcome.disagreements) console.log(`\n${describeRandom(disagreement, engine)}`);
  const departing = [...outcome.departures].map(([name, n]) => `${n} ${name}`).join(", ");
  console.log(`
${ENGINE_PROGRAMS[engine].title}: ${count} random scenarios of seed ${seed} in ${seconds} s`);
  console.log(`  ${outcome.equal} equal`);
  console.log(`  recorded departures: ${departing === "" ? "none" : departing}`);
  console.log(`  ${outcome.disagreeing} disagreements`);
  if (isRecordedVersion(engine, version)) return add(count, outcome.disagreeing);
  console.log("Not counted: the departures were recorded with another version.");
  return 0;
}

function isRecordedVersion(engine: Engine, version: string): boolean {
  return readScenarioFiles().every(({ engines }) => engines[engine] === version);
}

/** What cannot be asked of the engine here, by id, and why. */
function readNotLive(engine: Engine): Readonly<Record<string, string>> {
  const path = join(import.meta.dirname, "../data/not-live.json");
  const all = JSON.parse(readFileSync(path, "utf8")) as Partial<Record<Engine, Record<string, string>>>;
  return all[engine] ?? {};
}

async function runList(session: LiveSession, engine: Engine, version: string): Promise<number> {
  const files = readScenarioFiles();
  const wanted = files.flatMap(({ scenarios }) => scenarios).filter(({ id }) => id.includes(values.only));
  const skipped = new Map<string, string>();
  for (const scenario of wanted) {
    const reason = session.canRun(scenario) ? readNotLive(engine)[scenario.id] : "Port 80 cannot be opened.";
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
  for (const scenario of scenarios) {
    const found = judge(scenario, live.get(scenario.id));
    counts[found.kind]++;
    if (found.kind === "departure") names.set(found.name, (names.get(found.name) ?? 0) + 1);
    if (found.kind === "disagreement" || found.kind === "changed") console.log(`\n${describe(scenario, found)}`);
  }
  const retried = [...live].filter(([, { isRetried }]) => isRetried).map(([id]) => id);
  console.log(`
${ENGINE_PROGRAMS[engine].title} ${version}: ${scenarios.length} scenarios in ${liveSeconds.toFixed(1)} s`);
  console.log(`  ${counts.equal} equal to the record and to the user agent`);
  console.log(`  ${counts.departure} recorded departures: ${[...names].map(([name, n]) => `${n} ${name}`).join(", ")}`);
  console.log(`  ${counts.unstable} unstable, as recorded`);
  if (!surroundings.isRecordedVersion) console.log(`  ${counts.changed} otherwise than the recorded version`);
  console.log(`  ${counts.disagreement} disagreements`);
  if (again.length > 0) console.log(`Agreed when asked again, alone: ${again.join(", ")}`);
  if (retried.length > 0) console.log(`The engine hung, and was started anew, for: ${retried.join(", ")}`);
  for (const [id, reason] of skipped) console.log(`Not run: ${id}. ${reason}`);
  if (values.record && values.only === "") {
    mkdirSync(RESULTS_FOLDER, { recursive: true });
    const observations = new Map(
      [...live].flatMap(([id, { observation }]): [string, Observation][] =>
        observation === null ? [] : [[id, observation]],
      ),
    );
    const path = writeResults(resultsOf(engine, version, wanted, observations));
    writeFileSync(DIFFERENCES_PAGE, differencesPage());
    console.log(`Written: ${path}, ${DIFFERENCES_PAGE}`);
  }
  return add(scenarios.length, counts.disagreement);
}

process.exitCode = await main();
if (values.count !== "") writeFileSync(values.count, `${total.passed} ${total.failed}\n`);
