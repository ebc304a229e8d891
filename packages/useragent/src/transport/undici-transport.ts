/**
 * The network: HTTP/2 where servers choose it, else HTTP/1.1 over undici's dispatchers. No redirects, no cookies, no
 * retries but for closed connections.
 *
 * @see https://fetch.spec.whatwg.org/#concept-connection-pool
 * @module
 */

import type { Readable } from "node:stream";
import type { Transport, TransportRequest, TransportResult } from "crossorigin/fetching";
import type { Header } from "crossorigin/protocol";
import type { Agent, Client, buildConnector } from "undici";
import { requireCommonJs } from "../common-js.ts";
import { type ObservableTransportRequest, observedBody } from "./body-progress.ts";
import type { EndlessTransportRequest } from "./endless-body.ts";
import type { ConnectionUse } from "./connection-history.ts";
import { Connector, type ConnectorOptions } from "./connector.ts";
import { Exchange } from "./exchange.ts";
import { sendOverHttp2 } from "./http2-exchange.ts";
import { type AdoptableSocket, HTTP1, type Http2Connection, Http2Sessions, type Negotiated } from "./http2-sessions.ts";
import { faultInHead } from "./malformed-head.ts";
import type { NetworkFailure } from "./network-failure.ts";
import { requestTarget } from "./request-target.ts";
import { WaitingExchanges, originOf } from "./waiting-exchanges.ts";

// The main module would load undici's own fetch, caches and mocks as well, which takes as long as all the rest.
const AgentOfUndici = requireCommonJs("undici/lib/dispatcher/agent.js") as typeof Agent;
const ClientOfUndici = requireCommonJs("undici/lib/dispatcher/client.js") as typeof Client;

/** What pages ask of the transport beyond the algorithms' own request. */
type PageTransportRequest = ObservableTransportRequest & EndlessTransportRequest;

export interface UndiciTransportOptions extends ConnectorOptions {
  /** The most bytes of names and values in a response's head. */
  readonly maxHeaderBytes: number;
  /** Is HTTP/2 offered to servers that do TLS? */
  readonly http2: boolean;
  /** Are POST and the like sent again, too, if a kept connection was closed instead of answering them? */
  readonly nonIdempotentSentAgain: boolean;
}

/**
 * Pools connections by network partition key and credentials.
 *
 * Choice: as many connections to one origin as requests are in flight; browsers stop at six, which would let a body that
 * a test never reads hold up its other requests.
 */
export class UndiciTransport implements Transport {
  readonly connector: Connector;
  readonly #clientOptions: Client.Options;
  readonly #nonIdempotentSentAgain: boolean;
  readonly #agents = new Map<string, PooledAgent>();
  readonly #newConnections = new Set<Client>();
  readonly #http2: Http2Sessions | null;
  readonly #timeoutMilliseconds: number;

