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
const packed = reversed.map((rule, index) => {
  const before = reversed[index - 1] ?? "";
  let shared = 0;
  while (shared < 25 && shared < before.length && before[shared] === rule[shared]) shared++;
  return String.fromCharCode("A".charCodeAt(0) + shared) + rule.slice(shared);
});
const source = `/**
 * Public Suffix List, snapshot from psl ${version}: ${packed.length} rules, ICANN and private, in ASCII form.
 * The list is under the Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/, unlike the rest of this package.
 * Made by scripts/generate-public-suffix-list.mjs; do not edit.
 *
 * @module
 */

/**
 * Rules with their labels in reverse; \`*\` stands for any label, \`!\` for an exception. Each is how many characters it
 * shares with the one before it, as a letter from \`A\` on, and the others.
 */
export const PUBLIC_SUFFIX_RULES: string =
  "${packed.join("")}";
`;
writeFileSync(join(import.meta.dirname, "../packages/crossorigin/src/protocol/public-suffix-list.data.ts"), source);
console.log(`${packed.length} rules`);
