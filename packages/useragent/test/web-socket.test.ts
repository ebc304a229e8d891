import { type IncomingMessage, createServer } from "node:http";
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { explain } from "crossorigin/diagnose";
import { verifyClient } from "crossorigin/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ServerOptions, type WebSocket as ServerSocket, WebSocketServer } from "ws";
import { type Client, type WebSocket, networkErrorReason } from "@crossorigin/useragent";
import { agent, listen, serve, serveRaw, until } from "./loopback.ts";

interface SocketServer {
  readonly port: number;
  readonly handshakes: IncomingMessage[];
  readonly sockets: ServerSocket[];
}

/** A server of WebSockets that echoes. */
async function serveSockets(options: ServerOptions = {}, headers: readonly string[] = []): Promise<SocketServer> {
  const server = createServer((_, response) => response.writeHead(404, { "Set-Cookie": "plain=1" }).end());
  const sockets = new WebSocketServer({ ...options, server });
  const seen: SocketServer = { port: await listen(server), handshakes: [], sockets: [] };
  server.on("upgrade", (request) => seen.handshakes.push(request));
  sockets.on("headers", (all) => all.push(...headers));
  sockets.on("connection", (socket) => {
    seen.sockets.push(socket);
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  onTestFinished(async () => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return seen;
}

interface Heard {
  readonly socket: WebSocket;
  /** `type readyState`, with what a close says, and the text of messages. */
  readonly seen: string[];
  readonly codes: (string | undefined)[];
}

function connect(page: Client, url: string, protocols?: string | string[]): Heard {
  const socket = new page.WebSocket(url, protocols);
  const heard: Heard = { socket, seen: [], codes: [] };
  socket.onopen = (event) => heard.seen.push(`${event.type} ${socket.readyState}`);
  socket.onmessage = ({ type, data, origin }) =>
    heard.seen.push(`${type} ${socket.readyState} ${String(data)} ${origin}`);
  socket.onerror = (event) => {
    heard.seen.push(`${event.type} ${socket.readyState}`);
    heard.codes.push(networkErrorReason(event)?.code);
  };
  socket.onclose = ({ type, wasClean, code, reason }) =>
    heard.seen.push(`${type} ${socket.readyState} ${wasClean} ${code} ${reason}`);
  return heard;
}

const FAILED = ["error 3", "close 3 false 1006 "];

describe("26.26: the handshake of a WebSocket", () => {
  test("says whose page asks, brings cookies and no referrer, and needs no CORS", async () => {
    const server = await serveSockets({ perMessageDeflate: true });
    const { page, trace } = agent();
    page.cookies.set("own=1; Path=/");
    const { seen, socket } = connect(page, `ws://foo.example:${server.port}/chat?a=b`);
    await until(() => seen.length > 0);
    const [handshake] = server.handshakes;
    expect(handshake?.url).toBe("/chat?a=b");
    expect(handshake?.headers).toMatchObject({
      host: `foo.example:${server.port}`,
      origin: "http://foo.example",
      cookie: "own=1",
      connection: "Upgrade",
      upgrade: "websocket",
      pragma: "no-cache",
      "cache-control": "no-cache",
      "accept-language": "en-US,en;q=0.9",
      "user-agent": "Mozilla/5.0 (compatible; crossorigin)",
      "sec-websocket-version": "13",
      "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
    });
    expect(handshake?.headers.referer).toBeUndefined();
    expect(handshake?.headers["sec-websocket-protocol"]).toBeUndefined();
    expect(trace.map(({ type }) => type)).toEqual(["fetch", "main-fetch", "request", "response", "done"]);
    expect(trace[0]).toMatchObject({ mode: "websocket", credentialsMode: "include", redirectMode: "error" });
    const sent = trace.flatMap((event) => (event.type === "request" ? event.headers.flat() : []));
    expect(sent).toEqual(handshake?.rawHeaders);
    expect([socket.url, socket.protocol]).toEqual([`ws://foo.example:${server.port}/chat?a=b`, ""]);
    expect(socket.extensions).toContain("permessage-deflate");
  });

  test("a page of another origin gets as far, which a guard of origins on the server prevents", async () => {
    const open = await serveSockets();
    const guarded = await serveSockets({ verifyClient: verifyClient({ origins: ["http://foo.example"] }) });
    const { userAgent, page } = agent();
    const foreign = userAgent.client({ url: "http://evil.other/" });
    const sandboxed = userAgent.client({ url: "http://foo.example/", opaqueOrigin: true });
    const [anywhere, own, refused, opaque] = [
      connect(foreign, `ws://api.example:${open.port}/`),
      connect(page, `ws://api.example:${guarded.port}/`),
      connect(foreign, `ws://api.example:${guarded.port}/`),
      connect(sandboxed, `ws://api.example:${guarded.port}/`),
    ];
    await until(() => [anywhere, own, refused, opaque].every(({ seen }) => seen.length > 0));
    expect([anywhere.seen, own.seen, refused.seen, opaque.seen]).toEqual([["open 1"], ["open 1"], FAILED, FAILED]);
    expect([refused.codes, opaque.codes]).toEqual([["websocket/status-not-101"], ["websocket/status-not-101"]]);
    expect(networkErrorReason(refused.socket)).toMatchObject({ expected: "101", received: "403" });
    const origins = new Set(guarded.handshakes.map(({ headers }) => headers.origin));
    expect(origins).toEqual(new Set(["http://evil.other", "http://foo.example", "null"]));
  });

  test("cookies of the answer are kept, whether it is one to the handshake or not", async () => {
    const server = await serveSockets({}, ["Set-Cookie: a=1", "Set-Cookie: b=2; HttpOnly"]);
    const plain = await serve((_, response) => response.writeHead(401, { "Set-Cookie": "c=3" }).end());
    const { page, trace } = agent();
    const [good, bad] = [
      connect(page, `ws://foo.example:${server.port}/`),
      connect(page, `ws://foo.example:${plain.port}/`),
    ];
    await until(() => good.seen.length > 0 && bad.seen.length > 0);
    expect(page.cookies.get().split("; ").toSorted()).toEqual(["a=1", "c=3"]);
    expect(trace.filter(({ type }) => type === "cookies")).toHaveLength(2);
    expect(bad.seen).toEqual(FAILED);
    expect(bad.codes).toEqual(["websocket/status-not-101"]);
    const explanation = explain(networkErrorReason(bad.socket)?.trace ?? []);
    expect(explanation).toMatchObject({ verdict: "withheld", code: "websocket/status-not-101" });
    expect(explanation.summary).toContain("answered with 401");
  });

  test("chromium: cookies of an answer that is none to the handshake are not kept", async () => {
    const server = await serveSockets({}, ["Set-Cookie: a=1"]);
    const plain = await serve((_, response) => response.writeHead(401, { "Set-Cookie": "c=3" }).end());
    const { page } = agent({ profile: "chromium" });
    const both = [server, plain].map(({ port }) => connect(page, `ws://foo.example:${port}/`));
    await until(() => both.every(({ seen }) => seen.length > 0));
    expect(page.cookies.get()).toBe("a=1");
  });

  test.each(["chromium", "firefox"] as const)("%s: the constructor throws for mixed content", (profile) => {
    const { page } = agent({ profile }, "https://foo.example/");
    const constructing = (): unknown => new page.WebSocket("ws://bar.other/");
    expect(constructing).toThrow(expect.objectContaining({ name: "SecurityError" }));
  });

  test("a subprotocol is chosen from those that the page offers", async () => {
    const server = await serveSockets({ handleProtocols: (protocols) => [...protocols].at(-1) ?? false });
    const { page } = agent();
    const { socket, seen } = connect(page, `http://bar.other:${server.port}/`, ["soap", "wamp"]);
    expect(socket.url).toBe(`ws://bar.other:${server.port}/`);
    await until(() => seen.length > 0);
    expect(server.handshakes[0]?.headers["sec-websocket-protocol"]).toBe("soap, wamp");
    expect(socket.protocol).toBe("wamp");
    const single = connect(page, `/`.replace("/", `ws://bar.other:${server.port}/`), "one");
    await until(() => single.seen.length > 0);
    expect(single.socket.protocol).toBe("one");
  });

  test.each([
    ["http://foo.example/", "ws://foo.example:25/", "main-fetch/bad-port"],
    ["https://foo.example/", "ws://bar.other/", "main-fetch/mixed-content"],
    ["http://foo.example/", "ws://nowhere.invalid/", "network/name-not-resolved"],
    ["http://foo.example/", "ws://bar.other:1/", "main-fetch/bad-port"],
  ])("of the page %s with %s fails: %s", async (pageUrl, url, code) => {
    const { page } = agent({}, pageUrl);
    const { socket, seen, codes } = connect(page, url);
    expect(socket.readyState).toBe(0);
    await until(() => seen.length === 2);
    expect([seen, codes]).toEqual([FAILED, [code]]);
  });

  test("redirects are not followed", async () => {
    const server = await serve((_, response) => response.writeHead(302, { Location: "/there" }).end());
    const { page } = agent();
    const { seen, codes } = connect(page, `ws://bar.other:${server.port}/`);
    await until(() => seen.length === 2);
    expect([seen, codes]).toEqual([FAILED, ["http-fetch/redirect-mode-error"]]);
    expect(server.requests).toHaveLength(1);
  });

  test("a server that is silent, is not there, or speaks nothing known fails with the network's reason", async () => {
    const silent = await serveRaw(() => {});
    const noise = await serveRaw((socket) => socket.end("what?\r\n\r\n"));
    const { page } = agent({ timeoutMilliseconds: 200 });
    const gone = await serveRaw((socket) => socket.destroy());
    const heard = [silent, noise, gone].map(({ port }) => connect(page, `ws://bar.other:${port}/`));
    await until(() => heard.every(({ seen }) => seen.length === 2));
    expect(heard.map(({ codes }) => codes)).toEqual([
      ["network/timeout"],
      ["network/http-malformed"],
      ["network/connection-reset"],
    ]);
    expect(await silent.openConnections()).toBe(0);
  });

  test.each([
    ["another key", ["Upgrade: websocket", "Sec-WebSocket-Accept: AAAA"], []],
    ["another protocol", ["Upgrade: h2c", "Sec-WebSocket-Accept: KEY"], []],
    ["no upgrade", ["Sec-WebSocket-Accept: KEY"], []],
    ["no subprotocol", ["Upgrade: websocket", "Sec-WebSocket-Accept: KEY"], ["a"]],
    [
      "a subprotocol that nobody offered",
      ["Upgrade: websocket", "Sec-WebSocket-Accept: KEY", "Sec-WebSocket-Protocol: b"],
      ["a"],
    ],
    [
      "an extension that nobody offered",
      ["Upgrade: websocket", "Sec-WebSocket-Accept: KEY", "Sec-WebSocket-Extensions: x"],
      [],
    ],
  ])("an answer with %s is none", async (_, lines, protocols) => {
    const server = await serveRaw((socket, head) => {
      const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      const all = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Set-Cookie: a=1", ...lines];
      socket.write(`${all.join("\r\n").replace("KEY", accept)}\r\n\r\n`);
    });
    const { page } = agent();
    const { socket, seen, codes } = connect(page, `ws://foo.example:${server.port}/`, protocols);
    await until(() => seen.length === 2);
    expect([seen, codes]).toEqual([FAILED, ["websocket/handshake-invalid"]]);
    expect(networkErrorReason(socket)?.subject).not.toBeNull();
    expect(page.cookies.get()).toBe("a=1");
    await until(async () => (await server.openConnections()) === 0);
  });

  test("interim responses before the answer are skipped", async () => {
    const server = await serveSockets();
    const raw = await serveRaw((socket, head) => {
      socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
      const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(
        `HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.write(Buffer.from("8102", "hex"));
      socket.write("hi");
    });
    const { page } = agent();
    const { seen } = connect(page, `ws://bar.other:${raw.port}/`);
    await until(() => seen.length === 2);
    expect(seen).toEqual(["open 1", `message 1 hi ws://bar.other:${raw.port}`]);
    expect(server.handshakes).toHaveLength(0);
  });

  test("a local address is asked for only by pages that may", async () => {
    const server = await serveSockets();
    const { userAgent } = agent();
    const page = userAgent.client({ url: "https://foo.example/", ipAddressSpace: "public" });
    const { seen } = connect(page, `ws://localhost:${server.port}/`);
    await until(() => seen.length === 2);
    expect(seen).toEqual(FAILED);
    expect(server.handshakes).toHaveLength(0);
  });
});

describe("26.26: messages of a WebSocket", () => {
  test("text, bytes, blobs and long ones come back as they were, in order", async () => {
    const server = await serveSockets({ perMessageDeflate: { threshold: 0 } });
    const { page } = agent();
    const socket = new page.WebSocket(`ws://bar.other:${server.port}/`);
    const received: unknown[] = [];
    socket.onmessage = ({ data }) => received.push(data);
    await new Promise((resolve) => (socket.onopen = resolve));
    const long = "é".repeat(200_000);
    socket.send("text \u{D800}");
    socket.send(long);
    const bytes = Uint8Array.of(1, 2, 3, 4);
    socket.send(new DataView(bytes.buffer, 1, 2));
    bytes.fill(0);
    await until(() => received.length === 3);
    socket.binaryType = "arraybuffer";
    socket.binaryType = "nonsense" as "blob";
    expect(socket.binaryType).toBe("arraybuffer");
    socket.send(new Blob(["blob"]));
    socket.send(Uint8Array.of(5).buffer);
    socket.send("");
    socket.send(5 as unknown as string);
    await until(() => received.length === 7);
    const [text, same, blob, buffer, five, empty, number] = received;
    expect([text, same === long, empty, number]).toEqual(["text \u{FFFD}", true, "", "5"]);
    expect(blob).toBeInstanceOf(Blob);
    expect([...new Uint8Array(await (blob as Blob).arrayBuffer())]).toEqual([2, 3]);
    expect(Buffer.from(buffer as ArrayBuffer).toString()).toBe("blob");
    expect([...new Uint8Array(five as ArrayBuffer)]).toEqual([5]);
    await until(() => socket.bufferedAmount === 0);
  });

  test("what is called a blob and is none is no message", async () => {
    const server = await serveSockets();
    const { page } = agent();
    const { socket, seen } = connect(page, `ws://bar.other:${server.port}/`);
    await until(() => seen.length === 1);
    const data = { [Symbol.toStringTag]: "Blob" } as unknown as Blob;
    expect(() => socket.send(data)).toThrow("The data is called a Blob and cannot be read as one.");
  });

  test("what is sent counts as buffered until it is on its way, and for ever after the end", async () => {
    const server = await serveSockets();
    const { page } = agent();
    const { socket, seen } = connect(page, `ws://bar.other:${server.port}/`);
    expect(() => socket.send("early")).toThrow(expect.objectContaining({ name: "InvalidStateError" }));
    await until(() => seen.length === 1);
    socket.send("é");
    expect(socket.bufferedAmount).toBe(2);
    await until(() => socket.bufferedAmount === 0);
    socket.close();
    socket.send("late");
    await until(() => socket.readyState === 3);
    socket.send(new Uint8Array(3));
    expect(socket.bufferedAmount).toBe(7);
    expect(server.sockets).toHaveLength(1);
  });

  test("come one in a task, none before open and none after close()", async () => {
    const server = await serveSockets();
    const { page } = agent();
    const { socket, seen } = connect(page, `ws://bar.other:${server.port}/`);
    await until(() => server.sockets.length === 1);
    for (const text of ["1", "2", "3"]) server.sockets[0]?.send(text);
    socket.addEventListener("message", ({ data }) => {
      void Promise.resolve().then(() => seen.push("microtask"));
      if (data === "2") socket.close(3000, "enough");
    });
    await until(() => socket.readyState === 3);
    const origin = `ws://bar.other:${server.port}`;
    expect(seen).toEqual([
      "open 1",
      `message 1 1 ${origin}`,
      "microtask",
      `message 1 2 ${origin}`,
      "microtask",
      "close 3 true 3000 enough",
    ]);
  });
});

describe("26.26: the end of a WebSocket", () => {
  test.each([
    [(socket: ServerSocket) => socket.close(4001, "gone"), "close 3 true 4001 gone"],
    [(socket: ServerSocket) => socket.close(), "close 3 true 1005 "],
  ])("by the server is clean", async (end, closed) => {
    const server = await serveSockets();
    const { page } = agent();
    const { seen, codes, socket } = connect(page, `ws://bar.other:${server.port}/`);
    await until(() => server.sockets.length === 1 && seen.length === 1);
    server.sockets.forEach(end);
    await until(() => seen.length === 2);
    expect([seen, codes]).toEqual([["open 1", closed], []]);
    expect(networkErrorReason(socket)).toBeUndefined();
  });

  test.each([
    [undefined, undefined, "close 3 true 1005 ", 1005, ""],
    [1000, "", "close 3 true 1000 ", 1000, ""],
    [4000.4, "é", "close 3 true 4000 é", 4000, "é"],
    [undefined, "why", "close 3 true 1000 why", 1000, "why"],
  ])("by the page with %s and %s", async (code, reason, closed, serverCode, serverReason) => {
    const server = await serveSockets();
    const { page } = agent();
    const { seen, socket } = connect(page, `ws://bar.other:${server.port}/`);
    await until(() => server.sockets.length === 1 && seen.length === 1);
    const ended = new Promise((resolve) =>
      server.sockets[0]?.on("close", (given, why) => resolve([given, why.toString()])),
    );
    socket.close(code, reason);
    expect(socket.readyState).toBe(2);
    socket.close(1000, "again");
    expect(await ended).toEqual([serverCode, serverReason]);
    await until(() => seen.length === 2);
    expect(seen.at(-1)).toBe(closed);
  });

  test.each([
    [999, "x", "InvalidAccessError"],
    [1001, "x", "InvalidAccessError"],
    [5000, "x", "InvalidAccessError"],
    ["x", "x", "InvalidAccessError"],
    [1000, "é".repeat(62), "SyntaxError"],
  ])("close(%s, …) throws", (code, reason, name) => {
    const socket = new (agent().page.WebSocket)("ws://nowhere.invalid/");
    expect(() => socket.close(code as number, reason)).toThrow(expect.objectContaining({ name }));
    expect(socket.readyState).toBe(0);
  });

  test("close() before it is connected fails it, without a reason, as nothing went wrong", async () => {
    const server = await serveSockets();
    const { page } = agent();
    const { seen, codes, socket } = connect(page, `ws://bar.other:${server.port}/`);
    socket.close();
    expect(socket.readyState).toBe(2);
    await until(() => seen.length === 2);
    expect([seen, codes]).toEqual([FAILED, [undefined]]);
  });

  test("a connection that breaks off is told as an error, with the network's reason", async () => {
    const server = await serveSockets();
    const { page } = agent();
    const { seen, codes } = connect(page, `ws://bar.other:${server.port}/`);
    await until(() => server.sockets.length === 1 && seen.length === 1);
    server.sockets[0]?.terminate();
    await until(() => seen.length === 3);
    expect([seen, codes]).toEqual([["open 1", ...FAILED], ["network/connection-reset"]]);
  });

  test.each(["chromium", "firefox", "webkit"] as const)(
    "%s: a connection that breaks off is closed without an error",
    async (profile) => {
      const server = await serveSockets();
      const { page } = agent({ profile });
      const { seen, socket } = connect(page, `ws://bar.other:${server.port}/`);
      await until(() => server.sockets.length === 1 && seen.length === 1);
      server.sockets[0]?.terminate();
      await until(() => seen.length === 2);
      expect(seen).toEqual(["open 1", "close 3 false 1006 "]);
      expect(networkErrorReason(socket)?.code).toBe("network/connection-reset");
    },
  );

  test("a frame that cannot be is a protocol error", async () => {
    const server = createServer();
    server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
      const key = String(request.headers["sec-websocket-key"]);
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.on("error", () => {});
      socket.write(
        `HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.end(Buffer.from("ff00", "hex"));
    });
    const port = await listen(server);
    const { page } = agent();
    const { seen, codes } = connect(page, `ws://bar.other:${port}/`);
    await until(() => seen.length === 3);
    expect([seen, codes]).toEqual([["open 1", ...FAILED], ["websocket/protocol-error"]]);
    server.close();
  });

  test("closing the page ends its sockets, connected or not, and says so to the server", async () => {
    const server = await serveSockets();
    const silent = await serveRaw(() => {});
    const { page } = agent();
    const [open, connecting] = [
      connect(page, `ws://bar.other:${server.port}/`),
      connect(page, `ws://bar.other:${silent.port}/`),
    ];
    await until(() => server.sockets.length === 1 && open.seen.length === 1 && silent.received() !== "");
    const code = new Promise((resolve) => server.sockets[0]?.on("close", resolve));
    await page.close();
    expect(await code).toBe(1001);
    await until(() => open.seen.length === 3 && connecting.seen.length === 2);
    expect([open.seen, connecting.seen]).toEqual([["open 1", ...FAILED], FAILED]);
    expect([open.codes, connecting.codes]).toEqual([["network/client-closed"], ["network/client-closed"]]);
    const late = connect(page, `ws://bar.other:${server.port}/`);
    await until(() => late.seen.length === 2);
    expect(late.codes).toEqual(["network/client-closed"]);
    await until(async () => (await silent.openConnections()) === 0);
  });
});

describe("26.26: the interface of WebSocket", () => {
  test("has the constants and members of the standard", () => {
    const { WebSocket } = agent().page;
    expect([WebSocket.name, WebSocket.length]).toEqual(["WebSocket", 1]);
    expect([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]).toEqual([0, 1, 2, 3]);
    const socket = new WebSocket("wss://nowhere.invalid");
    expect([socket.url, socket.readyState, socket.binaryType]).toEqual(["wss://nowhere.invalid/", 0, "blob"]);
    expect([socket.bufferedAmount, socket.extensions, socket.protocol, socket.CLOSED]).toEqual([0, "", "", 3]);
    expect([socket.onopen, socket.onmessage, socket.onerror, socket.onclose]).toEqual([null, null, null, null]);
    expect(Object.prototype.toString.call(socket)).toBe("[object WebSocket]");
  });

  test.each([
    ["http://["],
    ["ftp://bar.other/"],
    ["ws://bar.other/#fragment"],
    ["ws://bar.other/#"],
    ["ws://bar.other/", ["a", "a"]],
    ["ws://bar.other/", "a b"],
    ["ws://bar.other/", [""]],
    ["ws://bar.other/", ["é"]],
  ])("new WebSocket(%s, %s) is a SyntaxError", (url, protocols?: string | string[]) => {
    const { WebSocket } = agent().page;
    expect(() => new WebSocket(url, protocols)).toThrow(expect.objectContaining({ name: "SyntaxError" }));
  });

  test("what is missing or of another kind is a TypeError", () => {
    const { WebSocket } = agent().page;
    expect(() => Reflect.construct(WebSocket, [])).toThrow(TypeError);
    expect(() => Reflect.construct(WebSocket, [Symbol("x")])).toThrow(TypeError);
    expect(() => WebSocket.prototype.close()).toThrow("Illegal invocation");
    expect(() => Reflect.apply(WebSocket.prototype.send.bind(new WebSocket("/")), null, [])).toThrow(TypeError);
  });
});
