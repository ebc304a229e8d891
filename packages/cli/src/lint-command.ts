/**
 * `crossorigin lint FILE`: checks a policy in JSON and says all that is wrong with it.
 *
 * @module
 */

import { type PolicyIssue, parsePolicy } from "crossorigin";
import { CODES, escapeFromWire } from "crossorigin/diagnose";
import { EXIT_OK, EXIT_WITHHELD } from "./exit-status.ts";
import { readInput } from "./input-file.ts";
import { type Style, hanging, styleFor } from "./style.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError, quoted } from "./usage-error.ts";

export interface LintOptions {
  readonly json?: boolean;
}

/** Prints every issue on standard output. Returns the exit status: 0 for a sound policy, 1 for a refused one. */
export async function lint(file: string, options: LintOptions, { stdin, stdout, env }: Surroundings): Promise<number> {
  const text = new TextDecoder().decode(await readInput(file, "the policy", stdin));
  const parsed = parsePolicy(parseJson(text, file));
  const issues = parsed.ok ? [] : parsed.issues;
  if (options.json === true) {
    const printed = issues.map(({ code, path, received, suggestion }) => ({
      code,
      path,
      received: received ?? null,
      suggestion,
    }));
    stdout.write(`${JSON.stringify({ accepted: parsed.ok, issues: printed }, null, 2)}\n`);
  } else {
    stdout.write(`${renderIssues(file, issues, styleFor(stdout, env))}\n`);
  }
  return parsed.ok ? EXIT_OK : EXIT_WITHHELD;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? escapeFromWire(error.message, 200) : "";
    throw new UsageError(`the policy in ${file === "-" ? "standard input" : quoted(file)} is not JSON: ${reason}`);
  }
}

function renderIssues(file: string, issues: readonly PolicyIssue[], style: Style): string {
  const name = file === "-" ? "standard input" : escapeFromWire(file, 200);
  if (issues.length === 0) return `${style.paint("good", "✔")} ${name}: the policy is sound`;
  const count = `${issues.length} ${issues.length === 1 ? "issue" : "issues"}`;
  return [
    `${style.paint("bad", "✘")} ${name}: the policy is refused, ${count}`,
    ...issues.flatMap((issue) => renderIssue(issue, style)),
  ].join("\n");
}

function renderIssue({ code, path, received, suggestion }: PolicyIssue, style: Style): string[] {
  const place = style.paint("title", path.length === 0 ? "the policy" : placeOf(path));
  const value = received === undefined ? "" : ` is ${shown(received)}`;
  const lines = ["", `  ${place}${value}`, hanging("    ", 4, CODES[code].message, style.width)];
  if (suggestion !== null && suggestion !== undefined)
    lines.push(`    Use ${style.paint("good", shown(suggestion))} instead.`);
  return [...lines, `    ${style.paint("code", code)}`];
}

/** A path as code has it: `origins[0]`. */
function placeOf(path: PolicyIssue["path"]): string {
  return escapeFromWire(
    path.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`)).join(""),
    200,
  );
}

function shown(value: unknown): string {
  return escapeFromWire(JSON.stringify(value) ?? "nothing", 200);
}
