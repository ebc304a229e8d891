/**
 * Classes of Node.js, taken while its globals are its own: code under test may have them replaced.
 *
 * @module
 */

import type * as Util from "node:util";
import type { CloseEvent } from "undici";

export const NodeResponse: typeof globalThis.Response = globalThis.Response;
export const NodeMessageEvent: typeof globalThis.MessageEvent = globalThis.MessageEvent;
/** An import of `node:util` would load what every one of its exports needs. */
const util: typeof Util = process.getBuiltinModule("node:util");
export const NodeTextDecoder: typeof Util.TextDecoder = util.TextDecoder;
export const NodeTextEncoder: typeof Util.TextEncoder = util.TextEncoder;
/** Undefined before Node.js 23, whose declarations do not know it either. */
export const NodeCloseEvent: typeof CloseEvent | undefined = Reflect.get(globalThis, "CloseEvent") as
  | typeof CloseEvent
  | undefined;
