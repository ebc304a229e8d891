/**
 * Classes of Node.js, taken while its globals are its own: code under test may have them replaced.
 *
 * @module
 */

export const NodeResponse: typeof globalThis.Response = globalThis.Response;
export const NodeMessageEvent: typeof globalThis.MessageEvent = globalThis.MessageEvent;
/** Undefined before Node.js 23. */
export const NodeCloseEvent: typeof globalThis.CloseEvent | undefined = globalThis.CloseEvent;
