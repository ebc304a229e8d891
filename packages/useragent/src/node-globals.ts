/**
 * What Node.js has, taken while its globals are its own: code under test may have them replaced.
 *
 * @module
 */

import type * as Util from "node:util";

/** An import of `node:util` would load what every one of its exports needs. */
const util: typeof Util = process.getBuiltinModule("node:util");
export const NodeTextDecoder: typeof Util.TextDecoder = util.TextDecoder;
export const NodeTextEncoder: typeof Util.TextEncoder = util.TextEncoder;

const nodeFetch = globalThis.fetch;

/** The class of what `fetch` gives: to read the global itself loads all of it, which few programs need. */
export async function nodeResponseClass(): Promise<typeof globalThis.Response> {
  const { constructor } = await nodeFetch("data:,");
  return constructor as typeof globalThis.Response;
}
