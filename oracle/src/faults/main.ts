/** The command `oracle --faults`: which scenarios notice each deliberate fault. The exit code is 1 if one goes unnoticed. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type Fault, readFaults } from "./fault.ts";

const { values } = parseArgs({ options: { only: { type: "string" } } });

const run = promisify(execFile);
const MAX_SHOWN = 4;
/** A fault may make the algorithms run for ever, which counts as noticed. */
const TIMEOUT_MILLISECONDS = 240_000;

/** Ids of the scenarios that notice; null if the replay did not end. Throws if it could not begin. */
async function scenariosThatNotice(fault: Fault): Promise<readonly string[] | null> {
  const program = join(import.meta.dirname, "replay.ts");
  try {
    const options = { timeout: TIMEOUT_MILLISECONDS, maxBuffer: 2 ** 26 };
    const { stdout } = await run(process.execPath, [...process.execArgv, program, fault.id], options);
    return JSON.parse(stdout) as readonly string[];
  } catch (error) {
    if (typeof error === "object" && error !== null && "killed" in error && error.killed === true) return null;
    throw error;
  }
}

const faults = readFaults().filter(({ id }) => id.includes(values.only ?? ""));
const unnoticed: string[] = [];
for (const fault of faults) {
  const ids = await scenariosThatNotice(fault);
  const shown = ids === null ? "the replay did not end" : ids.slice(0, MAX_SHOWN).join(", ");
  const count = ids === null ? "∞" : String(ids.length);
  console.log(`${fault.id.padEnd(36)} ${count.padStart(4)}  ${fault.gist}\n${"".padEnd(43)}${shown}`);
  if (ids?.length === 0) unnoticed.push(fault.id);
}
console.log(`\n${faults.length - unnoticed.length} of ${faults.length} faults are noticed.`);
if (unnoticed.length > 0) console.log(`Unnoticed: ${unnoticed.join(", ")}`);
process.exitCode = unnoticed.length === 0 ? 0 : 1;
