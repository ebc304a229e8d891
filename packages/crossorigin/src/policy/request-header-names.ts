/**
 * The request headers a policy grants, and the check of `Access-Control-Request-Headers` against them.
 *
 * @see https://fetch.spec.whatwg.org/#http-access-control-request-headers
 * @module
 */

import { byteLowercase, isCorsNonWildcardRequestHeaderName, isTabOrSpace, isTokenCodeUnit } from "../protocol/index.ts";

/** Longer lists, in characters, are refused unread. */
const MAX_REQUEST_HEADERS_LENGTH = 8192;

/** More commas, spaces and tabs are refused: a list of 128 names has as many. */
const MAX_SEPARATORS = 256;

export type NamesCheck =
  | { readonly kind: "granted" }
  | { readonly kind: "not-allowed"; readonly name: string }
  | { readonly kind: "malformed" }
  | { readonly kind: "too-long" };

const GRANTED: NamesCheck = { kind: "granted" };

export class RequestHeaderNames {
  readonly isAny: boolean;
  readonly #names: ReadonlySet<string>;
  /** The list that was granted last: browsers send the same one again and again. Only granted lists are kept, so nobody can spoil it. */
  #lastGranted: string | null = null;

  constructor(names: "*" | readonly string[] | null) {
    this.isAny = names === "*" || (names?.includes("*") ?? false);
    this.#names = new Set(names === "*" ? [] : names?.map(byteLowercase));
  }

  /**
   * Checks a list in any order and case, with empty elements and white space. One pass, stops at the first name that is not granted.
   * Attack: reads at most {@link MAX_REQUEST_HEADERS_LENGTH} characters and splits nothing.
   */
  check(list: string): NamesCheck {
    if (list === this.#lastGranted) return GRANTED;
    if (list.length > MAX_REQUEST_HEADERS_LENGTH) return { kind: "too-long" };
    const result = this.#scan(list);
    if (result.kind === "granted") this.#lastGranted = list;
    return result;
  }

  #scan(list: string): NamesCheck {
    let index = 0;
    let separators = 0;
    while (index < list.length) {
      const codeUnit = list.charCodeAt(index);
      if (codeUnit === 0x2c || isTabOrSpace(codeUnit)) {
        index++;
        if (++separators > MAX_SEPARATORS) return { kind: "too-long" };
        continue;
      }
      const start = index;
      while (index < list.length && isTokenCodeUnit(list.charCodeAt(index))) index++;
      if (index === start) return { kind: "malformed" };
      const name = list.slice(start, index);
      while (index < list.length && isTabOrSpace(list.charCodeAt(index))) index++;
      if (index < list.length && list.charCodeAt(index) !== 0x2c) return { kind: "malformed" };
      if (!this.#isGranted(name)) return { kind: "not-allowed", name };
    }
    return GRANTED;
  }

  /** `*` never covers `Authorization`. */
  #isGranted(name: string): boolean {
    return (
      this.#names.has(name) ||
      this.#names.has(byteLowercase(name)) ||
      (this.isAny && !isCorsNonWildcardRequestHeaderName(name))
    );
  }
}
