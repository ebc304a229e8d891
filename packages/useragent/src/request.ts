/**
 * `Request`: what a page asks for.
 *
 * @see https://fetch.spec.whatwg.org/#request-class
 * @module
 */

import {
  type Environment,
  type Request as FetchRequest,
  createRequest,
  currentUrl,
  impliedIpAddressSpaceFor,
} from "crossorigin/fetching";
import {
  type CacheMode,
  type CredentialsMode,
  type IpAddressSpace,
  type RedirectMode,
  type ReferrerPolicy,
  type RequestMode,
  containsHeader,
  isCorsSafelistedMethod,
} from "crossorigin/protocol";
import { Body, bodyOf, cloneBody, extractBody, isUnusable, setBody } from "./body.ts";
import { show, toUsvString } from "./byte-string.ts";
import { isReadableStream } from "./foreign-body.ts";
import { notAdoptable, readForeignRequest } from "./foreign-request.ts";
import { type Headers, createHeaders, fillHeaders } from "./headers.ts";
import { createPageInterface, finishInterface } from "./dom/interface.ts";
import { createInternalSlot } from "./internal-slot.ts";
import {
  type ConvertedRequestInit,
  type RequestInit,
  convertRequestInit,
  parseMethod,
  parseReferrer,
} from "./request-init.ts";
import { WholeBody } from "./whole-body.ts";
import { NodeAbortSignal } from "./node-globals.ts";

/** What `Request` and `fetch` take: also requests of the global class. */
export type RequestInfo = Request | URL | string | InstanceType<typeof globalThis.Request>;

/** The modes that a page's requests can have; the others are a user agent's own. */
type PageRequestMode = Exclude<RequestMode, "navigate" | "websocket">;

interface RequestState {
  readonly request: FetchRequest;
  readonly headers: Headers;
  /** Null if nobody can abort the request; until somebody looks at its signal. */
  signal: AbortSignal | null;
  /** Is the body a stream that the page made? Such a body can be sent only once. */
  readonly isStream: boolean;
}

const states = createInternalSlot<RequestState>();

/** What `fetch` needs of a request. */
export function requestStateOf(request: Request): RequestState {
  const state = states.get(request);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not a Request object.");
  return state;
}

/** Pages have a class of their own, which resolves URLs against theirs: see {@link createRequestClass}. */
export class Request extends Body {
  /** @param client - the page; page code cannot pass one, as its class takes two arguments */
  constructor(client: Environment, input: RequestInfo, init?: RequestInit | null) {
    super();
    const converted = convertRequestInit(init);
    const given = states.has(input) ? (input as Request) : adoptRequest(client, input);
    const source = given === null ? null : requestStateOf(given);
    const request =
      source === null
        ? requestFromUrl(client, input as URL | string)
        : requestFromRequest(client, source.request, converted);
    applyInit(request, converted, client, source === null ? "cors" : undefined); // Steps 14 to 25
    const followed = converted.signal === undefined ? source?.signal : converted.signal; // Steps 26 to 29
    const signal = followed === undefined || followed === null ? null : NodeAbortSignal.any([followed]);
    if (request.mode === "no-cors" && !isCorsSafelistedMethod(request.method)) {
      throw new TypeError(
        `The method ${show(request.method)} is not possible with mode "no-cors": only GET, HEAD and POST are.`,
      ); // Step 31.1
    }
    const headers = createHeaders(request.headers, request.mode === "no-cors" ? "request-no-cors" : "request"); // Steps 30 and 31.2
    if (!converted.isEmpty) {
      // Step 32 — filled again, as the guard may have become stricter.
      const copy = request.headers.map(([name, value]): [string, string] => [name, value]);
      request.headers.length = 0;
      fillHeaders(headers, converted.headers ?? copy);
    }
    const inputHolder = given === null ? null : bodyOf(given); // Step 33
    const { body } = converted;
    if (((body ?? null) !== null || inputHolder !== null) && (request.method === "GET" || request.method === "HEAD")) {
      throw new TypeError(`A ${request.method} request cannot have a body.`); // Step 34
    }
    let holder: WholeBody | null = null;
    if (body !== undefined && body !== null) {
      const extracted = extractBody(body); // Step 36
      holder = extracted.holder;
      if (extracted.type !== null && !containsHeader(request.headers, "Content-Type"))
        headers.append("Content-Type", extracted.type);
    }
    const isStream = holder === null ? source?.isStream === true && inputHolder !== null : isReadableStream(body);
    if (isStream) checkStreamBody(request, holder !== null && !converted.isDuplex); // Steps 36 and 38
    if (holder === null && given !== null && inputHolder !== null) {
      // Step 40 — the body moves here; the input's counts as used.
      if (isUnusable(given)) throw new TypeError("The body of the input request was read or is being read.");
      holder = moveBody(inputHolder);
    }
    setBody(this, holder); // Step 41
    states.set(this, { request: { ...request, useCorsPreflight: isStream }, headers, signal, isStream });
  }

