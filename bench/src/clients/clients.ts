/**
 * Clients: processor time of each exchange, as a ratio to undici's `fetch`, which knows nothing of CORS; and what it takes to begin.
 *
 * @module
 */

import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { percentile } from "../measure.ts";
import { CLIENTS, PROGRAMS } from "./contenders.ts";
import type { Memory, Outcome, Task } from "./process.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 14);
const WARM_UP_ROUNDS = 3;
const STARTS = 15;

const TASKS: Readonly<Record<string, Task>> = {
  "simple GET": { exchange: "text", path: "/", length: 17, count: 500, inFlight: 1 },
  "PUT with a preflight": { exchange: "preflightedPut", path: "/put/0", length: 11, count: 300, inFlight: 1 },
  "PUT without, by the cache": { exchange: "put", path: "/put/7200", length: 11, count: 300, inFlight: 1 },
  "body of 1 MiB": { exchange: "bytes", path: "/mebibyte", length: 1 << 20, count: 20, inFlight: 1 },
  "1000 in flight": { exchange: "text", path: "/", length: 17, count: 1000, inFlight: 1000 },
};

interface Figures {
  readonly microseconds: number[];
  readonly ratios: number[];
}

/** Prints the tables of `only`, rows by name and `start`; none for all. */
export async function printClients(only: readonly string[]): Promise<void> {
  const server = fork(join(import.meta.dirname, "server.ts"), { stdio: "inherit" });
  const { port } = (await message(server)) as { port: number };
  const chosen = Object.entries(TASKS).filter(([name]) => only.length === 0 || only.includes(name));
  if (chosen.length > 0) await printExchanges(chosen, port);
  if (only.length === 0 || only.includes("start")) printStarts(port);
  server.disconnect();
}

/** @throws Error if the process ends before it says anything */
async function message(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  child.once("exit", () => ended.abort(new Error("A process ended.")));
  const [answer] = (await once(child, "message", { signal: ended.signal })) as [unknown];
  return answer;
}

async function printExchanges(tasks: readonly (readonly [string, Task])[], port: number): Promise<void> {
  const children = new Map<string, ChildProcess>();
  for (const name of Object.keys(CLIENTS)) {
    const child = fork(join(import.meta.dirname, "process.ts"), [name, String(port)], { stdio: "inherit" });
    await message(child);
    children.set(name, child);
  }
  console.log(`\nClients, processor time an exchange, as ratios to undici's fetch; ${ROUNDS} rounds\n`);
  for (const [row, task] of tasks) {
    const figures = new Map(
      [...children.keys()].map((name): [string, Figures] => [name, { microseconds: [], ratios: [] }]),
    );
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      let base = Number.NaN;
      for (const [name, child] of children) {
        child.send(task);
        const outcome = (await message(child)) as Outcome;
        if (name === "undici fetch") base = outcome.microseconds;
        if (round < 0) continue;
        figures.get(name)?.microseconds.push(outcome.microseconds / task.count);
        figures.get(name)?.ratios.push(outcome.microseconds / base);
      }
    }
    for (const [name, { microseconds, ratios }] of figures) {
      const range = `${percentile(ratios, 0.25).toFixed(2)}-${percentile(ratios, 0.75).toFixed(2)}`;
      const ratio = `x ${percentile(ratios, 0.5).toFixed(3)} (${range})`;
      console.log(
        `${row.padEnd(26)} ${name.padEnd(16)} ${percentile(microseconds, 0.5).toFixed(0).padStart(6)} us  ${ratio}`,
      );
    }
  }
  for (const [name, child] of children) {
    child.send("memory");
    const { heapBytes, residentBytes } = (await message(child)) as Memory;
    const cells = `heap ${(heapBytes / 1e6).toFixed(1)} MB, resident ${(residentBytes / 1e6).toFixed(0)} MB`;
    console.log(`${"memory after that".padEnd(26)} ${name.padEnd(16)} ${cells}`);
  }
  for (const child of children.values()) child.disconnect();
}

/** From the start of a process to the end of its first exchange, and the import alone; interleaved. */
function printStarts(port: number): void {
  console.log(`\nStarting, median of ${STARTS} fresh processes\n`);
  const figures = new Map(
    Object.keys(PROGRAMS).map((name) => [
      name,
      { first: [] as number[], imports: [] as number[], cpu: [] as number[] },
    ]),
  );
  for (let run = 0; run < STARTS; run++) {
    for (const [name, { entry, program }] of Object.entries(PROGRAMS)) {
      const url = `const url = "http://127.0.0.1:${port}/";`;
      const end =
        "const { user, system } = process.cpuUsage(); console.log(performance.now(), (user + system) / 1000); process.exit();";
      const [, first = 0, cpu = 0] = evaluate(`${url} ${program}; ${end}`);
      figures.get(name)?.first.push(first);
      figures.get(name)?.cpu.push(cpu);
      if (entry === null) continue;
      const [took = 0] = evaluate(
        `const started = performance.now(); await import("${entry}"); console.log(performance.now() - started);`,
      );
      figures.get(name)?.imports.push(took);
    }
  }
  for (const [name, { first, imports, cpu }] of figures) {
    const cells = [
      `first exchange ${percentile(first, 0.5).toFixed(0).padStart(5)} ms`,
      `processor time ${percentile(cpu, 0.5).toFixed(0).padStart(5)} ms`,
      `import ${imports.length === 0 ? "-" : percentile(imports, 0.5).toFixed(0).padStart(5)} ms`,
    ];
    console.log(`${name.padEnd(16)} ${cells.join("  ")}`);
  }
}

/** The numbers that a program prints. */
function evaluate(program: string): number[] {
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return output.trim().split(/\s+/).map(Number);
}
