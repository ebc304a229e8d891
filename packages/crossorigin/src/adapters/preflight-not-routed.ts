/**
 * Saying that CORS is mounted where no preflight comes.
 *
 * @see https://fetch.spec.whatwg.org/#cors-preflight-fetch
 * @module
 */

import type { Decider } from "./decider.ts";
import type { ServerRequest } from "./policy-source.ts";

/** Reports that the route has `methods` only, OPTIONS not among them. */
export function reportUnroutedPreflights(decider: Decider, methods: readonly string[], request: ServerRequest): void {
  decider.report(
    "server/preflight-not-routed",
    `CORS is mounted on ${methods.join(", ").toUpperCase()} only, so that preflights, which are OPTIONS requests, never reach it: mount it with app.use, or on all methods of the route.`,
    request,
  );
}
