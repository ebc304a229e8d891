import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PolicyError } from "crossorigin";
import { LivePolicy } from "crossorigin/dynamic";
import { withCors } from "crossorigin/node";
import { Connection } from "./connection.ts";
import { SOAK_POLICIES, type SoakPolicy } from "./policies.ts";
import { expectedAnswer } from "./reference.ts";
import { type SoakRequest, TARGETS, createRequests } from "./requests.ts";

export interface SoakOptions {
  readonly requests: number;
  readonly replaceEveryMilliseconds: number;
  readonly connections?: number;
  /** The server under test; to prove that the check can fail. */
  readonly serve?: (live: LivePolicy, handler: RequestListener, onProblem: () => void) => RequestListener;
}

export interface SoakResult {
  readonly answered: number;
  readonly byKind: Readonly<Record<SoakRequest["kind"], number>>;
  readonly granted: number;
  /** Connections that were broken off with the answer on the way. */
  readonly abandoned: number;
  readonly replacements: number;
  /** Replacements by a policy that is refused, each of which has to throw and to change nothing. */
  readonly refusedReplacements: number;
  /** Answered while the policy was replaced, and by which side, where they differ. */
  readonly overlapping: { readonly all: number; readonly old: number; readonly new: number };
  readonly problems: number;
  /** Answers that are those of no policy that was in force; the first few in words. */
  readonly wrong: number;
  readonly examples: readonly string[];
  readonly unhandledRejections: number;
  readonly warnings: number;
  readonly seconds: number;
  /** After a garbage collection, in bytes: after the first requests, and at the end. */
  readonly heap: { readonly start: number; readonly end: number };
}

const DIFFERENT_REQUESTS = 4000;
const ABANDONED_ONE_OF = 5003;

/** What the application answers; `/meddling` sets lines that only the policy may set. */
const handler: RequestListener = (request, response) => {
  const target = TARGETS.find(({ path }) => path === request.url);
  response.statusCode = target?.status ?? 400;
  if (typeof target?.vary === "string") response.setHeader("Vary", target.vary);
  if (target?.path === "/meddling") {
    response.setHeader("Access-Control-Allow-Origin", "https://meddling.example");
    response.setHeader("Access-Control-Allow-Credentials", "true");
  }
  response.setHeader("Content-Length", "2").end("ok");
};

/** Sends requests over keep-alive connections while the policy is replaced again and again, and checks every answer. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const run = new Soak(options);
  return run.run();
}

class Soak {
  readonly #options: SoakOptions;
  readonly #requests = createRequests(DIFFERENT_REQUESTS, 1);
  /** By policy and request; made before anything is measured. */
  readonly #expected = SOAK_POLICIES.map((policy) => this.#requests.map((request) => expectedAnswer(policy, request)));
  readonly #live: LivePolicy;
  /** The policy that was put in force by each replacement; the first at 0. */
  readonly #history: number[] = [0];
  readonly #result = {
    answered: 0,
    byKind: { actual: 0, preflight: 0, "without Origin": 0, hostile: 0 },
    granted: 0,
    abandoned: 0,
    replacements: 0,
    refusedReplacements: 0,
    overlapping: { all: 0, old: 0, new: 0 },
    problems: 0,
    wrong: 0,
    examples: [] as string[],
    unhandledRejections: 0,
    warnings: 0,
  };
  #sent = 0;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#live = new LivePolicy(policyAt(0).source);
  }

  async run(): Promise<SoakResult> {
    const { requests, replaceEveryMilliseconds, serve = servePlainly } = this.#options;
    const result = this.#result;
    const listener = serve(this.#live, handler, () => result.problems++);
    const server = createServer(listener);
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const onRejection = (): void => void result.unhandledRejections++;
    const onWarning = (warning: Error): void => void (warning.name === "CrossOriginWarning" && result.warnings++);
    process.on("unhandledRejection", onRejection).on("warning", onWarning);

    // Everything is compiled, cached and grown by then.
    const first = Math.min(requests / 10, 50_000);
    await this.#send(port, first);
    const start = heapAfterCollection();
    const began = performance.now();
    const timer = setInterval(() => this.#replace(), replaceEveryMilliseconds);
    await this.#send(port, requests);
    clearInterval(timer);
    const seconds = (performance.now() - began) / 1000;
    await new Promise((resolve) => void server.close(resolve));
    const end = heapAfterCollection();
    process.off("unhandledRejection", onRejection).off("warning", onWarning);
    return { ...result, seconds, heap: { start, end } };
  }

  #replace(): void {
    const index = (this.#history.at(-1) ?? 0) + 1;
    const { current } = this.#live;
    if (this.#result.replacements % 10 === 9) {
      try {
        this.#live.replace({ origins: ["https://app.example/"] });
      } catch (error) {
        if (error instanceof PolicyError && this.#live.current === current) this.#result.refusedReplacements++;
      }
    }
    const next = index % SOAK_POLICIES.length;
    this.#live.replace(policyAt(next).source);
    this.#history.push(next);
    this.#result.replacements++;
  }

  /** Until `end` requests are answered in all. */
  async #send(port: number, end: number): Promise<void> {
    const connections = Array.from({ length: this.#options.connections ?? 64 }, () => new Connection(port));
    await Promise.all(connections.map((connection) => this.#sendOver(connection, end)));
    for (const connection of connections) connection.close();
  }

  async #sendOver(connection: Connection, end: number): Promise<void> {
    while (this.#sent < end) {
      const index = (this.#sent++ * 2_654_435_761) % DIFFERENT_REQUESTS;
      const request = this.#requests[index];
      if (request === undefined) throw new RangeError(`There is no request ${index}.`);
      if (this.#sent % ABANDONED_ONE_OF === 0) {
        connection.abandon(request.bytes);
        this.#result.abandoned++;
      }
      const before = this.#history.length - 1;
      // One after the other is what a keep-alive connection does.
      // oxlint-disable-next-line no-await-in-loop
      const answer = await connection.ask(request.bytes, request.method === "HEAD");
      this.#judge(index, request, answer, this.#history.slice(before));
    }
  }

  /** `inForce`: the policies from the one when the request was sent to the one when its answer came. */
  #judge(index: number, request: SoakRequest, answer: string, inForce: readonly number[]): void {
    const result = this.#result;
    result.answered++;
    result.byKind[request.kind]++;
    const expected = inForce.map((policy) => this.#expected[policy]?.[index] ?? "nothing");
    if (!expected.includes(answer)) {
      result.wrong++;
      const names = inForce.map((policy) => policyAt(policy).name).join(" or ");
      if (result.examples.length < 5)
        result.examples.push(
          `${shown(request)}\n  answered ${answer}\n  expected ${expected.join("\n        or ")}\n  by ${names}`,
        );
    }
    if (!answer.includes(" | - | - | - | - | - | - | ")) result.granted++;
    if (expected.length === 1) return;
    result.overlapping.all++;
    if (expected[0] === expected.at(-1)) return;
    if (answer === expected[0]) result.overlapping.old++;
    else result.overlapping.new++;
  }
}

function servePlainly(live: LivePolicy, handler: RequestListener, onProblem: () => void): RequestListener {
  return withCors(live, handler, { onProblem });
}

function policyAt(index: number): SoakPolicy {
  const policy = SOAK_POLICIES[index];
  if (policy === undefined) throw new RangeError(`There is no policy ${index}.`);
  return policy;
}

function shown({ bytes }: SoakRequest): string {
  return JSON.stringify(bytes.toString("latin1").slice(0, 400));
}

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let times = 0; times < 3; times++) collect();
  return process.memoryUsage().heapUsed;
}
