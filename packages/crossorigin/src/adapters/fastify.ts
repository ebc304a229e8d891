/**
 * Fastify 5.
 *
 * @see https://fastify.dev/docs/latest/Reference/Hooks/
 * @module
 */

import { type Decision, isPromiseLike } from "../policy/index.ts";
import type { CorsOptions } from "./cors-options.ts";
import { Decider } from "./decider.ts";
import { reportGuards } from "./mounted-behind-guard.ts";
import { type NodeResponse, grantWhenHeadIsWritten } from "./node-response.ts";
import type { PolicySource, ServerRequest } from "./policy-source.ts";
import { reportPluginWithoutPreflights } from "./preflight-not-routed.ts";

export { withCors } from "./node.ts";
export type * from "./cors-options.ts";

/** What is used of a request, a reply and an instance. */
export interface FastifyRequest {
  readonly raw: ServerRequest;
  readonly routeOptions?: { readonly url?: string | undefined };
}

export interface FastifyReply {
  readonly raw: NodeResponse;
  code(status: number): unknown;
  send(): unknown;
}

export interface FastifyInstance {
  hasRoute(route: { readonly url: string; readonly method: "OPTIONS" }): boolean;
  addHook(name: "onRequest", hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
}

/**
 * A plugin: `await app.register(cors(policy))`, before everything else. Preflights are answered here, whether or not the route has an OPTIONS
 * handler; everything else goes on with its grant, which errors and hijacked replies keep. Registered behind a guard, or in a plugin that preflights do not reach,
 * it says so.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function cors(
  policy: PolicySource,
  options?: CorsOptions,
): (instance: FastifyInstance, options: unknown, done: () => void) => void {
  if ("addHook" in policy) throw new TypeError("Call it and register what it answers: app.register(cors(policy)).");
  const decider = new Decider(policy, options);
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    reportGuards(decider, hooksOf(instance), { headers: {} });
    let isChecked = false;
    instance.addHook("onRequest", (request, reply, next) => {
      if (!isChecked) {
        isChecked = true;
        if (!arePreflightsRouted(instance, request)) reportPluginWithoutPreflights(decider, request.raw);
      }
      const deciding = decider.decide(request.raw);
      if (isPromiseLike(deciding)) void deciding.then((decision) => handle(decider, decision, request, reply, next));
      else handle(decider, deciding, request, reply, next);
    });
    done();
  };
  // The hook is meant for the instance that registers the plugin, not for a child of it.
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "crossorigin",
    [Symbol.for("plugin-meta")]: { name: "crossorigin", fastify: "5.x" },
  });
}

function handle(
  decider: Decider,
  decision: Decision | null,
  request: FastifyRequest,
  reply: FastifyReply,
  next: () => void,
): void {
  if (decision === null) return next();
  grantWhenHeadIsWritten(reply.raw, decision, decider, request.raw);
  if (decision.status === null || decider.passPreflights) return next();
  reply.code(decision.status);
  reply.send();
}

/** A request without a route runs the hooks of the application, and of a plugin only if that has a not-found handler of its own. */
function arePreflightsRouted(instance: FastifyInstance, { routeOptions }: FastifyRequest): boolean {
  // Contexts of plugins inherit from the application.
  if (Object.hasOwn(instance, "addHook")) return true;
  const canSetNotFoundHandler = kept(instance, "fastify.canSetNotFoundHandler");
  const url = routeOptions?.url;
  return canSetNotFoundHandler === false || url === undefined || instance.hasRoute({ url, method: "OPTIONS" });
}

/** The hooks that run on a request before those added now. */
function hooksOf(instance: object): unknown[] {
  const hooks = kept(instance, "fastify.hooks");
  const onRequest: unknown = typeof hooks === "object" && hooks !== null ? Reflect.get(hooks, "onRequest") : undefined;
  return Array.isArray(onRequest) ? onRequest : [];
}

/** What Fastify keeps on an instance under a symbol of its own. */
function kept(instance: object, description: string): unknown {
  const key = Object.getOwnPropertySymbols(instance).find((symbol) => symbol.description === description);
  return key === undefined ? undefined : Reflect.get(instance, key);
}
