/**
 * Does a body parse as a script? For engines that keep from a page what does not.
 *
 * @see https://github.com/annevk/orb#orbs-algorithm
 * @module
 */

import { Script } from "node:vm";
import { NodeTextDecoder } from "../node-globals.ts";

/** False for JSON, too. Parses, and runs nothing; linear in the length of `body`. */
export function isScript(body: Uint8Array): boolean {
  const text = new NodeTextDecoder().decode(body);
  return isParsedBy(text, (source) => new Script(source)) && !isParsedBy(text, JSON.parse);
}

function isParsedBy(text: string, parse: (text: string) => unknown): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
