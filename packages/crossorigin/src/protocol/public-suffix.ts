/**
 * Public suffixes and registrable domains.
 *
 * @see https://url.spec.whatwg.org/#host-public-suffix
 * @module
 */

import { PUBLIC_SUFFIX_RULES } from "./public-suffix-list.data.ts";

/** The longest rule has 7 labels. */
const MAX_RULE_LABELS = 8;

let rules: ReadonlySet<string> | null = null;

/** The list is unpacked at the first question, so that whoever never asks does not pay. */
function publicSuffixRules(): ReadonlySet<string> {
  rules ??= new Set(PUBLIC_SUFFIX_RULES.split(" "));
  return rules;
}

/**
 * The public suffix of a serialized host, such as `co.uk` or `github.io`; null for an address or the empty host.
 * A dot at the end is kept. Costs at most three look-ups a label.
 */
export function publicSuffix(host: string): string | null {
  if (host === "" || host.startsWith("[") || /^[0-9]+(?:\.[0-9]+){3}$/.test(host)) return null;
  const dot = host.endsWith(".") ? "." : "";
  const labels = (dot === "" ? host : host.slice(0, -1)).split(".");
  const known = publicSuffixRules();
  // Attack: a host of a megabyte of dots; only so many labels can name a suffix.
  for (let index = Math.max(0, labels.length - MAX_RULE_LABELS); index < labels.length; index++) {
    const name = labels.slice(index).join(".");
    const parent = labels.slice(index + 1).join(".");
    if (known.has(`!${name}`)) return parent + dot;
    if (known.has(name) || (parent !== "" && known.has(`*.${parent}`))) return name + dot;
  }
  return `${labels.at(-1)}${dot}`; // no rule: the last label
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
