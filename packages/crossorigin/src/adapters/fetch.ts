/**
 * Fetch handlers: Workers, Bun, Deno, route handlers.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import { type HeaderEdit, type Policy, type PolicyConfig, decide, toPolicy } from "../policy/index.ts";
import { mergedVary } from "./merged-vary.ts";

/** Wraps a fetch handler: preflights are answered here, everything else reaches `handler`, and its response gets the grant. Throws PolicyError at once for a config that is refused. */
export function withCors<Rest extends readonly unknown[]>(
  policy: Policy | PolicyConfig,
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const compiled = toPolicy(policy);
  return async (request, ...rest) => {
    const decision = decide(compiled, { method: request.method, header: (name) => request.headers.get(name) });
    if (decision.kind === "preflight")
      return amended(new Response(null, { status: decision.status ?? 204 }), decision.headers);
    return amended(await handler(request, ...rest), decision.headers);
  };
}

/** The response itself where its headers can be changed, else a copy that keeps status, body and every `Set-Cookie`. */
function amended(response: Response, edits: readonly HeaderEdit[]): Response {
  if (edits.length === 0) return response;
  try {
    for (const edit of edits) apply(response.headers, edit);
    return response;
  } catch {
    // Immutable, as from `fetch` or `Response.redirect`.
    const copy = new Response(response.body, response);
    for (const edit of edits) apply(copy.headers, edit);
    return copy;
  }
}

function apply(headers: Headers, { op, name, value }: HeaderEdit): void {
  headers.set(name, op === "set" ? value : mergedVary(headers.get(name) ?? "", value));
}
