/**
 * A policy as TypeScript.
 *
 * @module
 */

import type { PolicyConfig } from "crossorigin";
import { LIBRARY_NAMES, type OldCors } from "./old-cors.ts";
import type { Migration } from "./migration.ts";
import { readRegExp } from "./regexp-patterns.ts";

/** Lists longer than that are broken, one item a line. */
const MAX_LINE_LENGTH = 100;

/** A module that exports the policy; ASCII only. */
export function policySnippet(policy: PolicyConfig, { old, hasPlaceholder }: Migration): string {
  const fields = Object.entries(policy).flatMap(([name, value]) => {
    const comment = commentOn(name, old, policy, hasPlaceholder);
    return [...(comment === null ? [] : [`  // ${comment}`]), `  ${name}: ${literal(value)},`];
  });
  return [
    'import { createPolicy } from "crossorigin";',
    "",
    "export const policy = createPolicy({",
    ...fields,
    "});",
  ].join("\n");
}

function commentOn(name: string, old: OldCors, policy: PolicyConfig, hasPlaceholder: boolean): string | null {
  if (name === "origins" && hasPlaceholder) return "Grants nobody: write your pages' origins here.";
  if (name === "origins" && old.origin.kind === "any") return "Any origin, without credentials.";
  if (name === "origins" && hasAwokenWildcard(old, policy))
    return "The wildcard never matched, and grants every name below from now on; keep what is yours.";
  const isDefault = name === "methods" && old.methods.kind === "names" && old.methods.isDefault;
  return isDefault
    ? `The default of ${LIBRARY_NAMES[old.library]}; keep what your pages use.`
    : reflectionComment(name, old);
}

/** Has the policy a wildcard that was compared as it stands? */
function hasAwokenWildcard({ origin }: OldCors, { origins }: PolicyConfig): boolean {
  if (origins === "*" || !(origin.kind === "list" || origin.kind === "fixed")) return false;
  const items = origin.kind === "list" ? origin.items : [];
  const expected = items.flatMap((item) => (item.kind === "regexp" ? readRegExp(item.regexp).patterns : []));
  return origins.some((pattern) => pattern.includes("*") && !expected.includes(pattern));
}

function reflectionComment(name: string, { requestHeaders, library }: OldCors): string | null {
  const isReflected = name === "requestHeaders" && requestHeaders.kind === "reflected";
  return isReflected ? `As ${LIBRARY_NAMES[library]} allowed whatever was asked for; keep what your pages send.` : null;
}

function literal(value: unknown): string {
  if (!Array.isArray(value)) return ascii(JSON.stringify(value));
  const items = value.map((item) => ascii(JSON.stringify(item)));
  const line = `[${items.join(", ")}]`;
  return line.length <= MAX_LINE_LENGTH ? line : ["[", ...items.map((item) => `    ${item},`), "  ]"].join("\n");
}

function ascii(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
