/**
 * The completion script for bash.
 *
 * @module
 */

import type { CompletedCommand } from "./completion.ts";

/** Works with bash 3.2 and later, without bash-completion. */
export function bashCompletion(name: string, commands: readonly CompletedCommand[]): string {
  const words = commands.map((command) => command.name);
  return `# bash completion for ${name}
_${name}_files() {
  local file
  type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
  while IFS= read -r file; do
    type compopt >/dev/null 2>&1 || file="$(printf '%q' "$file")"
    COMPREPLY[\${#COMPREPLY[@]}]="$file"
  done < <(compgen -f -- "$1")
}
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...words, "help", "--help", "--version"].join(" ")}" -- "$current"))
    return
  fi
  case "$command" in
    help)
      COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current")) ;;
${commands.map((command) => commandCase(name, command)).join("\n")}
  esac
}
complete -F _${name} ${name}
`;
}

function commandCase(program: string, { name, options, choices, takesFile }: CompletedCommand): string {
  const flags = options.flatMap((option) => option.flags);
  const valued = options
    .filter((option) => option.takesValue)
    .map((option) => valueCase(program, option.flags, option.choices, option.takesFile));
  const rest = takesFile
    ? `COMPREPLY=($(compgen -W "${flags.join(" ")}" -- "$current")); _${program}_files "$current"`
    : `COMPREPLY=($(compgen -W "${[...flags, ...choices].join(" ")}" -- "$current"))`;
  return `    ${name})
      case "$previous" in
${[...valued, `        *) ${rest} ;;`].join("\n")}
      esac ;;`;
}

function valueCase(program: string, flags: readonly string[], choices: readonly string[], takesFile: boolean): string {
  const reply = takesFile
    ? `_${program}_files "$current"`
    : choices.length > 0
      ? `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current"))`
      : "";
  return `        ${flags.join("|")}) ${reply === "" ? ":" : reply} ;;`;
}
