/**
 * The request headers a policy grants, and the check of `Access-Control-Request-Headers` against them.
 *
 * @see https://fetch.spec.whatwg.org/#http-access-control-request-headers
 * @module
 */

import { isCorsNonWildcardRequestHeaderName } from "../protocol/cors-safelisted-request-header.ts";
import { byteLowercase, isTabOrSpace } from "../protocol/header-value.ts";
import { isToken } from "../protocol/token.ts";

/** Longer lists, in characters, are refused unread. */
const MAX_REQUEST_HEADERS_LENGTH = 8192;

/** Longer elements, in characters with their white space, are refused. */
const MAX_ELEMENT_LENGTH = 256;

/** More elements are refused where any name is granted, empty and repeated ones counted. */
const MAX_ELEMENTS = 128;

/** Elements beyond twice the number of names are refused where names are listed. */
const SPARE_ELEMENTS = 8;

/** Why a list is refused, and the name that is not granted; both null if it is granted. */
export interface NamesCheck {
  readonly code: HeadersCode | null;
  readonly name: string | null;
}

type HeadersCode = "decision/header-not-allowed" | "decision/headers-malformed" | "decision/headers-too-long";

const GRANTED: NamesCheck = { code: null, name: null };
const MALFORMED: NamesCheck = { code: "decision/headers-malformed", name: null };
const TOO_LONG: NamesCheck = { code: "decision/headers-too-long", name: null };

export class RequestHeaderNames {
  readonly isAny: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #maxElements: number;
  /** The list that was granted last: browsers send the same one again and again. Only granted lists are kept, so nobody can spoil it. */
  #lastGranted: string | null = null;

  constructor(names: "*" | readonly string[] | null) {
    this.isAny = names === "*" || (names?.includes("*") ?? false);
    this.#names = new Set(names === "*" ? [] : names?.map(byteLowercase));
    this.#maxElements = this.isAny ? MAX_ELEMENTS : 2 * this.#names.size + SPARE_ELEMENTS;
  }

  /**
   * Checks a list in any order and case, with empty elements and white space. One pass, stops at the first name that is not granted.
   * Attack: the length of the list, of its elements and their number are bounded.
   */
  check(list: string): NamesCheck {
    if (list === this.#lastGranted) return GRANTED;
    if (list.length > MAX_REQUEST_HEADERS_LENGTH) return TOO_LONG;
    const result = this.#scan(list);
    if (result === GRANTED) this.#lastGranted = list;
    return result;
  }

  #scan(list: string): NamesCheck {
    let elements = 0;
    for (let start = 0; start <= list.length;) {
      const comma = list.indexOf(",", start);
      const end = comma === -1 ? list.length : comma;
      if (++elements > this.#maxElements || end - start > MAX_ELEMENT_LENGTH) return TOO_LONG;
      const name = trimmedSlice(list, start, end);
      // Browsers send names in lower case.
      const result = name === "" || this.#names.has(name) ? GRANTED : this.#checkName(name);
      if (result !== GRANTED) return result;
      start = end + 1;
    }
    return GRANTED;
  }

  #checkName(name: string): NamesCheck {
    if (!isToken(name)) return MALFORMED;
    const lowercased = name.toLowerCase();
    if (lowercased !== name && this.#names.has(lowercased)) return GRANTED;
    // `*` never covers `Authorization`.
    if (this.isAny && !isCorsNonWildcardRequestHeaderName(name)) return GRANTED;
    return { code: "decision/header-not-allowed", name };
  }
}

/** Without tabs and spaces at both ends. */
function trimmedSlice(value: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isTabOrSpace(value.charCodeAt(from))) from++;
  while (from < to && isTabOrSpace(value.charCodeAt(to - 1))) to--;
  return from === to ? "" : value.slice(from, to);
}
