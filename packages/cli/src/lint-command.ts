/**
 * `crossorigin lint FILE`: checks a policy in JSON and says all that is wrong with it.
 *
 * @module
 */

import { type PolicyIssue, parsePolicy } from "crossorigin";
import { CODES, escapeFromWire } from "crossorigin/diagnose";
import { duplicateFields } from "./duplicate-fields.ts";
import { EXIT_OK, EXIT_WITHHELD } from "./exit-status.ts";
import { readInput } from "./input-file.ts";
import { nearestField, wantedType } from "./policy-field.ts";
import { boundedValue, shownValue } from "./shown-value.ts";
import { type Style, hanging, styleFor } from "./style.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError, quoted } from "./usage-error.ts";

export interface LintOptions {
  readonly json?: boolean;
}

/** An issue, and what lint has to add: the value of a field that is none, and words for what the codes do not tell apart. */
interface LintIssue extends PolicyIssue {
  /** Shown behind the place. */
  readonly value: unknown;
  readonly message: string;
}

/** More issues are counted, not printed. */
const MAX_PRINTED_ISSUES = 200;

/** Prints the issues on standard output. Returns the exit status: 0 for a sound policy, 1 for a refused one. */
export async function lint(file: string, options: LintOptions, { stdin, stdout, env }: Surroundings): Promise<number> {
  const text = new TextDecoder().decode(await readInput(file, "the policy", stdin));
  const issues = findIssues(parseJson(text, file), text);
  if (options.json === true) {
    const printed = issues.map(({ code, path, received, suggestion }) => ({
      code,
      path,
      received: boundedValue(received) ?? null,
      suggestion: boundedValue(suggestion),
    }));
    stdout.write(`${JSON.stringify({ accepted: issues.length === 0, issues: printed }, null, 2)}\n`);
  } else {
    stdout.write(`${renderIssues(file, issues, styleFor(stdout, env))}\n`);
  }
  return issues.length === 0 ? EXIT_OK : EXIT_WITHHELD;
}

function findIssues(value: unknown, text: string): LintIssue[] {
  const parsed = parsePolicy(value);
  const twice = duplicateFields(text).map((name): LintIssue => ({
    code: "policy/duplicate",
    path: [name],
    received: name,
    suggestion: null,
    value: undefined,
    message: "The field stands in the file more than once. Readers of JSON differ on which one counts; keep one.",
  }));
  return [...twice, ...(parsed.ok ? [] : parsed.issues.map((issue) => withWords(issue, value)))];
}

function withWords(issue: PolicyIssue, policy: unknown): LintIssue {
  const message: string = CODES[issue.code].message;
  const [field = ""] = issue.path;
  if (issue.code === "policy/unknown-field") {
    const value: unknown = typeof policy === "object" && policy !== null ? Reflect.get(policy, field) : undefined;
    return { ...issue, suggestion: issue.suggestion ?? nearestField(String(field)), value, message };
  }
  const wanted = issue.code === "policy/wrong-type" ? wantedType(issue.path) : null;
  return { ...issue, value: issue.received, message: wanted === null ? message : `${message} It has to be ${wanted}.` };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? escapeFromWire(error.message, 200) : "";
    throw new UsageError(`the policy in ${file === "-" ? "standard input" : quoted(file)} is not JSON: ${reason}`);
  }
}

function renderIssues(file: string, issues: readonly LintIssue[], style: Style): string {
  const name = file === "-" ? "standard input" : escapeFromWire(file, 200);
  if (issues.length === 0) return `${style.paint("good", "✔")} ${name}: the policy is sound`;
  const count = `${issues.length} ${issues.length === 1 ? "issue" : "issues"}`;
  const left = issues.length - MAX_PRINTED_ISSUES;
  return [
    `${style.paint("bad", "✘")} ${name}: the policy is refused, ${count}`,
    ...issues.slice(0, MAX_PRINTED_ISSUES).flatMap((issue) => renderIssue(issue, style)),
    ...(left > 0 ? ["", `  … and ${left} more`] : []),
  ].join("\n");
}

function renderIssue({ code, path, value, message, suggestion }: LintIssue, style: Style): string[] {
  const place = style.paint("title", path.length === 0 ? "the policy" : placeOf(path));
  const lines = [
    "",
    `  ${place}${value === undefined ? "" : ` is ${shownValue(value)}`}`,
    hanging("    ", 4, message, style.width),
  ];
  if (suggestion !== null && suggestion !== undefined) {
    const better = style.paint("good", shownValue(suggestion));
    lines.push(code === "policy/unknown-field" ? `    Did you mean ${better}?` : `    Use ${better} instead.`);
  }
  return [...lines, `    ${style.paint("code", code)}`];
}

/** A path as code has it: `origins[0]`. */
function placeOf(path: PolicyIssue["path"]): string {
  return escapeFromWire(
    path.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`)).join(""),
    200,
  );
}
