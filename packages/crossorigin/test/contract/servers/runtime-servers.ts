/** Fetch handlers and Hono on workerd, Bun and Deno: one process each, for all servers and setups. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { FETCH_SERVERS } from "../applications/fetch-servers-by-name.ts";
import { asked } from "../asking.ts";
import { hostName } from "../runtimes/host.ts";
import { writeWorkerdConfig } from "../runtimes/workerd-config.ts";
import type { ContractServer, Departures, Running } from "../server.ts";
import type { Journal } from "../setups.ts";
import { ask } from "../wire.ts";

const path = (specifier: string): string => fileURLToPath(new URL(specifier, import.meta.url));
const ROOT = path("../../../../../");

interface Runtime {
  readonly name: string;
  /** What it calls itself, so that nothing else is tested in its place. */
  readonly userAgent: RegExp;
  readonly departures: Departures;
  /** The command, and what is to be done after it. */
  readonly command: () => { readonly command: readonly string[]; readonly clean?: () => void };
}

export interface RuntimeServers {
  readonly servers: readonly ContractServer[];
  /** What each runtime calls itself, and what it should. */
  readonly userAgents: () => Promise<readonly (readonly [called: string, expected: RegExp])[]>;
  /** Ends every process. */
  readonly stop: () => Promise<void>;
}

function workerd(compatibilityDate: string): ReturnType<Runtime["command"]> {
  const folder = mkdtempSync(join(tmpdir(), "contract-workerd-"));
  const config = writeWorkerdConfig(path("../runtimes/workerd-main.ts"), folder, compatibilityDate);
  return {
    command: ["workerd", "serve", "--control-fd=3", config],
    clean: () => rmSync(folder, { recursive: true }),
  };
}

const RUNTIMES: readonly Runtime[] = [
  { name: "workerd", userAgent: /^Cloudflare-Workers/, departures: {}, command: () => workerd("2026-11-01") },
  {
    name: "workerd as of 2024",
    userAgent: /^Cloudflare-Workers/,
    departures: { noChannel: "there was no `process` without the flag nodejs_compat" },
    command: () => workerd("2024-01-01"),
  },
  {
    name: "Bun",
    userAgent: /^Bun/,
    departures: {},
    command: () => ({ command: ["bun", "run", path("../runtimes/bun-main.ts")] }),
  },
  {
    name: "Deno",
    userAgent: /^Deno/,
    departures: {},
    command: () => ({
      command: [
        "deno",
        "run",
        "--no-remote",
        "--cached-only",
        "--no-lock",
        "--no-check",
        "--node-modules-dir=manual",
        "--allow-net=127.0.0.1",
        "--allow-read",
        "--allow-env",
        path("../runtimes/deno-main.ts"),
      ],
    }),
  },
];

/** A runtime starts when its first server does. */
export function runtimeServers(): RuntimeServers {
  const stops: (() => Promise<void>)[] = [];
  const agents: (() => Promise<readonly [string, RegExp]>)[] = [];
  const servers = RUNTIMES.flatMap((runtime) => {
    let starting: Promise<number> | null = null;
    const port = (): Promise<number> => (starting ??= start(runtime, stops));
    agents.push(async () => {
      const target = { protocol: "http", host: "listed.0.test", port: await port() } as const;
      const [answer] = await ask(target, [asked("GET", "/contract/user-agent")]);
      return [answer?.body ?? "", runtime.userAgent];
    });
    return Object.entries(FETCH_SERVERS).map(([name, { departures }]): ContractServer => {
      const allDepartures = { ...departures, ...runtime.departures };
      return {
        name: `${name} on ${runtime.name}`,
        protocol: "http",
        departures: allDepartures,
        start: async (setup): Promise<Running> => {
          const target = { protocol: "http", host: hostName(setup, name), port: await port() } as const;
          const control = async (word: string): Promise<Journal> => {
            const [answer] = await ask(target, [asked("GET", `/contract/${word}`)]);
            return JSON.parse(answer?.body ?? "") as Journal;
          };
          return {
            ...target,
            take: () => control("take"),
            replace: async () => void (await control("replace")),
            close: async () => void (await control("dispose")),
          };
        },
      };
    });
  });
  return {
    servers,
    userAgents: () => Promise.all(agents.map((agent) => agent())),
    stop: async () => void (await Promise.all(stops.map((stop) => stop()))),
  };
}

/** Answers with the port. */
async function start({ name, command }: Runtime, stops: (() => Promise<void>)[]): Promise<number> {
  const { command: words, clean } = command();
  const [program = "", ...parameters] = words;
  const bin = join(ROOT, "node_modules/.bin");
  const child: ChildProcess = spawn(join(bin, program), parameters, {
    cwd: ROOT,
    // A group of its own: the command may be a script that starts the runtime.
    detached: true,
    env: { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", kill);
  stops.push(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      kill();
      await exit;
    }
    process.off("exit", kill);
    clean?.();
  });
  const [, output, errors, control] = child.stdio as unknown as [null, Readable, Readable, Readable];
  return new Promise<number>((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer): void => {
      said += String(chunk);
      const port = /"port":(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    for (const stream of [output, control, errors]) stream.on("data", read);
    child.on("error", (error) => reject(new Error(`${name} cannot be started.`, { cause: error })));
    child.on("exit", (code) => reject(new Error(`${name} ended with ${code}: ${said}`)));
  });
}
