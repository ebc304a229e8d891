/**
 * Fetch handlers: Workers, Bun, Deno, route handlers.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import {
  type Decision,
  type DecisionRequest,
  type Policy,
  type PolicyConfig,
  decide,
  toPolicy,
} from "../policy/index.ts";
import { mergedVary } from "./merged-vary.ts";

/** Wraps a fetch handler: preflights are answered here, everything else reaches `handler`, and its response gets the grant. Throws PolicyError at once for a config that is refused. */
export function withCors<Rest extends readonly unknown[]>(
  policy: Policy | PolicyConfig,
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const compiled = toPolicy(policy);
  return async (request, ...rest) => {
    const decision = decide(compiled, decisionRequest(request));
    if (decision.kind === "preflight") return amended(new Response(null, { status: decision.status ?? 204 }), decision);
    return amended(await handler(request, ...rest), decision);
  };
}

function decisionRequest({ method, headers }: Request): DecisionRequest {
  return {
    method,
    headers: {
      origin: headers.get("origin"),
      "access-control-request-method": method === "OPTIONS" ? headers.get("access-control-request-method") : null,
      "access-control-request-headers": method === "OPTIONS" ? headers.get("access-control-request-headers") : null,
    },
  };
}

/** The response itself where its headers can be changed, else a copy that keeps status, body and every `Set-Cookie`. */
function amended(response: Response, decision: Decision): Response {
  if (decision.headers.length === 0 && decision.vary === null) return response;
  try {
    apply(response.headers, decision);
    return response;
  } catch {
    // Immutable, as from `fetch` or `Response.redirect`.
    const copy = new Response(response.body, response);
    apply(copy.headers, decision);
    return copy;
  }
}

function apply(target: Headers, { headers, vary }: Decision): void {
  for (const { name, value } of headers) target.set(name, value);
  if (vary !== null) target.set("Vary", mergedVary(target.get("Vary") ?? "", vary));
}
