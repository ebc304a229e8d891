#!/usr/bin/env node
/**
 * The executable: joins the command to its process.
 *
 * @module
 */

import { EXIT_INTERRUPTED, EXIT_PIPE_CLOSED } from "./exit-status.ts";
import { run } from "./run.ts";
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

process.exitCode = await run(process.argv.slice(2), surroundingsOfProcess(interruption.signal));
