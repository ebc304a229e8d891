/**
 * Trying a regular expression on a text, for a limited time.
 *
 * @module
 */

import { type Context, Script, createContext } from "node:vm";

/** Far more than any expression needs that is fit for a server; once more, as a busy machine may have been what was slow. */
const TIMEOUTS_MILLISECONDS = [250, 1000];

const SCRIPT = new Script("new RegExp(source, flags).test(text)");

/** Expressions that took too long once; they are not tried again. */
const tooSlow = new Set<string>();

let context: Context | null = null;

/** Does it match, regardless of where it stopped the last time? False if that takes too long. Never throws. */
export function tryRegExp({ source, flags }: RegExp, text: string): boolean {
  const key = `/${source}/${flags}`;
  if (tooSlow.has(key)) return false;
  context ??= createContext({});
  Object.assign(context, { source, flags, text });
  for (const timeout of TIMEOUTS_MILLISECONDS) {
    try {
      return SCRIPT.runInContext(context, { timeout }) === true;
    } catch {
      // Too slow: there is nothing else that it throws.
    }
  }
  tooSlow.add(key);
  return false;
}

/** Did it take too long on a text that was tried before? */
export function wasTooSlow({ source, flags }: RegExp): boolean {
  return tooSlow.has(`/${source}/${flags}`);
}
