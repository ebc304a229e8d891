/**
 * Public suffixes and registrable domains: where one organisation's names begin.
 *
 * @see https://url.spec.whatwg.org/#host-registrable-domain
 * @module
 */

import { PUBLIC_SUFFIX_LIST } from "./public-suffix-list.data.ts";

/** A label of the list, reached by walking a host's labels from the right. */
interface SuffixNode {
  isRule: boolean;
  /** Keys are labels, `*`, or `!label` for an exception. Null while there are none. */
  children: Map<string, SuffixNode> | null;
}

/**
 * The public suffix of a host as the URL parser serializes it, with the trailing dot the host has; null for addresses and
 * the empty host. A top-level label that the list does not know is a public suffix (the list's default rule `*`), so
 * `localhost` is its own. Costs one map look-up or two for each label of the suffix and one more; the first call also
 * unpacks the list, some milliseconds.
 *
 * @see https://url.spec.whatwg.org/#host-public-suffix
 */
export function publicSuffix(host: string): string | null {
  if (!isDomain(host)) return null; // Step 1
  // Steps 2 to 5 — the trailing dot is set aside for the list's algorithm and comes back with the result.
  return host.slice(suffixStart(host, withoutTrailingDot(host)));
}

/**
 * The public suffix and one label more, with the trailing dot the host has; null for addresses, the empty host and hosts
 * that are public suffixes. Cost as for {@link publicSuffix}.
 *
 * @see https://url.spec.whatwg.org/#host-registrable-domain
 */
export function registrableDomain(host: string): string | null {
  if (!isDomain(host)) return null; // Step 1
  const start = suffixStart(host, withoutTrailingDot(host));
  if (start === 0) return null; // Step 1 — the host is a public suffix itself
  // Steps 2 to 5
  return host.slice(host.lastIndexOf(".", start - 2) + 1);
}

/** The URL parser leaves three kinds of host besides domains: IPv6 in brackets, IPv4 in four numbers, the empty host. */
function isDomain(host: string): boolean {
  return host !== "" && host !== "." && !host.startsWith("[") && !/(?:^|\.)[0-9]+\.?$/.test(host);
}

function withoutTrailingDot(host: string): number {
  return host.endsWith(".") ? host.length - 1 : host.length;
}

/**
 * Where the public suffix of `host.slice(0, end)` begins: the longest rule that matches, or an exception without its first label.
 *
 * @see https://github.com/publicsuffix/list/wiki/Format#formal-algorithm
 */
function suffixStart(host: string, end: number): number {
  let children: Map<string, SuffixNode> | null = suffixTree();
  let labelEnd = end;
  // The rule `*` matches the rightmost label if no other does.
  let start = host.lastIndexOf(".", end - 1) + 1;
  while (children !== null && labelEnd > 0) {
    const labelStart = host.lastIndexOf(".", labelEnd - 1) + 1;
    const label = host.slice(labelStart, labelEnd);
    if (children.has(`!${label}`)) return Math.min(labelEnd + 1, end);
    const node: SuffixNode | undefined = children.get(label) ?? (label === "" ? undefined : children.get("*"));
    if (node === undefined) break;
    if (node.isRule) start = labelStart;
    children = node.children;
    labelEnd = labelStart - 1;
  }
  return start;
}

let unpacked: Map<string, SuffixNode> | null = null;

function suffixTree(): Map<string, SuffixNode> {
  unpacked ??= unpack(PUBLIC_SUFFIX_LIST);
  return unpacked;
}

/** Reads the packed form: see scripts/generate-public-suffix-list.mjs. */
function unpack(packed: string): Map<string, SuffixNode> {
  const root = new Map<string, SuffixNode>();
  const open = [root];
  let siblings = root;
  let node: SuffixNode = { isRule: false, children: null };
  for (const [, label = "", mark = ""] of packed.matchAll(/([a-z0-9*!-]+)|([~(),])/g)) {
    if (label !== "") {
      node = { isRule: true, children: null };
      siblings.set(label, node);
    } else if (mark === "~") {
      node.isRule = false;
    } else if (mark === "(") {
      open.push(siblings);
      siblings = new Map();
      node.children = siblings;
    } else if (mark === ")") {
      siblings = open.pop() ?? root;
    }
  }
  return root;
}
