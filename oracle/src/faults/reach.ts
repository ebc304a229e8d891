/**
 * A process of its own: which scenarios run the code that each fault of `data/faults.json` is in, by V8's counters. The
 * others cannot notice it, and need not be replayed.
 */

import { readFileSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { stdin } from "node:process";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { BranchProfiler } from "../branches/branch-profiler.ts";
import { fileOf, loadFromSources } from "../sources.ts";
import { readFaults } from "./fault.ts";

const wanted = new Set((await json(stdin)) as readonly string[]);
const faults = readFaults()
  .filter(({ id }) => wanted.has(id))
  .map(({ id, file, text }) => {
    const start = readFileSync(fileOf(file), "utf8").indexOf(text);
    return { id, url: pathToFileURL(fileOf(file)).href, start, end: start + text.length };
  });

loadFromSources();
const profiler = await BranchProfiler.start();
// Only now, so that V8 counts in them.
const { createCertificate } = await import("../certificate.ts");
const { PROFILE_NAMES, outcomeOf } = await import("../golden.ts");
const { HOSTNAMES } = await import("../names.ts");
const { blocksItsThread } = await import("../replay.ts");
const { readScenarioFiles } = await import("../scenario.ts");
const { ScriptedServer } = await import("../scripted-server.ts");

/** Does some of the code from `start` to `end` run? A block within another one has a count of its own. */
function isRun({ functions }: Profiler.ScriptCoverage, start: number, end: number): boolean {
  const ranges = functions.flatMap((one) => one.ranges);
  for (let offset = start; offset < end; offset++) {
    const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset);
    const [innermost] = around.toSorted((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
    if (innermost !== undefined && innermost.count > 0) return true;
  }
  return false;
}

const loading = await profiler.take();
const scenarios = readScenarioFiles().flatMap((file) => file.scenarios);
/** What runs when a module is loaded decides for all that comes. */
const isForAll = (fault: (typeof faults)[number]): boolean =>
  loading.some((script) => script.url === fault.url && isRun(script, fault.start, fault.end));
const everywhere = new Set(faults.filter(isForAll).map(({ id }) => id));
const reached = new Map(faults.map(({ id }) => [id, [] as string[]]));
const known = new Map<string, readonly string[]>();
const reachedIn = (script: Profiler.ScriptCoverage): readonly string[] => {
  const key = JSON.stringify([script.url, script.functions]);
  const found =
    known.get(key) ??
    faults.filter(({ url, start, end }) => url === script.url && isRun(script, start, end)).map(({ id }) => id);
  known.set(key, found);
  return found;
};
const certificate = createCertificate(HOSTNAMES);
const server = await ScriptedServer.start(certificate);
for (const scenario of scenarios) {
  // What blocks its thread is fetched in another one, which the profiler does not see.
  const isSeen = !blocksItsThread(scenario);
  if (isSeen) await Promise.all(PROFILE_NAMES.map((profile) => outcomeOf(scenario, profile, server, certificate.ca)));
  const ids = isSeen ? new Set((await profiler.take()).flatMap(reachedIn)) : null;
  for (const [id, list] of reached) if (ids === null || ids.has(id) || everywhere.has(id)) list.push(scenario.id);
}
await server.close();
process.stdout.write(JSON.stringify(Object.fromEntries(reached)), () => process.exit(0));
