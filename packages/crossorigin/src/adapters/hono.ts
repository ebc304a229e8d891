/**
 * Hono 4, on any runtime.
 *
 * @see https://hono.dev/docs/guides/middleware
 * @module
 */

import { type Decision, isPromiseLike } from "../policy/index.ts";
import type { CorsOptions } from "./cors-options.ts";
import { Decider } from "./decider.ts";
import { grantedResponse, preflightResponse, serverRequest, withoutEarlierGrant } from "./fetch-response.ts";
import { reportGuards } from "./mounted-behind-guard.ts";
import type { PolicySource, ServerRequest } from "./policy-source.ts";
import { reportUnroutedPreflights } from "./preflight-not-routed.ts";

export { withCors } from "./fetch.ts";
export type * from "./cors-options.ts";

/** One handler that runs on a request, and the methods it was added for. */
export interface HonoRoute {
  readonly handler: unknown;
  readonly method: string;
}

/** What is used of a context. */
export interface HonoContext {
  readonly req: { readonly raw: Request; readonly matchedRoutes?: readonly HonoRoute[] };
  /** On Node.js it holds the incoming message, which is far cheaper to read than a `Request` made of it. */
  readonly env?: unknown;
  res: Response;
}

/**
 * Middleware: `app.use(cors(policy))`, before everything else. Preflights are answered here, everything else goes on, and its response, an error's
 * too, gets the grant. Mounted behind a guard, or on a route that preflights do not reach, it says so when the first request comes.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function cors(
  policy: PolicySource,
  options?: CorsOptions,
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | void> {
  const decider = new Decider(policy, options);
  let isChecked = false;
  const answer = (
    context: HonoContext,
    next: () => Promise<void>,
    decision: Decision | null,
    request: ServerRequest,
  ): Promise<Response | void> => {
    const { raw } = context.req;
    if (decision === null) return next().then(() => replaceResponse(context, withoutEarlierGrant(context.res, raw)));
    if (decision.status !== null && !decider.passPreflights) return Promise.resolve(preflightResponse(decision, raw));
    return next().then(() => replaceResponse(context, grantedResponse(context.res, decision, decider, request, raw)));
  };
  return function corsMiddleware(context, next) {
    const request = incomingMessage(context.env) ?? serverRequest(context.req.raw);
    if (!isChecked) {
      isChecked = true;
      checkMounting(decider, corsMiddleware, context.req.matchedRoutes ?? [], request);
    }
    const decision = decider.decide(request);
    return isPromiseLike(decision)
      ? decision.then((made) => answer(context, next, made, request))
      : answer(context, next, decision, request);
  };
}

function replaceResponse(context: HonoContext, response: Response): void {
  if (response === context.res) return;
  // Hono adds the lines of the response before to one that takes its place.
  context.res = undefined as unknown as Response;
  context.res = response;
}

function incomingMessage(env: unknown): ServerRequest | null {
  const { incoming } = (env ?? {}) as { readonly incoming?: ServerRequest };
  return typeof incoming?.headers === "object" && typeof incoming.method === "string" ? incoming : null;
}

/** `routes` in the order they run. */
function checkMounting(
  decider: Decider,
  middleware: unknown,
  routes: readonly HonoRoute[],
  request: ServerRequest,
): void {
  const position = routes.findIndex(({ handler }) => handler === middleware);
  const own = routes[position];
  if (own === undefined) return;
  const before = routes.slice(0, position).map(({ handler }) => handler);
  reportGuards(decider, before, request);
  if (own.method !== "ALL" && own.method !== "OPTIONS") reportUnroutedPreflights(decider, [own.method], request);
}
