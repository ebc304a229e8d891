/** Fills in what an engine did in scenarios that have no observation of it yet. */

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatPage } from "../../../scripts/format-page.mjs";
import { comparable, isEqual } from "../golden.ts";
import { type Engine, type Observation, SCENARIO_FOLDER, type Scenario, type ScenarioFile } from "../scenario.ts";

/** Has nobody told yet what the engine does? */
export function lacks({ observed }: Scenario, engine: Engine): boolean {
  return !observed.some(({ engines }) => engines.includes(engine));
}

/** Writes the scenarios' files, as far as they change, in the repository's format. Throws where the formatter does. */
export function recordObservations(engine: Engine, observations: ReadonlyMap<string, Observation>): void {
  for (const name of globSync("*.json", { cwd: SCENARIO_FOLDER })) {
    if (name === "schema.json") continue;
    const path = join(SCENARIO_FOLDER, name);
    const file = JSON.parse(readFileSync(path, "utf8")) as ScenarioFile;
    const scenarios = file.scenarios.map((scenario) => {
      const observation = observations.get(scenario.id);
      return observation === undefined || !lacks(scenario, engine)
        ? scenario
        : { ...scenario, observed: withObservation(scenario, engine, observation) };
    });
    if (scenarios.some((scenario, index) => scenario !== file.scenarios[index]))
      writeFileSync(path, formatPage(path, JSON.stringify({ ...file, scenarios })));
  }
}

/** What was observed, and this: with the engines that did the same, or by itself. */
export function withObservation(scenario: Scenario, engine: Engine, observation: Observation): Scenario["observed"] {
  const { server, script } = comparable(scenario, observation);
  const same = scenario.observed.find((group) => isEqual(scenario, group, observation));
  if (same === undefined) return [...scenario.observed, { engines: [engine], server, script }];
  return scenario.observed.map((group) => (group === same ? { ...group, engines: [...group.engines, engine] } : group));
}
