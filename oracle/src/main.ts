/** The command `oracle`: the scenarios in a real browser, beside their records and beside the user agent. */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Certificate, createCertificate } from "./certificate.ts";
import { DIFFERENCES_PAGE, differencesPage } from "./differences.ts";
import { ENGINE_PROGRAMS, install } from "./live/engines.ts";
import { isRecordedVersion, runList } from "./live/run-list.ts";
import { LiveSession } from "./live/session.ts";
import { HOSTNAMES } from "./names.ts";
import { describeRandom, runRandom } from "./random/run.ts";
import { ENGINES, type Engine } from "./scenario.ts";

const USAGE = `npm run oracle -- [--engine chromium|firefox|webkit] [--only TEXT] [--record | --page | --coverage | --faults]

  --engine  the browser to ask; chromium if absent
  --only    only scenarios whose id contains this, or one of several texts with commas between them
  --random  so many random scenarios as well
  --seed    of the random scenarios; 1 if absent
  --random-only  leave the list out
  --count   write how many passed and how many failed to this file
  --record  fill in what the engine does where a scenario does not tell yet; without --only also write
            vectors/results/<engine>-<version>.json and docs/browser-differences.md
  --page    write docs/browser-differences.md alone, from the results that are there
  --coverage  no browser: how many scenarios, recorded and --random, take each branch of the algorithms
  --faults    no browser: which scenarios notice each of the faults in data/faults.json
  --table     write what --faults found to this file, as Markdown
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
    coverage: { type: "boolean", default: false },
    faults: { type: "boolean", default: false },
    table: { type: "string", default: "" },
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
  if (values.coverage) return runFromSources("branches/main.ts", ["--random", values.random, "--seed", values.seed]);
  if (values.faults) return runFromSources("faults/main.ts", ["--only", values.only, "--table", values.table]);
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
    const status = values["random-only"] ? 0 : await runWanted(session, engine, version);
    const count = Number(values.random);
    return count === 0 ? status : Math.max(status, await runRandomly(session, certificate, engine, version, count));
  } finally {
    await session.close();
  }
}

/** In a process of its own, as this one has loaded the packages as they were built. */
function runFromSources(program: string, options: readonly string[]): number {
  const path = join(import.meta.dirname, program);
  return spawnSync(process.execPath, [...process.execArgv, path, ...options], { stdio: "inherit" }).status ?? 1;
}

async function runWanted(session: LiveSession, engine: Engine, version: string): Promise<number> {
  const { only, record } = values;
  const run = await runList(session, { engine, version, only, isRecording: record });
  return run === null ? 1 : add(run.count, run.disagreements);
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
  if (outcome.askedAgain > 0) console.log(`  ${outcome.askedAgain} agreed only when asked again, alone`);
  if (isRecordedVersion(engine, version)) return add(count, outcome.disagreeing);
  console.log("Not counted: the departures were recorded with another version.");
  return 0;
}

process.exitCode = await main();
if (values.count !== "") writeFileSync(values.count, `${total.passed} ${total.failed}\n`);
