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

/** Reports that a plugin of Fastify's has a context of its own, in which nothing takes OPTIONS. */
export function reportPluginWithoutPreflights(decider: Decider, request: ServerRequest): void {
  decider.report(
    "server/preflight-not-routed",
    "CORS is registered in a plugin whose routes take no OPTIONS, so that preflights never reach it: register it with the application and choose the policy by route with a resolver, or set a not-found handler in the plugin.",
    request,
  );
}
