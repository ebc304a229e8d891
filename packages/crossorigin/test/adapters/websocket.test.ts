import { type IncomingMessage, type Server, createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, type Socket, connect } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { createDynamicPolicy } from "../../src/adapters/dynamic.ts";
import {
  type GuardEvent,
  type OriginGuardOptions,
  type PolicySource,
  guardUpgrade,
  verifyClient,
} from "../../src/adapters/websocket.ts";
import { PolicyError, createPolicy } from "../../src/index.ts";
import { selfSignedCertificate } from "../../../cli/test/certificate.ts";

const APP = "https://app.example";
const EVIL = "https://evil.test";
const policy = createPolicy({ origins: [APP] });

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

async function listen(server: Server): Promise<number> {
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function text(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : expect.unreachable();
}

/** Echoes every message. */
function echo(sockets: WebSocketServer): WebSocketServer {
  closing.push(() => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
  return sockets.on("connection", (client) => client.on("message", (data) => client.send(text(data))));
}

type Guarded = (source: PolicySource, options?: OriginGuardOptions, server?: Server) => Promise<number>;

/** A server whose port is answered. */
const byVerifyClient: Guarded = (source, options, server = createServer()) => {
  echo(new WebSocketServer({ server, verifyClient: verifyClient(source, options) }));
  return listen(server);
};

const byUpgrade: Guarded = (source, options, server = createServer()) => {
  const sockets = echo(new WebSocketServer({ noServer: true }));
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
  server.on("upgrade", guardUpgrade(source, upgrade, options));
  return listen(server);
};

/** What comes back to a message: an echo, or the status and text of the refusal. */
function talk(url: string, origin?: string | string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new WebSocket(url, {
      rejectUnauthorized: false,
      headers: origin === undefined ? {} : { origin: origin as string },
    });
    closing.push(() => client.terminate());
    client.on("open", () => client.send("hello"));
    client.on("message", (data) => resolve(text(data)));
    client.on("error", reject);
    client.on("unexpected-response", (_request, response) => {
      let answer = `${response.statusCode} `;
      response.on("data", (chunk) => (answer += String(chunk)));
      response.on("end", () => resolve(answer));
    });
  });
}

const HANDSHAKE = [
  "GET /chat?x HTTP/1.1",
  "Host: api.example",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

function open(port: number, lines: readonly string[], ...more: Uint8Array[]): Socket {
  const socket = connect(port, "127.0.0.1");
  closing.push(() => socket.destroy());
  socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), ...more]));
  return socket;
}

async function everythingFrom(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const late = (answer: (origin: string) => boolean): PolicySource =>
  createDynamicPolicy({
    origins: async (origin) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return answer(origin);
    },
  });

