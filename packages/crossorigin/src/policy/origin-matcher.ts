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

const DOT = 0x2e;

/** Answers in time that depends on the origin's length only, however many patterns there are; a miss costs a look-up or a few. */
export class OriginMatcher {
  readonly #exact = new Set<string>();
  readonly #root: LabelNode = createNode();
  readonly #hasPatterns: boolean;
  /** In characters: of the origins in the table, of the labels in the tree. */
  #longestExact = 0;
  #longestLabel = 0;

  constructor(patterns: readonly OriginPattern[]) {
    const open = patterns.filter(({ isWildcard, port }) => isWildcard || port === "*");
    this.#hasPatterns = open.length > 0;
    for (const { scheme, host, port, isWildcard } of patterns) {
      if (isWildcard || port === "*") continue;
      const serialized = serializeOrigin({ kind: "tuple", scheme, host, port });
      this.#exact.add(serialized);
      this.#longestExact = Math.max(this.#longestExact, serialized.length);
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
    return (
      (serialized.length <= this.#longestExact && this.#exact.has(serialized)) ||
      (this.#hasPatterns && this.#matchesPattern(serialized))
    );
  }

  /**
   * Attack: what no pattern covers is to be refused before it costs anything, so labels are looked up one by one from the right,
   * unchecked; only a value whose labels match is parsed, to learn that it is an origin at all.
   */
  #matchesPattern(serialized: string): boolean {
    const schemeEnd = serialized.indexOf("://");
    if (schemeEnd === -1) return false;
    const start = schemeEnd + 3;
    const hostEnd = endOfHost(serialized, start);
    let node = this.#root;
    let end = hostEnd;
    for (;;) {
      const labelStart = this.#startOfLabel(serialized, start, end);
      if (labelStart === -1) return false;
      const next = node.children.get(serialized.slice(labelStart, end));
      if (next === undefined) return false;
      node = next;
      const isWhole = labelStart === start;
      const open = isWhole ? node.exact : node.below;
      if (open.size > 0 && (isWhole || serialized.charCodeAt(start) !== DOT)) {
        const scheme = serialized.slice(0, schemeEnd);
        const port = serialized.slice(hostEnd + 1);
        if (open.has(`${scheme} ${port}`) || open.has(`${scheme} *`)) return parseOrigin(serialized) !== null;
      }
      if (isWhole) return false;
      end = labelStart - 1;
    }
  }

  /** Where the label before `end` begins; -1 if it is longer than any that is known. */
  #startOfLabel(serialized: string, start: number, end: number): number {
    const bound = Math.max(start, end - this.#longestLabel - 1);
    let index = end;
    while (index > bound && serialized.charCodeAt(index - 1) !== DOT) index--;
    return end - index > this.#longestLabel ? -1 : index;
  }

  #nodeOf(host: string): LabelNode {
    let node = this.#root;
    for (const label of host.split(".").toReversed()) {
      const next = node.children.get(label) ?? createNode();
      node.children.set(label, next);
      this.#longestLabel = Math.max(this.#longestLabel, label.length);
      node = next;
    }
    return node;
  }
}

/** Where the port's colon stands, or else the end. */
function endOfHost(serialized: string, start: number): number {
  // The colons of an IPv6 address stand in brackets.
  const colon = serialized.endsWith("]") ? -1 : serialized.lastIndexOf(":");
  return colon < start ? serialized.length : colon;
}

function createNode(): LabelNode {
  return { children: new Map(), exact: new Set(), below: new Set() };
}
