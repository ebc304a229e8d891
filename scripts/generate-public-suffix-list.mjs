// Packs the rules of the npm package `psl` into packages/crossorigin/src/protocol/public-suffix-list.data.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { domainToASCII } from "node:url";

const folder = join(dirname(createRequire(import.meta.url).resolve("psl")), "..");
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const { default: rules } = /** @type {{ default: string[] }} */ (await import(join(folder, "data/rules.js")));
/** Labels in reverse, so that rules next to each other have much in common. */
const reversed = rules
  .map((rule) => {
    const [, prefix = "", name = ""] = /^(!|\*\.)?(.*)$/.exec(rule) ?? [];
    return (prefix + domainToASCII(name)).split(".").toReversed().join(".");
  })
  .toSorted();
/** By top-level domain, what each rule has after it. A rule for the domain alone says what counts anyway. */
const groups = /** @type {Map<string, string[]>} */ (new Map());
for (const rule of reversed) {
  const dot = rule.indexOf(".");
  if (dot < 0) continue;
  const topLevel = rule.slice(0, dot);
  groups.set(topLevel, [...(groups.get(topLevel) ?? []), rule.slice(dot)]);
}
const packed = [...groups].map(([topLevel, rests]) => {
  const changes = rests.map((rest, index) => {
    const before = rests[index - 1] ?? "";
    let shared = 0;
    while (shared < 25 && shared < before.length && before[shared] === rest[shared]) shared++;
    return String.fromCharCode("A".charCodeAt(0) + shared) + rest.slice(shared);
  });
  return `\\n${topLevel}${changes.join("")}`;
});
const source = `/**
 * Public Suffix List, snapshot from psl ${version}: ${reversed.length} rules, ICANN and private, in ASCII form.
 * The list is under the Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/, unlike the rest of this package.
 * Made by scripts/generate-public-suffix-list.mjs; do not edit.
 *
 * @module
 */

/**
 * A line for each top-level domain that has rules of more labels. After its name, the rules with their labels in reverse;
 * \`*\` stands for any label, \`!\` for an exception. Each is how many characters it shares with the one before it, as a
 * letter from \`A\` on, and the others.
 */
export const PUBLIC_SUFFIX_RULES: string =
  "${packed.join("")}";
`;
writeFileSync(join(import.meta.dirname, "../packages/crossorigin/src/protocol/public-suffix-list.data.ts"), source);
console.log(`${reversed.length} rules`);
