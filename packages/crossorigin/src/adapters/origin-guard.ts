/**
 * The origin guard for Node's servers, connect, Express, and fetch handlers: requests that change something pass only from this server's own pages,
 * from origins that the policy lists, and from what is no browser.
 *
 * @see https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
 * @module
 */

import { type GuardDecision, isPromiseLike } from "../policy/index.ts";
import { mergedVary } from "./merged-vary.ts";
import { GUARD_VARY, GuardDecider, refusalText } from "./origin-guard-decider.ts";
import type { GuardedRequest, OriginGuardOptions } from "./origin-guard-options.ts";
import type { PolicySource } from "./policy-source.ts";

export type * from "./origin-guard-options.ts";

/** What is used of a server response, of http or http2. */
export interface GuardedResponse {
  statusCode: number;
  readonly headersSent: boolean;
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string): unknown;
  end(text: string): unknown;
}

/**
 * Middleware: `app.use(originGuard(policy))`, after CORS and before everything that changes something. A refused request is answered with 403, or with
 * 503 if the policy's function fails, and goes no further.
 *
 * @throws PolicyError at once for a config or options that are refused
 */
export function originGuard(
  policy: PolicySource,
  options?: OriginGuardOptions,
): (request: GuardedRequest, response: GuardedResponse, next: () => unknown) => unknown {
  const decider = new GuardDecider(policy, options);
  return (request, response, next) => {
    const handle = (decision: GuardDecision): unknown => (decision.passes ? next() : refuse(response, decision.status));
    const decision = decider.decide(request);
    return isPromiseLike(decision) ? decision.then(handle) : handle(decision);
  };
}

function refuse(response: GuardedResponse, status: 403 | 503): void {
  // Somebody has answered while the policy was asked.
  if (response.headersSent) return;
  const vary = response.getHeader("Vary") ?? "";
  const existing = typeof vary === "object" ? vary.join(", ") : String(vary);
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Vary", mergedVary(existing, GUARD_VARY));
  response.end(refusalText(status));
}

/**
 * Wraps a fetch handler. Handshakes of WebSockets are guarded as well, since handlers accept those, too.
 *
 * @throws PolicyError at once for a config or options that are refused
 */
export function withOriginGuard<Rest extends readonly unknown[]>(
  policy: PolicySource,
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  options?: OriginGuardOptions,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  if (typeof handler !== "function")
    throw new TypeError("withOriginGuard: the second argument has to be the fetch handler.");
  const decider = new GuardDecider(policy, options);
  return (request, ...rest) => {
    const handle = (decision: GuardDecision): Response | Promise<Response> =>
      decision.passes ? handler(request, ...rest) : refusal(decision.status);
    const decision = decider.decide(guardedRequest(request));
    return isPromiseLike(decision) ? decision.then(handle) : handle(decision);
  };
}

function refusal(status: 403 | 503): Response {
  const headers = { "Content-Type": "text/plain; charset=utf-8", Vary: GUARD_VARY };
  return new Response(refusalText(status), { status, headers });
}

function guardedRequest(request: Request): GuardedRequest {
  const { method, headers } = request;
  return {
    method,
    headers: {
      origin: headers.get("origin"),
      "sec-fetch-site": headers.get("sec-fetch-site"),
      upgrade: headers.get("upgrade"),
      // Some platforms leave the line out, and all make the URL of it.
      get host() {
        return headers.get("host") ?? new URL(request.url).host;
      },
    },
    get url() {
      return request.url;
    },
  };
}
