import type { IncomingMessage, ServerResponse } from "node:http";
import type { TraceEvent } from "crossorigin/fetching";
import { describe, expect, test } from "vitest";
import { explain } from "crossorigin/diagnose";
import type { Client, UserAgentOptions } from "@crossorigin/useragent";
import { type Loopback, agent, codeOf, rejection, serve, until } from "./loopback.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

/** Headers by path; `body` is the count of the requests to it. */
type Script = Readonly<Record<string, (request: IncomingMessage, count: number) => Record<string, string>>>;

interface World {
  readonly page: Client;
  readonly server: Loopback;
  /** A page's view of the server's path. */
  readonly at: (path: string) => string;
  /** What the server was asked for the path, with the validators. */
  readonly asked: (path: string) => string[];
  readonly trace: TraceEvent[];
  readonly actions: () => string[];
  /** Lets the clock go on. */
  readonly wait: (seconds: number) => void;
  readonly frame: (origin: string) => Client;
  readonly clear: () => void;
}

async function world(script: Script, options: UserAgentOptions = {}): Promise<World> {
  let now = START;
  const counts = new Map<string, number>();
  const server = await serve((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? "";
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const { status = "200", ...headers } = script[path]?.(request, count) ?? { status: "404" };
    response.sendDate = false;
    response.writeHead(Number(status), headers);
    response.end(status === "304" ? undefined : `body ${count}`);
  });
  const { userAgent, page, trace } = agent({ clock: { now: () => now }, ...options });
  return {
    page,
    server,
    at: (path) => `http://bar.other:${server.port}${path}`,
    asked: (path) =>
      server.requests
        .filter(({ url }) => url === path)
        .map(({ method, headers }) =>
          [method, headers["if-none-match"], headers["if-modified-since"]]
            .filter((part) => part !== undefined)
            .join(" "),
        ),
    trace,
    actions: () => trace.flatMap((event) => (event.type === "http-cache" ? [event.action] : [])),
    wait: (seconds) => {
      now += seconds * 1000;
    },
    frame: (origin) => userAgent.client({ url: `${origin}/`, topLevelOrigin: page.origin }),
    clear: () => userAgent.clearHttpCache(),
  };
}

const text = async (page: Client, url: string, init?: Parameters<Client["fetch"]>[1]): Promise<string> =>
  (await page.fetch(url, init)).text();

const GRANT = { "access-control-allow-origin": "*" };
const FRESH = { ...GRANT, "cache-control": "max-age=60" };

