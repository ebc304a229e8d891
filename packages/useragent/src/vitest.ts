/**
 * Gives Vitest's `expect` the matchers, and their types: `import "@crossorigin/useragent/vitest"` in a setup file.
 *
 * @module
 */

import { expect } from "vitest";
import { type CorsAssertions, corsMatchers } from "./matchers.ts";

declare module "vitest" {
  // oxlint-disable-next-line no-unused-vars -- the parameters must be those of the declaration it adds to
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends CorsAssertions {}
}

expect.extend({ ...corsMatchers });

export { type CorsAssertions, type MatcherOptions, corsMatchers, createCorsMatchers } from "./matchers.ts";
