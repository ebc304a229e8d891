/**
 * HTTP/2 sessions, one for each pool and origin whose server chooses it; what protocol the others speak.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#name-connection-management
 * @module
 */

import { type ClientHttp2Session, connect } from "node:http2";
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

export class Http2Sessions {
  readonly #connector: Connector;
  readonly #maxHeaderBytes: number;
  /** By pool and origin: what is known, or under way. */
  readonly #known = new Map<string, Promise<Negotiated>>();
  readonly #open = new Set<ClientHttp2Session>();

  constructor(connector: Connector, maxHeaderBytes: number) {
    this.#connector = connector;
    this.#maxHeaderBytes = maxHeaderBytes;
  }

  /** The pool's session with the origin, opened if there is none; or that it speaks HTTP/1.1. Never rejects. */
  obtain(pool: string, request: Target): Promise<Negotiated> {
    const key = `${pool} ${request.url.origin}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const negotiating = this.#negotiate(request, () => this.#known.delete(key));
    this.#known.set(
      key,
      negotiating.then((negotiated) => (negotiated.protocol === "http/1.1" ? HTTP1 : negotiated)),
    );
    return negotiating.then((negotiated) => {
      if (negotiated.protocol === "none") this.#known.delete(key);
      return negotiated;
    });
  }

  /** A connection of its own, which is in no pool. Never rejects. */
  openNew(request: Target): Promise<Negotiated> {
    return this.#negotiate(request, () => {});
  }

  close(): void {
    for (const session of this.#open) session.destroy();
    this.#known.clear();
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
    const session = connect(url.origin, { createConnection: () => socket, settings });
    const end = (): void => {
      this.#open.delete(session);
      onEnd();
    };
    this.#open.add(session);
    // What fails is told to the streams that wait for it.
    session.on("error", end);
    session.on("goaway", end);
    session.on("close", end);
    // With idle connections only, nothing keeps the process alive.
    session.unref();
    return { protocol: "h2", session, address, port, requestCount: 0, openCount: 0 };
  }
}
