#!/usr/bin/env node
/**
 * The executable: joins the command to its process.
 *
 * @module
 */

import { EXIT_INTERRUPTED, EXIT_PIPE_CLOSED, EXIT_USAGE } from "./exit-status.ts";
import { surroundingsOfProcess } from "./surroundings.ts";

/** Time for what is under way to end by itself after an interruption. */
const GRACE_MILLISECONDS = 1000;

const interruption = new AbortController();

for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    interruption.abort();
    setTimeout(() => process.exit(EXIT_INTERRUPTED), GRACE_MILLISECONDS).unref();
  });
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? EXIT_PIPE_CLOSED : 1);
  });
}

if (isTooOld(process.versions.node)) {
  process.stderr.write(`crossorigin: Node.js ${process.versions.node} is too old; use 22.12 or later\n`);
  process.exitCode = EXIT_USAGE;
} else {
  // Imported only now: what it needs does not load in an old Node.js, and says so in a stack trace.
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2), surroundingsOfProcess(interruption.signal));
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 22 || (major === 22 && minor < 12);
}
