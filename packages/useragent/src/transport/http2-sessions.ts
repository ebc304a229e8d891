/**
 * HTTP/2 sessions, one for each pool and origin whose server chooses it; what protocol the others speak.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#name-connection-management
 * @module
 */

import type { ClientHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { TransportRequest } from "crossorigin/fetching";
import type { Connector } from "./connector.ts";
import { type NetworkFailure, networkFailureOf } from "./network-failure.ts";

/** A session with what a request must know of it. */
export interface Http2Connection {
  readonly protocol: "h2";
  readonly session: ClientHttp2Session;
  /** Of the far end. */
  readonly address: string;
  readonly port: number;
  /** How many requests it was given, and how many of them have not ended. */
  requestCount: number;
  openCount: number;
  /** What the server said when it began to shut the session down; null if it did not. */
  goaway: Goaway | null;
}

/** @see https://www.rfc-editor.org/rfc/rfc9113#name-goaway */
interface Goaway {
  readonly code: number;
  /** Streams above it were not processed in any way. */
  readonly lastStreamId: number;
}

/** A connection that nobody has used yet. */
export interface AdoptableSocket {
  readonly origin: string;
  readonly socket: Socket;
}

/** What a server speaks. */
export type Negotiated =
  | Http2Connection
  | { readonly protocol: "http/1.1"; readonly adoptable: AdoptableSocket | null }
  | { readonly protocol: "none"; readonly failure: NetworkFailure };

/** As was found out before. */
export const HTTP1: Extract<Negotiated, { protocol: "http/1.1" }> = { protocol: "http/1.1", adoptable: null };

type Target = Pick<TransportRequest, "url" | "includeCredentials">;

/** What is known of the servers that one pool's requests went to. */
interface Pool {
  /** By origin: known, or under way. */
  readonly known: Map<string, Promise<Negotiated>>;
  /** Origins that speak HTTP/2, and want HTTP/1.1. */
  readonly http1Required: Set<string>;
}

export class Http2Sessions {
  readonly #connector: Connector;
  readonly #maxHeaderBytes: number;
  readonly #pools = new Map<string, Pool>();
  readonly #open = new Set<ClientHttp2Session>();

  constructor(connector: Connector, maxHeaderBytes: number) {
    this.#connector = connector;
    this.#maxHeaderBytes = maxHeaderBytes;
  }

  /** The pool's session with the origin, opened if there is none; or that it speaks HTTP/1.1. Never rejects. */
  async obtain(pool: string, request: Target): Promise<Negotiated> {
    const { origin } = request.url;
    const { known } = this.#pool(pool);
    for (let found = known.get(origin); found !== undefined; found = known.get(origin)) {
      const negotiated = await found;
      if (negotiated.protocol !== "h2" || !(negotiated.session.closed || negotiated.session.destroyed))
        return negotiated;
      // Its streams hear that it ends before the session itself tells.
      if (known.get(origin) === found) known.delete(origin);
    }
    const forget = (): void => {
      if (known.get(origin) === remembered) known.delete(origin);
    };
    const negotiating = this.#negotiate(request, forget);
    const remembered = negotiating.then((negotiated) => (negotiated.protocol === "http/1.1" ? HTTP1 : negotiated));
    known.set(origin, remembered);
    return negotiating.then((negotiated) => {
      if (negotiated.protocol === "none") forget();
      return negotiated;
    });
  }

  /** A connection of its own, which nobody else uses. Never rejects. */
  async openNew(pool: string, request: Target): Promise<Negotiated> {
    const isHttp1Required = this.#pools.get(pool)?.http1Required.has(request.url.origin) === true;
    return isHttp1Required ? HTTP1 : this.#negotiate(request, () => {});
  }

  /** From now on the pool's requests to the origin go over HTTP/1.1: the server asked for it. */
  requireHttp1(pool: string, request: Target): void {
    const { known, http1Required } = this.#pool(pool);
    http1Required.add(request.url.origin);
    known.set(request.url.origin, Promise.resolve(HTTP1));
  }

  /** Ends the pool's sessions, and forgets what was known. */
  closePool(pool: string): void {
    for (const known of this.#pools.get(pool)?.known.values() ?? []) {
      void known.then((negotiated) => {
        if (negotiated.protocol === "h2") negotiated.session.destroy();
      });
    }
    this.#pools.delete(pool);
  }

  close(): void {
    for (const session of this.#open) session.destroy();
    this.#pools.clear();
  }

  #pool(name: string): Pool {
    const found = this.#pools.get(name) ?? { known: new Map(), http1Required: new Set() };
    this.#pools.set(name, found);
    return found;
  }

  #negotiate({ url, includeCredentials }: Target, onEnd: () => void): Promise<Negotiated> {
    const { protocol, host, hostname, port } = url;
    const target = { protocol, host, hostname: hostname.replaceAll(/^\[|\]$/g, ""), port, includeCredentials };
    return new Promise((resolve) => {
      this.#connector.open(
        target,
        (error, socket) => {
          if (error !== null) resolve({ protocol: "none", failure: networkFailureOf(error) });
          else if ((socket as TLSSocket).alpnProtocol === "h2") resolve(this.#start(url, socket, onEnd));
          else resolve({ protocol: "http/1.1", adoptable: { origin: url.origin, socket } });
        },
        ["h2", "http/1.1"],
      );
    });
  }

  #start(url: URL, socket: Socket, onEnd: () => void): Http2Connection {
    const { remoteAddress: address = "", remotePort: port = 0 } = socket;
    const settings = { enablePush: false, maxHeaderListSize: this.#maxHeaderBytes };
    const { connect } = process.getBuiltinModule("node:http2");
    const session = connect(url.origin, { createConnection: () => socket, settings });
    const end = (): void => {
      this.#open.delete(session);
      onEnd();
    };
    this.#open.add(session);
    const connection: Http2Connection = {
      protocol: "h2",
      session,
      address,
      port,
      requestCount: 0,
      openCount: 0,
      goaway: null,
    };
    // What fails is told to the streams that wait for it.
    session.on("error", end);
    session.on("goaway", (code: number, lastStreamId: number) => {
      connection.goaway = { code, lastStreamId };
      end();
    });
    session.on("close", end);
    // With idle connections only, nothing keeps the process alive.
    session.unref();
    return connection;
  }
}