describe("11.10, 22.01: cache modes", () => {
  test("default answers from the cache while the response is fresh, and asks again when it is stale", async () => {
    const { page, at, asked, wait, actions } = await world({ "/": () => FRESH });
    expect(await text(page, at("/"))).toBe("body 1");
    wait(59);
    expect(await text(page, at("/"))).toBe("body 1");
    wait(1);
    expect(await text(page, at("/"))).toBe("body 2");
    expect(asked("/")).toEqual(["GET", "GET"]);
    expect(actions()).toEqual(["answered"]);
  });

  test("a fresh answer is used with must-revalidate, which only forbids stale ones", async () => {
    const { page, at, wait } = await world({
      "/": () => ({ ...GRANT, "cache-control": "Max-Age=60, must-revalidate, stale-while-revalidate=60" }),
    });
    await text(page, at("/"));
    expect(await text(page, at("/"))).toBe("body 1");
    wait(61);
    expect(await text(page, at("/"))).toBe("body 2");
  });

  test("no-store neither asks the cache nor fills it", async () => {
    const { page, at } = await world({ "/": () => FRESH });
    await text(page, at("/"), { cache: "no-store" });
    expect(await text(page, at("/"))).toBe("body 2");
    expect(await text(page, at("/"), { cache: "no-store" })).toBe("body 3");
    expect(await text(page, at("/"))).toBe("body 2");
  });

  test("reload does not ask the cache but fills it", async () => {
    const { page, at, asked } = await world({ "/": () => ({ ...FRESH, etag: '"1"' }) });
    await text(page, at("/"));
    expect(await text(page, at("/"), { cache: "reload" })).toBe("body 2");
    expect(await text(page, at("/"))).toBe("body 2");
    expect(asked("/")).toEqual(["GET", "GET"]);
  });

  test("no-cache validates even what is fresh", async () => {
    const { page, at, asked, actions } = await world({
      "/": ({ headers }) => ({
        ...FRESH,
        etag: '"1"',
        ...(headers["if-none-match"] === '"1"' ? { status: "304" } : {}),
      }),
    });
    await text(page, at("/"));
    const response = await page.fetch(at("/"), { cache: "no-cache" });
    expect([response.status, await response.text()]).toEqual([200, "body 1"]);
    expect(asked("/")).toEqual(["GET", 'GET "1"']);
    expect(actions()).toEqual(["revalidated"]);
  });

  test("force-cache takes what is there, however stale, and asks the network for the rest", async () => {
    const { page, at, wait } = await world({
      "/": () => GRANT,
      "/no-cache": () => ({ ...GRANT, "cache-control": "no-cache" }),
    });
    expect(await text(page, at("/"), { cache: "force-cache" })).toBe("body 1");
    await text(page, at("/no-cache"));
    wait(1_000_000);
    expect(await text(page, at("/"), { cache: "force-cache" })).toBe("body 1");
    expect(await text(page, at("/no-cache"), { cache: "force-cache" })).toBe("body 1");
    expect(await text(page, at("/"))).toBe("body 2");
  });

  test("only-if-cached answers from the cache or not at all", async () => {
    const { page: foreign, server, frame } = await world({ "/": () => ({ "cache-control": "no-cache" }) });
    const page = frame(`http://foo.example:${server.port}`);
    const init = { cache: "only-if-cached", mode: "same-origin" } as const;
    expect(await codeOf(page.fetch("/", init))).toBe("http-network-or-cache-fetch/only-if-cached");
    await text(page, "/");
    expect(await text(page, "/", init)).toBe("body 1");
    expect(foreign.origin).toBe("http://foo.example");
  });

  test.each(["If-None-Match", "If-Modified-Since", "If-Range", "If-Match", "If-Unmodified-Since"])(
    "11.06: a page that sets %s gets the server's own answer, a bare 304 included, and the cache keeps out of it",
    async (name) => {
      const { page, at, actions } = await world({
        "/": (request, count) =>
          request.method === "OPTIONS"
            ? { ...GRANT, "access-control-allow-headers": name }
            : { ...FRESH, etag: '"1"', ...(count === 3 ? { status: "304" } : {}) },
      });
      await text(page, at("/"));
      const response = await page.fetch(at("/"), { headers: { [name]: '"1"' } });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(await text(page, at("/"))).toBe("body 1");
      expect(actions()).toEqual(["answered"]);
    },
  );

  test("what a page asks for in Cache-Control is heard", async () => {
    const { page, frame, server } = await world({ "/": () => FRESH });
    const own = frame(`http://foo.example:${server.port}`);
    await text(own, "/");
    expect(await text(own, "/", { headers: { "Cache-Control": "no-cache" } })).toBe("body 2");
    expect(await text(own, "/", { headers: { "Cache-Control": "NO-STORE" } })).toBe("body 2");
    expect(page.origin).not.toBe(own.origin);
  });
});

