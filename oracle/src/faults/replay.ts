/** A process of its own: replays the recorded scenarios with one fault in the algorithms, and prints the ids of those that notice. */

import { loadFromSources } from "../sources.ts";
import { readFaults } from "./fault.ts";

const id = process.argv[2];
const fault = readFaults().find((candidate) => candidate.id === id);
if (fault === undefined) throw new Error(`There is no fault ${id}.`);
loadFromSources(fault);
// Only now, so that they are loaded with the fault.
const { PROFILE_NAMES, replayAll } = await import("../golden.ts");
const { difference, readLists } = await import("../judgement.ts");
const { readScenarioFiles } = await import("../scenario.ts");

const { notReplayable, departures } = readLists();
const scenarios = readScenarioFiles()
  .flatMap((file) => file.scenarios)
  .filter((scenario) => !notReplayable.has(scenario.id));
const outcomes = await replayAll(scenarios);
const caught = scenarios.filter((scenario) =>
  PROFILE_NAMES.some(
    (profile) => difference(scenario, profile, outcomes.get(scenario.id)?.[profile], departures) !== null,
  ),
);
process.stdout.write(JSON.stringify(caught.map((scenario) => scenario.id)), () => process.exit(0));
