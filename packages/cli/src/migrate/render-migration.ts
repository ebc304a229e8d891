/**
 * A migration for people, and as JSON.
 *
 * @module
 */

import { escapeFromWire } from "crossorigin/diagnose";
import { type Style, hanging } from "../style.ts";
import type { Migration } from "./migration.ts";
import { LIBRARY_NAMES, type OldCors } from "./old-cors.ts";
import { policySnippet } from "./policy-snippet.ts";
import type { ReadOptions } from "./read-options.ts";

/** For a terminal or a pipe, without the last line break. */
export function renderMigration(migration: Migration, read: ReadOptions, style: Style): string {
  const { old, policy, byHand, dangers, differences } = migration;
  const name = LIBRARY_NAMES[old.library];
  return [
    policy === null ? noPolicy(old) : policySnippet(policy, migration),
    ...source(read, style),
    ...section("Cannot be carried over", byHand.length, style, "bad"),
    ...byHand.flatMap(({ option, why, write }) => [
      "",
      `  ${style.paint("title", escapeFromWire(option))}`,
      paragraph(why, style),
      paragraph(`Write ${write}.`, style),
    ]),
    ...section("Dangers of the old configuration", dangers.length, style, "bad"),
    ...dangers.flatMap(({ id, text }) => ["", paragraph(text, style), `    ${style.paint("code", id)}`]),
    ...section(`Differences from ${name}`, differences.length, style, "note"),
    ...differences.flatMap((difference) => [
      "",
      paragraph(difference.text, style),
      hanging(`    ${style.paint("quiet", "old")}  `, 9, escapeFromWire(difference.old), style.width),
      hanging(`    ${style.paint("quiet", "new")}  `, 9, escapeFromWire(difference.new), style.width),
      `    ${style.paint("code", difference.id)}`,
    ]),
  ].join("\n");
}

function noPolicy({ library, undefinedOptions }: OldCors): string {
  const name = LIBRARY_NAMES[library];
  return undefinedOptions.includes("origin")
    ? `// ${name} grants nobody anything, as origin is undefined: set it, and run this again.`
    : `// ${name} grants nobody anything with these options, and neither does a server without a policy: take it out.`;
}

/** Which export it was. */
function source({ value, taken, others }: ReadOptions, style: Style): string[] {
  if (taken === null) return [];
  const what = typeof value === "function" ? "a function that computes the options" : "the options";
  const aside = others.length === 0 ? "" : ` Left aside: ${others.join(", ")}.`;
  return ["", hanging("", 0, `The export ${taken} was taken: ${what}.${aside}`, style.width)];
}

function section(title: string, count: number, style: Style, role: "bad" | "note"): string[] {
  return count === 0 ? [] : ["", style.paint(role, `${title} (${count})`)];
}

function paragraph(text: string, style: Style): string {
  return hanging("    ", 4, escapeFromWire(text, 1000), style.width);
}

/** What `--json` prints; texts are escaped, the policy is what `parsePolicy` takes. */
export function migrationJson(
  { old, policy, hasPlaceholder, differences, dangers, byHand }: Migration,
  { taken }: ReadOptions,
): object {
  return {
    from: old.library,
    export: taken,
    policy,
    placeholder: hasPlaceholder,
    notCarriedOver: byHand.map(escapedTexts),
    dangers: dangers.map(escapedTexts),
    differences: differences.map(escapedTexts),
  };
}

function escapedTexts(item: object): object {
  return Object.fromEntries(Object.entries(item).map(([name, text]) => [name, escapeFromWire(String(text), 1000)]));
}
