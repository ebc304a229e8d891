/**
 * Fetch handlers: Workers, Bun, Deno, route handlers.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import { type Decision, isPromiseLike } from "../policy/index.ts";
import type { CorsOptions } from "./cors-options.ts";
import { Decider } from "./decider.ts";
import { grantedResponse, preflightResponse, serverRequest, withoutEarlierGrant } from "./fetch-response.ts";
import type { PolicySource } from "./policy-source.ts";

export type * from "./cors-options.ts";

export interface FetchCorsOptions extends CorsOptions {
  /**
   * The response to an error that the handler throws, so that the page gets to see it. Default: an empty one with status 500, and the error goes to
   * `reportError` or the console. Whatever is no `Error`, and errors with a `digest` (Next.js's redirects), are thrown on: frameworks use them to steer.
   */
  readonly onError?: (error: unknown, request: Request) => Response | Promise<Response>;
}

/**
 * Wraps a fetch handler: preflights are answered here, everything else reaches `handler`, and its response gets the grant.
 *
 * @throws PolicyError at once for a config that is refused
 */
export function withCors<Rest extends readonly unknown[]>(
  policy: PolicySource,
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  options: FetchCorsOptions = {},
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  if (typeof handler !== "function") throw new TypeError("withCors: the second argument has to be the fetch handler.");
  const decider = new Decider(policy, options);
  return (request, ...rest) => {
    const read = serverRequest(request);
    const ungranted = (response: Response): Response =>
      isNothing(response) ? response : withoutEarlierGrant(response, request);
    const answer = (decision: Decision | null): Response | Promise<Response> => {
      if (decision === null) {
        const response = handler(request, ...rest);
        return isPromiseLike(response) ? response.then(ungranted) : ungranted(response);
      }
      const granted = (response: Response): Response => {
        if (isNothing(response)) return response;
        return grantedResponse(response, decision, decider, read, request);
      };
      if (decision.status !== null && !decider.passPreflights) return preflightResponse(decision, request);
      const failed = (error: unknown): Promise<Response> => answerTo(error, request, options).then(granted);
      try {
        const response = handler(request, ...rest);
        return isPromiseLike(response) ? response.then(granted, failed) : granted(response);
      } catch (error) {
        return failed(error);
      }
    };
    const decision = decider.decide(read);
    return isPromiseLike(decision) ? decision.then(answer) : answer(decision);
  };
}

/** Bun's handlers answer with nothing once they have taken a WebSocket; for others the runtime says what is wrong. */
function isNothing(response: Response | null | undefined): boolean {
  return response === undefined || response === null;
}

/** @throws the error itself if it steers a framework */
async function answerTo(error: unknown, request: Request, { onError }: FetchCorsOptions): Promise<Response> {
  // Remix throws responses.
  if (error instanceof Response) return error;
  if (!(error instanceof Error) || "digest" in error) throw error;
  if (onError !== undefined) return onError(error, request);
  if (typeof reportError === "function") reportError(error);
  // The platform has nowhere else to report to.
  // eslint-disable-next-line no-console
  else console.error(error);
  return new Response(null, { status: 500 });
}
