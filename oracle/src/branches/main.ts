/** The command `oracle --coverage`: how many scenarios take each branch of the algorithms, by the oracle alone. */

import { parseArgs } from "node:util";
import { loadFromSources } from "../sources.ts";
import { BranchProfiler } from "./branch-profiler.ts";

const { values } = parseArgs({ options: { random: { type: "string" }, seed: { type: "string" } } });

loadFromSources();
const profiler = await BranchProfiler.start();
// Only now, so that V8 counts in them.
const { countBranches } = await import("./count.ts");
const { coverageProblems, describeCoverage } = await import("./table.ts");
const { readScenarioFiles } = await import("../scenario.ts");
const { scenarioArbitrary } = await import("../random/generator.ts");
const { default: fc } = await import("fast-check");

const recorded = readScenarioFiles().flatMap(({ scenarios }) => scenarios);
const sampling = { numRuns: Number(values.random ?? "0"), seed: Number(values.seed ?? "1") };
const random = sampling.numRuns === 0 ? [] : fc.sample(scenarioArbitrary, sampling);
const begin = performance.now();
const branches = await countBranches(profiler, [...recorded, ...random]);
console.log(describeCoverage(branches));
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
console.log(`\n${recorded.length} recorded and ${random.length} random scenarios under four profiles in ${seconds} s`);
const problems = coverageProblems(branches);
for (const problem of problems) console.log(`Wrong: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
