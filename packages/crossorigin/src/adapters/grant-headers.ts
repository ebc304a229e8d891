/**
 * The header lines that only the policy may set.
 *
 * @module
 */

import type { Decision } from "../policy/index.ts";

export interface GrantName {
  /** As decisions spell it. */
  readonly name: string;
  /** In lower case, which Node.js looks up several times as fast. */
  readonly key: string;
}

function grantName(name: string): GrantName {
  return { name, key: name.toLowerCase() };
}

const ACTUAL = ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"].map(
  grantName,
);
const PREFLIGHT = [
  ...ACTUAL,
  ...[
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Allow-Private-Network",
  ].map(grantName),
];

/** Those of an answer to such a request, whether or not the decision sets them. */
export function grantNames({ kind }: Decision): readonly GrantName[] {
  return kind === "preflight" ? PREFLIGHT : ACTUAL;
}

/** The one of those names that `name` spells, in any case; undefined if it is none. */
export function grantNameOf(decision: Decision, name: string): GrantName | undefined {
  return grantNames(decision).find(({ key }) => key.length === name.length && key === name.toLowerCase());
}

/** The value that the decision gives the line; null for none. `name` is spelled as decisions spell it. */
export function grantedValue({ headers }: Decision, name: string): string | null {
  for (const line of headers) if (line.name === name) return line.value;
  return null;
}

/** Does the decision set the line, whether or not it belongs to a grant? `name` is in any case. */
export function isDecided({ headers }: Decision, name: string): boolean {
  return headers.some((line) => line.name.length === name.length && line.name.toLowerCase() === name.toLowerCase());
}

/** What to say of a line that something else has set and that the policy replaces or takes away. */
export function conflictMessage(decision: Decision, name: string, found: unknown): string {
  const granted = grantedValue(decision, name);
  const change = granted === null ? "took it away" : `replaced it by ${JSON.stringify(granted)}`;
  return `The application or its upstream set ${name}: ${JSON.stringify(found)}; the policy ${change}. Leave CORS lines to the policy.`;
}
