/**
 * A client: a page at a URL, with the `fetch` such a page has.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
 * @module
 */

import { type Effects, type Environment, FetchController, type TraceEvent, createRequest, fetch } from "crossorigin/fetching";
import { escapeFromWire } from "crossorigin/diagnose";
import { type ReferrerPolicy, createOpaqueOrigin, isHttpScheme, isSameOrigin, originOfUrl, serializeOrigin } from "crossorigin/protocol";
import type { MemoryCookieStore } from "./cookie-jar.ts";
import { Headers } from "./headers.ts";
import { bareTypeError } from "./network-error-record.ts";
import { Request, type RequestInit, extractBody, requestHeaderList } from "./request.ts";
import { Response, createFetchedResponse } from "./response.ts";

export interface ClientOptions {
  /** Where the page is; http or https. */
  readonly url: string;
  /** True for a sandboxed page: its origin is opaque and reads `null`. */
  readonly opaqueOrigin?: boolean;
  readonly referrerPolicy?: ReferrerPolicy;
}

/** What a client takes from its user agent. */
export interface ClientContext {
  readonly effects: Effects;
  readonly cookies: MemoryCookieStore;
  readonly onTrace: ((event: TraceEvent, fetchId: number) => void) | undefined;
  nextFetchId(): number;
}

/** What a page sees as `document.cookie`. */
export interface ClientCookies {
  get(): string;
  set(cookie: string): void;
}

export class Client {
  readonly Headers: typeof Headers = Headers;
  readonly Response: typeof Response = Response;
  /** Resolves relative URLs against the page. */
  readonly Request: typeof Request;
  readonly cookies: ClientCookies;
  readonly #context: ClientContext;
  readonly #environment: Environment;
  readonly #running = new Set<FetchController>();
  #isClosed = false;

  constructor(options: ClientOptions, context: ClientContext) {
    const url = pageUrl(options.url);
    const origin = options.opaqueOrigin === true ? createOpaqueOrigin() : originOfUrl(url);
    this.#context = context;
    const referrerPolicy = options.referrerPolicy ?? "strict-origin-when-cross-origin";
    this.#environment = { origin, url, topLevelOrigin: origin, referrerPolicy, embedderPolicy: "unsafe-none" };
    this.Request = class extends Request {
      constructor(input: string | URL | Request, init?: RequestInit) {
        super(input, init, url);
      }
    };
    const refuseOpaque = (): void => {
      if (origin.kind === "opaque") throw new DOMException("A page with an opaque origin has no cookies.", "SecurityError");
    };
    this.cookies = {
      get: () => {
        refuseOpaque();
        return context.cookies.visibleTo(url);
      },
      set: (cookie) => {
        refuseOpaque();
        context.cookies.setFrom(url, cookie);
      },
    };
  }

  get url(): string {
    return this.#environment.url.href;
  }

  /** Serialized: `null` for a sandboxed page. */
  get origin(): string {
    return serializeOrigin(this.#environment.origin);
  }

  /**
   * Fetches as the page's own `fetch` would. Rejects with a bare TypeError on every network error, for whose reason see
   * `networkErrorReason`, with the signal's reason if aborted, and with a TypeError that says what is wrong with `init`.
   */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new this.Request(input, init);
    const { signal } = request;
    signal?.throwIfAborted();
    const controller = new FetchController();
    const abort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    this.#running.add(controller);
    if (this.#isClosed) controller.terminate();
    const body = request.bodyInit === null ? null : await extractBody(request.bodyInit);
    const trace: TraceEvent[] = [];
    const fetchId = this.#context.nextFetchId();
    const record = createRequest({
      url: new URL(request.url),
      client: this.#environment,
      method: request.method,
      headers: requestHeaderList(request),
      body,
      referrer: this.#referrer(request.referrer),
      referrerPolicy: request.referrerPolicy,
      mode: request.mode,
      credentialsMode: request.credentials,
      cacheMode: request.cache,
      redirectMode: request.redirect,
      unsafeRequest: true,
      useCorsPreflight: body?.kind === "stream",
    });
    const response = await fetch(record, this.#context.effects, {
      controller,
      trace: (event) => {
        trace.push(event);
        this.#context.onTrace?.(event, fetchId);
      },
    });
    this.#running.delete(controller);
    const release = (): void => signal?.removeEventListener("abort", abort);
    if (response.type === "error") {
      release();
      if (controller.state === "aborted") throw controller.reason;
      throw bareTypeError(response.reason, trace);
    }
    return createFetchedResponse(response, () => (controller.state === "aborted" ? controller.reason : new TypeError("Failed to fetch")));
  };

  /** Ends the page: its fetches in flight fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#running) controller.terminate();
    this.#running.clear();
    await Promise.resolve();
  }

  #referrer(value: string): "no-referrer" | "client" | URL {
    if (value === "") return "no-referrer";
    if (value === "about:client") return "client";
    if (!URL.canParse(value, this.#environment.url.href)) throw new TypeError(`Invalid referrer: ${escapeFromWire(value, 100)}.`);
    const url = new URL(value, this.#environment.url);
    return isSameOrigin(originOfUrl(url), this.#environment.origin) ? url : "client";
  }
}

function pageUrl(value: string): URL {
  if (typeof value === "string" && URL.canParse(value)) {
    const url = new URL(value);
    if (isHttpScheme(url)) return url;
  }
  throw new TypeError(`Invalid page URL: ${escapeFromWire(String(value), 200)}. Use an http or https URL such as https://app.example/.`);
}