describe.each([
  ["verifyClient of ws", byVerifyClient],
  ["a listener for upgrade", byUpgrade],
])("%s", (_name, guarded) => {
  test.each<[string, string | undefined]>([
    ["a listed origin", APP],
    ["no browser", undefined],
    ["a page of the same host and port", "own"],
  ])("opens for %s", async (_case, origin) => {
    const port = await guarded(policy);
    expect(await talk(`ws://127.0.0.1:${port}`, origin === "own" ? `http://127.0.0.1:${port}` : origin)).toBe("hello");
  });

  test.each<[string, string | string[], PolicySource]>([
    ["another origin", EVIL, policy],
    ["another port of the same host", "http://127.0.0.1:1", policy],
    ["two origins in one line", `${APP}, ${EVIL}`, policy],
    ["two origins", [APP, APP], policy],
    ["the origin null", "null", policy],
    ["a listed origin, spelled otherwise", "https://APP.example", policy],
    ["any origin, where all may read", APP, { origins: "*" }],
    ["a route without a policy", APP, () => null],
  ])("stays closed for %s", async (_case, origin, source) => {
    expect(await talk(`ws://127.0.0.1:${await guarded(source)}`, origin)).toBe(
      "403 This request comes from another origin, which may not make it.\n",
    );
  });

  test("stays closed for programs if an origin is required", async () => {
    expect(await talk(`ws://127.0.0.1:${await guarded(policy, { requireOrigin: true })}`)).toMatch(/^403 /);
  });

  test("compares whole origins if own ones are named", async () => {
    const port = await guarded(policy, { ownOrigins: ["https://chat.example"] });
    expect(await talk(`ws://127.0.0.1:${port}`, "https://chat.example")).toBe("hello");
    expect(await talk(`ws://127.0.0.1:${port}`, `http://127.0.0.1:${port}`)).toMatch(/^403 /);
  });

  test("waits for a policy that answers late", async () => {
    const port = await guarded(late((origin) => origin === APP));
    expect(await talk(`ws://127.0.0.1:${port}`, APP)).toBe("hello");
    expect(await talk(`ws://127.0.0.1:${port}`, EVIL)).toMatch(/^403 /);
  });

  test("asks a resolver by path", async () => {
    const port = await guarded(({ path }) => Promise.resolve(path === "/chat" ? policy : null));
    expect(await talk(`ws://127.0.0.1:${port}/chat?room=1`, APP)).toBe("hello");
    expect(await talk(`ws://127.0.0.1:${port}/admin`, APP)).toMatch(/^403 /);
  });

  test("answers 503 if nobody can say, and nothing of why", async () => {
    const events: GuardEvent[] = [];
    const down = new Error("down: password is secret");
    const port = await guarded(createDynamicPolicy({ origins: () => Promise.reject(down) }), {
      onDecision: (event) => events.push(event),
    });
    expect(await talk(`ws://127.0.0.1:${port}/chat`, APP)).toBe(
      "503 It is not known at the moment whether this request may be made.\n",
    );
    expect(events).toMatchObject([
      { request: { path: "/chat", origin: APP }, decision: { code: "guard/lookup-failed" }, error: down },
    ]);
  });

  test("works over TLS", async () => {
    const port = await guarded(policy, {}, createSecureServer(selfSignedCertificate("127.0.0.1")));
    expect(await talk(`wss://127.0.0.1:${port}`, APP)).toBe("hello");
    expect(await talk(`wss://127.0.0.1:${port}`, EVIL)).toMatch(/^403 /);
  });

  test.each<[string, PolicySource]>([
    ["at once", policy],
    ["late", late(() => true)],
  ])("loses nothing of what came with a handshake that is let in %s", async (_case, source) => {
    const masked = Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69);
    const socket = open(await guarded(source), [...HANDSHAKE, `Origin: ${APP}`], masked);
    let text = "";
    for await (const chunk of socket) {
      text += (chunk as Buffer).toString("latin1");
      if (text.endsWith("\x81\x02hi")) break;
    }
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
  });

  test.each<[string, PolicySource]>([
    ["at once", policy],
    ["late", late(() => false)],
  ])("closes a connection that is refused %s, although more has been sent", async (_case, source) => {
    const socket = open(await guarded(source), [...HANDSHAKE, `Origin: ${EVIL}`], new Uint8Array(1000));
    const answer = await everythingFrom(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(answer).toMatch(/\r\nVary: Origin, Sec-Fetch-Site\r\n/);
    expect(answer).toMatch(/\r\nContent-Length: 63\r\n(?:.+\r\n)*\r\nThis [^<]+\.\n$/);
  });

  test.each([true, false])(
    "survives a client that resets the connection during the look-up, granted: %s",
    async (granted) => {
      const server = createServer();
      const sockets: Socket[] = [];
      server.on("connection", (socket) => sockets.push(socket));
      const onDecision = vi.fn<() => void>();
      const answers: ((isGranted: boolean) => void)[] = [];
      const source = createDynamicPolicy({
        origins: () => new Promise<boolean>((resolve) => answers.push(resolve)),
      });
      const client = open(await guarded(source, { onDecision }, server), [...HANDSHAKE, `Origin: ${APP}`]);
      await vi.waitFor(() => expect(answers).toHaveLength(1));
      const [socket] = sockets;
      const isClosed = new Promise<void>((resolve) => socket?.once("close", () => resolve()));
      client.resetAndDestroy();
      await isClosed;
      answers[0]?.(granted);
      await vi.waitFor(() => expect(onDecision).toHaveBeenCalledTimes(1));
      expect(socket?.destroyed).toBe(true);
      // Another client is served.
      expect(await talk(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)).toBe("hello");
    },
  );

  test("is refused when it is built if the policy or the options are", () => {
    expect(() => guarded({ origins: [] })).toThrow(PolicyError);
    expect(() => guarded(policy, { ownOrigins: [`${APP}/`] })).toThrow(PolicyError);
  });
});

