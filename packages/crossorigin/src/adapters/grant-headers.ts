/**
 * The header lines that only the policy may set.
 *
 * @module
 */

import type { Decision } from "../policy/index.ts";

const ACTUAL = ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"];
const PREFLIGHT = [
  ...ACTUAL,
  "Access-Control-Allow-Methods",
  "Access-Control-Allow-Headers",
  "Access-Control-Max-Age",
  "Access-Control-Allow-Private-Network",
];

/** Those of an answer to such a request, whether or not the decision sets them. */
export function grantNames({ kind }: Decision): readonly string[] {
  return kind === "preflight" ? PREFLIGHT : ACTUAL;
}

/** Is it one of those names? `lowercased` is a name in lower case. */
export function isGrantName(decision: Decision, lowercased: string): boolean {
  return (
    lowercased.startsWith("access-control-") && grantNames(decision).some((name) => name.toLowerCase() === lowercased)
  );
}

/** The value that the decision gives the line; null for none. */
export function grantedValue({ headers }: Decision, name: string): string | null {
  for (const line of headers) if (line.name === name) return line.value;
  return null;
}

/** What to say of a line that something else has set and that the policy replaces or takes away. */
export function conflictMessage(decision: Decision, name: string, found: unknown): string {
  const granted = grantedValue(decision, name);
  const change = granted === null ? "took it away" : `replaced it by ${JSON.stringify(granted)}`;
  return `The application or its upstream set ${name}: ${JSON.stringify(found)}; the policy ${change}. Leave CORS lines to the policy.`;
}
