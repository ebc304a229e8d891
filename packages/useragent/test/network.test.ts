import { execFileSync } from "node:child_process";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withCors } from "crossorigin/node";
import { afterAll, afterEach, expect, test } from "vitest";
import { type UserAgent, type UserAgentOptions, createUserAgent, networkErrorReason } from "../src/index.ts";

const open: { close(done: () => void): unknown }[] = [];
const sockets = new Set<Socket>();
let agent: UserAgent | undefined;

afterEach(async () => {
  await agent?.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
});

/** Listens on a free port of the loopback address. */
async function listen(server: Server): Promise<number> {
  open.push(server);
  server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function raw(answer: (socket: Socket) => void): Promise<number> {
  return listen(createServer((socket) => socket.once("data", () => answer(socket))));
}

function page(options: UserAgentOptions = {}, url = "http://foo.example/"): ReturnType<UserAgent["client"]> {
  agent = createUserAgent({ resolve: () => "127.0.0.1", timeoutMilliseconds: 1500, ...options });
  return agent.client({ url });
}

async function codeOf(port: number, options: UserAgentOptions = {}, scheme = "http"): Promise<string | undefined> {
  const error: unknown = await page(options)
    .fetch(`${scheme}://bar.other:${port}/`)
    .then((response) => response.text())
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TypeError);
  expect(Object.keys(error as object)).toEqual([]);
  return networkErrorReason(error)?.code;
}

test("a port where nobody listens refuses the connection", async () => {
  const port = await raw(() => undefined);
  await new Promise<void>((resolve) => open.pop()?.close(() => resolve()));
  expect(await codeOf(port)).toBe("network/connection-refused");
});

test("a connection that is closed without an answer is reset", async () => {
  expect(await codeOf(await raw((socket) => socket.destroy()))).toBe("network/connection-reset");
  expect(await codeOf(await raw((socket) => socket.end("HTTP/1.1 200 OK\r\nAccess-Con")))).toBe(
    "network/connection-reset",
  );
});

test("a server that never answers times out", async () => {
  expect(await codeOf(await raw(() => undefined), { timeoutMilliseconds: 300 })).toBe("network/timeout");
});

test("something that is not HTTP is malformed", async () => {
  expect(await codeOf(await raw((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n")))).toBe("network/http-malformed");
});

test("headers without end are too large", async () => {
  const endless = await raw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const more = (): void => {
      if (!socket.destroyed) socket.write(`X-Filler: ${"a".repeat(8000)}\r\n`, () => setImmediate(more));
    };
    more();
  });
  expect(await codeOf(endless)).toBe("network/headers-too-large");
});

test("plain http behind https fails in TLS", async () => {
  expect(await codeOf(await raw((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")), {}, "https")).toBe(
    "network/tls-protocol",
  );
});

test("a name that does not exist is not resolved, and an address without a route is unreachable", async () => {
  const notFound = Object.assign(new Error("getaddrinfo ENOTFOUND nowhere.invalid"), { code: "ENOTFOUND" });
  const noRoute = new AggregateError([Object.assign(new Error("connect EHOSTUNREACH"), { code: "EHOSTUNREACH" })]);
  const { networkFailureOf } = await import("../src/transport/network-failure.ts");
  expect(networkFailureOf(notFound)).toMatchObject({ code: "network/name-not-resolved" });
  expect(networkFailureOf(noRoute).code).toBe("network/unreachable");
  expect(networkFailureOf(new Error("odd"))).toMatchObject({ code: "network/failed" });
  expect(networkFailureOf("odd").code).toBe("network/failed");
});

test("4.04: a stream as body needs HTTP/2, and not a byte of it is sent", async () => {
  const port = await listen(
    createHttpServer(withCors({ origins: ["http://foo.example"] }, (_request, response) => response.end())),
  );
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  const error: unknown = await page()
    .fetch(`http://bar.other:${port}/`, { method: "POST", body, duplex: "half" })
    .catch((reason: unknown) => reason);
  expect(networkErrorReason(error)?.code).toBe("network/stream-needs-http2");
});

test("a response that breaks off fails while it is read", async () => {
  const port = await raw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 100\r\n\r\nhalf");
    setTimeout(() => socket.destroy(), 50);
  });
  const response = await page().fetch(`http://bar.other:${port}/`);
  await expect(response.text()).rejects.toThrow(TypeError);
});

test("a body without end stops when the page cancels it", async () => {
  const port = await raw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
    const more = (): void => {
      if (!socket.destroyed) socket.write("a".repeat(65_536), () => setImmediate(more));
    };
    more();
  });
  const response = await page().fetch(`http://bar.other:${port}/`);
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  await reader?.cancel();
});

test("an abort reaches the preflight", async () => {
  let isClosed = false;
  const port = await raw((socket) => socket.on("close", () => (isClosed = true)));
  const controller = new AbortController();
  const pending = page().fetch(`http://bar.other:${port}/`, { method: "PUT", signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 100);
  await expect(pending).rejects.toThrow("enough");
  await expect.poll(() => isClosed).toBe(true);
});

const folder = mkdtempSync(join(tmpdir(), "crossorigin-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a certificate is checked for trust and name, and can be trusted by option", async () => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=bar.other", "-addext", "subjectAltName=DNS:bar.other"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", ...subject],
    { stdio: "ignore" },
  );
  const pem = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  const handler = withCors({ origins: "*" }, (_request, response) => response.end("over TLS"));
  const port = await listen(createHttpsServer(pem, handler));
  expect(await codeOf(port, {}, "https")).toBe("network/tls-certificate");
  const trusting = page({ ca: pem.cert });
  expect(await (await trusting.fetch(`https://bar.other:${port}/`)).text()).toBe("over TLS");
  const error: unknown = await trusting.fetch(`https://baz.other:${port}/`).catch((reason: unknown) => reason);
  expect(networkErrorReason(error)?.code).toBe("network/tls-certificate");
});

test("a closed page fetches no more", async () => {
  const client = page();
  await client.close();
  const error: unknown = await client.fetch("http://bar.other/").catch((reason: unknown) => reason);
  expect(networkErrorReason(error)?.code).toBe("network/client-closed");
});

test("cookies travel where credentials are included, are stored although the response is withheld, and never go with a preflight", async () => {
  const seen: string[] = [];
  const port = await listen(
    createHttpServer((request, response) => {
      seen.push(`${request.method} ${request.headers.cookie ?? "-"}`);
      response.setHeader("Set-Cookie", [`visit=${seen.length}`, "secret=1; HttpOnly"]);
      response.end();
    }),
  );
  const client = page({}, `http://bar.other:${port + 1 > 65_535 ? port - 1 : port + 1}/`);
  const url = `http://bar.other:${port}/`;
  await expect(client.fetch(url, { credentials: "include" })).rejects.toThrow("Failed to fetch");
  await expect(client.fetch(url, { credentials: "include" })).rejects.toThrow("Failed to fetch");
  await expect(client.fetch(url, { method: "PUT", credentials: "include" })).rejects.toThrow("Failed to fetch");
  await expect(client.fetch(url)).rejects.toThrow("Failed to fetch");
  expect(seen).toEqual(["GET -", "GET visit=1; secret=1", "OPTIONS -", "GET -"]);
  expect(client.cookies.get()).toBe("visit=2");
  client.cookies.set("mine=1");
  expect(client.cookies.get()).toBe("visit=2; mine=1");
});
