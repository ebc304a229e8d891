/**
 * Clients: processor time of each exchange, as a ratio to undici's `fetch`, which knows nothing of CORS; what they cost in
 * memory, and what it takes to begin. Prints the tables of the README.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { percentile } from "../measure.ts";
import { createCertificate } from "./certificate.ts";
import { CLIENTS } from "./contenders.ts";
import type { Memory, Outcome, Task } from "./process.ts";
import { measureStarts } from "./starts.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 14);
const WARM_UP_ROUNDS = 3;

const PLAIN = [
  "undici fetch",
  "crossorigin",
  "crossorigin XHR",
  "undici request",
  "Node.js fetch",
  "jsdom XHR",
  "happy-dom fetch",
];

/** The first contender is what the others are compared with. */
const TABLES: readonly {
  readonly contenders: readonly string[];
  readonly isSecure: boolean;
  readonly rows: Readonly<Record<string, Task>>;
}[] = [
  {
    contenders: PLAIN,
    isSecure: false,
    rows: {
      "simple GET": { exchange: "text", path: "/", length: 17, count: 500, inFlight: 1 },
      "PUT with a preflight": { exchange: "preflightedPut", path: "/put/0", length: 11, count: 300, inFlight: 1 },
      "PUT without, by the cache": { exchange: "put", path: "/put/7200", length: 11, count: 300, inFlight: 1 },
      "body of 1 MiB": { exchange: "bytes", path: "/mebibyte", length: 1 << 20, count: 20, inFlight: 1 },
      "1000 in flight": { exchange: "text", path: "/", length: 17, count: 1000, inFlight: 1000 },
    },
  },
  {
    contenders: ["undici fetch", "crossorigin", "crossorigin, no HTTP cache"],
    isSecure: false,
    rows: {
      "GET, HTTP cache on or off": { exchange: "text", path: "/", length: 17, count: 500, inFlight: 1 },
      "1 MiB, HTTP cache on or off": { exchange: "bytes", path: "/mebibyte", length: 1 << 20, count: 20, inFlight: 1 },
    },
  },
  {
    contenders: ["undici fetch", "undici fetch, HTTP/2", "crossorigin", "crossorigin, no HTTP/2"],
    isSecure: true,
    rows: {
      "GET over TLS": { exchange: "text", path: "/", length: 17, count: 500, inFlight: 1 },
      "100 in flight over TLS": { exchange: "text", path: "/", length: 17, count: 1000, inFlight: 100 },
    },
  },
];

interface Figures {
  readonly microseconds: number[];
  readonly ratios: number[];
}

/** Prints the tables of `only`, rows by name and `start`; none for all. */
export async function printClients(only: readonly string[]): Promise<void> {
  const certificate = createCertificate();
  const files = certificate === null ? [] : [certificate.keyFile, certificate.certFile];
  const server = fork(join(import.meta.dirname, "server.ts"), files, { stdio: "inherit" });
  const { port, securePort } = (await message(server)) as { port: number; securePort: number | null };
  const memories = new Map<string, Memory>();
  for (const { contenders, isSecure, rows } of TABLES) {
    const chosen = Object.entries(rows).filter(([name]) => only.length === 0 || only.includes(name));
    if (chosen.length === 0) continue;
    if (isSecure && securePort === null) {
      console.log(`\nWithout openssl there is no TLS, and no row of ${chosen.map(([name]) => name).join(", ")}.`);
      continue;
    }
    const origin = isSecure ? `https://127.0.0.1:${securePort}` : `http://127.0.0.1:${port}`;
    const trusted = certificate === null ? {} : { NODE_EXTRA_CA_CERTS: certificate.certFile };
    const after = await printExchanges(contenders, chosen, origin, trusted);
    for (const [name, memory] of after) if (!memories.has(name)) memories.set(name, memory);
  }
  if (only.length === 0 || only.includes("start")) printStarts(port, memories);
  server.disconnect();
  certificate?.remove();
}

/** @throws Error if the process ends before it says anything */
async function message(child: ChildProcess): Promise<unknown> {
  const onEnd = (): void => void child.emit("error", new Error("A process ended."));
  child.once("exit", onEnd);
  const [answer] = (await once(child, "message")) as [unknown];
  child.off("exit", onEnd);
  return answer;
}

/** Rows in turn, contenders in turn in every round. Returns what each weighs in the end. */
async function printExchanges(
  contenders: readonly string[],
  rows: readonly (readonly [string, Task])[],
  origin: string,
  environment: NodeJS.ProcessEnv,
): Promise<Map<string, Memory>> {
  const children = new Map<string, ChildProcess>();
  for (const name of contenders) {
    if (CLIENTS[name] === undefined) throw new Error(`There is no client ${name}.`);
    const env = { ...process.env, ...environment };
    const child = fork(join(import.meta.dirname, "process.ts"), [name, origin], { stdio: "inherit", env });
    await message(child);
    children.set(name, child);
  }
  const [base = "", ...others] = contenders;
  console.log(`\n| exchange | ${base}, µs | ${others.join(" | ")} |`);
  console.log(`| --- | --- |${" --- |".repeat(others.length)}`);
  for (const [row, task] of rows) {
    const figures = await measureRow(children, base, task);
    const cells = [...figures].map(([name, { microseconds, ratios }]) => {
      if (name === base) return percentile(microseconds, 0.5).toFixed(0);
      const spread = `${percentile(ratios, 0.25).toFixed(2)}–${percentile(ratios, 0.75).toFixed(2)}`;
      return `${percentile(ratios, 0.5).toFixed(2)} (${spread})`;
    });
    console.log(`| ${row} | ${cells.join(" | ")} |`);
  }
  const memories = new Map<string, Memory>();
  for (const [name, child] of children) {
    child.send("memory");
    memories.set(name, (await message(child)) as Memory);
    child.disconnect();
  }
  return memories;
}

async function measureRow(
  children: ReadonlyMap<string, ChildProcess>,
  base: string,
  task: Task,
): Promise<Map<string, Figures>> {
  const figures = new Map(
    [...children.keys()].map((name): [string, Figures] => [name, { microseconds: [], ratios: [] }]),
  );
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    let baseMicroseconds = Number.NaN;
    for (const [name, child] of children) {
      child.send(task);
      const { microseconds } = (await message(child)) as Outcome;
      if (name === base) baseMicroseconds = microseconds;
      if (round < 0) continue;
      figures.get(name)?.microseconds.push(microseconds / task.count);
      figures.get(name)?.ratios.push(microseconds / baseMicroseconds);
    }
  }
  return figures;
}

function printStarts(port: number, memories: ReadonlyMap<string, Memory>): void {
  const starts = measureStarts(port);
  console.log(
    "\n| client | import, ms | start to first exchange, ms | of processor time, ms | heap, MB | resident, MB |",
  );
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const [name, { importing, first, processorTime }] of starts) {
    const memory = memories.get(name);
    const times = [importing, first, processorTime].map((milliseconds) => number(milliseconds, 0));
    const weights = [number(memory && memory.heapBytes / 1e6, 1), number(memory && memory.residentBytes / 1e6, 0)];
    console.log(`| ${[name, ...times, ...weights].join(" | ")} |`);
  }
}

/** A dash for what was not measured. */
function number(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits);
}
