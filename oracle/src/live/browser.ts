/** A browser's processes: started in a group and a folder of their own, and ended with this one, whatever ends it. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RunningBrowser {
  /** Its process has ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

const groups = new Set<ChildProcess>();
const folders = new Set<string>();

function endGroup(child: ChildProcess): void {
  groups.delete(child);
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

function removeFolder(folder: string): void {
  folders.delete(folder);
  // What was just killed may still write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function endEverything(): void {
  for (const child of groups) endGroup(child);
  for (const folder of folders) removeFolder(folder);
}

process.on("exit", endEverything);
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const)
  process.once(signal, () => process.exit(128 + number));

/** A folder that is removed when the browser is closed. */
export function createProfileFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "crossorigin-live-"));
  folders.add(folder);
  for (const name of ["home", "data", "cache", "config", "run"]) mkdirSync(join(folder, name), { mode: 0o700 });
  return folder;
}

interface Spawned {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** The program in a process group of its own; what it writes to descriptor 3 is readable as `stdio[3]`. */
export function spawnGroup(command: string, values: readonly string[], env: NodeJS.ProcessEnv): Spawned {
  const child = spawn(command, values, { env, detached: true, stdio: ["ignore", "ignore", "ignore", "pipe"] });
  groups.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    child,
    ended,
    close: async () => {
      endGroup(child);
      await ended;
    },
  };
}

/** Closes the processes in order, then removes the folder. */
export function running(spawned: readonly Spawned[], folder: string): RunningBrowser {
  return {
    ended: Promise.race(spawned.map(({ ended }) => ended)),
    close: async () => {
      for (const program of spawned) await program.close();
      removeFolder(folder);
    },
  };
}
