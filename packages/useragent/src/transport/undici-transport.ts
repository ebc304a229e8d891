/**
 * The network: HTTP/1.1 over undici's dispatchers. No redirects, no cookies, no retries but for closed connections.
 *
 * @see https://fetch.spec.whatwg.org/#concept-connection-pool
 * @module
 */

import type { Readable } from "node:stream";
import type { Transport, TransportResult } from "crossorigin/fetching";
import { Agent, Client } from "undici";
import { type ObservableTransportRequest, observedBody } from "./body-progress.ts";
import type { EndlessTransportRequest } from "./endless-body.ts";
import type { ConnectionUse } from "./connection-history.ts";
import { Connector, type ConnectorOptions } from "./connector.ts";
import { Exchange } from "./exchange.ts";
import { WaitingExchanges } from "./waiting-exchanges.ts";

/** What pages ask of the transport beyond the algorithms' own request. */
type PageTransportRequest = ObservableTransportRequest & EndlessTransportRequest;

export interface UndiciTransportOptions extends ConnectorOptions {
  /** The most bytes of names and values in a response's head. */
  readonly maxHeaderBytes: number;
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

  constructor(options: UndiciTransportOptions) {
    this.connector = new Connector(options);
    this.#nonIdempotentSentAgain = options.nonIdempotentSentAgain;
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
    if (request.body?.kind === "stream") {
      const detail = "a streamed request body needs HTTP/2, and this connection speaks HTTP/1.1";
      return { ok: false, code: "network/stream-needs-http2", detail };
    }
    const first = await this.#attempt(request, request.isNewConnection);
    const maySendAgain = this.#nonIdempotentSentAgain || IDEMPOTENT_METHODS.has(request.method);
    if (!maySendAgain || !isStaleConnection(request, first)) return first.result;
    return (await this.#attempt(request, true)).result;
  }

  #attempt(request: PageTransportRequest, isNewConnection: boolean): Promise<Attempt> {
    const { method, url, headers } = request;
    return new Promise((resolve) => {
      const connect = this.connector.connectorWith(request);
      const fresh = isNewConnection ? new Client(url.origin, { ...this.#clientOptions, connect }) : null;
      const pooled = fresh === null ? this.#agentFor(request) : null;
      if (fresh !== null) this.#newConnections.add(fresh);
      const stopWaiting = pooled?.waiting.add(url.origin) ?? (() => {});
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
      const exchange = new Exchange(request, (result) => resolve({ result, use }), onStart, onEnd);
      (fresh ?? pooled?.agent)?.dispatch(
        {
          origin: url.origin,
          path: requestTarget(url),
          method,
          headers: headers.flat(),
          body: wireBody(request),
          reset: fresh !== null,
          ...(request.isBodyEndless === true ? { bodyTimeout: 0 } : {}),
        },
        exchange,
      );
    });
  }

  /** Ends every exchange and closes every socket. */
  async close(): Promise<void> {
    const dispatchers = [...[...this.#agents.values()].map(({ agent }) => agent), ...this.#newConnections];
    this.#agents.clear();
    this.#newConnections.clear();
    await Promise.all([...dispatchers.map((dispatcher) => dispatcher.destroy()), this.connector.close()]);
  }

  #agentFor({ networkPartitionKey, includeCredentials }: ObservableTransportRequest): PooledAgent {
    const key = `${includeCredentials ? "credentials" : "anonymous"} ${networkPartitionKey}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const waiting = new WaitingExchanges();
    const connect = waiting.guard(this.connector.connectorWith({ includeCredentials }));
    const created = { agent: new Agent({ ...this.#clientOptions, connect }), waiting };
    this.#agents.set(key, created);
    return created;
  }
}

/** With the `?` of an empty query, too, which `search` leaves out. @see https://url.spec.whatwg.org/#url-serializing */
function requestTarget({ href, protocol }: URL): string {
  const [target = ""] = href.slice(href.indexOf("/", `${protocol}//`.length)).split("#", 1);
  return target;
}

/** What undici sends: the bytes, or a generator of them that tells how far it is, which its types leave out. */
function wireBody({ body, bodyProgress }: ObservableTransportRequest): Uint8Array | Readable | null {
  if (body?.kind !== "bytes") return null;
  const isObserved = bodyProgress !== undefined && body.bytes.byteLength > 0;
  return isObserved ? (observedBody(body.bytes, bodyProgress) as unknown as Readable) : body.bytes;
}

/** How one sending of a request went. */
interface Attempt {
  readonly result: TransportResult;
  /** Null if the request was never written. */
  readonly use: ConnectionUse | null;
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * Did the request only meet a connection that the server had closed meanwhile? Then it is sent again, once.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-retrying-requests
 */
function isStaleConnection({ controller }: ObservableTransportRequest, { result, use }: Attempt): boolean {
  if (result.ok || result.code !== "network/connection-reset" || controller.isCanceled) return false;
  return use !== null && use.isReused && !use.isAnswered;
}

interface PooledAgent {
  readonly agent: Agent;
  readonly waiting: WaitingExchanges;
}
