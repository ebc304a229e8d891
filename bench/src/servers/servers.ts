/**
 * Whole servers: processor time of each request, as a ratio to the same server with the lines set by hand.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { percentile } from "../measure.ts";
import { CONTENDERS, ORIGIN } from "./contenders.ts";
import { answer, load } from "./load.ts";

/** A process is faster or slower than the next one of the same program for as long as it lives, so every contender gets many. */
const GENERATIONS = Number(process.env["BENCH_GENERATIONS"] ?? 12);
const ROUNDS = 6;
const REQUESTS = 4000;
const HEAD = `Host: api.example\r\nAccept: */*\r\nUser-Agent: bench\r\nAccept-Language: en\r\nOrigin: ${ORIGIN}\r\n`;
const KINDS = {
  actual: `GET / HTTP/1.1\r\n${HEAD}\r\n`,
  preflight: `OPTIONS / HTTP/1.1\r\n${HEAD}Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: content-type,x-a\r\n\r\n`,
} as const;
type Kind = keyof typeof KINDS;

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
  readonly microseconds: number[];
  readonly perSecond: number[];
  readonly latencyMilliseconds: number[];
}

async function start(framework: string, name: string): Promise<Server> {
  const child = fork(join(import.meta.dirname, "process.ts"), [framework, name], { stdio: "inherit" });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return { name, child, port, microseconds: [], perSecond: [], latencyMilliseconds: [] };
}

async function processorTime({ child }: Server): Promise<number> {
  child.send("processor time");
  const [message] = (await once(child, "message")) as [{ microseconds: number }];
  return message.microseconds;
}

async function checkGrant(framework: string, kind: Kind, { name, port }: Server): Promise<void> {
  const text = await answer(port, KINDS[kind]);
  const isGranted = text.toLowerCase().includes(`access-control-allow-origin: ${ORIGIN}`);
  if (isGranted !== (name !== "none")) throw new Error(`${framework}, ${name}, ${kind}: ${text}`);
}

/** The least of the rounds, by contender: noise only adds. */
async function measureGeneration(framework: string, names: readonly string[], kind: Kind): Promise<Server[]> {
  const servers: Server[] = [];
  for (const name of names) servers.push(await start(framework, name));
  for (const server of servers) await checkGrant(framework, kind, server);
  for (let round = -2; round < ROUNDS; round++) {
    for (const server of servers) {
      const before = await processorTime(server);
      const { perSecond, latencyMilliseconds } = await load(server.port, KINDS[kind], REQUESTS);
      const after = await processorTime(server);
      if (round < 0) continue;
      server.microseconds.push((after - before) / REQUESTS);
      server.perSecond.push(perSecond);
      server.latencyMilliseconds.push(latencyMilliseconds);
    }
  }
  for (const { child } of servers) child.disconnect();
  return servers;
}

async function measureFramework(framework: string, kind: Kind): Promise<void> {
  // What knows nothing of CORS answers no preflight.
  const names = Object.keys(CONTENDERS[framework] ?? {}).filter((name) => kind === "actual" || name !== "none");
  const figures = new Map(
    names.map((name) => [
      name,
      { own: [] as number[], ratios: [] as number[], perSecond: [] as number[], latencies: [] as number[] },
    ]),
  );
  for (let generation = 0; generation < GENERATIONS; generation++) {
    // Whoever comes first has the quieter machine, or the colder one.
    const turned = [...names.slice(generation % names.length), ...names.slice(0, generation % names.length)];
    const servers = await measureGeneration(framework, turned, kind);
    const base = servers.find(({ name }) => name === "by hand") ?? servers.find(({ name }) => name === names[0]);
    for (const { name, microseconds, perSecond, latencyMilliseconds } of servers) {
      const figure = figures.get(name);
      figure?.own.push(percentile(microseconds, 0));
      figure?.ratios.push(percentile(microseconds, 0) / percentile(base?.microseconds ?? [], 0));
      figure?.perSecond.push(percentile(perSecond, 1));
      figure?.latencies.push(percentile(latencyMilliseconds, 0));
    }
  }
  for (const [name, { own, ratios, perSecond, latencies }] of figures) {
    const range = `${percentile(ratios, 0.25).toFixed(2)}-${percentile(ratios, 0.75).toFixed(2)}`;
    const cells = [
      `${percentile(own, 0.5).toFixed(1).padStart(6)} us`,
      `x ${percentile(ratios, 0.5).toFixed(3)} (${range})`,
      `${percentile(perSecond, 0.5).toFixed(0).padStart(6)} requests/s`,
      `p99 ${percentile(latencies, 0.5).toFixed(2)} ms`,
    ];
    console.log(`${framework.padEnd(14)} ${kind.padEnd(10)} ${name.padEnd(15)} ${cells.join("  ")}`);
  }
}

/** `only` names frameworks; none for all. */
export async function printServers(only: readonly string[]): Promise<void> {
  console.log(
    `\nWhole servers, processor time a request, as ratios to the lines set by hand; ${GENERATIONS} processes each\n`,
  );
  for (const framework of Object.keys(CONTENDERS).filter((name) => only.length === 0 || only.includes(name))) {
    for (const kind of ["actual", "preflight"] as const) await measureFramework(framework, kind);
  }
}
