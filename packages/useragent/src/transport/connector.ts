/**
 * Connections: which address a name leads to, and how TLS checks the name.
 *
 * @see https://fetch.spec.whatwg.org/#create-a-connection
 * @module
 */

import { type LookupFunction, type Socket, connect as connectTcp, isIP } from "node:net";
import { checkServerIdentity, connect as connectTls, rootCertificates } from "node:tls";
import type { buildConnector } from "undici";
import { TransportError } from "./network-failure.ts";
import { skipInterimResponses } from "./interim-response.ts";

export interface ConnectorOptions {
  /** The address to connect to instead of what the name resolves to; undefined for none. */
  readonly resolve: (hostname: string, port: number) => string | undefined;
  /** PEM certificates trusted beside the default roots; undefined for none. */
  readonly ca: string | undefined;
  readonly timeoutMilliseconds: number;
}

/** Opens sockets, and knows those that are open, so that none outlives the user agent. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #open = new Set<Socket>();
  #isClosed = false;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** A connector in undici's terms. Calls back once, with a connected socket or an error. */
  readonly connect = (target: buildConnector.Options, callback: buildConnector.Callback): Socket | undefined => {
    const { timeoutMilliseconds } = this.#options;
    let socket: Socket;
    try {
      if (this.#isClosed) throw new TransportError("network/client-closed", "the user agent is closed");
      socket = this.#createSocket(target);
    } catch (error) {
      queueMicrotask(() => callback(error instanceof Error ? error : new Error(String(error)), null));
      return undefined;
    }
    this.#open.add(socket);
    let isSettled = false;
    const settle = (error: Error | null): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      if (error === null) {
        callback(null, skipInterimResponses(socket));
        return;
      }
      socket.destroy();
      callback(error, null);
    };
    const timer = setTimeout(() => {
      settle(
        new TransportError("network/timeout", `no connection to ${target.hostname} within ${timeoutMilliseconds} ms`),
      );
    }, timeoutMilliseconds);
    socket.setNoDelay(true);
    socket.once(target.protocol === "https:" ? "secureConnect" : "connect", () => settle(null));
    socket.on("error", settle);
    socket.once("close", () => {
      this.#open.delete(socket);
      settle(new TransportError("network/connection-reset", "the connection was closed before it was established"));
    });
    return socket;
  };

  /** Destroys every socket, established or not; resolves when all are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closing = [...this.#open].map((socket) => {
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.destroy();
      return closed;
    });
    await Promise.all(closing);
  }

  #createSocket({ hostname, protocol, port }: buildConnector.Options): Socket {
    const isTls = protocol === "https:";
    const portNumber = port === "" ? (isTls ? 443 : 80) : Number(port);
    const address = this.#options.resolve(hostname, portNumber);
    const shared = {
      host: address ?? hostname,
      port: portNumber,
      autoSelectFamily: true,
      ...(address === undefined && isLocalhost(hostname) ? { lookup: lookupLoopback } : {}),
    };
    if (!isTls) return connectTcp(shared);
    const { ca } = this.#options;
    return connectTls({
      ...shared,
      // Server Name Indication is for names; addresses have none.
      servername: isIP(hostname) === 0 ? hostname : "",
      checkServerIdentity: (_, certificate) => checkServerIdentity(hostname, certificate),
      ALPNProtocols: ["http/1.1"],
      // Node.js takes `ca` instead of its roots, not beside them.
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    });
  }
}

/** `localhost` and all below it, which never go to DNS. @see https://fetch.spec.whatwg.org/#resolve-an-origin */
function isLocalhost(hostname: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(hostname);
}

const lookupLoopback: LookupFunction = (_, options, callback) => {
  const all = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (options.all === true) callback(null, all);
  else callback(null, options.family === 6 ? "::1" : "127.0.0.1", options.family === 6 ? 6 : 4);
};
