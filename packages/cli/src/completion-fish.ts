/**
 * The completion script for fish.
 *
 * @module
 */

import type { CompletedCommand, CompletedOption } from "./completion.ts";

/** To be put into fish's folder of completions. */
export function fishCompletion(name: string, commands: readonly CompletedCommand[]): string {
  const lines = [`# fish completion for ${name}`, `complete -c ${name} -f`];
  for (const command of commands) {
    lines.push(`complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`);
  }
  lines.push(`complete -c ${name} -n __fish_use_subcommand -a help -d ${quote("print the help of a command")}`);
  lines.push(`complete -c ${name} -n __fish_use_subcommand -l help -s h -d ${quote("print this help")}`);
  lines.push(`complete -c ${name} -n __fish_use_subcommand -l version -s V -d ${quote("print the version")}`);
  const names = commands.map((command) => command.name).join(" ");
  lines.push(`complete -c ${name} -n '__fish_seen_subcommand_from help' -a ${quote(names)}`);
  for (const command of commands) lines.push(...commandLines(name, command));
  return `${lines.join("\n")}\n`;
}

function commandLines(name: string, command: CompletedCommand): string[] {
  const start = `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}'`;
  const lines = command.options.map((option) => `${start} ${optionWords(option)}`);
  if (command.choices.length > 0) lines.push(`${start} -a ${quote(command.choices.join(" "))}`);
  if (command.takesFile) lines.push(`${start} -F`);
  return lines;
}

function optionWords({ flags, description, takesValue, choices, takesFile }: CompletedOption): string {
  const words = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  if (takesValue) words.push("-r");
  if (takesFile) words.push("-F");
  if (choices.length > 0) words.push(`-a ${quote(choices.join(" "))}`);
  return [...words, `-d ${quote(description)}`].join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
