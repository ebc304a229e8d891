/**
 * Matching origins: an exact table, and a tree of reversed labels for wildcards.
 *
 * @module
 */

import { MAX_SERIALIZED_ORIGIN_LENGTH } from "../protocol/origin.ts";
import { OriginFilter } from "./origin-filter.ts";
import type { OriginPattern } from "./origin-pattern.ts";
import { parseRequestOrigin } from "./request-origin.ts";

/** By scheme with its slashes, the ports with their colons: empty for the default one, `:*` for any. */
type Ports = Map<string, Set<string>>;

/** One label of a host, counted from its end. Most have neither children nor patterns of both kinds, and there may be many. */
interface LabelNode {
  children: Map<string, LabelNode> | null;
  /** For hosts that end here. */
  exact: Ports | null;
  /** For hosts with one label or more before this one. */
  below: Ports | null;
}

/** Of a larger table, strangers are told by a filter first. */
const MAX_UNFILTERED = 4096;

const DOT = 0x2e;

/** Answers in time that depends on the origin's length only, however many patterns there are; a miss costs a look-up or a few. */
export class OriginMatcher {
  readonly #exact = new Set<string>();
  /** Null if the table is small enough to be at hand. */
  readonly #filter: OriginFilter | null;
  readonly #root: LabelNode = createNode();
  readonly #singles = new Map<string, Ports>();
  readonly #shared = new Set<Ports>();
  #hasPatterns = false;
  /** In characters: of the origins in the table, of the labels in the tree. */
  #longestExact = 0;
  #longestLabel = 0;

  /** `items` are the patterns as they were written. */
  constructor(patterns: readonly OriginPattern[], items: readonly string[]) {
    for (const [index, { scheme, host, port, isWildcard }] of patterns.entries()) {
      if (isWildcard || port === "*") {
        this.#hasPatterns = true;
        const node = this.#nodeOf(host);
        const side = isWildcard ? "below" : "exact";
        node[side] = this.#withPort(node[side], `${scheme}://`, port === null ? "" : `:${port}`);
      } else {
        // Exact origins are written as they are serialized. Strings made anew would lie scattered in memory.
        const serialized = String(items[index]);
        this.#exact.add(serialized);
        this.#longestExact = Math.max(this.#longestExact, serialized.length);
      }
    }
    this.#filter = this.#exact.size > MAX_UNFILTERED ? new OriginFilter(this.#exact) : null;
  }

  #matchesExact(serialized: string): boolean {
    if (serialized.length > this.#longestExact) return false;
    return (this.#filter === null || this.#filter.mayHave(serialized)) && this.#exact.has(serialized);
  }

  /** Is the serialized origin granted? Compares bytes. Longer values than an origin can have are refused unread. */
  matches(serialized: string): boolean {
    // Attack: hashing an over-long value would cost its length.
    if (serialized.length > MAX_SERIALIZED_ORIGIN_LENGTH) return false;
    return this.#matchesExact(serialized) || (this.#hasPatterns && this.#matchesPattern(serialized));
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
      const next = node.children?.get(serialized.slice(labelStart, end));
      if (next === undefined) return false;
      node = next;
      const isWhole = labelStart === start;
      const open = isWhole ? node.exact : node.below;
      if (open !== null && (isWhole || serialized.charCodeAt(start) !== DOT)) {
        const ports = open.get(serialized.slice(0, start));
        const port = serialized.slice(hostEnd);
        if (ports !== undefined && port !== ":*") {
          if (ports.has(port) && isPlainHost(serialized, start, labelStart)) return true;
          if (ports.has(port) || ports.has(":*"))
            return parseRequestOrigin(serialized) !== null && !serialized.slice(start, labelStart).includes("..");
        }
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

  /** With one more port. Patterns with one scheme and one port, which is nearly all of them, share theirs: less memory to reach. */
  #withPort(ports: Ports | null, scheme: string, port: string): Ports {
    const key = `${scheme}${port}`;
    const single = this.#singles.get(key) ?? new Map([[scheme, new Set([port])]]);
    this.#singles.set(key, single);
    this.#shared.add(single);
    if (ports === null || ports === single) return single;
    const own = this.#shared.has(ports) ? new Map([...ports].map(([name, values]) => [name, new Set(values)])) : ports;
    own.set(scheme, (own.get(scheme) ?? new Set()).add(port));
    return own;
  }

  #nodeOf(host: string): LabelNode {
    let node = this.#root;
    for (const label of host.split(".").toReversed()) {
      node.children ??= new Map();
      const next = node.children.get(label) ?? createNode();
      node.children.set(label, next);
      this.#longestLabel = Math.max(this.#longestLabel, label.length);
      node = next;
    }
    return node;
  }
}

/**
 * Is what stands before known labels made of nothing but labels in small letters, digits and hyphens, so that it needs no parsing? The labels known
 * are those of a domain, so no number can make an address of it; a label of Punycode may be none.
 */
function isPlainHost(serialized: string, start: number, end: number): boolean {
  let previous = DOT;
  for (let index = start; index < end; index++) {
    const codeUnit = serialized.charCodeAt(index);
    const isLetter = codeUnit >= 0x61 && codeUnit <= 0x7a;
    const isDigit = codeUnit >= 0x30 && codeUnit <= 0x39;
    const isHyphen = codeUnit === 0x2d;
    if (!isLetter && !isDigit && !isHyphen && !(codeUnit === DOT && previous !== DOT)) return false;
    previous = codeUnit;
  }
  return !serialized.startsWith("xn--", start) && !serialized.includes(".xn--");
}

/** Where the port's colon stands, or else the end. */
function endOfHost(serialized: string, start: number): number {
  // No port ends with a letter.
  if (serialized.charCodeAt(serialized.length - 1) >= 0x61) return serialized.length;
  // The colons of an IPv6 address stand in brackets.
  const colon = serialized.endsWith("]") ? -1 : serialized.lastIndexOf(":");
  return colon < start ? serialized.length : colon;
}

function createNode(): LabelNode {
  return { children: null, exact: null, below: null };
}
