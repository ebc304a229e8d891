/**
 * Connections: which address a name leads to, and how TLS checks the name.
 *
 * @see https://fetch.spec.whatwg.org/#create-a-connection
 * @module
 */

import { type LookupFunction, type Socket, connect as connectTcp, isIP } from "node:net";
import type { buildConnector } from "undici";
import { show } from "../byte-string.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import { ConnectionHistory } from "./connection-history.ts";
import { TransportError } from "./network-failure.ts";
import { skipInterimResponses } from "./interim-response.ts";

/** The address to connect to for a name, or another name to look up; undefined to look up the name itself. */
export type Resolve = (hostname: string, port: number) => string | undefined | Promise<string | undefined>;

export interface ConnectorOptions {
  /** The address to connect to instead of what the name resolves to; undefined for none. */
  readonly resolve: Resolve;
  /** PEM certificates trusted beside the default roots; undefined for none. */
  readonly ca: string | undefined;
  /** What a server that asks for a certificate gets, on connections with credentials; undefined for none. */
  readonly clientCertificate: ClientCertificate | undefined;
  readonly timeoutMilliseconds: number;
}

type SocketCallback = (...outcome: [error: null, socket: Socket] | [error: Error, socket: null]) => void;

/** @see https://fetch.spec.whatwg.org/#connection-credentials */
interface WithCredentials {
  readonly includeCredentials: boolean;
}

interface Target extends WithCredentials {
  readonly hostname: string;
  readonly isTls: boolean;
  readonly port: number;
  readonly address: string | undefined;
  readonly protocols: readonly string[];
}

/** Opens sockets, and knows those that are open, so that none outlives the user agent. */
export class Connector {
  /** Of all the sockets that were opened here. */
  readonly history: ConnectionHistory = new ConnectionHistory();
  readonly #options: ConnectorOptions;
  readonly #open = new Set<Socket>();
  /** Ends what is not connected yet. */
  readonly #pending = new Set<(error: Error) => void>();
  #isClosed = false;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** A connector in undici's terms, for sockets that it alone writes to. It calls back once, with a connected socket or an error. */
  connectorWith({ includeCredentials }: WithCredentials): buildConnector.connector {
    return (target, callback) => {
      this.open({ ...target, includeCredentials }, (error, socket) => {
        if (error === null) callback(null, this.adopt(socket));
        else callback(error, null);
      });
    };
  }

  /** Makes a socket one that undici may have. */
  adopt(socket: Socket): Socket {
    return skipInterimResponses(this.history.watch(socket));
  }

  /** Calls back once, with a connected socket or an error. A server that does TLS chooses one of the protocols. */
  readonly open = (
    target: Omit<buildConnector.Options, "httpSocket"> & WithCredentials,
    callback: SocketCallback,
    protocols: readonly string[] = ["http/1.1"],
  ): void => {
    const { timeoutMilliseconds } = this.#options;
    let socket: Socket | null = null;
    let isSettled = false;
    const settle = (error: Error | null): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      this.#pending.delete(settle);
      if (error === null && socket !== null) {
        callback(null, socket);
        return;
      }
      socket?.destroy();
      callback(error ?? new TransportError("network/failed", "there is no socket"), null);
    };
    const timer = setTimeout(() => {
      settle(
        new TransportError("network/timeout", `no connection to ${target.hostname} within ${timeoutMilliseconds} ms`),
      );
    }, timeoutMilliseconds);
    this.#pending.add(settle);
    const isTls = target.protocol === "https:";
    const port = target.port === "" ? (isTls ? 443 : 80) : Number(target.port);
    askForAddress(this.#options.resolve, target.hostname, port)
      .then((address) => {
        if (isSettled) return;
        if (this.#isClosed) throw closedError();
        const { hostname, includeCredentials } = target;
        socket = this.#createSocket({ hostname, isTls, port, address, includeCredentials, protocols });
        this.#watch(socket, isTls, settle);
      })
      .catch((error: unknown) => settle(error instanceof Error ? error : new Error(String(error))));
  };

  /** Destroys every socket, established or not; resolves when all are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const settle of this.#pending) settle(closedError());
    const closing = [...this.#open].map((socket) => {
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.destroy();
      return closed;
    });
    await Promise.all(closing);
  }

  #watch(socket: Socket, isTls: boolean, settle: (error: Error | null) => void): void {
    this.#open.add(socket);
    socket.setNoDelay(true);
    socket.once(isTls ? "secureConnect" : "connect", () => settle(null));
    socket.on("error", (error) => {
      settle(error);
      // An alert of TLS leaves the socket open, and its end would hide what the alert says.
      socket.destroy();
    });
    socket.once("close", () => {
      this.#open.delete(socket);
      settle(new TransportError("network/connection-reset", "the connection was closed before it was established"));
    });
  }

  #createSocket({ hostname, isTls, port, address, includeCredentials, protocols }: Target): Socket {
    const shared = {
      host: address ?? hostname,
      port,
      autoSelectFamily: true,
      // A busy process must not take its own delay for that of an address; loopback ones refuse at once.
      ...(address === undefined && isLocalhost(hostname)
        ? { lookup: lookupLoopback, autoSelectFamilyAttemptTimeout: this.#options.timeoutMilliseconds }
        : {}),
    };
    if (!isTls) return connectTcp(shared);
    const { ca, clientCertificate } = this.#options;
    const tls = process.getBuiltinModule("node:tls");
    return tls.connect({
      ...shared,
      // Server Name Indication is for names; addresses have none.
      servername: isIP(hostname) === 0 ? hostname : "",
      checkServerIdentity: (_, certificate) => tls.checkServerIdentity(hostname, certificate),
      ALPNProtocols: [...protocols],
      // Node.js takes `ca` instead of its roots, not beside them.
      ...(ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] }),
      // Create a connection: without credentials, no client certificate is sent.
      ...(includeCredentials ? clientCertificate : {}),
    });
  }
}

/** What `resolve` says. Whatever is wrong with it is the embedder's mistake, and says so instead of passing for the network's. */
async function askForAddress(resolve: Resolve, hostname: string, port: number): Promise<string | undefined> {
  const asked = `resolve(${show(hostname)}, ${port})`;
  let address: unknown;
  try {
    address = await resolve(hostname, port);
  } catch (error) {
    throw resolveError(`${asked} threw ${error instanceof Error ? String(error) : show(error)}`, error);
  }
  if (address === undefined) return undefined;
  if (typeof address === "string" && (isIP(address) !== 0 || /^[\w.-]+$/.test(address))) return address;
  throw resolveError(`${asked} gave ${show(address)}, not an address such as "127.0.0.1", nor undefined`);
}

function resolveError(detail: string, cause?: unknown): TransportError {
  return new TransportError("network/resolve-option-failed", detail, { cause });
}

function closedError(): TransportError {
  return new TransportError("network/client-closed", "the user agent is closed");
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
