/**
 * Putting a decision on a `Response`.
 *
 * @see https://fetch.spec.whatwg.org/#response-class
 * @module
 */

import type { Decision, DecisionRequest } from "../policy/index.ts";
import { conflictMessage, grantNames, grantedValue } from "./grant-headers.ts";
import type { Decider } from "./decider.ts";
import { mergedVary } from "./merged-vary.ts";
import { MOUNTED_TWICE } from "./observation.ts";
import type { ServerRequest } from "./policy-source.ts";

/** What a decision reads of a `Request`. */
export function serverRequest({ method, headers, url }: Request): DecisionRequest & { readonly url: string } {
  const origin = headers.get("origin");
  const isPreflight = method === "OPTIONS" && origin !== null;
  return {
    method,
    url,
    headers: {
      origin,
      "access-control-request-method": isPreflight ? headers.get("access-control-request-method") : null,
      "access-control-request-headers": isPreflight ? headers.get("access-control-request-headers") : null,
      "access-control-request-private-network": isPreflight
        ? headers.get("access-control-request-private-network")
        : null,
    },
  };
}

/** Responses that carry a decision already. */
const granted = new WeakSet<Response>();

/** The response with the decision on it; one that carries a decision already, of a policy further in, stays as it is, which is reported. */
export function grantedResponse(
  response: Response,
  decision: Decision,
  decider: Decider,
  request: ServerRequest,
): Response {
  if (granted.has(response)) {
    decider.report("server/mounted-twice", MOUNTED_TWICE, request);
    return response;
  }
  const onConflict = (message: string): void => decider.report("server/grant-already-set", message, request);
  const amended = withDecision(response, decision, onConflict);
  granted.add(amended);
  return amended;
}

/** The response itself where its headers can be changed, else a copy that keeps status, body and every `Set-Cookie`. */
function withDecision(response: Response, decision: Decision, onConflict: (message: string) => void): Response {
  try {
    applyDecision(response.headers, decision, onConflict);
    return response;
  } catch {
    // Immutable, as from `fetch` or `Response.redirect`. A network error has no status to copy.
    if (response.type === "error") return response;
    const copy = new Response(response.body, response);
    applyDecision(copy.headers, decision, onConflict);
    return copy;
  }
}

/** Replaces every line of a grant by those of the decision, and adds to `Vary`. May be done twice. */
function applyDecision(headers: Headers, decision: Decision, onConflict: (message: string) => void): void {
  for (const { name } of grantNames(decision)) {
    const found = headers.get(name);
    const value = grantedValue(decision, name);
    if (found !== null && found !== value) onConflict(conflictMessage(decision, name, found));
    if (value !== null) headers.set(name, value);
    else if (found !== null) headers.delete(name);
  }
  if (decision.vary !== null) headers.set("Vary", mergedVary(headers.get("Vary") ?? "", decision.vary));
}
