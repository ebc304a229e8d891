/**
 * A client: a page at a URL, with what its scripts fetch with.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
 * @module
 */

import { type FetchController, documentCookieContext, networkPartitionKey } from "crossorigin/fetching";
import { serializeOrigin } from "crossorigin/protocol";
import { sendBeacon } from "./beacon/send-beacon.ts";
import type { BlobUrlStore } from "./blob-url/blob-url-store.ts";
import { type UrlConstructor, createUrlClass } from "./blob-url/url.ts";
import { isomorphicDecode, isomorphicEncode, toUsvString } from "./byte-string.ts";
import { type ClientOptions, createEnvironment } from "./client-options.ts";
import type { ToughCookieStore } from "./cookies/cookie-store.ts";
import { defineLength } from "./dom/interface.ts";
import { needArguments } from "./dom/web-idl.ts";
import { type CanvasLike, type PageCanvas, createPageCanvas } from "./element-load/canvas.ts";
import type { ElementLoad } from "./element-load/element-load.ts";
import type { LoadElement } from "./element-load/element-settings.ts";
import { loadMethod } from "./element-load/load-method.ts";
import type { LoadOptions } from "./element-load/load-options.ts";
import { type EventSourceConstructor, createEventSourceClass } from "./event-source/event-source.ts";
import { type FetchContext, fetchMethod } from "./fetch-method.ts";
import { Headers } from "./headers.ts";
import { type RequestConstructor, type RequestInfo, createRequestClass } from "./request.ts";
import type { RequestInit } from "./request-init.ts";
import { type Response, type ResponseConstructor, createResponseClass } from "./response.ts";
import type { UserAgentClock } from "./user-agent-clock.ts";
import type { HandshakeOptions } from "./web-socket/handshake.ts";
import { type WebSocketConstructor, createWebSocketClass } from "./web-socket/web-socket.ts";
import { ProgressEvent } from "./xml-http-request/progress-event.ts";
import type { XMLHttpRequestBodyInit } from "./sendable-body.ts";
import type { SynchronousFetcher } from "./xml-http-request/synchronous/synchronous-fetcher.ts";
import { type XMLHttpRequestConstructor, createXmlHttpRequestClass } from "./xml-http-request/xml-http-request.ts";
import { XMLHttpRequestEventTarget, XMLHttpRequestUpload } from "./xml-http-request/xml-http-request-event-target.ts";
import { NodeTextDecoder, NodeTextEncoder } from "./node-globals.ts";

/** What a page sees as `document.cookie`. Both throw a `SecurityError` `DOMException` in a page with an opaque origin, a `TypeError` in a worker. */
export interface ClientCookies {
  /** Without `HttpOnly` cookies. */
  get(): string;
  /** One cookie with its attributes, as for `Set-Cookie`; what may not be stored is ignored without a word. */
  set(cookie: string): void;
}

/** What a client takes from its user agent. */
export interface ClientContext extends Pick<FetchContext, "effects" | "startTrace"> {
  readonly cookieStore: ToughCookieStore;
  readonly blobUrlStore: BlobUrlStore;
  readonly clock: UserAgentClock;
  readonly handshakeOptions: HandshakeOptions;
  readonly synchronousFetcher: SynchronousFetcher;
  onClose(client: Client): void;
  /** Closes what connections are kept in a network partition. */
  closePartition(networkPartitionKey: string): Promise<void>;
}

/** The properties are bound: they can be taken off and called on their own, as globals can. */
export class Client {
  readonly url: string;
  /** Serialized: `null` if it is opaque. */
  readonly origin: string;
  /** Is it a worker, and no page? */
  readonly worker: boolean;
  readonly Headers: typeof Headers = Headers;
  /** With `blob:` URLs of the page, which it is closed with. */
  readonly URL: UrlConstructor;
  readonly Request: RequestConstructor;
  readonly Response: ResponseConstructor;
  readonly EventSource: EventSourceConstructor;
  readonly WebSocket: WebSocketConstructor;
  readonly XMLHttpRequest: XMLHttpRequestConstructor;
  readonly XMLHttpRequestEventTarget: typeof XMLHttpRequestEventTarget = XMLHttpRequestEventTarget;
  readonly XMLHttpRequestUpload: typeof XMLHttpRequestUpload = XMLHttpRequestUpload;
  readonly ProgressEvent: typeof ProgressEvent = ProgressEvent;
  readonly cookies: ClientCookies;
  readonly #fetchContext: FetchContext;
  readonly #context: ClientContext;
  #isClosed = false;

