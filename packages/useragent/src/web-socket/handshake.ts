/**
 * The opening handshake on the wire, and the connection that comes of it, by the package `ws`.
 *
 * @see https://websockets.spec.whatwg.org/#websocket-opening-handshake
 * @module
 */

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Transport, TransportRequest, TransportResult } from "crossorigin/fetching";
import { type Header, type HeaderList, normalizeHeaderValue } from "crossorigin/protocol";
import { type ClientOptions, WebSocket } from "ws";
import type { Connector } from "../transport/connector.ts";
import { TransportError, networkFailureOf } from "../transport/network-failure.ts";
import { clearTimeout, setTimeout } from "../dom/tasks.ts";
import type { WireSocket } from "./wire-socket.ts";

export interface HandshakeOptions {
  readonly connector: Connector;
  readonly maxHeaderBytes: number;
  /** For the whole handshake. */
  readonly timeoutMilliseconds: number;
}

/** What a handshake asks for, and what came of it beyond status and headers. */
export interface Handshake {
  readonly protocols: readonly string[];
  /** Called with all headers when the request is written, `Host` among them. */
  readonly onRequest: (headers: readonly Header[]) => void;
  /** Called at once when there is a connection, before anything can come over it. */
  readonly onConnection: (socket: WireSocket) => void;
  /** What is wrong with a response of status 101; null if nothing is. */
  defect: string | null;
}

/**
 * The transport for one handshake. As `Host` is, `Connection`, `Upgrade`, `Sec-WebSocket-Key`, `-Version` and
 * `-Extensions` are its own.
 */
export function handshakeTransport(options: HandshakeOptions, handshake: Handshake): Transport {
  return { send: (request) => shakeHands(request, options, handshake) };
}

async function shakeHands(
  request: TransportRequest,
  options: HandshakeOptions,
  handshake: Handshake,
): Promise<TransportResult> {
  const { timeoutMilliseconds } = options;
  return new Promise((resolve) => {
    const socket = new WebSocket(
      addressOf(request.url),
      [...handshake.protocols],
      wireOptions(request, options, handshake),
    );
    const settle = (result: TransportResult): void => {
      clearTimeout(timer);
      stopListening();
      resolve(result);
    };
    const fail = (error: unknown): void => {
      settle({ ok: false, ...networkFailureOf(error) });
      socket.terminate();
    };
    const timer = setTimeout(
      () => fail(new TransportError("network/timeout", `no answer to the handshake in ${timeoutMilliseconds} ms`)),
      timeoutMilliseconds,
    );
    const stopListening = request.controller.onCancel(() =>
      fail(new TransportError("network/client-closed", "the handshake was given up")),
    );
    let upgrade: IncomingMessage | null = null;
    let isOpen = false;
    socket.on("upgrade", (response) => (upgrade = response));
    socket.on("unexpected-response", (outgoing: ClientRequest, response) => {
      // `node:http` sees no upgrade where a response of status 101 lacks `Upgrade`, or `Connection` does not name it.
      if (response.statusCode === 101) handshake.defect = "Missing or invalid Upgrade or Connection header";
      settle(resultOf(response));
      outgoing.destroy();
    });
    socket.on("open", () => {
      if (upgrade === null) return;
      isOpen = true;
      handshake.onConnection(socket);
      settle(resultOf(upgrade));
    });
    socket.on("error", (error) => {
      // Later ones are the connection's.
      if (isOpen) return;
      if (upgrade === null) {
        fail(error);
        return;
      }
      handshake.defect = error.message;
      settle(resultOf(upgrade));
    });
  });
}

function wireOptions(
  request: TransportRequest,
  { connector, maxHeaderBytes }: HandshakeOptions,
  { onRequest }: Handshake,
): ClientOptions {
  const { url, headers } = request;
  const protocols = headers.find(([name]) => name === "Sec-WebSocket-Protocol")?.[1];
  const connect = (_: unknown, callback: (error: Error | null, socket?: Socket) => void): void => {
    const { protocol, host, port } = url;
    // A literal IPv6 address has brackets in a URL, and none for a socket.
    const hostname = url.hostname.replaceAll(/^\[|\]$/g, "");
    connector.open(
      { protocol, host, hostname, port, includeCredentials: request.includeCredentials },
      (error, socket) => {
        if (error !== null) callback(error);
        else if (isAllowed(request, socket)) callback(null, socket);
        else callback(socket.destroy(new TransportError("network/failed", "the address is not allowed")).errored);
      },
    );
  };
  // For `node:http`; the types of `ws` leave it out.
  const limits = { maxHeaderSize: maxHeaderBytes };
  return {
    ...limits,
    headers: Object.fromEntries([["Host", url.host], ...headers]),
    // The types ask for `net.createConnection` itself; `node:http` calls it as it calls an agent's.
    createConnection: connect as unknown as NonNullable<ClientOptions["createConnection"]>,
    finishRequest: (outgoing) => {
      // `ws` leaves out the space after each comma, which the standard's combining has.
      if (protocols !== undefined) outgoing.setHeader("Sec-WebSocket-Protocol", protocols);
      onRequest(outgoing.getRawHeaderNames().map((name) => [name, String(outgoing.getHeader(name))]));
      outgoing.end();
    },
  };
}

function isAllowed(request: TransportRequest, socket: Socket): boolean {
  const { remoteAddress: address = "", remotePort: port = 0 } = socket;
  return request.allowsConnection({ address, port });
}

/** Without user and password, which `ws` would send; what is remembered for the realm is among the request's headers. */
function addressOf(url: URL): URL {
  const address = new URL(url);
  address.username = "";
  address.password = "";
  return address;
}

function resultOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): TransportResult {
  const headers: HeaderList = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    headers.push([rawHeaders[index] ?? "", normalizeHeaderValue(rawHeaders[index + 1] ?? "")]);
  return { ok: true, status: statusCode ?? 0, statusMessage: statusMessage ?? "", headers, body: null };
}
