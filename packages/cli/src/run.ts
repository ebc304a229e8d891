/**
 * The command from its arguments to its exit status.
 *
 * @module
 */

import { CommanderError } from "commander";
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE } from "./exit-status.ts";
import { createProgram } from "./program.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError } from "./usage-error.ts";

/** Exit status for a mistake of ours; the BSD convention's EX_SOFTWARE. */
const EXIT_INTERNAL = 70;

/** Runs the command once. Never rejects. `args` are those behind the command's name. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let status = EXIT_OK;
  const program = createProgram(surroundings, (result) => {
    status = result;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    return report(error, surroundings);
  }
}

function report(error: unknown, { stderr, env, signal }: Surroundings): number {
  if (signal.aborted) return EXIT_INTERRUPTED;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_OK;
    stderr.write(`crossorigin: ${oneLine(error.message)}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    stderr.write(`crossorigin: ${error.message}\n`);
    return EXIT_USAGE;
  }
  const isDebugging = (env["CROSSORIGIN_DEBUG"] ?? "") !== "";
  const reason = error instanceof Error ? ((isDebugging ? error.stack : undefined) ?? error.message) : String(error);
  stderr.write(`crossorigin: a mistake of this program, please report it: ${isDebugging ? reason : oneLine(reason)}\n`);
  return EXIT_INTERNAL;
}

/** Commander begins its messages with `error: ` and puts suggestions on a line of their own. */
function oneLine(message: string): string {
  return message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
}