describe("22.02: what is stored", () => {
  test("an image loaded without CORS, of a response without a grant, is what a later fetch gets, and fails with", async () => {
    const png = "\x89PNG\r\n\x1a\n";
    const server = await serve((request, response) => {
      const grant = request.headers.origin === undefined ? {} : GRANT;
      response.writeHead(200, { "cache-control": "max-age=60", "content-type": "image/png", ...grant });
      response.end(png, "latin1");
    });
    const { page, trace } = agent();
    const url = `http://bar.other:${server.port}/logo.png`;
    expect((await page.load({ element: "img", src: url })).outcome).toBe("load");
    expect(await codeOf(page.fetch(url))).toBe("cors-check/allow-origin-missing");
    expect(server.requests).toHaveLength(1);
    const second = trace.slice(trace.findLastIndex(({ type }) => type === "fetch"));
    expect(second.map(({ type }) => type)).toEqual(["fetch", "main-fetch", "http-cache", "rule", "network-error"]);
    const { exchanges } = explain(second);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]?.rules.map(({ rule, ok }) => [rule, ok])).toEqual([
      ["http-cache", true],
      ["cors-check", false],
    ]);
    expect(exchanges[0]?.rules[0]?.text).toMatch(/nothing was sent/);
  });

  test.each([false, true])(
    "an opaque response that a page cannot read is stored all the same, keepalive %s",
    async (keepalive) => {
      const { page, at, asked } = await world({ "/": () => FRESH });
      expect((await page.fetch(at("/"), { mode: "no-cors", keepalive })).type).toBe("opaque");
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await text(page, at("/"))).toBe("body 1");
      expect(asked("/")).toEqual(["GET"]);
    },
  );

  test("of an opaque response without an end so much is read, and then its connection is closed", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, FRESH);
      const write = (): void => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", write);
      write();
    });
    const { page } = agent();
    await page.fetch(`http://bar.other:${server.port}/`, { mode: "no-cors" });
    await until(async () => (await server.openConnections()) === 0);
  });

  test("a page that is closed no longer reads for the cache", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, FRESH).write("x");
    });
    const { page } = agent();
    await page.fetch(`http://bar.other:${server.port}/`, { mode: "no-cors" });
    expect(await server.openConnections()).toBe(1);
    await page.close();
    await until(async () => (await server.openConnections()) === 0);
  });

  test("a body that a page cancels is not read for the cache, and lets go of its connection", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, FRESH).write("x");
    });
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    await response.body?.cancel();
    await until(async () => (await server.openConnections()) === 0);
  });

  test.each([
    ["standard", 1],
    ["firefox", 1],
    ["chromium", 2],
    ["webkit", 2],
  ] as const)(
    "under %s, of a response that CORS withholds twice, the server is asked %i times",
    async (profile, count) => {
      const { page, at, asked } = await world({ "/": () => ({ "cache-control": "max-age=60" }) }, { profile });
      await rejection(page.fetch(at("/")));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await rejection(page.fetch(at("/")));
      expect(asked("/")).toHaveLength(count);
    },
  );

  test("bytes are those of the first time, whatever a page does with them", async () => {
    const { page, at } = await world({ "/": () => FRESH });
    for (let count = 0; count < 3; count++) {
      const bytes = new Uint8Array(await (await page.fetch(at("/"))).arrayBuffer());
      expect(Buffer.from(bytes).toString()).toBe("body 1");
      bytes.fill(0);
    }
  });

  test.each(["POST", "HEAD", "QUERY"])("responses to %s are neither stored nor answered", async (method) => {
    const { page, at, asked } = await world({
      "/": () => ({ ...FRESH, "access-control-allow-methods": "*" }),
    });
    for (let count = 0; count < 2; count++) await page.fetch(at("/"), { method });
    expect(asked("/").filter((asking) => asking === method)).toHaveLength(2);
  });

  test.each([
    ["no-store", { "cache-control": "No-Store" }],
    ["a status that nobody keeps", { status: "500", "cache-control": "max-age=60" }],
    ["Vary: *", { "cache-control": "max-age=60", vary: "*" }],
    ["a part", { status: "206", "cache-control": "max-age=60", "content-range": "bytes 0-5/20" }],
  ])("a response is not stored with %s", async (_, headers) => {
    const { page, at, asked } = await world({ "/": () => ({ ...GRANT, ...headers }) });
    await text(page, at("/"));
    await text(page, at("/"), { cache: "force-cache" });
    expect(asked("/")).toHaveLength(2);
  });

  test("a whole answer that may not be stored throws out what was", async () => {
    const { page, at } = await world({
      "/": (_, count) => ({ ...GRANT, "cache-control": count === 2 ? "no-store" : "max-age=60" }),
    });
    await text(page, at("/"));
    await text(page, at("/"), { cache: "reload" });
    expect(await text(page, at("/"), { cache: "force-cache" })).toBe("body 3");
  });

  test("so does an error", async () => {
    const { page, at } = await world({ "/": (_, count) => ({ ...FRESH, ...(count === 2 ? { status: "503" } : {}) }) });
    await text(page, at("/"));
    await text(page, at("/"), { cache: "reload" });
    expect(await text(page, at("/"))).toBe("body 3");
  });

  test("a request with Range goes past the cache, and its part is not stored", async () => {
    const { page, frame, server, asked } = await world({
      "/": ({ headers }) => ({
        "cache-control": "max-age=60",
        ...(headers.range === undefined ? {} : { status: "206", "content-range": "bytes 0-5/20" }),
      }),
    });
    const own = frame(`http://foo.example:${server.port}`);
    await text(own, "/");
    expect((await own.fetch("/", { headers: { Range: "bytes=0-5" } })).status).toBe(206);
    expect(await text(own, "/")).toBe("body 1");
    expect(asked("/")).toHaveLength(2);
    expect(page.origin).not.toBe(own.origin);
  });

  test("a body that breaks off is not stored", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { ...FRESH, "content-length": "10" });
      response.write("12345", () => response.destroy());
    });
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    await rejection(text(page, url));
    await rejection(text(page, url, { cache: "force-cache" }));
    expect(server.requests).toHaveLength(2);
  });

  test("headers of the connection are not stored, and Set-Cookie is not obeyed twice", async () => {
    const { page, frame, server } = await world({
      "/": () => ({
        "cache-control": "max-age=60",
        connection: "x-hop",
        "x-hop": "1",
        "x-end": "2",
        "set-cookie": "a=1",
      }),
    });
    const own = frame(`http://foo.example:${server.port}`);
    const first = await own.fetch("/");
    await first.text();
    expect(first.headers.get("x-hop")).toBe("1");
    own.cookies.set("a=; max-age=0");
    const second = await own.fetch("/");
    expect([second.headers.get("x-hop"), second.headers.get("x-end")]).toEqual([null, "2"]);
    expect(own.cookies.get()).toBe("");
    expect(page.origin).not.toBe(own.origin);
  });

  test("what was compressed is stored as it was read", async () => {
    const { gzipSync } = await import("node:zlib");
    const server = await serve((_, response) => {
      response.writeHead(200, { ...FRESH, "content-encoding": "gzip" });
      response.end(gzipSync("a".repeat(1000)));
    });
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    expect(await text(page, url)).toBe("a".repeat(1000));
    expect(await text(page, url)).toBe("a".repeat(1000));
    expect(server.requests).toHaveLength(1);
  });

  test("a redirect that is fresh is followed without asking for it", async () => {
    const { page, at, asked } = await world({
      "/old": () => ({ ...FRESH, status: "302", location: "/new" }),
      "/new": () => GRANT,
    });
    await text(page, at("/old"));
    const response = await page.fetch(at("/old"));
    expect([response.redirected, await response.text()]).toEqual([true, "body 2"]);
    expect([asked("/old"), asked("/new")]).toEqual([["GET"], ["GET", "GET"]]);
  });

  test.each([
    ["chromium", [301, 308, 410]],
    ["webkit", [301, 410]],
    ["firefox", []],
    ["standard", []],
  ] as const)("under %s, statuses that stay fresh where nothing is said are %j", async (profile, expected) => {
    const { page, at, asked } = await world(
      {
        "/301": () => ({ ...GRANT, status: "301", location: "/" }),
        "/308": () => ({ ...GRANT, status: "308", location: "/" }),
        "/404": () => ({ ...GRANT, status: "404" }),
        "/410": () => ({ ...GRANT, status: "410" }),
        "/410-expired": () => ({ ...GRANT, status: "410", expires: "0" }),
        "/": () => GRANT,
      },
      { profile },
    );
    const paths = ["/301", "/308", "/404", "/410", "/410-expired"];
    for (const path of [...paths, ...paths]) await text(page, at(path));
    expect(paths.filter((path) => asked(path).length === 1)).toEqual(expected.map((status) => `/${status}`));
  });

  test("a response with Last-Modified alone is fresh for a tenth of its age", async () => {
    const modified = {
      "last-modified": new Date(START - 1_000_000).toUTCString(),
      date: new Date(START).toUTCString(),
    };
    const { page, at, wait, asked } = await world({ "/": () => ({ ...GRANT, ...modified }) });
    await text(page, at("/"));
    wait(99);
    expect(await text(page, at("/"))).toBe("body 1");
    wait(2);
    await text(page, at("/"));
    expect(asked("/")).toEqual(["GET", `GET ${modified["last-modified"]}`]);
  });
});

