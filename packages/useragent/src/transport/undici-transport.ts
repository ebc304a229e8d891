/**
 * The network: HTTP/1.1 over undici's dispatchers. No redirects, no retries, no cookies.
 *
 * @see https://fetch.spec.whatwg.org/#concept-connection-pool
 * @module
 */

import type { Transport, TransportRequest, TransportResult } from "crossorigin/fetching";
import { Agent, Client } from "undici";
import { Connector, type ConnectorOptions } from "./connector.ts";
import { Exchange } from "./exchange.ts";
import { WaitingExchanges } from "./waiting-exchanges.ts";

export interface UndiciTransportOptions extends ConnectorOptions {
  /** The most bytes of names and values in a response's head. */
  readonly maxHeaderBytes: number;
}

/**
 * Pools connections by network partition key and credentials.
 *
 * Choice: as many connections to one origin as requests are in flight; browsers stop at six, which would let a body that
 * a test never reads hold up its other requests.
 */
export class UndiciTransport implements Transport {
  readonly #connector: Connector;
  readonly #clientOptions: Client.Options;
  readonly #agents = new Map<string, PooledAgent>();
  readonly #newConnections = new Set<Client>();

  constructor(options: UndiciTransportOptions) {
    this.#connector = new Connector(options);
    this.#clientOptions = {
      connect: this.#connector.connect,
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
  send(request: TransportRequest): Promise<TransportResult> {
    const { method, url, headers, body } = request;
    if (body?.kind === "stream") {
      const detail = "a streamed request body needs HTTP/2, and this connection speaks HTTP/1.1";
      return Promise.resolve({ ok: false, code: "network/stream-needs-http2", detail });
    }
    return new Promise((resolve) => {
      const fresh = request.isNewConnection ? new Client(url.origin, this.#clientOptions) : null;
      const pooled = fresh === null ? this.#agentFor(request) : null;
      if (fresh !== null) this.#newConnections.add(fresh);
      const onStart = pooled?.waiting.add(url.origin) ?? (() => {});
      const exchange = new Exchange(request, resolve, onStart, () => {
        onStart();
        if (fresh === null) return;
        this.#newConnections.delete(fresh);
        void fresh.destroy();
      });
      (fresh ?? pooled?.agent)?.dispatch(
        {
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method,
          headers: headers.flat(),
          body: body === null ? null : body.bytes,
          reset: fresh !== null,
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
    await Promise.all([...dispatchers.map((dispatcher) => dispatcher.destroy()), this.#connector.close()]);
  }

  #agentFor({ networkPartitionKey, includeCredentials }: TransportRequest): PooledAgent {
    const key = `${includeCredentials ? "credentials" : "anonymous"} ${networkPartitionKey}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const waiting = new WaitingExchanges();
    const connect = waiting.guard(this.#connector.connect);
    const created = { agent: new Agent({ ...this.#clientOptions, connect }), waiting };
    this.#agents.set(key, created);
    return created;
  }
}

interface PooledAgent {
  readonly agent: Agent;
  readonly waiting: WaitingExchanges;
}
