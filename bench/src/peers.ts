/**
 * The libraries in use today, as middleware over the stand-in request and response.
 *
 * @module
 */

import fastifyCors from "@fastify/cors";
import koaCors from "@koa/cors";
import expressCors from "cors";
import type { StandInRequest, StandInResponse } from "./stand-in.ts";

export type Middleware = (request: StandInRequest, response: StandInResponse) => unknown;

export interface PeerOptions {
  /** `*`, exact origins, or regular expressions for wildcards. */
  readonly origin: "*" | (string | RegExp)[];
  readonly methods: string[];
  readonly allowedHeaders: string[];
  readonly credentials: boolean;
}

/** By name. */
export function createPeers(options: PeerOptions): Readonly<Record<string, Middleware>> {
  return {
    "expressjs/cors": expressMiddleware(options),
    "@fastify/cors": fastifyMiddleware(options),
    "@koa/cors": koaMiddleware(options),
  };
}

function nothing(): void {}

function resolved(): Promise<void> {
  return Promise.resolve();
}

function expressMiddleware(options: PeerOptions): Middleware {
  const middleware = expressCors(options) as unknown as (
    request: StandInRequest,
    response: StandInResponse,
    next: () => void,
  ) => void;
  return (request, response) => middleware(request, response, nothing);
}

type Hook = (request: object, reply: object, next: () => void) => unknown;

function fastifyMiddleware(options: PeerOptions): Middleware {
  const hooks: Hook[] = [];
  const instance = {
    decorateRequest: nothing,
    options: nothing,
    addHook: (_name: string, added: Hook) => hooks.push(added),
  };
  (fastifyCors as unknown as (instance: object, options: PeerOptions, done: () => void) => void)(
    instance,
    options,
    nothing,
  );
  const [hook] = hooks;
  if (hook === undefined) throw new Error("@fastify/cors added no hook.");
  return (request, response) =>
    hook(
      { raw: request, headers: request.headers, method: request.method, routeOptions: {} },
      new StandInReply(response),
      nothing,
    );
}

class StandInReply {
  readonly #response: StandInResponse;

  constructor(response: StandInResponse) {
    this.#response = response;
  }

  header(name: string, value: unknown): this {
    this.#response.setHeader(name, value);
    return this;
  }

  getHeader(name: string): unknown {
    return this.#response.getHeader(name);
  }

  code(): this {
    return this;
  }

  status(): this {
    return this;
  }

  send(): void {}
}

/** It knows no lists: the look-up is written by hand, as its users do. */
function koaMiddleware({ origin, methods, allowedHeaders, credentials }: PeerOptions): Middleware {
  const exact = origin === "*" ? [] : origin.filter((item) => typeof item === "string");
  const patterns = origin === "*" ? [] : origin.filter((item) => item instanceof RegExp);
  const middleware = koaCors({
    allowMethods: methods,
    allowHeaders: allowedHeaders,
    credentials,
    origin:
      origin === "*"
        ? "*"
        : (context) => {
            const asked = context.get("Origin");
            return exact.includes(asked) || patterns.some((pattern) => pattern.test(asked)) ? asked : "";
          },
  }) as unknown as (context: object, next: () => Promise<void>) => Promise<void>;
  return (request, response) => middleware(new StandInContext(request, response), resolved);
}

class StandInContext {
  readonly #request: StandInRequest;
  readonly #response: StandInResponse;
  status = 200;

  constructor(request: StandInRequest, response: StandInResponse) {
    this.#request = request;
    this.#response = response;
  }

  get method(): string {
    return this.#request.method;
  }

  get(name: string): string {
    return this.#request.headers[name.toLowerCase()] ?? "";
  }

  set(name: string, value: unknown): void {
    this.#response.setHeader(name, value);
  }

  vary(name: string): void {
    this.#response.setHeader("Vary", name);
  }
}
