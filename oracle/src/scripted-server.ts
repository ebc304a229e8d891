/** The server of all scenarios at once: it owns its sockets, answers as the scripts say, and notes what it is asked. */

import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { type IncomingHttpHeaders, type ServerHttp2Stream, createSecureServer as createHttp2Server } from "node:http2";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { extname, join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "./certificate.ts";
import type { Ports } from "./names.ts";
import { type ReceivedRequest, RequestReader } from "./request-reader.ts";
import type { ScriptedFrame, ScriptedResponse, ScriptedRoutes } from "./scenario.ts";
import { ClientFrames, acceptKey, frameBytes } from "./web-socket-frames.ts";

/** One replay of one scenario, under a path of its own. */
export interface ScriptedRun {
  readonly base: string;
  readonly routes: ScriptedRoutes;
  /** Puts names in the place of tokens. */
  expand(text: string): string;
  /** Hears of every request before it is answered. */
  onRequest(request: ReceivedRequest, url: string): void;
}

/** What a scenario needs of a server. */
export interface ScenarioServer {
  /** False if it runs in the scenario's own thread. */
  readonly answersWhileBlocked: boolean;
  readonly ports: Ports;
  /** From when it resolves on the run is served. */
  add(run: ScriptedRun): Promise<void> | void;
  /** When it resolves the run has heard of all its requests. */
  remove(run: ScriptedRun): Promise<void> | void;
}

/** Answers what is asked outside every scenario; null: nothing is there. */
export type Site = (request: ReceivedRequest, url: string) => Promise<ScriptedResponse> | ScriptedResponse | null;

export interface ScriptedServerOptions {
  readonly site?: Site;
  readonly port80Address?: string;
}

/** Where D and E are, so that nobody's server on port 80 of 127.0.0.1 is in the way. */
export const PORT_80_ADDRESS = "127.80.80.80";

/** How a TLS client begins, where it asks for https what is http: it is not to wait for an answer. */
const TLS_HANDSHAKE = 0x16;

/** A run's script, and how many requests each of its lists has answered. */
interface RunState {
  readonly run: ScriptedRun;
  readonly counts: Map<readonly ScriptedResponse[], number>;
}

export class ScriptedServer implements ScenarioServer {
  readonly answersWhileBlocked = false;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<{ destroy(): unknown }>();
  readonly #runs = new Map<string, RunState>();
  readonly #site: Site;
  #ports: Ports | null = null;

  private constructor(site: Site) {
    this.#site = site;
  }

  /** Listens on loopback, on ports that are free; on port 80 only if that may be opened. */
  static async start(
    certificate: Certificate,
    { site = () => null, port80Address = PORT_80_ADDRESS }: ScriptedServerOptions = {},
  ): Promise<ScriptedServer> {
    const server = new ScriptedServer(site);
    const http = (): Server => createServer((socket) => server.#serve(socket, "http"));
    const https = (): Server =>
      createTlsServer({ key: certificate.key, cert: certificate.cert, ALPNProtocols: ["http/1.1"] }, (socket) =>
        server.#serve(socket, "https"),
      );
    const http2 = createHttp2Server({ key: certificate.key, cert: certificate.cert, allowHTTP1: false });
    http2.on("stream", (stream, headers) => server.#serveStream(stream, headers));
    http2.on("session", (session) => {
      server.#sockets.add(session);
      session.on("close", () => server.#sockets.delete(session));
    });
    server.#ports = {
      http: await server.#listen(http(), 0, "127.0.0.1"),
      otherHttp: await server.#listen(http(), 0, "127.0.0.1"),
      https: await server.#listen(https(), 0, "127.0.0.1"),
      otherHttps: await server.#listen(https(), 0, "127.0.0.1"),
      http2: await server.#listen(http2, 0, "127.0.0.1"),
      default: await server.#listen(http(), 80, port80Address).catch(() => 0),
      publicHttp: await server.#listen(http(), 0, "127.0.0.1"),
      publicHttps: await server.#listen(https(), 0, "127.0.0.1"),
      localHttp: await server.#listen(http(), 0, "127.0.0.1"),
      localHttps: await server.#listen(https(), 0, "127.0.0.1"),
      ipv6: await server.#listen(http(), 0, "::1").catch(() => 0),
      otherAddress: await server.#listen(http(), 0, "127.9.0.1").catch(() => 0),
    };
    return server;
  }

  get ports(): Ports {
    if (this.#ports === null) throw new Error("The server does not listen.");
    return this.#ports;
  }

  add(run: ScriptedRun): void {
    this.#runs.set(run.base, { run, counts: new Map() });
  }

  remove(run: ScriptedRun): void {
    this.#runs.delete(run.base);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(server: Server, port: number, address: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
    this.#servers.push(server);
    server.on("tlsClientError", () => {});
    return (server.address() as AddressInfo).port;
  }

  #serve(socket: Socket, scheme: "http" | "https"): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    socket.setNoDelay(true);
    let frames: ClientFrames | null = null;
    const reader = new RequestReader((request) => {
      this.#answer(socket, scheme, request, (sent) => {
        const isClosing = sent.some((frame) => "close" in frame);
        frames = new ClientFrames((answer) => (isClosing ? socket.end() : socket.end(answer)));
      });
    });
    socket.on("data", (chunk) => {
      if (frames !== null) frames.push(chunk);
      else if (scheme === "http" && chunk[0] === TLS_HANDSHAKE) socket.destroy();
      else reader.push(chunk);
    });
  }

  /** @param onUpgrade - called with the frames that were sent behind a head of status 101 */
  #answer(
    socket: Socket,
    scheme: "http" | "https",
    request: ReceivedRequest,
    onUpgrade: (sent: readonly ScriptedFrame[]) => void,
  ): void {
    const host = request.headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "";
    const answer = this.#next(request, `${scheme}://${host}`);
    if (answer === null) {
      void this.#answerFromSite(socket, request, `${scheme}://${host}${request.target}`);
      return;
    }
    const { response, expand } = answer;
    const send = (): void => {
      if (response.reset === true) {
        socket.resetAndDestroy();
        return;
      }
      socket.write(responseBytes(response, request, expand));
      if (response.status === 101) onUpgrade(response.frames ?? []);
      void sendFrames(socket, response);
    };
    if (response.delayMilliseconds === undefined) send();
    else setTimeout(send, response.delayMilliseconds);
  }

  async #answerFromSite(socket: Socket, request: ReceivedRequest, url: string): Promise<void> {
    const response = await this.#site(request, url);
    if (response === null) socket.destroy();
    else socket.write(responseBytes(response, request, (text) => text));
  }

  #serveStream(stream: ServerHttp2Stream, received: IncomingHttpHeaders): void {
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const { ":method": method = "", ":path": target = "", ":authority": host = "" } = received;
      const headers = Object.entries(received).flatMap(([name, value]): [string, string][] =>
        name.startsWith(":") ? [] : [[name, String(value)]],
      );
      const request = { method, target, headers, body: Buffer.concat(chunks).toString("latin1") };
      const answer = this.#next(request, `https://${host}`);
      if (answer === null) {
        stream.close();
        return;
      }
      const { status, lines, content } = responseParts(answer.response, request, answer.expand);
      const fields = lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
      stream.respond({ ":status": status, ...(Object.fromEntries(fields) as Record<string, string>) });
      stream.end(content, "latin1");
    });
  }

  /** Notes the request, and finds what the script answers; null if no scenario has the path. */
  #next(
    request: ReceivedRequest,
    origin: string,
  ): { readonly response: ScriptedResponse; readonly expand: (text: string) => string } | null {
    const [, base = "", resource = ""] = /^(\/r\/[^/]+\/[^/]+\/)([^?]*)/.exec(request.target) ?? [];
    const state = this.#runs.get(base);
    if (state === undefined) return null;
    const { run, counts } = state;
    run.onRequest(request, origin + request.target);
    const methods = run.routes[resource] ?? run.routes["*"] ?? {};
    const responses = methods[request.method] ?? methods["*"] ?? [{ status: 404 }];
    const count = counts.get(responses) ?? 0;
    counts.set(responses, count + 1);
    const response = responses[Math.min(count, responses.length - 1)] ?? {};
    return { response, expand: (text) => run.expand(text) };
  }
}

