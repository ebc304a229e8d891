/**
 * `Request`: what a page asks for, checked as the standard checks it.
 *
 * @see https://fetch.spec.whatwg.org/#request-class
 * @module
 */

import { escapeFromWire } from "crossorigin/diagnose";
import { type RequestBody, isReferrerPolicy } from "crossorigin/fetching";
import {
  type CacheMode,
  type CredentialsMode,
  type HeaderList,
  type RedirectMode,
  type ReferrerPolicy,
  containsHeader,
  isCorsSafelistedMethod,
  isForbiddenMethod,
  isMethod,
  normalizeMethod,
} from "crossorigin/protocol";
import { type Headers, type HeadersInit, createHeaders, fillHeaders, headerListOf } from "./headers.ts";

export type BodyInit = string | Uint8Array | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams | ReadableStream<Uint8Array>;

export interface RequestInit {
  readonly method?: string;
  readonly headers?: HeadersInit | Headers;
  readonly body?: BodyInit | null;
  readonly mode?: "cors" | "no-cors" | "same-origin";
  readonly credentials?: CredentialsMode;
  readonly cache?: CacheMode;
  readonly redirect?: RedirectMode;
  readonly referrer?: string;
  readonly referrerPolicy?: ReferrerPolicy;
  readonly signal?: AbortSignal | null;
  readonly duplex?: "half";
}

const MODES = ["cors", "no-cors", "same-origin"] as const;
const CREDENTIALS = ["omit", "same-origin", "include"] as const;
const CACHES = ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"] as const;
const REDIRECTS = ["follow", "error", "manual"] as const;

/** A request of a page at `base`; every error is a TypeError that names the member. */
export class Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly mode: (typeof MODES)[number];
  readonly credentials: CredentialsMode;
  readonly cache: CacheMode;
  readonly redirect: RedirectMode;
  readonly referrer: string;
  readonly referrerPolicy: ReferrerPolicy;
  readonly signal: AbortSignal | null;
  /** The body as it was given; null for none. */
  readonly bodyInit: BodyInit | null;

  constructor(input: string | URL | Request, init: RequestInit = {}, base?: URL) {
    const from = input instanceof Request ? input : null;
    this.url = from?.url ?? parseUrl(String(input), base);
    this.method = methodOf(init.method, from?.method);
    this.mode = member("mode", MODES, init.mode, from?.mode ?? "cors");
    this.credentials = member("credentials", CREDENTIALS, init.credentials, from?.credentials ?? "same-origin");
    this.cache = member("cache", CACHES, init.cache, from?.cache ?? "default");
    this.redirect = member("redirect", REDIRECTS, init.redirect, from?.redirect ?? "follow");
    this.referrer = init.referrer ?? from?.referrer ?? "about:client";
    this.referrerPolicy = referrerPolicyOf(init.referrerPolicy ?? from?.referrerPolicy ?? "");
    this.signal = init.signal === undefined ? (from?.signal ?? null) : init.signal;
    this.bodyInit = init.body ?? from?.bodyInit ?? null;
    if (this.mode === "no-cors" && !isCorsSafelistedMethod(this.method)) {
      throw new TypeError(`The method ${escapeFromWire(this.method)} is not possible with mode no-cors; use GET, HEAD or POST.`);
    }
    if (this.cache === "only-if-cached" && this.mode !== "same-origin") {
      throw new TypeError("cache: only-if-cached needs mode: same-origin.");
    }
    if (this.bodyInit !== null && (this.method === "GET" || this.method === "HEAD")) {
      throw new TypeError(`A request with method ${this.method} cannot have a body.`);
    }
    const list: HeaderList = [];
    this.headers = createHeaders(list, this.mode === "no-cors" ? "request-no-cors" : "request");
    const headers = init.headers ?? from?.headers;
    if (headers !== undefined) fillHeaders(this.headers, headers);
    this.#checkStream(init);
    const contentType = this.bodyInit === null ? null : contentTypeOf(this.bodyInit);
    if (contentType !== null && !containsHeader(list, "Content-Type")) this.headers.append("Content-Type", contentType);
  }

  clone(): Request {
    return new Request(this);
  }

  #checkStream(init: RequestInit): void {
    if (!(this.bodyInit instanceof ReadableStream)) return;
    if (init.body !== undefined && init.duplex !== "half") throw new TypeError('A stream as body needs duplex: "half".');
    if (this.mode === "no-cors") throw new TypeError("A stream as body is not possible with mode no-cors.");
  }
}

/** The header list behind a request, copied. */
export function requestHeaderList(request: Request): HeaderList {
  return [...headerListOf(request.headers)];
}

const boundaries = new WeakMap<object, globalThis.Response>();

/** The body's bytes, or its stream. A form keeps the boundary that its Content-Type names. */
export async function extractBody(init: BodyInit): Promise<RequestBody> {
  if (init instanceof ReadableStream) return { kind: "stream", stream: init };
  const holder = holderOf(init);
  return { kind: "bytes", bytes: new Uint8Array(await holder.clone().arrayBuffer()) };
}

/** What extracting the body says of its type; null if it says nothing. @see https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
function contentTypeOf(init: BodyInit): string | null {
  return init instanceof ReadableStream ? null : holderOf(init).headers.get("content-type");
}

/** Node's own extraction. The same object gives the same holder, so that type and bytes fit together. */
function holderOf(init: Exclude<BodyInit, ReadableStream>): globalThis.Response {
  if (!(init instanceof FormData)) return new globalThis.Response(init as ConstructorParameters<typeof globalThis.Response>[0]);
  const holder = boundaries.get(init) ?? new globalThis.Response(init);
  boundaries.set(init, holder);
  return holder;
}

function parseUrl(input: string, base: URL | undefined): string {
  if (!URL.canParse(input, base?.href)) throw new TypeError(`Invalid URL: ${escapeFromWire(input, 200)}. Use an absolute URL such as https://api.example/items.`);
  const url = new URL(input, base);
  if (url.username !== "" || url.password !== "") throw new TypeError("The URL has a user name or password in it; send them in a header instead.");
  return url.href;
}

function methodOf(method: string | undefined, inherited = "GET"): string {
  if (method === undefined) return inherited;
  if (!isMethod(method)) throw new TypeError(`Invalid method: ${escapeFromWire(method, 100)}. A method is one word such as GET.`);
  if (isForbiddenMethod(method)) throw new TypeError(`Pages cannot use the method ${method}.`);
  return normalizeMethod(method);
}

function referrerPolicyOf(value: string): ReferrerPolicy {
  if (value === "" || isReferrerPolicy(value)) return value as ReferrerPolicy;
  throw new TypeError(`Invalid referrerPolicy: ${escapeFromWire(value, 100)}.`);
}

function member<Value extends string>(name: string, values: readonly Value[], value: Value | undefined, fallback: Value): Value {
  if (value === undefined) return fallback;
  if (values.includes(value)) return value;
  throw new TypeError(`Invalid ${name}: ${escapeFromWire(String(value), 100)}. Use one of ${values.join(", ")}.`);
}
