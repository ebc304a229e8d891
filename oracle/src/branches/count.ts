/** Replays scenarios one at a time under every profile, and counts for each branch the scenarios that took it. */

import { createCertificate } from "../certificate.ts";
import { HOSTNAMES } from "../names.ts";
import { PROFILE_NAMES, outcomeOf } from "../golden.ts";
import { blocksItsThread } from "../replay.ts";
import type { Scenario } from "../scenario.ts";
import { ScriptedServer } from "../scripted-server.ts";
import { type Branch, type BranchKey, BranchReader } from "./branch-reader.ts";
import type { BranchProfiler } from "./branch-profiler.ts";

export interface CountedBranch extends Branch {
  /** Scenarios that took it, under whatever profile. */
  readonly scenarios: number;
}

/** Every branch of the algorithms, in the order of the sources. */
export async function countBranches(
  profiler: BranchProfiler,
  scenarios: readonly Scenario[],
): Promise<readonly CountedBranch[]> {
  const reader = new BranchReader();
  const counts = new Map<BranchKey, number>();
  // What loading the modules takes is nobody's.
  for (const script of await profiler.take()) await reader.taken(script);
  const certificate = createCertificate(HOSTNAMES);
  const server = await ScriptedServer.start(certificate);
  try {
    // What blocks its thread is fetched in another one, which the profiler does not see.
    for (const scenario of scenarios.filter((candidate) => !blocksItsThread(candidate))) {
      await Promise.all(PROFILE_NAMES.map((profile) => outcomeOf(scenario, profile, server, certificate.ca)));
      for (const script of await profiler.take()) {
        for (const key of await reader.taken(script)) counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
  } finally {
    await server.close();
  }
  return [...reader.branches]
    .map(([key, branch]) => ({ ...branch, scenarios: counts.get(key) ?? 0 }))
    .toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
