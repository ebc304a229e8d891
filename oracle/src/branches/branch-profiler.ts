/** V8's counters of the algorithms. V8 counts blocks only in what it compiles while it counts: start it before they are loaded. */

import type { Profiler } from "node:inspector";
import { Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { ALGORITHMS, fileOf } from "../sources.ts";

const PREFIXES = ALGORITHMS.map((folder) => pathToFileURL(`${fileOf(folder)}/`).href);

export class BranchProfiler {
  readonly #session = new Session();

  private constructor() {
    this.#session.connect();
  }

  static async start(): Promise<BranchProfiler> {
    // What is compiled into its callers has no counter of its own any more.
    for (const flag of ["--no-opt", "--no-maglev"]) setFlagsFromString(flag);
    const profiler = new BranchProfiler();
    await profiler.#session.post("Profiler.enable");
    await profiler.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return profiler;
  }

  /** What ran since the last time. */
  async take(): Promise<readonly Profiler.ScriptCoverage[]> {
    const { result } = await this.#session.post("Profiler.takePreciseCoverage");
    return result.filter(({ url }) => PREFIXES.some((prefix) => url.startsWith(prefix)));
  }
}
