/**
 * What it takes to begin: importing a client, and from the start of a process to the end of its first exchange.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { percentile } from "../measure.ts";
import { PROGRAMS } from "./contenders.ts";

const STARTS = 15;

/** Milliseconds, medians of fresh processes. */
export interface Start {
  /** NaN for what needs no import. */
  readonly importing: number;
  readonly first: number;
  readonly processorTime: number;
}

/** By client; interleaved. */
export function measureStarts(port: number): Map<string, Start> {
  const figures = new Map(
    Object.keys(PROGRAMS).map((name) => [
      name,
      { first: [] as number[], imports: [] as number[], processorTimes: [] as number[] },
    ]),
  );
  const url = `const url = "http://127.0.0.1:${port}/";`;
  const end =
    "const { user, system } = process.cpuUsage(); console.log(performance.now(), (user + system) / 1000); process.exit();";
  for (let run = 0; run < STARTS; run++) {
    for (const [name, { entry, program }] of Object.entries(PROGRAMS)) {
      const [, first = 0, processorTime = 0] = evaluate(`${url} ${program}; ${end}`);
      figures.get(name)?.first.push(first);
      figures.get(name)?.processorTimes.push(processorTime);
      if (entry === null) continue;
      const timed = `const started = performance.now(); await import("${entry}"); console.log(performance.now() - started);`;
      figures.get(name)?.imports.push(...evaluate(timed));
    }
  }
  return new Map(
    [...figures].map(([name, { first, imports, processorTimes }]) => [
      name,
      {
        importing: percentile(imports, 0.5),
        first: percentile(first, 0.5),
        processorTime: percentile(processorTimes, 0.5),
      },
    ]),
  );
}

/** The numbers that a program prints. */
function evaluate(program: string): number[] {
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return output.trim().split(/\s+/).map(Number);
}
