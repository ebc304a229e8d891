/**
 * The library that parses, matches and keeps cookies; loaded when the first one is set, as most pages of tests have none.
 *
 * @module
 */

import type * as ToughCookie from "tough-cookie";
import { requireCommonJs } from "../common-js.ts";

let loaded: typeof ToughCookie | null = null;

/** Loads it at once: a cookie has to be there before the next request. */
export function toughCookie(): typeof ToughCookie {
  loaded ??= requireCommonJs("tough-cookie") as typeof ToughCookie;
  return loaded;
}
