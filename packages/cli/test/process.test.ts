import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { parseJsonOutput } from "./json-output.ts";
import { httpServer, rawServer } from "./test-servers.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url));

beforeAll(() => {
  if (!existsSync(bin))
    execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "packages/cli/tsconfig.src.json"], {
      cwd: root,
    });
}, 120_000);

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "" },
  });
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => void (written.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (written.stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => void child.once("close", (status) => resolve({ status, ...written })));
  return { child, ended };
}

test("exits 0 for a shared response, and prints all of a long answer into a pipe", async () => {
  const filler = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, "a".repeat(400)]));
  const url = await httpServer((_request, response) =>
    response.writeHead(200, { "Access-Control-Allow-Origin": "*", ...filler }).end(),
  );
  const { status, stdout } = await start(["check", url, "--json"]).ended;
  expect(stdout.length).toBeGreaterThan(65_536);
  expect(parseJsonOutput(stdout).verdict).toBe("shared");
  expect(status).toBe(0);
});

test("exits 1 for a withheld response, 2 for wrong usage, 3 for no answer, without delay", async () => {
  const url = await httpServer((_request, response) => response.end());
  const begin = performance.now();
  const results = await Promise.all(
    [
      ["check", url],
      ["check", "x"],
      ["check", "http://127.0.0.1:2/"],
    ].map((args) => start(args).ended),
  );
  expect(results.map(({ status }) => status)).toEqual([1, 2, 3]);
  expect(performance.now() - begin).toBeLessThan(5000);
});

test("ends with status 141 and in silence when the reader of its pipe goes away", async () => {
  const { child, ended } = start(["demo"]);
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { status, stderr } = await ended;
  expect(stderr).toBe("");
  expect(status).toBe(141);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("ends in silence when %s comes, with status %i", async (signal, expected) => {
  let onRequest = (): void => {};
  const asked = new Promise<void>((resolve) => (onRequest = resolve));
  const url = await rawServer(() => onRequest());
  const { child, ended } = start(["check", url]);
  await asked;
  child.kill(signal);
  const { status, stdout, stderr } = await ended;
  expect(stderr).toBe("");
  expect(stdout).toBe("");
  expect(status).toBe(expected);
});

test.runIf(existsSync("/dev/full"))("an answer that cannot be written is no verdict: status 74, and a line", () => {
  const full = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(full));
  for (const args of [["--help"], ["lint", "/dev/null/x"], ["completion", "bash"]]) {
    const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    expect([status, stderr.split(": ").slice(0, 2).join(": ")]).toEqual(
      args[0] === "lint"
        ? [2, 'crossorigin: the policy in "/dev/null/x" cannot be read']
        : [74, "crossorigin: the answer cannot be written to standard output"],
    );
  }
});

test("demo --serve ends with status 0 when it is interrupted", async () => {
  const { child, ended } = start(["demo", "--serve"]);
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.includes("Ctrl+C")) child.kill("SIGINT");
  });
  const { status, stderr } = await ended;
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
