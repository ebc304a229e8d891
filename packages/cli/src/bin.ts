#!/usr/bin/env node
/**
 * The executable: joins the command to its process.
 *
 * @module
 */

import { EXIT_INTERRUPTED, EXIT_OUTPUT_LOST, EXIT_PIPE_CLOSED, EXIT_TERMINATED, EXIT_USAGE } from "./exit-status.ts";
import { surroundingsOfProcess } from "./surroundings.ts";

/** Time for what is under way to end by itself after an interruption. */
const GRACE_MILLISECONDS = 1000;

const interruption = new AbortController();

/** What `EXIT_INTERRUPTED` is to be, once a signal has come. */
let interruptedStatus = EXIT_INTERRUPTED;

for (const [name, status] of [
  ["SIGINT", EXIT_INTERRUPTED],
  ["SIGTERM", EXIT_TERMINATED],
] as const) {
  process.once(name, () => {
    interruptedStatus = status;
    interruption.abort();
    setTimeout(() => process.exit(status), GRACE_MILLISECONDS).unref();
  });
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT_PIPE_CLOSED);
  const reason = error.code === "ENOSPC" ? "no space is left" : (error.code ?? error.message);
  process.stderr.write(`crossorigin: the answer cannot be written to standard output: ${reason}\n`);
  process.exit(EXIT_OUTPUT_LOST);
});

process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT_PIPE_CLOSED : EXIT_OUTPUT_LOST);
});

if (isTooOld(process.versions.node)) {
  process.stderr.write(`crossorigin: Node.js ${process.versions.node} is too old; use 22.12 or later\n`);
  process.exitCode = EXIT_USAGE;
} else {
  // Imported only now: what it needs does not load in an old Node.js, and says so in a stack trace.
  const { run } = await import("./run.ts");
  const status = await run(process.argv.slice(2), surroundingsOfProcess(interruption.signal));
  process.exitCode = status === EXIT_INTERRUPTED ? interruptedStatus : status;
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 22 || (major === 22 && minor < 12);
}
