/**
 * The transport: undici's dispatcher, below its own fetch.
 *
 * @see https://fetch.spec.whatwg.org/#concept-http-network-fetch
 * @module
 */

import { rootCertificates } from "node:tls";
import type { ResponseBody, Transport, TransportRequest, TransportResult } from "crossorigin/fetching";
import type { HeaderList } from "crossorigin/protocol";
import { Agent, type Dispatcher, buildConnector } from "undici";
import { decodedBody } from "./content-coding.ts";
import { networkFailure } from "./network-code.ts";
import { ReceivedBody } from "./received-body.ts";

export interface TransportOptions {
  /** The address to connect to instead of resolving the name; undefined to resolve it. */
  readonly resolve: ((hostname: string, port: number) => string | undefined) | undefined;
  /** Certificates in PEM to trust beside the built-in ones. */
  readonly ca: string | undefined;
  /** For connecting, for the head, and between two pieces of a body. */
  readonly timeoutMilliseconds: number;
  readonly maxHeaderBytes: number;
}

/** One pool of connections for each partition, with and without credentials apart. */
export class DispatcherTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #agents = new Map<string, Agent>();
  readonly #spare = new Set<Agent>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async send(request: TransportRequest): Promise<TransportResult> {
    const { body } = request;
    if (body?.kind === "stream") {
      return { ok: false, code: "network/stream-needs-http2", detail: "the server was reached over HTTP/1.1" };
    }
    return new Promise((resolve) => {
      const handler = new ExchangeHandler(request, resolve);
      try {
        this.#agentFor(request).dispatch(
          {
            origin: request.url.origin,
            path: `${request.url.pathname}${request.url.search}`,
            // Methods are free; undici's type names the usual ones.
            method: request.method as Dispatcher.HttpMethod,
            headers: request.headers.filter(([name]) => name.toLowerCase() !== "content-length").flat(),
            body: body === null ? null : body.bytes,
          },
          handler,
        );
      } catch (error) {
        handler.onResponseError(undefined, error);
      }
    });
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values(), ...this.#spare];
    this.#agents.clear();
    this.#spare.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #agentFor({ networkPartitionKey, includeCredentials, isNewConnection }: TransportRequest): Agent {
    if (isNewConnection) {
      const agent = this.#createAgent();
      this.#spare.add(agent);
      return agent;
    }
    const key = `${networkPartitionKey} ${includeCredentials}`;
    const agent = this.#agents.get(key) ?? this.#createAgent();
    this.#agents.set(key, agent);
    return agent;
  }

  #createAgent(): Agent {
    const { resolve, ca, timeoutMilliseconds, maxHeaderBytes } = this.#options;
    // Node replaces its own certificates by `ca`, so they are named again.
    const connect = buildConnector({ timeout: timeoutMilliseconds, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) });
    return new Agent({
      connect: (target, callback) => {
        const port = Number(target.port) || (target.protocol === "https:" ? 443 : 80);
        const address = resolve?.(target.hostname, port) ?? loopbackAddress(target.hostname);
        // The name stays for the certificate; only the address changes.
        connect(address === undefined ? target : { ...target, hostname: address, servername: target.servername ?? target.hostname }, callback);
      },
      headersTimeout: timeoutMilliseconds,
      bodyTimeout: timeoutMilliseconds,
      maxHeaderSize: maxHeaderBytes,
      pipelining: 1,
      keepAliveTimeout: 4000,
    });
  }
}

/** `localhost` and all below it never leave the machine. */
function loopbackAddress(hostname: string): string | undefined {
  return /^.+\.localhost\.?$/.test(hostname) ? "127.0.0.1" : undefined;
}

/** Takes one exchange from the dispatcher: the head resolves it, the body follows. */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: TransportRequest;
  readonly #resolve: (result: TransportResult) => void;
  #stopListening: () => void = () => undefined;
  #body: ReceivedBody | null = null;
  #isDone = false;

  constructor(request: TransportRequest, resolve: (result: TransportResult) => void) {
    this.#request = request;
    this.#resolve = resolve;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const abort = (): void => controller.abort(new Error("the fetch was canceled"));
    if (this.#request.controller.isCanceled) abort();
    else this.#stopListening = this.#request.controller.onCancel(abort);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusMessage?: string): void {
    if (status < 200) return;
    const headers = headerListOf(controller.rawHeaders);
    const body = new ReceivedBody(controller);
    this.#body = body;
    const result: ResponseBody = decodedBody(body, headers);
    this.#resolve({ ok: true, status, statusMessage: statusMessage ?? "", headers, body: result });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#finish();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    if (this.#isDone) return;
    this.#finish();
    if (this.#body === null) this.#resolve({ ok: false, ...networkFailure(error) });
    else this.#body.fail(error);
  }

  #finish(): void {
    this.#isDone = true;
    this.#stopListening();
  }
}

/** Duplicates, order and bytes as they came; bytes become latin-1 characters. */
function headerListOf(rawHeaders: unknown): HeaderList {
  const list: HeaderList = [];
  if (!Array.isArray(rawHeaders)) return list;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    list.push([latin1(rawHeaders[index]), latin1(rawHeaders[index + 1])]);
  }
  return list;
}

function latin1(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString("latin1") : String(value);
}
