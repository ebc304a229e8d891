/**
 * Putting a decision on a `Response`.
 *
 * @see https://fetch.spec.whatwg.org/#response-class
 * @module
 */

import type { Decision } from "../policy/index.ts";
import { conflictMessage, grantNames, grantedValue } from "./grant-headers.ts";
import type { Decider } from "./decider.ts";
import { mergedVary } from "./merged-vary.ts";
import { MOUNTED_TWICE } from "./observation.ts";
import type { ServerRequest } from "./policy-source.ts";

/** What a decision reads of a `Request`. Reading is slow there, so no more is read than the decision needs. */
export function serverRequest(request: Request): ServerRequest {
  return new FetchServerRequest(request);
}

/** A class, since a getter in an object literal is made anew for each object, slowly. */
class FetchServerRequest implements ServerRequest {
  readonly method: string;
  readonly headers: ServerRequest["headers"];
  readonly #request: Request;

  constructor(request: Request) {
    this.method = request.method;
    this.headers = new FetchServerHeaders(request.headers);
    this.#request = request;
  }

  get url(): string {
    return this.#request.url;
  }
}

class FetchServerHeaders {
  readonly origin: string | null;
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.origin = headers.get("origin");
    this.#headers = headers;
  }

  get "access-control-request-method"(): string | null {
    return this.#headers.get("access-control-request-method");
  }

  get "access-control-request-headers"(): string | null {
    return this.#headers.get("access-control-request-headers");
  }

  get "access-control-request-private-network"(): string | null {
    return this.#headers.get("access-control-request-private-network");
  }
}

/** On requests that a policy has decided on, and on responses that carry a decision: which one, and on what. */
const DECIDED: unique symbol = Symbol("crossorigin.decided");

interface DecidedRequest extends Request {
  [DECIDED]?: true;
}

interface DecidedResponse extends Response {
  [DECIDED]?: { readonly raw: Request; readonly decision: Decision };
}

/**
 * The response with the decision on it; where a policy further in has decided on the request already, it stays as it is, which is reported. One that has
 * answered another request before is copied, as it may still be on its way there.
 */
export function grantedResponse(
  response: DecidedResponse,
  decision: Decision,
  decider: Decider,
  request: ServerRequest,
  raw: DecidedRequest,
): Response {
  if (raw[DECIDED] === true) {
    decider.report("server/mounted-twice", MOUNTED_TWICE, request);
    return response;
  }
  raw[DECIDED] = true;
  const amended: DecidedResponse = withDecision(withoutEarlierGrant(response, raw), decision, decider, request);
  amended[DECIDED] = { raw, decision };
  return amended;
}

/** Attack: a response that is kept and given again carries the grant of whoever got it first, even to routes that grant nothing. */
export function withoutEarlierGrant(response: DecidedResponse, raw: Request): Response {
  const earlier = response[DECIDED];
  if (earlier === undefined || earlier.raw === raw) return response;
  const copy = new Response(response.body, response);
  for (const { name } of earlier.decision.headers) copy.headers.delete(name);
  return copy;
}

/** The answer to a preflight: the decision and nothing else. */
export function preflightResponse(decision: Decision, raw: DecidedRequest): Response {
  const { status, headers, vary } = decision;
  const lines = headers.map(({ name, value }): [string, string] => [name, value]);
  if (vary !== null) lines.push(["Vary", vary]);
  const response: DecidedResponse = new Response(null, { status: status ?? 204, headers: lines });
  response[DECIDED] = { raw, decision };
  raw[DECIDED] = true;
  return response;
}

/** The response itself where its headers can be changed, else a copy that keeps status, body and every `Set-Cookie`. */
function withDecision(response: Response, decision: Decision, decider: Decider, request: ServerRequest): Response {
  const foreign = foreignNames(response.headers, decision, decider, request);
  try {
    applyDecision(response.headers, decision, foreign);
    return response;
  } catch {
    // Immutable, as from `fetch` or `Response.redirect`. A network error has no status to copy.
    if (response.type === "error") return response;
    const copy = new Response(response.body, response);
    applyDecision(copy.headers, decision, foreign);
    return copy;
  }
}

/** The lines of a grant that the decision takes away. Reports them, and those that it replaces. */
function foreignNames(headers: Headers, decision: Decision, decider: Decider, request: ServerRequest): string[] {
  const all = decider.looksForConflicts();
  const foreign: string[] = [];
  for (const { name } of grantNames(decision)) {
    const value = grantedValue(decision, name);
    if (value !== null && !all) continue;
    const found = headers.get(name);
    if (found === null) continue;
    if (found !== value) decider.report("server/grant-already-set", conflictMessage(decision, name, found), request);
    if (value === null) foreign.push(name);
  }
  return foreign;
}

/** Takes away `foreign`, sets every line of the decision, and adds to `Vary`. May be done twice. */
function applyDecision(headers: Headers, decision: Decision, foreign: readonly string[]): void {
  for (const name of foreign) headers.delete(name);
  for (const { name, value } of decision.headers) headers.set(name, value);
  if (decision.vary !== null) headers.set("Vary", mergedVary(headers.get("Vary") ?? "", decision.vary));
}
