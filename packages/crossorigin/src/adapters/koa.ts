/**
 * Koa 3.
 *
 * @see https://koajs.com/#application
 * @module
 */

import { isPromiseLike } from "../policy/index.ts";
import type { CorsOptions } from "./cors-options.ts";
import { Decider } from "./decider.ts";
import { reportGuards } from "./mounted-behind-guard.ts";
import { type NodeResponse, grantWhenHeadIsWritten } from "./node-response.ts";
import type { PolicySource, ServerRequest } from "./policy-source.ts";

export { withCors } from "./node.ts";
export type * from "./cors-options.ts";

/** What is used of a context. */
export interface KoaContext {
  readonly req: ServerRequest;
  readonly res: NodeResponse;
  readonly originalUrl?: string;
  readonly app?: object;
  status: number;
  body: unknown;
}

/**
 * Middleware: `app.use(cors(policy))`, before everything else. Preflights are answered here, everything else goes on with its grant, which errors
 * keep. Mounted behind a guard, it says so when the first request comes.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function cors(
  policy: PolicySource,
  options?: CorsOptions,
): (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown> {
  const decider = new Decider(policy, options);
  let isChecked = false;
  return async function corsMiddleware(context, next) {
    const request = serverRequest(context);
    if (!isChecked) {
      isChecked = true;
      const { middleware } = (context.app ?? {}) as { readonly middleware?: readonly unknown[] };
      reportGuards(decider, middleware?.slice(0, Math.max(middleware.indexOf(corsMiddleware), 0)) ?? [], request);
    }
    const deciding = decider.decide(request);
    const decision = isPromiseLike(deciding) ? await deciding : deciding;
    if (decision === null) return next();
    grantWhenHeadIsWritten(context.res, decision, decider, request);
    if (decision.status === null || decider.passPreflights) return next();
    // In this order: an empty body sets a status of its own.
    context.body = null;
    context.status = decision.status;
    return undefined;
  };
}

/** Node's request, or a likeness with the URL as it came: mounting cuts off that of Node's request. */
function serverRequest({ req, originalUrl }: KoaContext): ServerRequest {
  const { method, url, headers } = req;
  return originalUrl === undefined || originalUrl === url ? req : { method, url, originalUrl, headers };
}
