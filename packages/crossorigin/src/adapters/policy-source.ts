/**
 * What an adapter decides by: one policy, one that can be replaced, or one for each route.
 *
 * @module
 */

import {
  DynamicPolicy,
  LivePolicy,
  type DecisionRequest,
  type Policy,
  type PolicyConfig,
  isPromiseLike,
  joinLines,
  requestedMethodOf,
  toPolicy,
} from "../policy/index.ts";

/** A request as its route is found. */
export interface RoutedRequest {
  /** The method of the request, `OPTIONS` of a preflight. */
  readonly method: string;
  /** The method that the page wants to use: of a preflight, the one it asks for. */
  readonly requestedMethod: string;
  /**
   * As sent, without the query, in one spelling of its percent-encodings: those of ASCII's letters, digits and signs but `%/?#\\` are decoded, the others
   * have their digits in upper case. Routers that ignore case or a trailing slash, or resolve dots, take other paths for the same, so let the policy for
   * paths you do not know be the strictest.
   */
  readonly path: string;
}

/** The same, as observers see it. A resolver does not: what depends on the origin has to tell caches so, as dynamic policies do. */
export interface ObservedRequest extends RoutedRequest {
  /** The value of `Origin`; null if absent. */
  readonly origin: string | null;
}

type SomePolicy = Policy | DynamicPolicy;

/** The policy for a request, preflights included; null for none: then nothing is granted and nothing is answered. */
export type PolicyResolver = (request: RoutedRequest) => SomePolicy | null | PromiseLike<SomePolicy | null>;

export type PolicySource = PolicyConfig | SomePolicy | LivePolicy | PolicyResolver;

/** What an adapter knows of a request: Node's `IncomingMessage`, or a likeness of it. */
export interface ServerRequest extends DecisionRequest {
  /** Path and query, or a whole URL. */
  readonly url?: string | undefined;
  /** The same before a router cut off where it is mounted. */
  readonly originalUrl?: string | undefined;
}

/** A function that finds the policy. @throws PolicyError for a config that is refused, TypeError for what is no source */
export function compileSource(
  source: PolicySource,
): (request: ServerRequest) => SomePolicy | null | PromiseLike<SomePolicy | null> {
  if (typeof source === "function") return (request) => checked(source(routeOf(request)));
  if (source instanceof LivePolicy) return () => source.current;
  const policy = source instanceof DynamicPolicy ? source : toPolicy(source);
  return () => policy;
}

function checked(answer: ReturnType<PolicyResolver>): ReturnType<PolicyResolver> {
  if (isPromiseLike(answer)) return answer.then(checkedPolicy);
  return checkedPolicy(answer);
}

/** Plain JavaScript may answer with anything; a config would be compiled for every request. */
function checkedPolicy(answer: SomePolicy | null): SomePolicy | null {
  if (answer === null || answer instanceof DynamicPolicy) return answer;
  if (answer === undefined || typeof answer !== "object" || toPolicy(answer) !== answer)
    throw new TypeError(
      "A resolver has to answer with a policy made by createPolicy or createDynamicPolicy, or with null.",
    );
  return answer;
}

/** Asked for only where an observer wants it. */
export function observedRequest(request: ServerRequest): ObservedRequest {
  return { ...routeOf(request), origin: joinLines(request.headers.origin) };
}

function routeOf(request: ServerRequest): RoutedRequest {
  const method = request.method ?? "";
  return {
    method,
    requestedMethod: requestedMethodOf(request) ?? method,
    path: pathOf(request.originalUrl ?? request.url ?? "/"),
  };
}

/** `OPTIONS *` has the path `*`. */
function pathOf(url: string): string {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const path = start < 0 ? url : url.slice(start);
  const end = path.search(/[?#]/);
  return oneSpelling(end === -1 ? path : path.slice(0, end));
}

/** Attack: many routers take `/%69tems` for `/items`, so a page could choose the policy of another route by how it spells this one. */
function oneSpelling(path: string): string {
  if (!path.includes("%")) return path;
  return path.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[!-~]/.test(character) && !"%/?#\\".includes(character) ? character : escape.toUpperCase();
  });
}