function responseBytes(response: ScriptedResponse, request: ReceivedRequest, expand: (text: string) => string): Buffer {
  if (response.raw !== undefined) return Buffer.from(expand(response.raw), "latin1");
  const { status, lines, content } = responseParts(response, request, expand);
  const reason = response.reason ?? STATUS_CODES[status] ?? "";
  return Buffer.from([`HTTP/1.1 ${status} ${reason}`, ...lines, "", content].join("\r\n"), "latin1");
}

/** What follows an answer: a WebSocket's frames, and the end of the connection. */
async function sendFrames(socket: Socket, { frames = [], close }: ScriptedResponse): Promise<void> {
  for (const frame of frames) {
    if ("waitMilliseconds" in frame) await new Promise((resolve) => setTimeout(resolve, frame.waitMilliseconds));
    else socket.write(frameBytes(frame));
  }
  if (close === true) socket.end();
}

/** Status, header lines and content, with what is added where the script is silent. */
function responseParts(
  { status = 200, headers = [], body: text = "", payload, bodyTimes = 1 }: ScriptedResponse,
  { method, headers: requestHeaders }: ReceivedRequest,
  expand: (text: string) => string,
): { readonly status: number; readonly lines: string[]; readonly content: string } {
  const { type, body } =
    payload === undefined ? { type: "text/plain", body: expand(text).repeat(bodyTimes) } : readPayload(payload);
  const lines = headers.map(expand);
  const hasLine = (name: string): boolean => lines.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const mayHaveBody = status !== 101 && status !== 204 && status !== 304;
  if (mayHaveBody && !hasLine("content-type")) lines.push(`Content-Type: ${type}`);
  if (mayHaveBody && !hasLine("content-length")) lines.push(`Content-Length: ${Buffer.byteLength(body, "latin1")}`);
  if (status === 101) {
    const key = requestHeaders.find(([name]) => name.toLowerCase() === "sec-websocket-key")?.[1] ?? "";
    if (!hasLine("upgrade")) lines.push("Upgrade: websocket");
    if (!hasLine("connection")) lines.push("Connection: Upgrade");
    if (!hasLine("sec-websocket-accept")) lines.push(`Sec-WebSocket-Accept: ${acceptKey(key)}`);
  }
  return { status, lines, content: mayHaveBody && method !== "HEAD" ? body : "" };
}

const PAYLOAD_FOLDER = join(import.meta.dirname, "../../vectors/payloads");

const PAYLOAD_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".js": "text/javascript",
  ".png": "image/png",
  ".ttf": "font/ttf",
  ".vtt": "text/vtt",
  ".wav": "audio/wav",
  ".webm": "video/webm",
};

const payloads = new Map<string, { readonly type: string; readonly body: string }>();

/** A file as latin-1, with the type that its name tells. Throws if there is no such file. */
function readPayload(name: string): { readonly type: string; readonly body: string } {
  const known = payloads.get(name);
  if (known !== undefined) return known;
  const type = PAYLOAD_TYPES[extname(name)];
  if (type === undefined) throw new Error(`Nobody knows the type of ${name}.`);
  const payload = { type, body: readFileSync(join(PAYLOAD_FOLDER, name), "latin1") };
  payloads.set(name, payload);
  return payload;
}
