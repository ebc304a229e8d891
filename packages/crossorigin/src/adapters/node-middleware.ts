/**
 * Connect-style middleware over Node's request and response.
 *
 * @see https://nodejs.org/api/http.html
 * @module
 */

import { type Decision, isPromiseLike } from "../policy/index.ts";
import type { Decider } from "./decider.ts";
import { type NodeResponse, grantWhenHeadIsWritten } from "./node-response.ts";
import type { ServerRequest } from "./policy-source.ts";

/** Answers what `next` answers, late if the policy comes late. */
export type NodeMiddleware = (request: ServerRequest, response: NodeResponse, next: () => unknown) => unknown;

export function nodeMiddleware(decider: Decider): NodeMiddleware {
  return (request, response, next) => {
    const decision = decider.decide(request);
    return isPromiseLike(decision)
      ? decision.then((made) => handle(decider, made, request, response, next))
      : handle(decider, decision, request, response, next);
  };
}

function handle(
  decider: Decider,
  decision: Decision | null,
  request: ServerRequest,
  response: NodeResponse,
  next: () => unknown,
): unknown {
  if (decision === null) return next();
  grantWhenHeadIsWritten(response, decision, decider, request);
  if (decision.status === null || decider.passPreflights) return next();
  response.statusCode = decision.status;
  return response.end();
}
