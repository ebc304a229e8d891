/**
 * Completion scripts for shells, generated from the command's definitions.
 *
 * @module
 */

import type { Command } from "commander";
import { bashCompletion } from "./completion-bash.ts";
import { fishCompletion } from "./completion-fish.ts";
import { zshCompletion } from "./completion-zsh.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

/** One word that may follow a command. */
export interface CompletedOption {
  /** With their hyphens. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly isRepeatable: boolean;
  /** Empty if any value goes. */
  readonly choices: readonly string[];
  /** Is the value, or part of it, a file's name? */
  readonly takesFile: boolean;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Values of its argument; empty if it has none or any goes. */
  readonly choices: readonly string[];
  readonly takesFile: boolean;
}

const WRITERS: Readonly<Record<Shell, (name: string, commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The whole script for one shell. */
export function completionScript(shell: Shell, program: Command): string {
  return WRITERS[shell](program.name(), program.commands.map(describeCommand));
}

function describeCommand(command: Command): CompletedCommand {
  const [argument] = command.registeredArguments;
  const options = command.options.map((option): CompletedOption => ({
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    description: option.description,
    takesValue: option.required || option.optional,
    isRepeatable: option.description.includes("repeatable"),
    choices: option.argChoices ?? [],
    takesFile: /<file>/.test(option.flags),
  }));
  const help: CompletedOption = {
    flags: ["-h", "--help"],
    description: "print this help",
    takesValue: false,
    isRepeatable: false,
    choices: [],
    takesFile: false,
  };
  return {
    name: command.name(),
    summary: command.summary(),
    options: [...options, help],
    choices: argument?.argChoices ?? [],
    takesFile: argument?.name() === "file",
  };
}