  constructor(options: UndiciTransportOptions) {
    this.connector = new Connector(options);
    this.#nonIdempotentSentAgain = options.nonIdempotentSentAgain;
    this.#http2 = options.http2 ? new Http2Sessions(this.connector, options.maxHeaderBytes) : null;
    this.#timeoutMilliseconds = options.timeoutMilliseconds;
    this.#clientOptions = {
      allowH2: false,
      maxHeaderSize: options.maxHeaderBytes,
      headersTimeout: options.timeoutMilliseconds,
      bodyTimeout: options.timeoutMilliseconds,
    };
  }

  /**
   * Deviation: undici refuses control bytes in header values, which the standard allows; they end in `network/failed`.
   * It writes `Host` and `Content-Length` itself, in lower case and in places of its own, leaves `Content-Length: 0` out
   * for methods that seldom have a body, and closes the connection after HEAD.
   */
  async send(request: PageTransportRequest): Promise<TransportResult> {
    const maySendAgain = this.#nonIdempotentSentAgain || IDEMPOTENT_METHODS.has(request.method);
    let attempt = await this.#attempt(request, request.isNewConnection);
    for (let count = 1; count < MAX_ATTEMPTS && isUnanswered(request, attempt, maySendAgain); count++)
      attempt = await this.#attempt(request, request.isNewConnection || !attempt.isHttp2);
    return attempt.result;
  }

  async #attempt(request: PageTransportRequest, isNewConnection: boolean): Promise<Attempt> {
    const { url, body } = request;
    if (request.controller.isCanceled) return CANCELED;
    const negotiated =
      this.#http2 === null || url.protocol !== "https:"
        ? HTTP1
        : await this.#negotiate(this.#http2, request, isNewConnection);
    if (negotiated.protocol === "none")
      return { result: { ok: false, ...negotiated.failure }, use: null, isHttp2: false };
    if (negotiated.protocol === "h2") {
      const attempt = await this.#sendOverHttp2(negotiated, request, isNewConnection);
      if (attempt.use?.isHttp1Required === true) this.#http2?.requireHttp1(poolOf(request), request);
      return attempt;
    }
    if (body?.kind !== "stream") return this.#sendOverHttp1(request, isNewConnection, negotiated.adoptable);
    negotiated.adoptable?.socket.destroy();
    const detail = "a streamed request body needs HTTP/2, and this connection speaks HTTP/1.1";
    return { result: { ok: false, code: "network/stream-needs-http2", detail }, use: null, isHttp2: false };
  }

  /** What the server speaks; a failure as soon as the fetch is canceled. */
  async #negotiate(http2: Http2Sessions, request: PageTransportRequest, isNewConnection: boolean): Promise<Negotiated> {
    const { controller } = request;
    const negotiating = http2[isNewConnection ? "openNew" : "obtain"](poolOf(request), request);
    const negotiated = await new Promise<Negotiated | null>((resolve) => {
      const stopListening = controller.onCancel(() => resolve(null));
      void negotiating.then(resolve).finally(stopListening);
    });
    if (negotiated !== null && !controller.isCanceled) return negotiated;
    void negotiating.then((unwanted) => {
      if (unwanted.protocol === "http/1.1") unwanted.adoptable?.socket.destroy();
      if (unwanted.protocol === "h2" && isNewConnection) unwanted.session.close();
    });
    return { protocol: "none", failure: CANCELED_FAILURE };
  }

  #sendOverHttp2(
    connection: Http2Connection,
    request: PageTransportRequest,
    isNewConnection: boolean,
  ): Promise<Attempt> {
    return new Promise((resolve) => {
      let use: ConnectionUse | null = null;
      const onEnd = (): void => {
        if (isNewConnection) connection.session.close();
      };
      // The head comes later than the use: nothing is answered at once.
      const settle = (result: TransportResult): void => queueMicrotask(() => resolve({ result, use, isHttp2: true }));
      const exchange = new Exchange(request, settle, () => {}, onEnd);
      use = sendOverHttp2(connection, request, exchange, this.#timeoutMilliseconds);
    });
  }

  /** @param socket - a connection to the server that nobody uses yet; null to let undici see to it */
  #sendOverHttp1(
    request: PageTransportRequest,
    isNewConnection: boolean,
    socket: AdoptableSocket | null,
  ): Promise<Attempt> {
    const { method, url, headers } = request;
    const { origin } = url;
    return new Promise((resolve) => {
      const fresh = isNewConnection ? this.#newClient(request, origin, socket) : null;
      const pooled = fresh === null ? this.#agentFor(request) : null;
      if (socket !== null) pooled?.adoptable.push(socket);
      const stopWaiting = pooled?.waiting.add(origin) ?? (() => {});
      let use: ConnectionUse | null = null;
      const onStart = (): void => {
        stopWaiting();
        use = this.connector.history.start((connection) => request.allowsConnection(connection));
        if (request.body?.kind === "bytes" && request.body.bytes.byteLength === 0) request.bodyProgress?.onEnd();
      };
      const onEnd = (): void => {
        stopWaiting();
        if (fresh === null) return;
        this.#newConnections.delete(fresh);
        void fresh.destroy();
      };
      const exchange = new Exchange(
        request,
        (result) => resolve({ result: withFault(result, use), use, isHttp2: false }),
        onStart,
        onEnd,
      );
      (fresh ?? pooled?.agent)?.dispatch(
        {
          origin,
          path: requestTarget(url),
          method,
          headers: namesAndValues(headers),
          body: wireBody(request),
          reset: fresh !== null,
          ...(request.isBodyEndless === true ? { bodyTimeout: 0 } : {}),
        },
        exchange,
      );
    });
  }

  /** Ends every exchange of a network partition that nobody is left in, and closes its connections. */
  async closePartition(networkPartitionKey: string): Promise<void> {
    const closing = [true, false].map(async (includeCredentials) => {
      const pool = poolOf({ networkPartitionKey, includeCredentials });
      this.#http2?.closePool(pool);
      const pooled = this.#agents.get(pool);
      this.#agents.delete(pool);
      for (const { socket } of pooled?.adoptable ?? []) socket.destroy();
      await pooled?.agent.destroy();
    });
    await Promise.all(closing);
  }

  /** Ends every exchange and closes every socket. */
  async close(): Promise<void> {
    this.#http2?.close();
    const dispatchers = [...[...this.#agents.values()].map(({ agent }) => agent), ...this.#newConnections];
    this.#agents.clear();
    this.#newConnections.clear();
    await Promise.all([...dispatchers.map((dispatcher) => dispatcher.destroy()), this.connector.close()]);
  }

  /** For one request, in no pool. */
  #newClient(request: TransportRequest, origin: string, socket: AdoptableSocket | null): Client {
    const connect = this.#adopting(request, socket === null ? [] : [socket]);
    const client = new ClientOfUndici(origin, { ...this.#clientOptions, connect });
    this.#newConnections.add(client);
    return client;
  }

  #agentFor(request: ObservableTransportRequest): PooledAgent {
    const key = poolOf(request);
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const waiting = new WaitingExchanges();
    const adoptable: AdoptableSocket[] = [];
    const connect = waiting.guard(this.#adopting(request, adoptable));
    const created = { agent: new AgentOfUndici({ ...this.#clientOptions, connect }), waiting, adoptable };
    this.#agents.set(key, created);
    return created;
  }

  /** A connector that takes what is there before it opens another connection. */
  #adopting({ includeCredentials }: TransportRequest, adoptable: AdoptableSocket[]): buildConnector.connector {
    const connect = this.connector.connectorWith({ includeCredentials });
    return (target, callback) => {
      const index = adoptable.findIndex(
        ({ socket: { destroyed }, origin }) => !destroyed && origin === originOf(target),
      );
      const [socket] = index < 0 ? [] : adoptable.splice(index, 1);
      if (socket === undefined) connect(target, callback);
      else queueMicrotask(() => callback(null, this.connector.adopt(socket.socket)));
    };
  }
}

/** A header list as undici takes it: names and values in turn. `flat()` would cost many times as much. */
function namesAndValues(headers: readonly Header[]): string[] {
  const lines: string[] = [];
  for (const header of headers) lines.push(header[0], header[1]);
  return lines;
}

/** What undici sends: the bytes, or a generator of them that tells how far it is, which its types leave out. */
function wireBody({ body, bodyProgress }: ObservableTransportRequest): Uint8Array | Readable | null {
  if (body?.kind !== "bytes") return null;
  const isObserved = bodyProgress !== undefined && body.bytes.byteLength > 0;
  return isObserved ? (observedBody(body.bytes, bodyProgress) as unknown as Readable) : body.bytes;
}

/** With the fault of a head that was refused, where it is seen, instead of the parser's own words. */
function withFault(result: TransportResult, use: ConnectionUse | null): TransportResult {
  if (result.ok || result.code !== "network/http-malformed" || use === null || use.firstBytes === null) return result;
  return { ...result, detail: faultInHead(use.firstBytes) ?? result.detail };
}

/** How one sending of a request went. */
interface Attempt {
  readonly result: TransportResult;
  /** Null if the request was never written. */
  readonly use: ConnectionUse | null;
  readonly isHttp2: boolean;
}

/** Choice: Chromium's limit. Only servers that refuse a request again and again reach it. */
const MAX_ATTEMPTS = 3;

const CANCELED_FAILURE: NetworkFailure = { code: "network/client-closed", detail: "the fetch was canceled" };
const CANCELED: Attempt = { result: { ok: false, ...CANCELED_FAILURE }, use: null, isHttp2: false };

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * Did the server do nothing with the request: did it say so, or close a kept connection meanwhile? Then it is sent again.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-retrying-requests
 */
function isUnanswered(
  { body, controller }: ObservableTransportRequest,
  { result, use }: Attempt,
  maySendAgain: boolean,
): boolean {
  if (result.ok || result.code !== "network/connection-reset" || controller.isCanceled) return false;
  if (use === null || use.isAnswered || body?.kind === "stream") return false;
  return use.isRefused || (use.isReused && !use.isKept && maySendAgain);
}

/** Connections with different keys, or with and without credentials, are not shared. */
function poolOf({
  networkPartitionKey,
  includeCredentials,
}: Pick<TransportRequest, "networkPartitionKey" | "includeCredentials">): string {
  return `${includeCredentials ? "credentials" : "anonymous"} ${networkPartitionKey}`;
}

interface PooledAgent {
  readonly agent: Agent;
  readonly waiting: WaitingExchanges;
  /** Connections that were opened to see what their servers speak. */
  readonly adoptable: AdoptableSocket[];
}
