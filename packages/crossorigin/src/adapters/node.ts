/**
 * Node's own http, https and http2 servers, and anything connect-style on top of them.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

/// <reference types="node" preserve="true" />

// Types only, so that handlers need no annotations.
// eslint-disable-next-line no-restricted-imports
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CorsOptions } from "./cors-options.ts";
import { Decider } from "./decider.ts";
import { type NodeMiddleware, nodeMiddleware } from "./node-middleware.ts";
import type { NodeResponse } from "./node-response.ts";
import type { PolicySource, ServerRequest } from "./policy-source.ts";

export type * from "./cors-options.ts";

/** An Express application and its like, whose own overloads hide that they take Node's request and response. */
interface NodeApplication {
  (request: IncomingMessage, response: ServerResponse): unknown;
  readonly listen: (...parameters: never[]) => unknown;
}

/**
 * Wraps a request handler for `http.createServer` and its like: preflights are answered here, everything else reaches `handler` with its grant.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function withCors(
  policy: PolicySource,
  application: NodeApplication,
  options?: CorsOptions,
): (request: IncomingMessage, response: ServerResponse) => unknown;
export function withCors<
  Request extends ServerRequest = IncomingMessage,
  Response extends NodeResponse = ServerResponse,
>(
  policy: PolicySource,
  handler: (request: Request, response: Response) => unknown,
  options?: CorsOptions,
): (request: Request, response: Response) => unknown;
export function withCors(
  policy: PolicySource,
  handler: (request: never, response: never) => unknown,
  options?: CorsOptions,
): (request: ServerRequest, response: NodeResponse) => unknown {
  if (typeof handler !== "function")
    throw new TypeError("withCors: the second argument has to be the request handler.");
  const middleware = cors(policy, options);
  return (request, response) => middleware(request, response, () => handler(request as never, response as never));
}

/** Middleware for connect and the like: `cors(policy)(request, response, next)`. @throws PolicyError at once for a config that is refused */
export function cors(policy: PolicySource, options?: CorsOptions): NodeMiddleware {
  return nodeMiddleware(new Decider(policy, options));
}
