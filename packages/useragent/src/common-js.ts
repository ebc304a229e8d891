/**
 * Libraries in CommonJS, at once: an `import` of one has its text searched for the names of its exports first.
 *
 * @module
 */

/** Loads a library, or gives the one that is loaded. */
export const requireCommonJs: (specifier: string) => unknown = process
  .getBuiltinModule("node:module")
  .createRequire(import.meta.url);
