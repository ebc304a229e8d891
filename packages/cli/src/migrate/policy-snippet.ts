/**
 * A policy as TypeScript.
 *
 * @module
 */

import type { PolicyConfig } from "crossorigin";
import { LIBRARY_NAMES, type OldCors } from "./old-cors.ts";
import type { Migration } from "./migration.ts";

/** Lists longer than that are broken, one item a line. */
const MAX_LINE_LENGTH = 100;

/** A module that exports the policy; ASCII only. */
export function policySnippet(policy: PolicyConfig, { old, hasPlaceholder }: Migration): string {
  const fields = Object.entries(policy).flatMap(([name, value]) => {
    const comment = commentOn(name, old, hasPlaceholder);
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

function commentOn(name: string, old: OldCors, hasPlaceholder: boolean): string | null {
  if (name === "origins" && hasPlaceholder) return "Grants nobody: write your pages' origins here.";
  if (name === "origins" && old.origin.kind === "any") return "Any origin, without credentials.";
  const isDefault = name === "methods" && old.methods.kind === "names" && old.methods.isDefault;
  return isDefault
    ? `The default of ${LIBRARY_NAMES[old.library]}; keep what your pages use.`
    : reflectionComment(name, old);
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
