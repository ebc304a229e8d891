/** What one engine and version made of all scenarios, as `vectors/results/` keeps it. */

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { comparable, isEqual, observationOf } from "../golden.ts";
import type { Engine, Observation, Scenario } from "../scenario.ts";

export interface EngineResults {
  readonly engine: Engine;
  readonly version: string;
  /** Did what is recorded with the scenario. */
  readonly asRecorded: readonly string[];
  /** Did otherwise in a scenario that is known not to be stable. */
  readonly unstable: readonly string[];
  /** Did otherwise, and what. */
  readonly otherwise: Readonly<Record<string, Observation>>;
  /** Could not run where this was recorded, or hung. */
  readonly notRun: readonly string[];
}

export const RESULTS_FOLDER: string = join(import.meta.dirname, "../../../vectors/results");

export function resultsOf(
  engine: Engine,
  version: string,
  scenarios: readonly Scenario[],
  observations: ReadonlyMap<string, Observation>,
): EngineResults {
  const sorted = scenarios.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const isAsRecorded = (scenario: Scenario, observation: Observation): boolean =>
    isEqual(scenario, observation, observationOf(scenario.observed, engine));
  const kindOf = (scenario: Scenario): "asRecorded" | "unstable" | "otherwise" | "notRun" => {
    const observation = observations.get(scenario.id);
    if (observation === undefined) return "notRun";
    if (isAsRecorded(scenario, observation)) return "asRecorded";
    return scenario.volatile === true || scenario.unstable?.[engine] !== undefined ? "unstable" : "otherwise";
  };
  const idsOf = (kind: ReturnType<typeof kindOf>): string[] =>
    sorted.filter((scenario) => kindOf(scenario) === kind).map(({ id }) => id);
  const otherwise = sorted.flatMap((scenario): [string, Observation][] => {
    const observation = observations.get(scenario.id);
    if (observation === undefined || kindOf(scenario) !== "otherwise") return [];
    return [[scenario.id, comparable(scenario, observation)]];
  });
  return {
    engine,
    version,
    asRecorded: idsOf("asRecorded"),
    unstable: idsOf("unstable"),
    otherwise: Object.fromEntries(otherwise),
    notRun: idsOf("notRun"),
  };
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `\n${lines.map((line) => `    ${line}`).join(",\n")}\n  `;
}

/** One line for each scenario, so that a difference between versions can be read. */
function serialize({ engine, version, asRecorded, unstable, otherwise, notRun }: EngineResults): string {
  const ids = (all: readonly string[]): string => `[${list(all.map((id) => JSON.stringify(id)))}]`;
  const lines = Object.entries(otherwise).map(([id, seen]) => `${JSON.stringify(id)}: ${JSON.stringify(seen)}`);
  return [
    "{",
    `  "engine": ${JSON.stringify(engine)},`,
    `  "version": ${JSON.stringify(version)},`,
    `  "otherwise": {${list(lines)}},`,
    `  "unstable": ${ids(unstable)},`,
    `  "notRun": ${ids(notRun)},`,
    `  "asRecorded": ${ids(asRecorded)}`,
    "}\n",
  ].join("\n");
}

export function writeResults(results: EngineResults): string {
  const path = join(RESULTS_FOLDER, `${results.engine}-${results.version}.json`);
  writeFileSync(path, serialize(results));
  return path;
}
/** Of every engine and version, by name. */
export function readResults(): readonly EngineResults[] {
  return globSync("*.json", { cwd: RESULTS_FOLDER })
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(RESULTS_FOLDER, name), "utf8")) as EngineResults);
}
