import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import {
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  constants,
  createSecureServer,
} from "node:http2";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Client, type UserAgentOptions, networkErrorReason } from "@crossorigin/useragent";
import { type Agent, agent, codeOf, listen, rejection, until } from "./loopback.ts";

const folder = mkdtempSync(join(tmpdir(), "crossorigin-http2-"));
let pair: { readonly key: string; readonly cert: string };

beforeAll(() => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=DNS:bar.other,DNS:foo.example"];
  const options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", ...subject];
  execFileSync("openssl", ["req", ...options], { stdio: "ignore" });
  pair = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The session's number, from 0. */
  readonly session: number;
}

interface Server {
  readonly url: string;
  readonly asked: Asked[];
  readonly sessions: Http2Session[];
  dropConnections(): void;
}

const GRANT = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "*",
  "access-control-allow-headers": "*",
};

/** A server that has never heard of HTTP/2. */
async function serveHttp1(): Promise<Pick<Server, "url"> & { readonly methods: string[]; connectionCount: number }> {
  const methods: string[] = [];
  const server = createServer(pair, (request, response) => {
    methods.push(request.method ?? "");
    response.writeHead(200, GRANT).end("http/1.1");
  });
  const port = await listen(server);
  const told = { url: `https://bar.other:${port}/`, methods, connectionCount: 0 };
  server.on("secureConnection", () => told.connectionCount++);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return told;
}

/** Answers over HTTP/2, or over HTTP/1.1 where that is chosen, with the protocol's name unless `answer` does otherwise. */
async function serve(answer?: (stream: ServerHttp2Stream, asked: Asked) => void): Promise<Server> {
  const asked: Asked[] = [];
  const sessions: Http2Session[] = [];
  const server = createSecureServer({ ...pair, allowHTTP1: true });
  const sockets = new Set<{ destroy: () => unknown }>();
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("session", (session) => {
    sessions.push(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const { ":method": method = "", ":path": path = "" } = headers;
      const session = stream.session === undefined ? -1 : sessions.indexOf(stream.session);
      const told = { method, path, headers, body: Buffer.concat(chunks).toString(), session };
      asked.push(told);
      if (answer !== undefined) answer(stream, told);
      else {
        stream.respond({ ":status": 200, ...GRANT });
        stream.end("h2");
      }
    });
  });
  server.on("request", (request, response) => {
    if (request.httpVersion === "2.0") return;
    asked.push({ method: request.method, path: request.url, headers: request.headers, body: "", session: -1 });
    response.writeHead(200, GRANT);
    response.end("http/1.1");
  });
  const port = await listen(server);
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(async () => {
    dropConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `https://bar.other:${port}/`, asked, sessions, dropConnections };
}

const client = (options: UserAgentOptions = {}): Agent => agent({ ca: pair.cert, ...options }, "https://foo.example/");
const text = async (page: Client, url: string, init?: Parameters<Client["fetch"]>[1]): Promise<string> =>
  (await page.fetch(url, init)).text();

