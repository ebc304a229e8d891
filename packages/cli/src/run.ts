/**
 * The command from its arguments to its exit status.
 *
 * @module
 */

import { CommanderError } from "commander";
import { escapeFromWire } from "crossorigin/diagnose";
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE } from "./exit-status.ts";
import { createProgram } from "./program.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError, withoutQuotations } from "./usage-error.ts";

/** Exit status for a mistake of ours; the BSD convention's EX_SOFTWARE. */
const EXIT_INTERNAL = 70;

/** Runs the command once. Never rejects. `args` are those behind the command's name. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let status = EXIT_OK;
  const program = createProgram(surroundings, (result) => {
    status = result;
  });
  if (args.length === 0) {
    surroundings.stderr.write(program.helpInformation());
    return EXIT_USAGE;
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    return report(error, args, surroundings);
  }
}

function report(error: unknown, args: readonly string[], { stderr, env, signal }: Surroundings): number {
  if (signal.aborted) return EXIT_INTERRUPTED;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_OK;
    stderr.write(`crossorigin: ${describeMisuse(error, args[0])}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    stderr.write(`crossorigin: ${args.includes("--redact") ? withoutQuotations(error.message) : error.message}\n`);
    return EXIT_USAGE;
  }
  const isDebugging = (env["CROSSORIGIN_DEBUG"] ?? "") !== "";
  const reason = error instanceof Error ? ((isDebugging ? error.stack : undefined) ?? error.message) : String(error);
  stderr.write(`crossorigin: a mistake of this program, please report it: ${isDebugging ? reason : oneLine(reason)}\n`);
  return EXIT_INTERNAL;
}

/** What people know from `fetch`, where the options are those of curl. */
const SYNONYMS: Readonly<Record<string, string>> = { "--body": "--data", "--method": "--request" };

/** Commander's message, with the way out that it may lack. Arguments can hold anything, hence the escape. */
function describeMisuse({ code, message }: CommanderError, command: string | undefined): string {
  if (code === "commander.help") return `there is no such command to help with; see crossorigin --help`;
  const text = escapeFromWire(oneLine(message)).replace(/\.$/, "");
  if (/Did you mean|Allowed choices/.test(text)) return text;
  const meant = code === "commander.unknownOption" ? SYNONYMS[/'([^'=]+)/.exec(text)?.[1] ?? ""] : undefined;
  if (meant !== undefined) return `${text} (Did you mean ${meant}?)`;
  const isAboutCommands = code === "commander.unknownCommand" || command === undefined || command.startsWith("-");
  return `${text}; see crossorigin ${isAboutCommands ? "" : `${escapeFromWire(command, 40)} `}--help`;
}

/** Commander begins its messages with `error: ` and puts suggestions on a line of their own. */
function oneLine(message: string): string {
  return message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
}
