/**
 * Importing a module in a process of its own, which may end, hang or stay alive.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import { resolve } from "node:path";
import { UsageError, quoted } from "../usage-error.ts";
import type { ModuleReading } from "./module-exports.ts";

/** Time for a module to be imported. */
const IMPORT_MILLISECONDS = 30_000;

/** Node.js ends so if a module awaits what never comes. */
const STATUS_UNSETTLED = 13;

/** Next to this file, as TypeScript or built. */
const PROCESS_URL = import.meta.url.endsWith(".ts")
  ? new URL("./module-process.ts", import.meta.url)
  : new URL("./module-process.js", import.meta.url);

/** What the module exports. What it prints goes to standard error, as standard output is the policy's. */
export async function importModule(
  path: string,
  signal: AbortSignal,
  milliseconds: number = IMPORT_MILLISECONDS,
): Promise<ModuleReading> {
  signal.throwIfAborted();
  const child = fork(PROCESS_URL, [resolve(path)], {
    stdio: ["ignore", 2, 2, "ipc"],
    // Keeps undefined, and numbers that are none.
    serialization: "advanced",
  });
  const end = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", end);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, milliseconds);
  try {
    return await answerOf(child);
  } catch (error) {
    signal.throwIfAborted();
    const what = isLate ? `was still being read after ${milliseconds / 1000} seconds` : (error as Error).message;
    throw new UsageError(`the module ${quoted(path)} ${what}; export the options from a module that does nothing else`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    end();
  }
}

/** Rejects with the end of a sentence about the module. */
function answerOf(child: ChildProcess): Promise<ModuleReading> {
  return new Promise((resolve, reject) => {
    let ending: string | null = null;
    // An answer can come after the end of the process that sent it, but not after both.
    const onEnd = (): void => {
      if (ending !== null && !child.connected) reject(new Error(ending));
    };
    child.once("error", () => reject(new Error("cannot be imported: no process can be started")));
    child.once("message", (message) => resolve(message as ModuleReading));
    child.once("disconnect", onEnd);
    child.once("exit", (status, name) => {
      ending =
        status === STATUS_UNSETTLED
          ? "waits for something that never comes"
          : `ended the process while it was read, with ${name ?? `exit status ${String(status)}`}`;
      onEnd();
    });
  });
}
