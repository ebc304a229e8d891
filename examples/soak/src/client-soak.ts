import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Client, type UserAgent, createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { createClientRequest } from "./client-requests.ts";

export interface ClientSoakOptions {
  readonly requests: number;
  /** Called with every page before it is used; to prove that the check can fail. */
  readonly onPage?: (page: Client) => void;
}

export interface ClientSoakResult {
  readonly done: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Whatever did not end as it has to; the first few in words. */
  readonly wrong: number;
  readonly examples: readonly string[];
  readonly pages: number;
  readonly unhandledRejections: number;
  readonly warnings: number;
  readonly seconds: number;
  /** After a garbage collection, in bytes: after the first requests, the most, and at the end with the user agent still open. */
  readonly heap: { readonly start: number; readonly max: number; readonly end: number };
  readonly residentBytes: number;
  /** What is there after `close()` that was not there before: sockets, timers and the like, file descriptors, the server's connections. */
  readonly left: { readonly resources: readonly string[]; readonly descriptors: number; readonly connections: number };
}

const IN_FLIGHT = 64;
const REQUESTS_OF_A_PAGE = 1000;
/** Of the heap, in a long run. */
const MOST_SAMPLES = 20;
const REQUESTS_OF_A_SAMPLE = 2000;

/** Pages come, do what pages do, and go, while the heap is watched; then everything is closed. */
export async function soakClient(options: ClientSoakOptions): Promise<ClientSoakResult> {
  const server = fork(join(import.meta.dirname, "client-server.ts"), { execArgv: [] });
  try {
    const [ports] = (await once(server, "message")) as [readonly [number, number]];
    return await new ClientSoak(options, server, ports).run();
  } finally {
    server.disconnect();
  }
}

class ClientSoak {
  readonly #options: ClientSoakOptions;
  readonly #server: ChildProcess;
  readonly #origins: readonly [string, string];
  readonly #result = {
    done: 0,
    byKind: {} as Record<string, number>,
    wrong: 0,
    examples: [] as string[],
    pages: 0,
    unhandledRejections: 0,
    warnings: 0,
  };
  #started = 0;

  constructor(options: ClientSoakOptions, server: ChildProcess, [one, other]: readonly [number, number]) {
    this.#options = options;
    this.#server = server;
    this.#origins = [`http://one.localhost:${one}`, `http://other.localhost:${other}`];
  }

  async run(): Promise<ClientSoakResult> {
    const { requests } = this.#options;
    const onRejection = (): void => void this.#result.unhandledRejections++;
    const onWarning = (): void => void this.#result.warnings++;
    process.on("unhandledRejection", onRejection).on("warning", onWarning);
    const before = process.getActiveResourcesInfo();
    const descriptorsBefore = openDescriptors();
    const userAgent = createUserAgent();
    // Everything is compiled and every cache full by then.
    const first = Math.min(requests / 10, 100_000);
    await this.#send(userAgent, first);
    const start = await heapAfterCollection();
    const began = performance.now();
    let max = start;
    let end = start;
    const samples = Math.min(MOST_SAMPLES, Math.ceil(requests / REQUESTS_OF_A_SAMPLE));
    for (let sample = 1; sample <= samples; sample++) {
      await this.#send(userAgent, first + Math.ceil(((requests - first) * sample) / samples));
      end = await heapAfterCollection();
      max = Math.max(max, end);
    }
    const seconds = (performance.now() - began) / 1000;
    const residentBytes = process.memoryUsage.rss();
    await userAgent.close();
    await nextTurn();
    const resources = difference(process.getActiveResourcesInfo(), before);
    const descriptors = openDescriptors() - descriptorsBefore;
    const connections = await this.#connections();
    process.off("unhandledRejection", onRejection).off("warning", onWarning);
    return {
      ...this.#result,
      seconds,
      heap: { start, max, end },
      residentBytes,
      left: { resources, descriptors, connections },
    };
  }

  /** Until `end` requests are done in all. */
  async #send(userAgent: UserAgent, end: number): Promise<void> {
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => this.#sendByPages(userAgent, end)));
  }

  async #sendByPages(userAgent: UserAgent, end: number): Promise<void> {
    while (this.#started < end) {
      const page = userAgent.client({ url: `http://page${this.#result.pages++ % 7}.example/` });
      this.#options.onPage?.(page);
      for (let count = 0; count < REQUESTS_OF_A_PAGE && this.#started < end; count++) await this.#sendOne(page);
      await page.close();
    }
  }

  async #sendOne(page: Client): Promise<void> {
    const result = this.#result;
    const number = this.#started++;
    const { kind, expected, run } = createClientRequest(number, this.#origins);
    const outcome = await run(page).catch((error: unknown) => networkErrorReason(error)?.code ?? String(error));
    result.done++;
    result.byKind[kind] = (result.byKind[kind] ?? 0) + 1;
    if (outcome === expected) return;
    result.wrong++;
    if (result.examples.length < 5) result.examples.push(`${kind}: ${outcome} instead of ${expected}`);
  }

  /** The server hears of closed connections a little later. */
  async #connections(): Promise<number> {
    for (let tries = 0; ; tries++) {
      this.#server.send("connections");
      const [counts] = (await once(this.#server, "message")) as [readonly number[]];
      const sum = counts.reduce((total, count) => total + count, 0);
      if (sum === 0 || tries === 50) return sum;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** What is more often in `after` than in `before`. */
function difference(after: readonly string[], before: readonly string[]): string[] {
  const left = [...after];
  for (const resource of before) {
    const index = left.indexOf(resource);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}

/** Sockets, files and pipes of this process; 0 where the system does not tell. */
function openDescriptors(): number {
  return existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
}

/** Several times, as what is collected the first time may hold something that is let go by then. */
async function heapAfterCollection(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let times = 0; times < 3; times++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}
