import { describe, expect, test } from "vitest";
import { type Request, type RequestInit, createUserAgent } from "@crossorigin/useragent";
import { agent, rejection, serve } from "./loopback.ts";

const userAgent = createUserAgent();
const page = userAgent.client({ url: "https://app.example/dir/page?q#f" });

const stream = (): ReadableStream<Uint8Array> => new Blob(["abc"]).stream();

describe("what a request is made of", () => {
  test("1.02, 1.03, 6.05: a URL is resolved against the page, and the rest has its defaults", () => {
    const request = new page.Request("other?x#y");
    expect(
      Object.fromEntries(
        [
          "url",
          "method",
          "mode",
          "credentials",
          "cache",
          "redirect",
          "referrer",
          "referrerPolicy",
          "destination",
          "integrity",
          "keepalive",
          "duplex",
          "bodyUsed",
          "body",
        ].map((name) => [name, Reflect.get(request, name)]),
      ),
    ).toEqual({
      url: "https://app.example/dir/other?x#y",
      method: "GET",
      mode: "cors",
      credentials: "same-origin",
      cache: "default",
      redirect: "follow",
      referrer: "about:client",
      referrerPolicy: "",
      destination: "",
      integrity: "",
      keepalive: false,
      duplex: "half",
      bodyUsed: false,
      body: null,
    });
    expect(request).toBeInstanceOf(page.Request);
    expect(request.signal.aborted).toBe(false);
    expect(Object.prototype.toString.call(request)).toBe("[object Request]");
    expect(new page.Request(new URL("http://a.example")).url).toBe("http://a.example/");
    expect(page.Request.name).toBe("Request");
  });

  test("6.06: a copy takes everything over, and an init changes what it names", async () => {
    const first = new page.Request("/", {
      method: "POST",
      headers: { "X-A": "1" },
      body: "text",
      credentials: "include",
      cache: "no-store",
      redirect: "manual",
      referrer: "/from",
      referrerPolicy: "origin",
      mode: "same-origin",
    });
    const copy = new page.Request(first);
    expect([
      copy.method,
      copy.credentials,
      copy.cache,
      copy.redirect,
      copy.referrer,
      copy.referrerPolicy,
      copy.mode,
    ]).toEqual(["POST", "include", "no-store", "manual", "https://app.example/from", "origin", "same-origin"]);
    expect([...copy.headers]).toEqual([
      ["content-type", "text/plain;charset=UTF-8"],
      ["x-a", "1"],
    ]);
    expect(first.bodyUsed).toBe(true);
    expect(await copy.text()).toBe("text");
    const second = new page.Request(
      new page.Request("/", { referrer: "/from", referrerPolicy: "origin", headers: { "X-A": "1" } }),
      { method: "PUT" },
    );
    expect([second.method, second.referrer, second.referrerPolicy, second.headers.get("x-a")]).toEqual([
      "PUT",
      "about:client",
      "",
      "1",
    ]);
    const third = new page.Request(new page.Request("/", { headers: { "X-A": "1", Accept: "a/b" } }), {
      mode: "no-cors",
    });
    expect([...third.headers]).toEqual([["accept", "a/b"]]);
  });

  test("6.08: headers that were fine with CORS are judged again when a copy goes without", () => {
    const request = new page.Request("/", { headers: { Accept: "text/plain", "X-A": "1", Range: "bytes=0-" } });
    const names = (copy: Request): string[] => [...copy.headers.keys()];
    expect(names(new page.Request(request, { cache: "no-store" }))).toEqual(["accept", "range", "x-a"]);
    expect(names(new page.Request(request, { mode: "no-cors" }))).toEqual(["accept"]);
    expect(names(new page.Request(request, { mode: "no-cors", headers: { "X-B": "1" } }))).toEqual([]);
  });

  test("a used body cannot be copied, unless the init brings another", async () => {
    const first = new page.Request("/", { method: "POST", body: "text" });
    await first.text();
    expect(() => new page.Request(first)).toThrow(TypeError);
    expect(() => first.clone()).toThrow(TypeError);
    expect(await new page.Request(first, { body: "new" }).text()).toBe("new");
  });

  test("a clone is independent", async () => {
    const first = new page.Request("/", { method: "POST", body: "text", headers: { "X-A": "1" } });
    const copy = first.clone();
    copy.headers.set("X-A", "2");
    expect(first.headers.get("x-a")).toBe("1");
    expect(copy).toBeInstanceOf(page.Request);
    expect([await first.text(), await copy.text()]).toEqual(["text", "text"]);
  });

  test.each([
    ["text", "text/plain;charset=UTF-8"],
    [new URLSearchParams("a=1"), "application/x-www-form-urlencoded;charset=UTF-8"],
    [new Blob(["x"], { type: "image/png" }), "image/png"],
    [new Blob(["x"]), null],
    [new Uint8Array([1]), null],
    [new ArrayBuffer(1), null],
  ])("the body %s brings the type %s", (body, type) => {
    expect(new page.Request("/", { method: "POST", body }).headers.get("content-type")).toBe(type);
    expect(
      new page.Request("/", { method: "POST", body, headers: { "Content-Type": "x/y" } }).headers.get("content-type"),
    ).toBe("x/y");
  });

  test("2.04: six methods are put in upper case, and no others", () => {
    const method = (name: string): string => new page.Request("/", { method: name }).method;
    expect(["get", "Post", "options", "delete", "put", "head", "patch", "PaTcH", "chicken"].map(method)).toEqual([
      "GET",
      "POST",
      "OPTIONS",
      "DELETE",
      "PUT",
      "HEAD",
      "patch",
      "PaTcH",
      "chicken",
    ]);
  });

  test.each([
    ["", ""],
    ["about:client", "about:client"],
    ["https://other.example/", "about:client"],
    ["/own", "https://app.example/own"],
  ])("6.10: the referrer %j is kept as %j", (referrer, kept) => {
    expect(new page.Request("/", { referrer }).referrer).toBe(kept);
  });

  test("1.08: the signal follows the one that was given", () => {
    const controller = new AbortController();
    const request = new page.Request("/", { signal: controller.signal });
    const copy = new page.Request(request);
    const free = new page.Request(request, { signal: null });
    expect(request.signal).not.toBe(controller.signal);
    controller.abort("why");
    expect([request.signal.reason, copy.signal.reason, free.signal.aborted]).toEqual(["why", "why", false]);
  });
});

