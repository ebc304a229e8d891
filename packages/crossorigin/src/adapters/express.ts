/**
 * Express 5 and 4.
 *
 * @see https://expressjs.com/en/guide/using-middleware.html
 * @module
 */

import type { CorsOptions } from "./cors-options.ts";
import { Decider } from "./decider.ts";
import { reportGuards } from "./mounted-behind-guard.ts";
import type { NodeResponse } from "./node-response.ts";
import { nodeMiddleware } from "./node-middleware.ts";
import type { PolicySource, ServerRequest } from "./policy-source.ts";
import { reportUnroutedPreflights } from "./preflight-not-routed.ts";

export { withCors } from "./node.ts";
export type * from "./cors-options.ts";

/** One handler of a router; routers have a stack of their own. */
interface Layer {
  readonly handle: unknown;
  readonly route?: Route | undefined;
  /** Is it for the path? */
  match?(path: string): boolean;
}

interface Route {
  readonly path?: unknown;
  readonly methods?: Readonly<Record<string, boolean>>;
  readonly stack?: readonly Layer[];
}

interface Router {
  readonly stack?: readonly Layer[];
}

/** What is read of a request. */
export interface ExpressRequest extends ServerRequest {
  readonly app?: object;
  /** The route that the middleware is part of, if it is. */
  readonly route?: Route | undefined;
}

/**
 * Middleware: `app.use(cors(policy))`, before everything else. Preflights are answered here, everything else goes on with its grant. Mounted behind a
 * guard, or on a route that preflights do not reach, it says so when the first request comes.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function cors(
  policy: PolicySource,
  options?: CorsOptions,
): (request: ExpressRequest, response: NodeResponse, next: () => unknown) => unknown {
  const decider = new Decider(policy, options);
  const middleware = nodeMiddleware(decider);
  let isChecked = false;
  return function corsMiddleware(request, response, next) {
    if (!isChecked) {
      isChecked = true;
      checkMounting(decider, corsMiddleware, request);
    }
    return middleware(request, response, next);
  };
}

function checkMounting(decider: Decider, middleware: unknown, request: ExpressRequest): void {
  const { app, route } = request;
  // Express 4 calls it `_router`, and throws at `router`.
  const router =
    app === undefined ? undefined : ((Reflect.get(app, "_router") ?? Reflect.get(app, "router")) as Router);
  const [path = ""] = (request.originalUrl ?? "").split("?", 1);
  reportGuards(decider, handlersBefore(router?.stack ?? [], middleware, path), request);
  // A route that has gone on stays on the request.
  if (route?.methods === undefined || takesOptions(route) || !handlersOf(route.stack ?? []).includes(middleware))
    return;
  const isElsewhere = (router?.stack ?? []).some((layer) => takesOptions(layer.route) && mayMeet(layer.route, route));
  if (!isElsewhere) reportUnroutedPreflights(decider, Object.keys(route.methods), request);
}

function takesOptions(route: Route | undefined): boolean {
  return route?.methods?.["options"] === true || route?.methods?.["_all"] === true;
}

/** Is it the same path, or one with wildcards? Then somebody has thought of preflights. */
function mayMeet(one: Route | undefined, { path }: Route): boolean {
  return one?.path === path || typeof one?.path !== "string" || one.path.includes("*");
}

/** What runs before `middleware` on preflights for the path; nothing if it is not there. */
function handlersBefore(stack: readonly Layer[], middleware: unknown, path: string): unknown[] {
  const position = stack.findIndex((layer) => handlersOf([layer]).includes(middleware));
  const before = stack
    .slice(0, Math.max(position, 0))
    .filter((layer) => (layer.route === undefined || takesOptions(layer.route)) && isFor(layer, path));
  const around = handlersOf(stack.slice(position, position + 1));
  return position === -1 ? [] : handlersOf(before).concat(around.slice(0, around.indexOf(middleware)));
}

function isFor(layer: Layer, path: string): boolean {
  try {
    return layer.match?.(path) !== false;
  } catch {
    // The path cannot be decoded.
    return false;
  }
}

/** In the order they run, routers opened up. */
function handlersOf(stack: readonly Layer[]): unknown[] {
  return stack.flatMap(({ handle, route }) => {
    const inner = route?.stack ?? (handle as Router | undefined)?.stack;
    return inner === undefined ? [handle] : handlersOf(inner);
  });
}
