/**
 * A process of its own: replays the scenarios that standard input names with one fault in the algorithms, and prints the
 * ids of those that notice. Prints empty lines meanwhile, as long as nothing runs for ever.
 */

import { stdin } from "node:process";
import { json } from "node:stream/consumers";
import { loadFromSources } from "../sources.ts";
import { readFaults } from "./fault.ts";

/** Many: what a fault makes wait for ever waits together. */
const CONCURRENT_REPLAYS = 48;
const SIGN_OF_LIFE_MILLISECONDS = 1000;

const id = process.argv[2];
const fault = readFaults().find((candidate) => candidate.id === id);
if (fault === undefined) throw new Error(`There is no fault ${id}.`);
const wanted = new Set((await json(stdin)) as readonly string[]);
loadFromSources(fault);
// Only now, so that they are loaded with the fault.
const { PROFILE_NAMES, replayAll } = await import("../golden.ts");
const { difference, readLists } = await import("../judgement.ts");
const { readScenarioFiles } = await import("../scenario.ts");

setInterval(() => process.stdout.write("\n"), SIGN_OF_LIFE_MILLISECONDS);
const { notReplayable, departures } = readLists();
const scenarios = readScenarioFiles()
  .flatMap((file) => file.scenarios)
  .filter((scenario) => wanted.has(scenario.id) && !notReplayable.has(scenario.id));
const noticing = new Set<string>();
// One profile is enough.
for (const profile of PROFILE_NAMES) {
  const others = scenarios.filter((scenario) => !noticing.has(scenario.id));
  const outcomes = await replayAll(others, [profile], CONCURRENT_REPLAYS);
  for (const scenario of others)
    if (difference(scenario, profile, outcomes.get(scenario.id)?.[profile], departures) !== null)
      noticing.add(scenario.id);
}
const caught = scenarios.filter((scenario) => noticing.has(scenario.id));
process.stdout.write(JSON.stringify(caught.map((scenario) => scenario.id)), () => process.exit(0));
