/**
 * The `Response` of Node.js, taken while it is Node.js's own: code under test may have its globals replaced.
 *
 * @module
 */

export const NodeResponse: typeof globalThis.Response = globalThis.Response;