describe("a listener for upgrade", () => {
  test("is never called for a client that has left, nor for one that is refused", async () => {
    const handler = vi.fn<() => void>();
    const decided = vi.fn<() => void>();
    const answers: ((isGranted: boolean) => void)[] = [];
    const source = createDynamicPolicy({
      origins: () => new Promise<boolean>((resolve) => answers.push(resolve)),
    });
    const server = createServer().on("upgrade", guardUpgrade(source, handler, { onDecision: decided }));
    const sockets: Socket[] = [];
    server.on("connection", (socket) => sockets.push(socket));
    const port = await listen(server);
    const left = open(port, [...HANDSHAKE, `Origin: ${APP}`]);
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    left.resetAndDestroy();
    await vi.waitFor(() => expect(sockets[0]?.closed).toBe(true));
    const refused = everythingFrom(open(port, [...HANDSHAKE, `Origin: ${EVIL}`]));
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[0]?.(true);
    answers[1]?.(false);
    expect(await refused).toContain(" 403 ");
    expect(decided).toHaveBeenCalledTimes(2);
    expect(handler).not.toHaveBeenCalled();
  });

  test("gets the socket as it was, without listeners of ours", async () => {
    const seen: number[] = [];
    const handler = (_request: IncomingMessage, socket: Duplex): void => {
      seen.push(socket.listenerCount("error"));
      socket.destroy();
    };
    for (const source of [policy, late(() => true)]) {
      const port = await listen(createServer().on("upgrade", guardUpgrade(source, handler)));
      await everythingFrom(open(port, [...HANDSHAKE, `Origin: ${APP}`]));
    }
    expect(seen[0]).toBe(seen[1]);
  });

  test.each(["POST", "OPTIONS", "HEAD"])("guards other methods and protocols as well: %s", async (method) => {
    const handler = vi.fn<() => void>();
    const port = await listen(createServer().on("upgrade", guardUpgrade(policy, handler)));
    const lines = [`${method} / HTTP/1.1`, "Host: a", "Connection: Upgrade", "Upgrade: other", `Origin: ${EVIL}`];
    expect(await everythingFrom(open(port, lines))).toContain(" 403 ");
    expect(handler).not.toHaveBeenCalled();
  });

  test("survives a client whose reset shows only when it is refused", async () => {
    const answers: ((isGranted: boolean) => void)[] = [];
    const source = createDynamicPolicy({
      origins: () => new Promise<boolean>((resolve) => answers.push(resolve)),
    });
    const server = createServer().on(
      "upgrade",
      guardUpgrade(source, () => expect.unreachable()),
    );
    const sockets: Socket[] = [];
    server.on("connection", (socket) => sockets.push(socket));
    const port = await listen(server);
    // More than Node.js reads ahead, so that it stops reading and does not see the reset.
    const client = open(port, [...HANDSHAKE, `Origin: ${EVIL}`], new Uint8Array(2_000_000));
    await vi.waitFor(() => expect(sockets[0]?.readableLength).toBeGreaterThan(60_000));
    client.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sockets[0]?.destroyed).toBe(false);
    answers[0]?.(false);
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true));
    expect(sockets[0]?.errored).toMatchObject({ syscall: expect.any(String) });
  });

  test("keeps no refused connection open, even if the client would", async () => {
    const server = createServer().on(
      "upgrade",
      guardUpgrade(policy, () => expect.unreachable()),
    );
    const port = await listen(server);
    const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    closing.push(() => client.destroy());
    client.write(`${[...HANDSHAKE, `Origin: ${EVIL}`].join("\r\n")}\r\n\r\n`);
    await everythingFrom(client);
    await vi.waitFor(async () => {
      const count = await new Promise<number>((resolve) => server.getConnections((_error, n) => resolve(n)));
      expect(count).toBe(0);
    });
  });

  test("needs a handler", () => {
    expect(() => guardUpgrade(policy, undefined as never)).toThrow(TypeError);
  });
});

describe("verifyClient within one's own", () => {
  test("answers at once without a callback", async () => {
    const verify = verifyClient(policy);
    const server = createServer();
    const isLoggedIn = (request: IncomingMessage): boolean => request.headers.cookie === "session=1";
    echo(
      new WebSocketServer({
        server,
        verifyClient: (info: { req: IncomingMessage }) => verify(info) && isLoggedIn(info.req),
      }),
    );
    const port = await listen(server);
    const lines = [...HANDSHAKE, `Origin: ${APP}`];
    expect(await everythingFrom(open(port, lines))).toMatch(/^HTTP\/1\.1 401 /);
    expect(await everythingFrom(open(port, [...HANDSHAKE, "Cookie: session=1", `Origin: ${EVIL}`]))).toMatch(/ 401 /);
    expect(await talk(`ws://127.0.0.1:${port}`)).toMatch(/^401 /);
    const socket = open(port, [...lines, "Cookie: session=1"]);
    const [first] = await new Promise<string[]>((resolve) =>
      socket.once("data", (chunk) => resolve(String(chunk).split("\r\n"))),
    );
    expect(first).toBe("HTTP/1.1 101 Switching Protocols");
  });

  test("refuses what it cannot answer at once, and says so", () => {
    const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    closing.push(() => warning.mockRestore());
    const verify = verifyClient(late(() => true));
    expect(verify({ req: { method: "GET", headers: { origin: APP } } })).toBe(false);
    expect(warning).toHaveBeenCalledWith(expect.stringContaining("callback"), expect.anything());
  });

  test("is told that there is a callback, which ws counts parameters for", () => {
    expect(verifyClient(policy)).toHaveLength(2);
  });
});