test.each([
  ["/?", "/?"],
  ["/a?#b", "/a?"],
  ["/a#b?c", "/a"],
  ["/a??x=%20 y", "/a??x=%20%20y"],
  ["", "/"],
])("the URL %j is asked for as %s", async (path, url) => {
  const server = await serve((_, response) => response.end());
  const { page } = agent({}, `http://foo.example:${server.port}/`);
  await page.fetch(`http://foo.example:${server.port}${path}`);
  expect(server.requests[0]?.url).toBe(url);
});

describe("what is refused", () => {
  const cases: readonly (readonly [what: string, init: unknown, message: string])[] = [
    ["a forbidden method", { method: "track" }, '"track" is forbidden'],
    ["a method that is no token", { method: "A B" }, '"A B" is not a token'],
    ["an empty method", { method: "" }, "not a token"],
    ["6.07: mode navigate", { mode: "navigate" }, "navigate"],
    ["mode websocket", { mode: "websocket" }, 'RequestInit.mode is "websocket"'],
    ["an unknown credentials mode", { credentials: "always" }, 'RequestInit.credentials is "always"'],
    ["an unknown cache mode", { cache: "x" }, "RequestInit.cache"],
    ["an unknown redirect mode", { redirect: "x" }, "RequestInit.redirect"],
    ["an unknown referrer policy", { referrerPolicy: "x" }, "RequestInit.referrerPolicy"],
    ["only-if-cached across origins", { cache: "only-if-cached" }, "only-if-cached"],
    ["PUT without CORS", { mode: "no-cors", method: "PUT" }, '"PUT" is not possible with mode "no-cors"'],
    ["GET with a body", { body: "x" }, "GET request cannot have a body"],
    ["HEAD with an empty body", { method: "HEAD", body: "" }, "HEAD request cannot have a body"],
    ["a referrer that is no URL", { referrer: "http://:x" }, "referrer"],
    ["6.09: a window", { window: {} }, "window"],
    ["a signal that is none", { signal: {} }, "AbortSignal"],
    ["4.03: a stream without duplex", { method: "POST", body: stream() }, 'duplex: "half"'],
    ["4.03: a stream without CORS", { method: "POST", body: stream(), duplex: "half", mode: "no-cors" }, "stream"],
    ["4.03: a stream with keepalive", { method: "POST", body: stream(), duplex: "half", keepalive: true }, "keepalive"],
    ["full duplex", { duplex: "full" }, "duplex"],
    ["an init that is no object", 7, "RequestInit is 7"],
    ["a forbidden character in an error", { method: "\u001b[31m" }, String.raw`\x1b[31m`],
  ];

  test.each(cases)("6.07, 6.09: %s is a TypeError", async (_, init, message) => {
    expect(() => new page.Request("/", init as RequestInit)).toThrow(TypeError);
    expect(() => new page.Request("/", init as RequestInit)).toThrow(message);
    await expect(page.fetch("/", init as RequestInit)).rejects.toThrow(message);
  });

  test.each(["http://user@host/", "http://:secret@host/", "http://:x", "https://"])(
    "the URL %s is a TypeError that does not repeat secrets",
    (url) => {
      expect(() => new page.Request(url)).toThrow(TypeError);
      expect(() => new page.Request(url)).not.toThrow("secret");
    },
  );

  test("fetch() without arguments is a TypeError, and fetch(undefined) asks for that", async () => {
    const server = await serve((_, response) => response.end());
    const { page } = agent({}, `http://foo.example:${server.port}/`);
    const error = await rejection((page.fetch as () => Promise<unknown>)());
    expect(error).toEqual(new TypeError("fetch needs an argument."));
    await page.fetch(undefined as unknown as string);
    expect(server.requests.map(({ url }) => url)).toEqual(["/undefined"]);
  });

  test("a request needs an argument, and its members a request", () => {
    expect(() => new page.Request(...([] as unknown as [string]))).toThrow(TypeError);
    expect(() => Reflect.get(page.Request.prototype, "url", {})).toThrow("Illegal invocation");
  });
});