  get method(): string {
    return requestStateOf(this).request.method;
  }

  get url(): string {
    return currentUrl(requestStateOf(this).request).href;
  }

  get headers(): Headers {
    return requestStateOf(this).headers;
  }

  /** Always empty: only a user agent's own requests have a destination. */
  get destination(): "" {
    return "";
  }

  get referrer(): string {
    const { referrer } = requestStateOf(this).request;
    if (referrer === "no-referrer") return "";
    return referrer === "client" ? "about:client" : referrer.href;
  }

  get referrerPolicy(): ReferrerPolicy {
    return requestStateOf(this).request.referrerPolicy;
  }

  get mode(): PageRequestMode {
    return requestStateOf(this).request.mode as PageRequestMode;
  }

  get credentials(): CredentialsMode {
    return requestStateOf(this).request.credentialsMode;
  }

  get cache(): CacheMode {
    return requestStateOf(this).request.cacheMode;
  }

  get redirect(): RedirectMode {
    return requestStateOf(this).request.redirectMode;
  }

  get integrity(): string {
    return requestStateOf(this).request.integrityMetadata;
  }

  get keepalive(): boolean {
    return requestStateOf(this).request.keepalive;
  }

  /** `public` also where nothing is said. @see https://wicg.github.io/local-network-access/#fetch-api */
  get targetAddressSpace(): IpAddressSpace {
    return requestStateOf(this).request.targetIpAddressSpace ?? "public";
  }

  get isReloadNavigation(): boolean {
    return false;
  }

  get isHistoryNavigation(): boolean {
    return false;
  }

  get signal(): AbortSignal {
    return (requestStateOf(this).signal ??= NodeAbortSignal.any([]));
  }

  get duplex(): "half" {
    requestStateOf(this);
    return "half";
  }

  /** Throws a `TypeError` if the body was read. @see https://fetch.spec.whatwg.org/#dom-request-clone */
  clone(): Request {
    const state = requestStateOf(this);
    const holder = cloneBody(this);
    const copy = Object.create(Object.getPrototypeOf(this) as object) as Request;
    const request = copyRequest(state.request);
    const guard = request.mode === "no-cors" ? "request-no-cors" : "request";
    states.set(copy, {
      ...state,
      request,
      headers: createHeaders(request.headers, guard),
      signal: state.signal === null ? null : NodeAbortSignal.any([state.signal]),
    });
    setBody(copy, holder);
    return copy;
  }
}

/** The `Request` class of one page. */
export interface RequestConstructor {
  new (input: RequestInfo, init?: RequestInit | null): Request;
  readonly prototype: Request;
}

finishInterface(Request, 1);

/** A page's own `Request` class. Requests of other pages are no instances of it, but taken all the same. */
export function createRequestClass(client: Environment): RequestConstructor {
  return createPageInterface(Request, null, (given) => {
    if (given.length === 0) throw new TypeError("Request needs a URL or a request.");
    return [client, ...given];
  }) as RequestConstructor;
}

