/**
 * Public suffixes and registrable domains.
 *
 * @see https://url.spec.whatwg.org/#host-public-suffix
 * @module
 */

import { PUBLIC_SUFFIX_RULES } from "./public-suffix-list.data.ts";

/** The longest rule has 7 labels. */
const MAX_RULE_LABELS = 8;

/** Attack: names that nobody has must not fill the memory, however many or long. Those with rules are fewer and shorter. */
const MAX_TOP_LEVEL_DOMAINS = 1024;
const MAX_LABEL_LENGTH = 63;

const NO_RULES: ReadonlySet<string> = new Set();

/** By top-level domain. */
const known = new Map<string, ReadonlySet<string>>();

/**
 * The rules below a top-level domain with the labels in reverse, such as `.co` of `uk` and `.*` of `ck`. They are unpacked
 * at the first question, so that whoever never asks does not pay.
 */
function rulesBelow(topLevelDomain: string): ReadonlySet<string> {
  if (topLevelDomain.length > MAX_LABEL_LENGTH) return NO_RULES;
  const before = known.get(topLevelDomain);
  if (before !== undefined) return before;
  const head = `\n${topLevelDomain}`;
  const line = PUBLIC_SUFFIX_RULES.indexOf(`${head}A`);
  const rules =
    line < 0
      ? NO_RULES
      : unpack(
          PUBLIC_SUFFIX_RULES.slice(line + head.length)
            .split("\n", 1)
            .join(""),
        );
  if (known.size >= MAX_TOP_LEVEL_DOMAINS) known.clear();
  known.set(topLevelDomain, rules);
  return rules;
}

/** Each rule is how many characters it shares with the one before it, as a letter from `A` on, and the others. */
function unpack(packed: string): Set<string> {
  const unpacked = new Set<string>();
  let rule = "";
  let start = 0;
  for (let index = 1; index <= packed.length; index++) {
    if (index < packed.length && !isUppercase(packed.charCodeAt(index))) continue;
    rule = rule.slice(0, packed.charCodeAt(start) - FIRST_LETTER) + packed.slice(start + 1, index);
    unpacked.add(rule);
    start = index;
  }
  return unpacked;
}

const FIRST_LETTER = 0x41;

function isUppercase(codeUnit: number): boolean {
  return codeUnit >= FIRST_LETTER && codeUnit <= 0x5a;
}

/**
 * The public suffix of a serialized host, such as `co.uk` or `github.io`; null for an address or the empty host.
 * A dot at the end is kept. Costs at most three look-ups a label.
 */
export function publicSuffix(host: string): string | null {
  if (host === "" || host.startsWith("[") || /^[0-9]+(?:\.[0-9]+){3}$/.test(host)) return null;
  const dot = host.endsWith(".") ? "." : "";
  // Attack: a host of a megabyte of dots; only so many labels can name a suffix.
  const labels = (dot === "" ? host : host.slice(0, -1)).split(".").slice(-MAX_RULE_LABELS);
  const rules = rulesBelow(labels.slice(-1).join(""));
  let count = 1; // no rule: the last label
  let parent = "";
  for (const [index, label] of labels.toReversed().slice(1).entries()) {
    if (rules.has(`${parent}.!${label}`)) {
      count = index + 1;
      break;
    }
    const name = `${parent}.${label}`;
    if (rules.has(name) || rules.has(`${parent}.*`)) count = index + 2;
    parent = name;
  }
  return labels.slice(-count).join(".") + dot;
}

/**
 * The public suffix with one label more, such as `example.co.uk`; null if the host is an address or itself a public suffix.
 *
 * @see https://url.spec.whatwg.org/#host-registrable-domain
 */
export function registrableDomain(host: string): string | null {
  const suffix = publicSuffix(host);
  if (suffix === null || suffix === host) return null;
  const rest = host.slice(0, -suffix.length - 1);
  return `${rest.slice(rest.lastIndexOf(".") + 1)}.${suffix}`;
}
