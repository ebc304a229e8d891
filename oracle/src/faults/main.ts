/** The command `oracle --faults`: which scenarios notice each deliberate fault. The exit code is 1 if one goes unnoticed. */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type Fault, readFaults } from "./fault.ts";
import { replaced } from "../sources.ts";

const { values } = parseArgs({ options: { only: { type: "string" }, table: { type: "string", default: "" } } });

/** A fault may make the algorithms run for ever, which counts as noticed. A busy machine is only slow. */
const SILENT_MILLISECONDS = 120_000;
const TIMEOUT_MILLISECONDS = 1_800_000;
const LANES = 2;
const MAX_SHOWN = 4;

/** What a program of this folder prints, given a JSON value; null if it ran for ever. Throws if it failed. */
async function outputOf(program: string, argument: string, input: unknown): Promise<string | null> {
  const path = join(import.meta.dirname, program);
  const child = spawn(process.execPath, [...process.execArgv, path, argument], { stdio: ["pipe", "pipe", "inherit"] });
  let isKilled = false;
  const kill = (): void => {
    isKilled = true;
    child.kill("SIGKILL");
  };
  const end = setTimeout(kill, TIMEOUT_MILLISECONDS);
  let silence = setTimeout(kill, TIMEOUT_MILLISECONDS);
  child.stdout.on("data", () => {
    clearTimeout(silence);
    silence = setTimeout(kill, SILENT_MILLISECONDS);
  });
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify(input));
  const output = await text(child.stdout);
  const code = await closed;
  clearTimeout(end);
  clearTimeout(silence);
  if (isKilled) return null;
  if (code !== 0) throw new Error(`${program} ${argument} failed with ${code}.`);
  return output;
}

function describe({ id, gist }: Fault, reaching: number, ids: readonly string[] | null): string {
  const shown = ids === null ? "the replay did not end" : ids.slice(0, MAX_SHOWN).join(", ");
  const count = ids === null ? "∞" : String(ids.length);
  return `${id.padEnd(36)} ${count.padStart(4)} of ${String(reaching).padStart(4)}  ${gist}\n${"".padEnd(51)}${shown}`;
}

/** The faults in the order of the list, as Markdown. */
function tableOf(found: ReadonlyMap<string, readonly string[] | null>): string {
  const rows = readFaults().flatMap(({ id, gist }) => {
    const ids = found.get(id);
    if (ids === undefined) return [];
    return [`| ${id} | ${gist} | ${ids === null ? "∞" : ids.length} | ${ids?.[0] ?? ""} |`];
  });
  return ["| fault | what is wrong | noticed by | one of them |", "| --- | --- | --: | --- |", ...rows, ""].join("\n");
}

/** Ids of the scenarios that notice; null if the replay did not end. */
async function scenariosThatNotice({ id }: Fault, reaching: readonly string[]): Promise<readonly string[] | null> {
  const output = await outputOf("replay.ts", id, reaching);
  return output === null ? null : (JSON.parse(output) as readonly string[]);
}

const faults = readFaults().filter(({ id }) => (values.only ?? "").split(",").some((part) => id.includes(part)));
// A text that is gone is to be told of before anything else.
for (const fault of faults) replaced(fault);
const reach = await outputOf(
  "reach.ts",
  "",
  faults.map(({ id }) => id),
);
if (reach === null) throw new Error("Without a fault, too, the replay did not end.");
const reaching = JSON.parse(reach) as Readonly<Record<string, readonly string[]>>;

const found = new Map<string, readonly string[] | null>();
const queue = [...faults];
const work = async (): Promise<void> => {
  for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
    const ids = await scenariosThatNotice(fault, reaching[fault.id] ?? []);
    found.set(fault.id, ids);
    console.log(describe(fault, reaching[fault.id]?.length ?? 0, ids));
  }
};
await Promise.all(Array.from({ length: LANES }, work));
if (values.table !== "") writeFileSync(values.table, tableOf(found));
const unnoticed = faults.filter(({ id }) => found.get(id)?.length === 0);
console.log(`\n${faults.length - unnoticed.length} of ${faults.length} faults are noticed.`);
if (unnoticed.length > 0) console.log(`Unnoticed: ${unnoticed.map(({ id }) => id).join(", ")}`);
process.exitCode = unnoticed.length === 0 ? 0 : 1;
