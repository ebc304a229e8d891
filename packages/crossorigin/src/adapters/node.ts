/**
 * Node's own http, https and http2 servers, and anything connect-style on top of them.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import { type Decision, type Policy, type PolicyConfig, decide, toPolicy } from "../policy/index.ts";
import { mergedVary } from "./merged-vary.ts";

/** What is read of an incoming message. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What is used of a server response. */
export interface NodeResponse {
  statusCode: number;
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string): unknown;
  /** Its overloads differ between http and http2; the arguments are handed on as they come. */
  writeHead: (...args: never[]) => unknown;
  end(body?: string): unknown;
}

type Handler<Request, Response> = (request: Request, response: Response) => unknown;
type Next = (error?: unknown) => void;

/** Wraps a request handler for `http.createServer`: preflights are answered here, everything else reaches `handler` with its grant. */
export function withCors<Request extends NodeRequest, Response extends NodeResponse>(
  policy: Policy | PolicyConfig,
  handler: Handler<Request, Response>,
): Handler<Request, Response> {
  const middleware = cors(policy);
  return (request, response) => {
    let result: unknown;
    middleware(request, response, () => {
      result = handler(request, response);
    });
    return result;
  };
}

/** Middleware for connect, Express and the like. Throws PolicyError at once for a config that is refused. */
export function cors(
  policy: Policy | PolicyConfig,
): (request: NodeRequest, response: NodeResponse, next: Next) => void {
  const compiled = toPolicy(policy);
  return (request, response, next) => {
    const decision = decide(compiled, request);
    if (decision.kind === "preflight") answerPreflight(response, decision);
    else {
      if (decision.headers.length > 0 || decision.vary !== null) applyWhenHeadIsWritten(response, decision);
      next();
    }
  };
}

function answerPreflight(response: NodeResponse, decision: Decision): void {
  response.statusCode = decision.status ?? 204;
  apply(response, decision);
  response.setHeader("Content-Length", "0");
  response.end();
}

/** The last moment before the head goes out: whatever the application has set by then, there is one grant and it is ours. */
function applyWhenHeadIsWritten(response: NodeResponse, decision: Decision): void {
  const writeHead = response.writeHead as (this: NodeResponse, ...args: unknown[]) => unknown;
  response.writeHead = function writeHeadWithCors(this: NodeResponse, ...args: unknown[]): unknown {
    this.writeHead = writeHead;
    const own = args.findIndex((arg) => typeof arg === "object" && arg !== null);
    if (own >= 0)
      for (const [name, value] of headerEntries(args[own]))
        if (value !== undefined) this.setHeader(name, value as string);
    apply(this, decision);
    return writeHead.apply(this, own >= 0 ? args.slice(0, own) : args);
  };
}

/** The three forms that `writeHead` takes headers in: an object, pairs, and a flat list. */
function headerEntries(headers: unknown): [string, unknown][] {
  if (!Array.isArray(headers)) return Object.entries(Object(headers) as Record<string, unknown>);
  const list = headers as unknown[];
  if (list.every((item) => Array.isArray(item))) return list.map((pair) => [String(pair[0]), pair[1]]);
  const pairs: [string, unknown][] = [];
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = String(list[index]);
    const same = pairs.find(([key]) => key.toLowerCase() === name.toLowerCase());
    if (same === undefined) pairs.push([name, list[index + 1]]);
    else same[1] = [same[1], list[index + 1]].flat();
  }
  return pairs;
}

function apply(response: NodeResponse, { headers, vary }: Decision): void {
  for (const { name, value } of headers) response.setHeader(name, value);
  if (vary !== null) response.setHeader("Vary", mergedVary([response.getHeader("Vary") ?? []].flat().join(", "), vary));
}