describe("12.05: HTTP/2", () => {
  test("is spoken where the server chooses it, over one connection, preflights and all", async () => {
    const { url, asked, sessions } = await serve();
    const { page, trace } = client();
    const put = { method: "PUT", body: "x", headers: { "X-A": "1" } };
    expect(await Promise.all([text(page, url), text(page, `${url}a`), text(page, url, put)])).toEqual([
      "h2",
      "h2",
      "h2",
    ]);
    expect(sessions).toHaveLength(1);
    expect(asked.map(({ method }) => method).toSorted()).toEqual(["GET", "GET", "OPTIONS", "PUT"]);
    const sent = asked.find(({ method }) => method === "PUT");
    expect(sent?.body).toBe("x");
    expect(sent?.headers).toMatchObject({ "x-a": "1", "content-length": "1", origin: "https://foo.example" });
    expect(sent?.headers[":authority"]).toBe(new URL(url).host);
    expect(
      trace.filter(({ type }) => type === "response").map((event) => "statusMessage" in event && event.statusMessage),
    ).toEqual(["", "", "", ""]);
  });

  test("is not, where the server does not know it; the connection that it chose over is used", async () => {
    const server = await serveHttp1();
    const { page } = client();
    for (let count = 0; count < 3; count++) {
      expect(await text(page, server.url)).toBe("http/1.1");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect([server.methods.length, server.connectionCount]).toEqual([3, 1]);
    expect(await Promise.all([text(client().page, server.url), text(page, `${server.url}a`)])).toEqual([
      "http/1.1",
      "http/1.1",
    ]);
  });

  test("is not offered with the option http2: false", async () => {
    const { url } = await serve();
    const { page } = client({ http2: false });
    expect(await text(page, url)).toBe("http/1.1");
  });

  test("12.01: has a session for each top-level site, with and without credentials", async () => {
    const { url, sessions } = await serve();
    const { userAgent, page } = client();
    await text(page, url);
    await page.fetch(url, { credentials: "include", mode: "no-cors" });
    await text(userAgent.client({ url: "https://other.example/" }), url);
    await text(page, url);
    expect(sessions).toHaveLength(3);
  });

  test("4.04: takes streams as bodies, after a preflight, and does not send them twice", async () => {
    const { url, asked } = await serve((stream, { method, path }) => {
      const isRedirect = path === "/old" && method !== "OPTIONS";
      stream.respond({ ":status": isRedirect ? 307 : 200, ...GRANT, ...(isRedirect ? { location: "/" } : {}) });
      stream.end("h2");
    });
    const { page } = client();
    const init = (): RequestInit =>
      ({ method: "POST", body: new Blob(["a stream"]).stream(), duplex: "half" }) as RequestInit;
    expect(await text(page, url, init())).toBe("h2");
    expect(asked.map(({ method, body }) => [method, body])).toEqual([
      ["OPTIONS", ""],
      ["POST", "a stream"],
    ]);
    expect(await codeOf(page.fetch(`${url}old`, init()))).toBe("http-redirect-fetch/body-not-replayable");
  });

  test("whoever makes a request's stream is told of an abort, before it is sent and while it is", async () => {
    const { url } = await serve((stream, { method }) => {
      if (method !== "OPTIONS") return;
      stream.respond({ ":status": 200, ...GRANT });
      stream.end();
    });
    const { page } = client();
    const told = async (signal: AbortSignal, onPull: () => void): Promise<unknown> =>
      new Promise((resolve) => {
        const body = new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
          pull: onPull,
          cancel: resolve,
        });
        const init = { method: "POST", body, duplex: "half", signal } as RequestInit;
        page.fetch(url, init).catch(() => {});
      });
    expect(await told(AbortSignal.abort("early"), () => {})).toBe("early");
    const controller = new AbortController();
    let pulls = 0;
    const abort = (): void => void (++pulls === 2 && controller.abort("late"));
    expect(await told(controller.signal, abort)).toBe("late");
  });

  test("4.04: a stream that the server has no HTTP/2 for is not sent", async () => {
    const { url, methods } = await serveHttp1();
    const { page } = client();
    const init = { method: "POST", body: new Blob(["a"]).stream(), duplex: "half" } as RequestInit;
    expect(await codeOf(page.fetch(url, init))).toBe("network/stream-needs-http2");
    const own = client().userAgent.client({ url });
    expect(await codeOf(own.fetch(url, { ...init, body: new Blob(["a"]).stream() }))).toBe(
      "network/stream-needs-http2",
    );
    expect(methods).toEqual(["OPTIONS"]);
  });

  test.each([
    ["an error", new Error("boom"), "boom"],
    ["anything else", "because", '"because"'],
  ])("4.04: a stream that fails with %s is the page's own failure", async (_, thrown, subject) => {
    const { url } = await serve();
    const { page } = client();
    const body = new ReadableStream({ pull: (controller) => controller.error(thrown) });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const error = await rejection(page.fetch(url, init));
    expect(error).toBeInstanceOf(TypeError);
    expect(networkErrorReason(error)).toMatchObject({ code: "network/request-body-failed", subject });
    expect(await text(page, url)).toBe("h2");
  });

  test.each([
    ["a string", "text", '"text"'],
    ["an ArrayBuffer", new ArrayBuffer(2), "of the class ArrayBuffer"],
    ["a DataView", new DataView(new ArrayBuffer(2)), "of the class DataView"],
    ["a typed array of another kind", new Uint16Array(2), "of the class Uint16Array"],
    ["what only calls itself a Uint8Array", { [Symbol.toStringTag]: "Uint8Array" }, "of the class Uint8Array"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 5, "5"],
  ])("4.04: a stream with %s among its chunks fails", async (_, chunk, shown) => {
    const { url, asked } = await serve();
    const { page } = client();
    // What a stream of another realm gives is held to the same.
    const foreign = { [Symbol.toStringTag]: "ReadableStream" };
    for (const wrap of [
      (stream: ReadableStream) => stream,
      (stream: ReadableStream) => ({ ...foreign, getReader: () => stream.getReader() }),
    ]) {
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array([65]));
          controller.enqueue(chunk);
          controller.close();
        },
      });
      const init = { method: "POST", body: wrap(stream), duplex: "half" } as unknown as RequestInit;
      const error = await rejection(page.fetch(url, init));
      expect(networkErrorReason(error)).toMatchObject({
        code: "network/request-body-failed",
        subject: `a chunk of it is ${shown}, not a Uint8Array`,
      });
    }
    expect(asked.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("4.04: a stream may give a Uint8Array of another realm", async () => {
    const { url, asked } = await serve();
    const { page } = client();
    const chunk = runInNewContext("new Uint8Array([65, 66]).subarray(1)") as Uint8Array;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(chunk);
        controller.enqueue(Buffer.from("C"));
        controller.close();
      },
    });
    expect(await text(page, url, { method: "POST", body, duplex: "half" } as RequestInit)).toBe("h2");
    expect(asked.at(-1)?.body).toBe("BC");
  });

  test("4.04: a stream that fails after the response's head takes the rest of the response with it", async () => {
    const server = createSecureServer(pair, (_, response) => response.writeHead(200, GRANT).write("begun"));
    const port = await listen(server);
    onTestFinished(() => void server.close());
    const { page } = client();
    let fail: () => void = () => {};
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(1));
        fail = () => controller.error(new Error("boom"));
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const response = await page.fetch(`https://bar.other:${port}/`, init);
    fail();
    expect(await codeOf(response.text())).toBe("network/request-body-failed");
  });

  test("3.06: header lines stay apart: a doubled grant is none", async () => {
    const { url } = await serve((stream) => {
      stream.respond([
        ":status",
        "200",
        "access-control-allow-origin",
        "*",
        "Access-Control-Allow-Origin",
        "*",
      ] as never);
      stream.end();
    });
    const { page } = client();
    expect(await codeOf(page.fetch(url))).toBe("cors-check/allow-origin-multiple");
  });

  test("1.11: header values are bytes, both ways", async () => {
    const { url, asked } = await serve((stream) => {
      stream.respond({ ":status": 200, ...GRANT, "content-language": "\xe9" });
      stream.end();
    });
    const { page } = client();
    const response = await page.fetch(url, { headers: { Accept: "\xe9" } });
    expect([response.headers.get("content-language"), asked[0]?.headers.accept]).toEqual(["\xe9", "\xe9"]);
  });

  test("bodies are decoded, of any length, and held back while nobody reads", async () => {
    const large = "x".repeat(3_000_000);
    const { url } = await serve((stream, { path }) => {
      stream.respond({ ":status": 200, ...GRANT, ...(path === "/" ? { "content-encoding": "gzip" } : {}) });
      stream.end(path === "/" ? gzipSync(large) : large);
    });
    const { page } = client();
    expect(await text(page, url)).toBe(large);
    const response = await page.fetch(`${url}plain`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await response.text()).toBe(large);
  });

  test("HEAD, 204 and 304 have no body, and interim responses are skipped", async () => {
    const { url } = await serve((stream, { path }) => {
      stream.additionalHeaders({ ":status": 103, link: "</x>" });
      stream.respond({ ":status": path === "/" ? 204 : 200, ...GRANT }, { endStream: true });
    });
    const { page } = client();
    expect((await page.fetch(url)).status).toBe(204);
    expect((await page.fetch(`${url}a`, { method: "HEAD" })).status).toBe(200);
  });

  test("25.13: an abort closes the stream and nothing else, also while the body comes", async () => {
    const resets: (number | undefined)[] = [];
    const { url, sessions } = await serve((stream, { path }) => {
      stream.on("close", () => resets.push(stream.rstCode));
      if (path === "/silent") return;
      stream.respond({ ":status": 200, ...GRANT });
      if (path === "/endless") stream.write("x");
      else stream.end("h2");
    });
    const { page } = client();
    expect(await text(page, url)).toBe("h2");
    const silent = new AbortController();
    const waiting = page.fetch(`${url}silent`, { signal: silent.signal });
    setTimeout(() => silent.abort(), 20);
    await expect(waiting).rejects.toThrow("aborted");
    const endless = await page.fetch(`${url}endless`);
    await endless.body?.cancel();
    await until(() => resets.length === 3);
    expect(resets).toEqual([0, constants.NGHTTP2_CANCEL, constants.NGHTTP2_CANCEL]);
    expect(await text(page, url)).toBe("h2");
    expect(sessions).toHaveLength(1);
  });

  test("a fetch that is aborted before there is a connection ends at once", async () => {
    const { url } = await serve();
    let answer: (address: string) => void = () => {};
    const { page } = client({
      resolve: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const controller = new AbortController();
    const waiting = page.fetch(url, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(waiting).rejects.toThrow("aborted");
    answer("127.0.0.1");
    expect(await text(page, url)).toBe("h2");
  });

  test("a server that breaks off is a connection that was reset, with the body's beginning or without", async () => {
    const { url } = await serve((stream, { path }) => {
      if (path === "/") {
        stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        return;
      }
      stream.respond({ ":status": 200, ...GRANT });
      stream.write("x", () => stream.destroy(new Error("broken")));
    });
    const { page } = client();
    expect(await codeOf(page.fetch(url))).toBe("network/connection-reset");
    expect(await codeOf(text(page, `${url}half`))).toBe("network/connection-reset");
  });

  test("a server that says nothing is a timeout", async () => {
    const { url } = await serve(() => {});
    const { page } = client({ timeoutMilliseconds: 300 });
    expect(await codeOf(page.fetch(url))).toBe("network/timeout");
  });

  test("a session that the server closed is replaced by another", async () => {
    const { url, sessions } = await serve();
    const { page } = client();
    await text(page, url);
    sessions[0]?.close();
    await once(sessions[0] as Http2Session, "close");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await text(page, url)).toBe("h2");
    expect(sessions).toHaveLength(2);
  });

  describe.each(["standard", "chromium"] as const)("under %s", (profile) => {
    test.each(["GET", "POST"])(
      "%s is sent again, twice at most and over the same session, where the server says that it did nothing with it",
      async (method) => {
        let refusals = 2;
        const { url, asked, sessions } = await serve((stream) => {
          if (refusals-- > 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
          else stream.respond({ ":status": 200, ...GRANT }, { endStream: true });
        });
        const { page } = client({ profile });
        const init = method === "POST" ? { method, body: "x" } : {};
        expect((await page.fetch(url, init)).status).toBe(200);
        expect(asked).toHaveLength(3);
        refusals = 10;
        expect(await codeOf(page.fetch(`${url}never`, init))).toBe("network/connection-reset");
        expect(asked).toHaveLength(6);
        expect(sessions).toHaveLength(1);
      },
    );

    test.each(["GET", "DELETE", "POST"])("%s is not sent again after any other reset of its stream", async (method) => {
      const { url, asked, sessions } = await serve((stream, { method: wanted, path }) => {
        const code = Number(path.slice(1));
        if (code > 0 && wanted !== "OPTIONS") stream.close(code);
        else stream.respond({ ":status": 200, ...GRANT }, { endStream: true });
      });
      const { page } = client({ profile });
      await text(page, url);
      const { NGHTTP2_PROTOCOL_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_FLOW_CONTROL_ERROR } = constants;
      const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM } = constants;
      const codes = [
        NGHTTP2_PROTOCOL_ERROR,
        NGHTTP2_INTERNAL_ERROR,
        NGHTTP2_FLOW_CONTROL_ERROR,
        NGHTTP2_CANCEL,
        NGHTTP2_ENHANCE_YOUR_CALM,
      ];
      for (const code of codes) {
        const sent = page.fetch(`${url}${code}`, method === "POST" ? { method, body: "x" } : { method });
        expect(await codeOf(sent)).toBe("network/connection-reset");
      }
      expect(asked.filter(({ path, method: sent }) => path !== "/" && sent === method)).toHaveLength(codes.length);
      expect(await text(page, url)).toBe("");
      expect(sessions).toHaveLength(1);
    });
  });

  test.each(["stream", "session"])(
    "a request whose %s the server ends because it wants HTTP/1.1 is asked again over that, as is every later one",
    async (what) => {
      const { url, asked } = await serve((stream) => {
        if (what === "stream") stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED);
        else stream.session?.goaway(constants.NGHTTP2_HTTP_1_1_REQUIRED, stream.id ?? 0);
      });
      const { page } = client();
      const post = { method: "POST", body: "x" };
      expect(await text(page, url, post)).toBe("http/1.1");
      expect(await text(page, `${url}later`, post)).toBe("http/1.1");
      expect(asked.map(({ session, path }) => [session, path])).toEqual([
        [0, "/"],
        [-1, "/"],
        [-1, "/later"],
      ]);
      const init = { method: "POST", body: new Blob(["a"]).stream(), duplex: "half" } as RequestInit;
      expect(await codeOf(page.fetch(url, init))).toBe("network/stream-needs-http2");
    },
  );

  test.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_ENHANCE_YOUR_CALM])(
    "requests that a session's end with code %i leaves out are sent again, all over one other session",
    async (code) => {
      let left = 5;
      const { url, asked, sessions } = await serve((stream, { session, path }) => {
        if (path === "/" || session > 0) stream.respond({ ":status": 200, ...GRANT }, { endStream: true });
        else if (--left === 0) stream.session?.goaway(code, 1);
      });
      const { page } = client();
      await text(page, url);
      const posts = ["a", "b", "c", "d", "e"].map((path) => page.fetch(url + path, { method: "POST", body: "x" }));
      expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(asked.filter(({ path }) => path === "/a").map(({ session }) => session)).toEqual([0, 1]);
      expect(sessions).toHaveLength(2);
    },
  );

  test("requests that a session's end does not leave out are not sent again", async () => {
    const { url, asked } = await serve((stream, { path }) => {
      if (path === "/") stream.respond({ ":status": 200, ...GRANT }, { endStream: true });
      else stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, stream.id ?? 0);
    });
    const { page } = client();
    await text(page, url);
    expect(await codeOf(page.fetch(`${url}a`))).toBe("network/connection-reset");
    expect(asked.map(({ path }) => path)).toEqual(["/", "/a"]);
    expect(await text(page, url)).toBe("");
  });

  test.each([
    ["standard", "GET", true],
    ["standard", "POST", false],
    ["chromium", "POST", true],
  ] as const)(
    "under %s, %s over a kept session that is closed instead of answering is sent again: %j",
    async (profile, method, isSentAgain) => {
      const server = await serve((stream, { path, session }) => {
        if (path === "/" || session > 0) stream.respond({ ":status": 200, ...GRANT }, { endStream: true });
        else if (path === "/b") server.dropConnections();
      });
      const { page } = client({ profile });
      await text(page, server.url);
      const sent = ["a", "b"].map((path) => page.fetch(server.url + path, { method }));
      const outcomes = (await Promise.allSettled(sent)).map(({ status }) => status === "fulfilled");
      expect(outcomes).toEqual([isSentAgain, isSentAgain]);
      expect(server.sessions).toHaveLength(isSentAgain ? 2 : 1);
      expect(server.asked).toHaveLength(isSentAgain ? 5 : 3);
    },
  );

  test("21.06: a 421 is asked again over a connection of its own", async () => {
    const { url, asked } = await serve((stream, { session }) => {
      stream.respond({ ":status": session === 0 ? 421 : 200, ...GRANT });
      stream.end("h2");
    });
    const { page } = client();
    expect(await text(page, url)).toBe("h2");
    expect(asked.map(({ session }) => session)).toEqual([0, 1]);
  });

  test("24.03: Local Network Access is checked before anything is sent", async () => {
    const { url, asked } = await serve();
    const { userAgent } = client();
    const page = (localNetworkAccess: "granted" | "denied"): Client =>
      userAgent.client({ url: "https://foo.example/", ipAddressSpace: "public", localNetworkAccess });
    expect(await codeOf(page("denied").fetch(url))).toBe("local-network-access/permission-denied");
    expect(asked).toEqual([]);
    expect(await text(page("granted"), url)).toBe("h2");
  });

  test("what cannot be connected to, and what HTTP/2 forbids, is told", async () => {
    const { page } = client();
    expect(await codeOf(page.fetch("https://bar.other:9/"))).toBe("main-fetch/bad-port");
    const { url } = await serve();
    expect(await codeOf(client({ ca: undefined }).page.fetch(url))).toBe("network/tls-certificate");
    expect(await codeOf(page.fetch(url, { headers: { "HTTP2-Settings": "x" } }))).toBe("network/failed");
  });

  test("uploads tell how far they are", async () => {
    const { url } = await serve();
    const { page } = client();
    const request = new page.XMLHttpRequest();
    const seen: number[] = [];
    request.upload.onprogress = (event) => seen.push(event.loaded);
    request.open("POST", url);
    await new Promise<void>((resolve) => {
      request.onloadend = () => resolve();
      request.send("x".repeat(200_000));
    });
    expect([request.status, seen.at(-1)]).toEqual([200, 200_000]);
  });

  test("ends with its page, where that has an opaque origin", async () => {
    const { url, sessions } = await serve();
    const { userAgent, page } = client();
    const pages = [1, 2, 3].map(() => userAgent.client({ url: "https://foo.example/", opaqueOrigin: true }));
    for (const each of [page, ...pages]) await text(each, url);
    expect(sessions).toHaveLength(4);
    await Promise.all(pages.map((each) => each.close()));
    await until(() => sessions.filter(({ destroyed }) => !destroyed).length === 1);
    expect(await text(page, url)).toBe("h2");
    expect(sessions).toHaveLength(4);
  });

  test("ends with its user agent, and keeps no process alive", async () => {
    const { url, sessions } = await serve((stream, { path }) => {
      if (path === "/") {
        stream.respond({ ":status": 200, ...GRANT });
        stream.end("h2");
      }
    });
    const { userAgent, page } = client();
    await text(page, url);
    const waiting = codeOf(page.fetch(`${url}silent`));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await userAgent.close();
    expect(await waiting).toBe("network/client-closed");
    await until(() => sessions.every(({ destroyed }) => destroyed));
  });
});
