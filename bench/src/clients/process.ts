/** One client in a process of its own: `process.ts CLIENT ORIGIN`. Answers each task with what it took. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type BenchClient, CLIENTS } from "./contenders.ts";

export interface Task {
  readonly exchange: keyof BenchClient;
  readonly path: string;
  /** Bytes of the body, which is read. */
  readonly length: number;
  readonly count: number;
  readonly inFlight: number;
}

/** Of the process, all its threads. */
export interface Outcome {
  readonly microseconds: number;
}

/** After a garbage collection, which is for the end: code that it throws away is slow again. */
export interface Memory {
  readonly heapBytes: number;
  readonly residentBytes: number;
}

const [name = "", origin = ""] = process.argv.slice(2);
const create = CLIENTS[name];
if (create === undefined) throw new Error(`There is no client ${name}.`);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const client = await create();

async function run({ exchange, path, length, count, inFlight }: Task): Promise<void> {
  const before = process.cpuUsage();
  let left = count;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) {
        const received = await client[exchange](`${origin}${path}`);
        if (received !== length) throw new Error(`${name}, ${exchange} ${path}: ${received} bytes.`);
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  process.send?.({ microseconds: user + system } satisfies Outcome);
}

function weigh(): void {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapBytes: heapUsed, residentBytes: rss } satisfies Memory);
}

process.on("message", (task: Task | "memory") => (task === "memory" ? weigh() : void run(task)));
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
