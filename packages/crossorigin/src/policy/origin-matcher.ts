/**
 * Matching origins: an exact table, and a tree of reversed labels for wildcards.
 *
 * @module
 */

import { MAX_SERIALIZED_ORIGIN_LENGTH, parseOrigin, serializeOrigin } from "../protocol/index.ts";
import type { OriginPattern } from "./origin-pattern.ts";

/** One label of a host, counted from its end. Ports are kept as `scheme port`, with `*` for any and an empty port for the default. */
interface LabelNode {
  readonly children: Map<string, LabelNode>;
  /** For hosts that end here. */
  readonly exact: Set<string>;
  /** For hosts with one label or more before this one. */
  readonly below: Set<string>;
}

/** Answers in time that depends on the origin's length only, however many patterns there are. */
export class OriginMatcher {
  readonly #exact = new Set<string>();
  readonly #root: LabelNode = createNode();
  readonly #hasPatterns: boolean;

  constructor(patterns: readonly OriginPattern[]) {
    const open = patterns.filter(({ isWildcard, port }) => isWildcard || port === "*");
    this.#hasPatterns = open.length > 0;
    for (const { scheme, host, port, isWildcard } of patterns) {
      if (!isWildcard && port !== "*") this.#exact.add(serializeOrigin({ kind: "tuple", scheme, host, port }));
    }
    for (const { scheme, host, port, isWildcard } of open) {
      const node = this.#nodeOf(host);
      (isWildcard ? node.below : node.exact).add(`${scheme} ${port ?? ""}`);
    }
  }

  /** Is the serialized origin granted? Compares bytes. Longer values than an origin can have are refused unread. */
  matches(serialized: string): boolean {
    // Attack: hashing an over-long value would cost its length.
    if (serialized.length > MAX_SERIALIZED_ORIGIN_LENGTH) return false;
    return this.#exact.has(serialized) || (this.#hasPatterns && this.#matchesPattern(serialized));
  }

  #matchesPattern(serialized: string): boolean {
    const origin = parseOrigin(serialized);
    if (origin === null) return false;
    const key = `${origin.scheme} ${origin.port ?? ""}`;
    const anyPort = `${origin.scheme} *`;
    const labels = origin.host.split(".").toReversed();
    let node = this.#root;
    for (const [index, label] of labels.entries()) {
      const next = node.children.get(label);
      if (next === undefined) return false;
      node = next;
      const isWhole = index === labels.length - 1;
      const ports = isWhole ? node.exact : node.below;
      if (ports.has(key) || ports.has(anyPort)) return isWhole || labels.at(-1) !== "";
    }
    return false;
  }

  #nodeOf(host: string): LabelNode {
    let node = this.#root;
    for (const label of host.split(".").toReversed()) {
      const next = node.children.get(label) ?? createNode();
      node.children.set(label, next);
      node = next;
    }
    return node;
  }
}

function createNode(): LabelNode {
  return { children: new Map(), exact: new Set(), below: new Set() };
}
