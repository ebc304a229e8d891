/** Fetch handlers and Hono on workerd, Bun and Deno: one process each, for all servers and setups. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { FETCH_SERVERS } from "../applications/fetch-servers-by-name.ts";
import { asked } from "../asking.ts";
import { hostName } from "../runtimes/host.ts";
import { writeWorkerdConfig } from "../runtimes/workerd-config.ts";
import type { ContractServer, Departures, Running } from "../server.ts";
import type { Journal } from "../setups.ts";
import { ask } from "../wire.ts";

/** The executable, which comes with a package of its own for each platform, and which install scripts, where they run, may have moved. */
function executableOf(name: string, manifest: string): string {
  const require = createRequire(manifest);
  const { optionalDependencies = {} } = require(fileURLToPath(manifest)) as {
    optionalDependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(optionalDependencies))
    for (const path of [`bin/${name}`, name, `bin/${name}.exe`, `${name}.exe`])
      try {
        return require.resolve(`${dependency}/${path}`);
      } catch {
        // Of another platform.
      }
  return require.resolve(`./bin/${name}.exe`);
}

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
  const main = fileURLToPath(new URL("../runtimes/workerd-main.ts", import.meta.url));
  const config = writeWorkerdConfig(main, folder, compatibilityDate);
  const executable = executableOf("workerd", import.meta.resolve("workerd/package.json"));
  return {
    command: [executable, "serve", "--control-fd=3", config],
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
    command: () => ({
      command: [
        executableOf("bun", import.meta.resolve("bun/package.json")),
        "run",
        fileURLToPath(new URL("../runtimes/bun-main.ts", import.meta.url)),
      ],
    }),
  },
  {
    name: "Deno",
    userAgent: /^Deno/,
    departures: {},
    command: () => ({
      command: [
        executableOf("deno", import.meta.resolve("deno/package.json")),
        "run",
        "--no-remote",
        "--cached-only",
        "--no-lock",
        "--no-check",
        "--node-modules-dir=manual",
        "--allow-net=127.0.0.1",
        "--allow-read",
        "--allow-env",
        fileURLToPath(new URL("../runtimes/deno-main.ts", import.meta.url)),
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
  const child: ChildProcess = spawn(program, parameters, {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const kill = (): boolean => child.kill("SIGKILL");
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
