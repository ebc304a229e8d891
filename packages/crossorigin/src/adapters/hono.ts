/**
 * Hono 4, on any runtime.
 *
 * @see https://hono.dev/docs/guides/middleware
 * @module
 */

import { isPromiseLike } from "../policy/index.ts";
import type { CorsOptions } from "./cors-options.ts";
import { Decider } from "./decider.ts";
import { grantedResponse, serverRequest } from "./fetch-response.ts";
import type { PolicySource } from "./policy-source.ts";

export { withCors } from "./fetch.ts";
export type * from "./cors-options.ts";

/** What is used of a context. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  res: Response;
}

/**
 * Middleware: `app.use(cors(policy))`, before everything else. Preflights are answered here, everything else goes on, and its response, an error's
 * too, gets the grant.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function cors(
  policy: PolicySource,
  options?: CorsOptions,
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | void> {
  const decider = new Decider(policy, options);
  return async (context, next) => {
    const request = serverRequest(context.req.raw);
    const deciding = decider.decide(request);
    const decision = isPromiseLike(deciding) ? await deciding : deciding;
    if (decision === null) return next();
    if (decision.status !== null && !decider.passPreflights)
      return grantedResponse(new Response(null, { status: decision.status }), decision, decider, request);
    await next();
    const granted = grantedResponse(context.res, decision, decider, request);
    if (granted === context.res) return;
    // Hono adds the lines of the response before to one that takes its place.
    context.res = undefined as unknown as Response;
    context.res = granted;
  };
}