  constructor(options: ClientOptions, context: ClientContext) {
    const environment = createEnvironment(options, context.blobUrlStore);
    const { url, origin } = environment;
    this.url = url.href;
    this.origin = serializeOrigin(origin);
    this.worker = environment.isWorker === true;
    this.URL = createUrlClass(environment, context.blobUrlStore);
    this.Request = createRequestClass(environment);
    this.Response = createResponseClass(url);
    this.#context = context;
    const { effects, startTrace, cookieStore, clock, handshakeOptions, synchronousFetcher } = context;
    this.#fetchContext = {
      environment,
      effects,
      startTrace,
      responsePrototype: this.Response.prototype,
      inFlight: new Set<FetchController>(),
      isClosed: () => this.#isClosed,
    };
    defineLength(this.fetch, 1);
    defineLength(this.sendBeacon, 1);
    this.EventSource = createEventSourceClass({ fetchContext: this.#fetchContext, clock });
    this.WebSocket = createWebSocketClass({ fetchContext: this.#fetchContext, handshakeOptions });
    this.XMLHttpRequest = createXmlHttpRequestClass({ fetchContext: this.#fetchContext, clock, synchronousFetcher });
    const refuseWithoutCookies = (): void => {
      if (environment.isWorker === true)
        throw new TypeError("Only a page has cookies that scripts see: a worker has no document.");
      if (origin.kind === "opaque")
        throw new DOMException("A page with an opaque origin has no cookies.", "SecurityError");
    };
    const cookieContext = documentCookieContext(environment, effects.profile);
    this.cookies = {
      get: () => {
        refuseWithoutCookies();
        return decodeUtf8(cookieStore.documentCookie(url, cookieContext));
      },
      set: (cookie) => {
        refuseWithoutCookies();
        cookieStore.setDocumentCookie(url, encodeUtf8(toUsvString(cookie, "The cookie")), cookieContext);
      },
    };
  }

  /**
   * Fetches as the page's own `fetch` would. Rejects with a bare `TypeError` for network errors, whose reason is
   * `networkErrorReason(error)`; with the signal's reason when aborted; with a `TypeError` for what cannot be asked for.
   */
  readonly fetch = async (...given: [input: RequestInfo, init?: RequestInit | null]): Promise<Response> => {
    needArguments("fetch", given.length, 1);
    return fetchMethod(this.#fetchContext, ...given);
  };

  /**
   * Loads as an element, or a URL in CSS, would: with the mode, credentials and destination that HTML and CSS give it.
   * Resolves with what a page may do with it. Rejects only with a `TypeError` for options that cannot be.
   */
  readonly load = async <E extends LoadElement>(
    options: LoadOptions & { readonly element: E },
  ): Promise<ElementLoad<E>> => (await loadMethod(this.#fetchContext, options)) as ElementLoad<E>;

  /** The page's view of a real canvas: it draws what `load` gave, and cannot be read once that was tainted. */
  readonly canvas = <Canvas extends CanvasLike>(canvas: Canvas): PageCanvas<Canvas> => createPageCanvas(canvas);

  /**
   * The page's `navigator.sendBeacon`. False if there is no room in the 64 KiB that requests with keepalive share, or the
   * page is closed. Throws a `TypeError` for what is no http or https URL, and for what cannot be sent.
   */
  readonly sendBeacon = (...given: [url: string | URL, data?: XMLHttpRequestBodyInit | null]): boolean => {
    needArguments("sendBeacon", given.length, 1);
    return sendBeacon(this.#fetchContext, ...given);
  };

  /** Ends the page: its fetches fail, bodies included, and so does every later one. */
  readonly close = async (): Promise<void> => {
    this.#isClosed = true;
    const { inFlight, environment } = this.#fetchContext;
    for (const controller of inFlight) controller.terminate();
    for (const controller of environment.fetchGroup?.unattended ?? []) controller.terminate();
    this.#context.blobUrlStore.removeAllOf(environment);
    environment.preloadedResources?.clear();
    this.#context.onClose(this);
    // No other page is in the partition of a top-level page whose origin is opaque.
    if (environment.topLevelOrigin.kind === "opaque")
      await this.#context.closePartition(networkPartitionKey(environment));
  };
}

function decodeUtf8(bytes: string): string {
  return new NodeTextDecoder("utf-8", { ignoreBOM: true }).decode(isomorphicEncode(bytes));
}

function encodeUtf8(string: string): string {
  return isomorphicDecode(new NodeTextEncoder().encode(string));
}