describe("14.05, 22.03: Vary", () => {
  test("with Vary: Origin, a response without CORS is none for a request with it", async () => {
    const { page, at, asked } = await world({
      "/": ({ headers }) => ({
        "cache-control": "max-age=60",
        vary: "Origin",
        ...(headers.origin === undefined ? {} : { "access-control-allow-origin": headers.origin }),
      }),
    });
    await page.fetch(at("/"), { mode: "no-cors" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await text(page, at("/"))).toBe("body 2");
    expect(await text(page, at("/"))).toBe("body 2");
    expect(asked("/")).toHaveLength(2);
  });

  test("every name in Vary counts, absent ones too", async () => {
    const { page, at, asked } = await world({ "/": () => ({ ...FRESH, vary: "accept, X-Absent ,Accept-Language" }) });
    const accept = (value: string): Promise<string> => text(page, at("/"), { headers: { Accept: value } });
    expect([await accept("a/a"), await accept("a/a"), await accept("b/b")]).toEqual(["body 1", "body 1", "body 2"]);
    // One response for a URL, as in browsers.
    expect(await accept("a/a")).toBe("body 3");
    expect(asked("/")).toHaveLength(3);
  });
});

describe("22.04: validation", () => {
  const validated =
    (headers: Record<string, string>, changes: Record<string, string>) =>
    ({ headers: asked }: IncomingMessage): Record<string, string> =>
      asked["if-none-match"] === undefined && asked["if-modified-since"] === undefined
        ? headers
        : { status: "304", ...changes };

  test("both validators are sent", async () => {
    const modified = "Wed, 31 Dec 2025 00:00:00 GMT";
    const { page, at, asked } = await world({
      "/": validated({ ...GRANT, etag: 'W/"1"', "last-modified": modified, "cache-control": "max-age=0" }, {}),
    });
    await text(page, at("/"));
    expect(await text(page, at("/"))).toBe("body 1");
    expect(asked("/")).toEqual(["GET", `GET W/"1" ${modified}`]);
  });

  test("a 304 can take the grant away: the CORS check sees the merged headers", async () => {
    const { page, at } = await world({
      "/": validated({ ...FRESH, etag: '"1"' }, { "access-control-allow-origin": "http://other.example" }),
    });
    await text(page, at("/"));
    expect(await codeOf(page.fetch(at("/"), { cache: "no-cache" }))).toBe("cors-check/allow-origin-mismatch");
    expect(await codeOf(page.fetch(at("/")))).toBe("cors-check/allow-origin-mismatch");
  });

  test("a 304 without CORS headers leaves the stored ones; its own replace and add", async () => {
    const { page, at, trace, wait } = await world({
      "/": validated(
        {
          ...FRESH,
          etag: '"1"',
          "access-control-expose-headers": "x-a, x-b, x-c",
          "x-a": "1",
          "x-b": "1",
          "content-type": "text/a",
        },
        {
          etag: '"1"',
          "x-b": "2",
          "x-c": "2",
          "cache-control": "max-age=600",
          "content-type": "text/b",
          "transfer-encoding": "x",
        },
      ),
    });
    await text(page, at("/"));
    const response = await page.fetch(at("/"), { cache: "no-cache" });
    const values = ["x-a", "x-b", "x-c", "content-type"].map((name) => response.headers.get(name));
    expect([response.status, await response.text(), values]).toEqual([200, "body 1", ["1", "2", "2", "text/a"]]);
    const told = explain(trace.slice(trace.findLastIndex(({ type }) => type === "fetch")));
    expect(told.exchanges[0]?.response?.status).toBe(200);
    expect(told.exchanges[0]?.rules[0]).toMatchObject({ rule: "http-cache", ok: true });
    wait(500);
    expect(await text(page, at("/"))).toBe("body 1");
  });

  test("a 304 that forbids to store is the last use of what was stored", async () => {
    const { page, at, asked } = await world({
      "/": validated({ ...FRESH, etag: '"1"' }, { "cache-control": "no-store" }),
    });
    await text(page, at("/"));
    expect(await text(page, at("/"), { cache: "no-cache" })).toBe("body 1");
    expect(await text(page, at("/"), { cache: "force-cache" })).toBe("body 3");
    expect(asked("/")).toEqual(["GET", 'GET "1"', "GET"]);
  });

  test("another response takes the place of the stored one", async () => {
    const { page, at } = await world({ "/": (_, count) => ({ ...FRESH, etag: `"${count}"` }) });
    await text(page, at("/"));
    expect(await text(page, at("/"), { cache: "no-cache" })).toBe("body 2");
    expect(await text(page, at("/"))).toBe("body 2");
  });
});

describe("22.05, 23.01: partitions", () => {
  test.each([
    ["standard", 1],
    ["chromium", 2],
    ["firefox", 1],
    ["webkit", 1],
  ] as const)("under %s, a page and a frame of another site in it ask %i times", async (profile, count) => {
    const { page, at, asked, frame } = await world({ "/": () => FRESH }, { profile });
    await text(page, at("/"));
    await text(frame("http://baz.test"), at("/"));
    await text(frame("http://sub.foo.example"), at("/"));
    expect(asked("/")).toHaveLength(count);
  });

  test("another top-level site has another cache, and so has every opaque one", async () => {
    const server = await serve((_, response) => response.writeHead(200, FRESH).end("x"));
    const { userAgent, page } = agent();
    const url = `http://bar.other:${server.port}/`;
    const other = userAgent.client({ url: "http://baz.test/" });
    const opaque = [1, 2].map(() => userAgent.client({ url: "http://foo.example/", opaqueOrigin: true }));
    for (const client of [page, other, ...opaque, page, other, ...opaque]) await text(client, url);
    expect(server.requests).toHaveLength(4);
  });

  test("22.06: credentials are no part of the key, but decide the checks each time", async () => {
    const { page, at, asked } = await world({ "/": () => FRESH });
    await text(page, at("/"));
    expect(await codeOf(page.fetch(at("/"), { credentials: "include" }))).toBe("cors-check/wildcard-with-credentials");
    expect(asked("/")).toHaveLength(1);
  });

  test("22.06: under firefox they are, and a method that is not safe invalidates both", async () => {
    const { frame, server, asked } = await world({ "/": () => FRESH }, { profile: "firefox" });
    const page = frame(`http://foo.example:${server.port}`);
    const both = async (): Promise<string[]> => [await text(page, "/"), await text(page, "/", { credentials: "omit" })];
    expect([await both(), await both()]).toEqual([
      ["body 1", "body 2"],
      ["body 1", "body 2"],
    ]);
    await text(page, "/", { method: "POST" });
    expect(await both()).toEqual(["body 4", "body 5"]);
    expect(asked("/")).toHaveLength(5);
  });

  test("fragments share one response", async () => {
    const { page, at, asked } = await world({ "/": () => FRESH });
    await text(page, at("/#a"));
    const response = await page.fetch(at("/#b"));
    expect([response.url, await response.text()]).toEqual([at("/"), "body 1"]);
    expect(asked("/")).toHaveLength(1);
  });
});

describe("invalidation", () => {
  test.each([
    ["PUT", "200", true],
    ["DELETE", "204", true],
    ["PURGE", "301", true],
    ["POST", "500", false],
    ["PUT", "404", false],
    ["OPTIONS", "200", false],
  ])("%s with status %s: %j", async (method, status, isInvalidated) => {
    const { page, at, asked } = await world({
      "/": (request) => {
        const all = { ...FRESH, "access-control-allow-methods": "*" };
        return request.method === method ? { ...all, status } : all;
      },
    });
    await text(page, at("/"));
    await page.fetch(at("/"), { method });
    await text(page, at("/"));
    expect(asked("/").filter((asking) => asking === "GET")).toHaveLength(isInvalidated ? 2 : 1);
  });

  test("Location and Content-Location of the same origin are invalidated too, others are not", async () => {
    const { page, at, asked, server } = await world({
      "/": () => ({
        ...GRANT,
        "access-control-allow-methods": "*",
        location: "/a",
        "content-location": `http://other.example:${server.port}/b`,
      }),
      "/a": () => FRESH,
      "/b": () => FRESH,
      "/c": () => ({ ...GRANT, location: "http://[" }),
    });
    const other = `http://other.example:${server.port}/b`;
    for (const url of [at("/a"), other]) await text(page, url);
    await page.fetch(at("/"), { method: "POST" });
    await page.fetch(at("/c"), { method: "POST" });
    for (const url of [at("/a"), other]) await text(page, url);
    expect([asked("/a").length, asked("/b").length]).toEqual([2, 1]);
  });
});

describe("22.07: stale-while-revalidate", () => {
  const STALE = { ...GRANT, etag: '"1"', "cache-control": "max-age=10, stale-while-revalidate=50" };

  test("answers with what is stale, and renews it beside", async () => {
    const { page, at, asked, wait, actions, server } = await world({ "/": () => STALE });
    await text(page, at("/"));
    wait(30);
    expect(await text(page, at("/"))).toBe("body 1");
    await until(() => asked("/").length === 2);
    expect(asked("/")).toEqual(["GET", 'GET "1"']);
    expect(server.requests[1]?.headers["cache-control"]).toBeUndefined();
    await until(async () => (await text(page, at("/"), { cache: "force-cache" })) === "body 2");
    expect(actions()[0]).toBe("answered-stale");
  });

  test("does not when it is too stale, and in no other mode", async () => {
    const { page, at, wait } = await world({ "/": () => STALE });
    await text(page, at("/"));
    wait(61);
    expect(await text(page, at("/"))).toBe("body 2");
    wait(30);
    expect(await text(page, at("/"), { cache: "no-cache" })).toBe("body 3");
  });

  test("ends with the page, and a failure is nobody's", async () => {
    let onSecond: () => void = () => {};
    const second = new Promise<void>((resolve) => {
      onSecond = resolve;
    });
    let isClosed = false;
    let count = 0;
    let now = START;
    const server = await serve((request, response) => {
      if (++count === 1) {
        response.writeHead(200, STALE).end("1");
        return;
      }
      request.socket.on("close", () => {
        isClosed = true;
      });
      onSecond();
    });
    const { page } = agent({ clock: { now: () => now } });
    const url = `http://bar.other:${server.port}/`;
    await text(page, url);
    now += 30_000;
    expect(await text(page, url)).toBe("1");
    await second;
    await page.close();
    await until(() => isClosed);
  });
});

describe("the option httpCache", () => {
  test("false: everything is asked for", async () => {
    const { page, at, asked } = await world({ "/": () => FRESH }, { httpCache: false });
    for (const cache of ["default", "force-cache"] as const) await text(page, at("/"), { cache });
    expect(asked("/")).toHaveLength(2);
  });

  test("maxEntries: the least recently used goes first", async () => {
    const { page, at, asked } = await world(
      { "/a": () => FRESH, "/b": () => FRESH, "/c": () => FRESH },
      { httpCache: { maxEntries: 2 } },
    );
    for (const path of ["/a", "/b", "/a", "/c", "/a", "/b"]) await text(page, at(path));
    expect(["/a", "/b", "/c"].map((path) => asked(path).length)).toEqual([1, 2, 1]);
  });

  test("maxBytes: of all together, and an eighth for one body", async () => {
    const server = await serve(({ url = "" }, response) => {
      response.writeHead(200, FRESH).end("x".repeat(url === "/large" ? 1300 : 1000));
    });
    const { page } = agent({ httpCache: { maxBytes: 10_000 } });
    const at = (path: string): string => `http://bar.other:${server.port}${path}`;
    for (const path of ["/large", "/a", "/large", "/a"]) await text(page, at(path));
    expect(server.requests.map(({ url }) => url)).toEqual(["/large", "/a", "/large"]);
    for (let count = 0; count < 10; count++) await text(page, at(`/${count}`));
    await text(page, at("/a"));
    expect(server.requests.filter(({ url }) => url === "/a")).toHaveLength(2);
  });

  test("clearHttpCache forgets everything", async () => {
    const { page, at, clear } = await world({ "/": () => FRESH });
    await text(page, at("/"));
    clear();
    expect(await text(page, at("/"))).toBe("body 2");
  });
});

test("24.03: Local Network Access is checked on what is stored, too: by where it came from", async () => {
  const { userAgent } = agent();
  const server = await serve((_, response) => response.writeHead(200, FRESH).end("near"));
  const url = `http://localhost:${server.port}/`;
  const page = (localNetworkAccess: "granted" | "denied" | (() => "granted")): Client =>
    userAgent.client({ url: "https://foo.example/", ipAddressSpace: "public", localNetworkAccess });
  expect(await text(page("granted"), url)).toBe("near");
  expect(await codeOf(page("denied").fetch(url))).toBe("local-network-access/permission-denied");
  expect(
    await text(
      page(() => "granted"),
      url,
    ),
  ).toBe("near");
  expect(server.requests).toHaveLength(1);
});

test("a synchronous XMLHttpRequest shares the cache of its page", async () => {
  const { page, at, asked, trace } = await world({ "/": () => FRESH, "/put": () => FRESH });
  expect(await text(page, at("/"))).toBe("body 1");
  const request = new page.XMLHttpRequest();
  request.open("GET", at("/"), false);
  request.send();
  expect([request.responseText, asked("/").length]).toEqual(["body 1", 1]);
  expect(trace.at(-1)?.type).toBe("done");
});
