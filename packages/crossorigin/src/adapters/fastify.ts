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

export { withCors } from "./node.ts";
export type * from "./cors-options.ts";

/** What is used of a request, a reply and an instance. */
export interface FastifyRequest {
  readonly raw: ServerRequest;
}

export interface FastifyReply {
  readonly raw: NodeResponse;
  code(status: number): unknown;
  send(): unknown;
}

export interface FastifyInstance {
  addHook(name: "onRequest", hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
}

/**
 * A plugin: `await app.register(cors(policy))`, before everything else. Preflights are answered here, whether or not the route has an OPTIONS
 * handler; everything else goes on with its grant, which errors and hijacked replies keep.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function cors(
  policy: PolicySource,
  options?: CorsOptions,
): (instance: FastifyInstance, options: unknown, done: () => void) => void {
  const decider = new Decider(policy, options);
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    reportGuards(decider, hooksOf(instance), { headers: {} });
    instance.addHook("onRequest", (request, reply, next) => {
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

/** The hooks that run on a request before those added now. Fastify keeps them under a symbol. */
function hooksOf(instance: object): unknown[] {
  const key = Object.getOwnPropertySymbols(instance).find(({ description }) => description === "fastify.hooks");
  const hooks: unknown = key === undefined ? undefined : Reflect.get(instance, key);
  const onRequest: unknown = typeof hooks === "object" && hooks !== null ? Reflect.get(hooks, "onRequest") : undefined;
  return Array.isArray(onRequest) ? onRequest : [];
}
