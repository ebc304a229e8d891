/**
 * The completion script for zsh.
 *
 * @module
 */

import type { CompletedCommand, CompletedOption } from "./completion.ts";

/** To be sourced, or put into a folder of `fpath` as `_crossorigin`. */
export function zshCompletion(name: string, commands: readonly CompletedCommand[]): string {
  return `#compdef ${name}
_${name}() {
  local -a commands=(
${commands.map((command) => `    ${quote(`${command.name}:${command.summary}`)}`).join("\n")}
    ${quote("help:print the help of a command")}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    _arguments '--help[print this help]' '--version[print the version]'
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
    help) _describe 'command' commands ;;
${commands.map(commandCase).join("\n")}
  esac
}
if [ "\${funcstack[1]}" = "_${name}" ]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function commandCase({ name, options, choices, takesFile }: CompletedCommand): string {
  const argument = takesFile
    ? ["'1:file:_files'"]
    : choices.length > 0
      ? [`'1:value:(${choices.join(" ")})'`]
      : ["'1: :'"];
  return `    ${name}) _arguments ${[...options.flatMap(optionSpecs), ...argument].join(" \\\n        ")} ;;`;
}

function optionSpecs(option: CompletedOption): string[] {
  const { flags, description, takesValue, choices, takesFile, isRepeatable } = option;
  const explained = description.replaceAll(/[[\]:]/g, (character) => `\\${character}`);
  const action = takesFile ? "_files" : choices.length > 0 ? `(${choices.join(" ")})` : " ";
  const exclusion = isRepeatable ? "*" : `(${flags.join(" ")})`;
  return flags.map((flag) => quote(`${exclusion}${flag}[${explained}]${takesValue ? `:value:${action}` : ""}`));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