/** A request of this package that takes over one of another realm; null for what is to be taken for a URL. */
function adoptRequest(client: Environment, input: unknown): Request | null {
  const foreign = readForeignRequest(input);
  if (foreign === null) return null;
  let adopted: Request;
  try {
    adopted = new Request(client, foreign.url, foreign.init);
  } catch (error) {
    throw notAdoptable(error instanceof Error ? error.message : String(error), error);
  }
  if (foreign.body !== null) setBody(adopted, new WholeBody(foreign.body));
  return adopted;
}

/** Step 5: a URL as a string. */
function requestFromUrl(client: Environment, input: URL | string): FetchRequest {
  const string = toUsvString(input, "The URL");
  const url = URL.parse(string, client.url.href);
  if (url === null) throw new TypeError(`${show(string)} is not a URL.`);
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("The URL has a user name or a password in it: send them in a header, such as Authorization.");
  }
  return createRequest({ url, client, unsafeRequest: true });
}

/** Steps 6, 12 and 13: a copy of another request; with an init its origin is this page and its history is gone. */
function requestFromRequest(client: Environment, source: FetchRequest, init: ConvertedRequestInit): FetchRequest {
  const copy: FetchRequest = {
    ...copyRequest(source),
    client,
    origin: client.origin,
    impliedIpAddressSpace: impliedIpAddressSpaceFor(client, source.urlList[0]),
    unsafeRequest: true,
  };
  if (init.isEmpty) return copy;
  return {
    ...copy,
    urlList: [currentUrl(copy)],
    referrer: "client",
    referrerPolicy: "",
    mode: copy.mode === "navigate" ? "same-origin" : copy.mode,
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Steps 14 to 25, but for what is not there: priority changes nothing here. */
function applyInit(
  request: Mutable<FetchRequest>,
  init: ConvertedRequestInit,
  client: Environment,
  fallbackMode: RequestMode | undefined,
): void {
  if (init.referrer !== undefined) request.referrer = parseReferrer(init.referrer, client.url, client.origin); // Step 14
  if (init.referrerPolicy !== undefined) request.referrerPolicy = init.referrerPolicy; // Step 15
  const mode = init.mode ?? fallbackMode; // Step 16
  if (mode === "navigate") throw new TypeError('The mode "navigate" is not for pages.'); // Step 17
  if (mode !== undefined) request.mode = mode; // Step 18
  if (init.credentials !== undefined) request.credentialsMode = init.credentials; // Step 19
  if (init.cache !== undefined) request.cacheMode = init.cache; // Step 20
  if (request.cacheMode === "only-if-cached" && request.mode !== "same-origin") {
    throw new TypeError(`The cache mode "only-if-cached" needs mode "same-origin", not ${show(request.mode)}.`); // Step 21
  }
  if (init.redirect !== undefined) request.redirectMode = init.redirect; // Step 22
  if (init.integrity !== undefined) request.integrityMetadata = init.integrity; // Step 23
  if (init.keepalive !== undefined) request.keepalive = init.keepalive; // Step 24
  if (init.method !== undefined) request.method = parseMethod(init.method); // Step 25
  if (init.targetAddressSpace !== undefined) request.targetIpAddressSpace = init.targetAddressSpace;
}

/** What a stream, which is sent while it is made, cannot be combined with. */
function checkStreamBody({ mode, keepalive }: FetchRequest, isDuplexMissing: boolean): void {
  if (keepalive) throw new TypeError("A stream as body is not possible with keepalive.");
  if (isDuplexMissing) throw new TypeError('A stream as body needs duplex: "half".');
  if (mode !== "same-origin" && mode !== "cors")
    throw new TypeError(`A stream as body is not possible with mode ${show(mode)}.`);
}

/** A holder of the same bytes; `holder` counts as used from now on. @see https://streams.spec.whatwg.org/#readablestream-create-a-proxy */
function moveBody(holder: WholeBody): WholeBody {
  return new WholeBody(holder.body.pipeThrough(new TransformStream()));
}

function copyRequest(request: FetchRequest): FetchRequest {
  return { ...request, urlList: [...request.urlList], headers: [...request.headers] };
}
