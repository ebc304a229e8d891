import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, codeOf, rejection, serve } from "./loopback.ts";

describe("simple requests", () => {
  test("7.18, 16.01, 26.01: a cross-origin response with a matching Access-Control-Allow-Origin is shared", async () => {
    const server = await serve((_, response) => {
      response.writeHead(201, "Made", {
        "Access-Control-Allow-Origin": "http://foo.example",
        "X-Hidden": "1",
        ETag: "e",
        "Content-Type": "application/json",
      });
      response.end('{"a":1}');
    });
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/x#fragment`);
    expect([response.type, response.status, response.statusText, response.ok, response.redirected]).toEqual([
      "cors",
      201,
      "Made",
      true,
      false,
    ]);
    expect(response.url).toBe(`http://bar.other:${server.port}/x`);
    expect([...response.headers.keys()]).toEqual(["content-type"]);
    expect(await response.json()).toEqual({ a: 1 });
    expect(server.requests[0]?.headers.origin).toBe("http://foo.example");
  });

  test("6.12, 19.05, 29.01: a network error is a bare TypeError, alike for all reasons, and the reason is kept beside it", async () => {
    const server = await serve((_, response) =>
      response.setHeader("Access-Control-Allow-Origin", "http://foo.example:80").end(),
    );
    const { page } = agent();
    const error = await rejection(page.fetch(`http://bar.other:${server.port}/`));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toBe("Failed to fetch");
    expect(Object.getOwnPropertyNames(error).toSorted()).toEqual(["message", "stack"]);
    const reason = networkErrorReason(error);
    expect(reason).toMatchObject({
      code: "cors-check/allow-origin-mismatch",
      step: "CORS check, step 4",
      expected: "http://foo.example",
      received: "http://foo.example:80",
      hop: 0,
      isPreflight: false,
    });
    expect(reason?.trace.map(({ type }) => type)).toEqual([
      "fetch",
      "main-fetch",
      "request",
      "response",
      "rule",
      "network-error",
    ]);
    expect(networkErrorReason(new TypeError("Failed to fetch"))).toBeUndefined();
    expect(networkErrorReason("text")).toBeUndefined();
  });

  test("7.21, 7.22, 19.02: Access-Control-Expose-Headers names what else may be read, and never Set-Cookie", async () => {
    const server = await serve((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", request.url === "/credentials" ? "http://foo.example" : "*");
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Expose-Headers", request.url === "/named" ? "x-a, Set-Cookie" : "*");
      response
        .setHeader("X-A", "1")
        .setHeader("X-B", "2")
        .setHeader("Set-Cookie", "c=1")
        .setHeader("Cache-Control", "no-store");
      response.end();
    });
    const { page } = agent();
    const names = async (path: string, init?: Parameters<typeof page.fetch>[1]): Promise<string[]> => [
      ...(await page.fetch(`http://bar.other:${server.port}${path}`, init)).headers.keys(),
    ];
    expect(await names("/named")).toEqual(["cache-control", "content-length", "x-a"]);
    expect(await names("/all")).toEqual(expect.arrayContaining(["x-a", "x-b", "date"]));
    expect(await names("/all")).not.toContain("set-cookie");
    expect(await names("/credentials", { credentials: "include" })).toEqual(["cache-control", "content-length"]);
  });

  test("7.13, 14.04, 19.01: a same-origin response is basic: everything but Set-Cookie can be read, and a GET carries no Origin", async () => {
    const server = await serve((_, response) =>
      response.setHeader("X-A", "1").setHeader("Set-Cookie", "c=1").end("body"),
    );
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    const response = await page.fetch("/relative");
    expect(response.type).toBe("basic");
    expect(response.headers.get("x-a")).toBe("1");
    expect(response.headers.has("set-cookie")).toBe(false);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(server.requests[0]?.headers.origin).toBeUndefined();
    await page.fetch("/", { method: "POST" });
    expect(server.requests[1]?.headers).toMatchObject({
      origin: `http://foo.example:${server.port}`,
      "content-length": "0",
    });
  });

  test("6.13, 7.15, 19.03: no-cors gives an opaque response that shows nothing", async () => {
    const server = await serve((_, response) => response.setHeader("Content-Type", "text/html").end("secret"));
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`, { mode: "no-cors" });
    expect([response.type, response.status, response.statusText, response.url, response.ok]).toEqual([
      "opaque",
      0,
      "",
      "",
      false,
    ]);
    expect(response.body).toBeNull();
    expect([...response.headers]).toEqual([]);
    expect(await response.text()).toBe("");
    expect(response.clone().type).toBe("opaque");
    expect(server.requests[0]?.headers.origin).toBeUndefined();
    await page.fetch(`http://bar.other:${server.port}/`, { mode: "no-cors", method: "POST", body: "a=1" });
    expect(server.requests[1]?.headers.origin).toBe("http://foo.example");
  });

  test("7.14: mode same-origin never leaves the origin", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/out") response.writeHead(302, { Location: `http://bar.other:${server.port}/` });
      response.end();
    });
    const { userAgent, page } = agent();
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`, { mode: "same-origin" }))).toBe(
      "main-fetch/same-origin-mode",
    );
    expect(server.requests).toEqual([]);
    const home = userAgent.client({ url: `http://foo.example:${server.port}/` });
    expect((await home.fetch("/", { mode: "same-origin" })).type).toBe("basic");
    expect(await codeOf(home.fetch("/out", { mode: "same-origin" }))).toBe("main-fetch/same-origin-mode");
  });

  test("5.06, 16.03: a page with an opaque origin sends Origin: null and is answered with null or *", async () => {
    const server = await serve((request, response) =>
      response
        .setHeader(
          "Access-Control-Allow-Origin",
          request.url === "/null" ? "null" : `http://foo.example:${server.port}`,
        )
        .end("ok"),
    );
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/`, opaqueOrigin: true });
    expect(page.origin).toBe("null");
    expect((await page.fetch("/null")).type).toBe("cors");
    expect(server.requests[0]?.headers.origin).toBe("null");
    expect(await codeOf(page.fetch("/own"))).toBe("cors-check/allow-origin-mismatch");
    expect(() => page.cookies.get()).toThrow(expect.objectContaining({ name: "SecurityError" }));
  });

  test("4.06, 7.27: a HEAD request and a 204 have no body", async () => {
    const server = await serve((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      if (request.method !== "HEAD") response.statusCode = 204;
      response.end();
    });
    const { page } = agent();
    expect((await page.fetch(`http://bar.other:${server.port}/`)).body).toBeNull();
    expect((await page.fetch(`http://bar.other:${server.port}/`, { method: "HEAD" })).body).toBeNull();
  });

  test("7.10: Referer follows the referrer policy of the page and of the request", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end());
    const { page, userAgent } = agent();
    const url = `http://bar.other:${server.port}/`;
    await page.fetch(url);
    await page.fetch(url, { referrerPolicy: "unsafe-url" });
    await page.fetch(url, { referrer: "" });
    await userAgent.client({ url: "http://foo.example/", referrerPolicy: "no-referrer" }).fetch(url);
    expect(server.requests.map(({ headers }) => headers.referer)).toEqual([
      "http://foo.example/",
      "http://foo.example/dir/page",
      undefined,
      undefined,
    ]);
  });
});

describe("preflights", () => {
  const granting = (grant: Readonly<Record<string, string>>): ReturnType<typeof serve> =>
    serve((request, response) => {
      const headers = request.method === "OPTIONS" ? grant : {};
      response
        .writeHead(request.method === "OPTIONS" ? 204 : 200, {
          "Access-Control-Allow-Origin": "http://foo.example",
          ...headers,
        })
        .end();
    });

  test("17.01, 17.02, 17.03, 17.04: a preflight asks with OPTIONS for method and unsafe names, without credentials and page headers", async () => {
    const server = await granting({
      "Access-Control-Allow-Methods": "PUT",
      "Access-Control-Allow-Headers": "x-b, X-A",
    });
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/x`, {
      method: "PUT",
      headers: { "X-B": "2", "x-a": "1", Accept: "text/plain" },
      body: "abc",
    });
    expect(response.status).toBe(200);
    const [preflight, actual] = server.requests;
    expect(preflight).toMatchObject({ method: "OPTIONS", url: "/x", body: "" });
    expect(preflight?.headers).toMatchObject({
      accept: "*/*",
      origin: "http://foo.example",
      "access-control-request-method": "PUT",
      "access-control-request-headers": "x-a,x-b",
    });
    expect(preflight?.headers).not.toHaveProperty("x-a");
    expect(preflight?.headers).not.toHaveProperty("content-length");
    expect(actual).toMatchObject({ method: "PUT", body: "abc" });
    expect(actual?.headers).toMatchObject({
      "x-a": "1",
      "x-b": "2",
      "content-length": "3",
      "content-type": "text/plain;charset=UTF-8",
    });
  });

  test("9.03, 17.17: a refused preflight keeps the request from the server", async () => {
    const server = await granting({ "Access-Control-Allow-Methods": "PATCH" });
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    expect(networkErrorReason(await rejection(page.fetch(url, { method: "patch" })))).toMatchObject({
      code: "cors-preflight/method-not-allowed",
      isPreflight: true,
      subject: "patch",
      received: "PATCH",
    });
    expect(await codeOf(page.fetch(url, { headers: { Authorization: "Bearer x" } }))).toBe(
      "cors-preflight/authorization-not-allowed",
    );
    expect(await codeOf(page.fetch(url, { headers: { "X-A": "1" } }))).toBe("cors-preflight/header-not-allowed");
    expect(server.requests.map(({ method }) => method)).toEqual(["OPTIONS", "OPTIONS", "OPTIONS"]);
  });

  test("17.10, 17.11, 17.12: * covers methods and headers without credentials, but not Authorization, and nothing with credentials", async () => {
    const server = await granting({
      "Access-Control-Allow-Methods": "*",
      "Access-Control-Allow-Headers": "*",
      "Access-Control-Allow-Credentials": "true",
    });
    const { page, userAgent } = agent();
    const url = `http://bar.other:${server.port}/`;
    expect((await page.fetch(url, { method: "PURGE", headers: { "X-A": "1" } })).status).toBe(200);
    userAgent.clearPreflightCache();
    expect(await codeOf(page.fetch(url, { headers: { Authorization: "x" } }))).toBe(
      "cors-preflight/authorization-not-allowed",
    );
    expect(await codeOf(page.fetch(url, { method: "PURGE", credentials: "include" }))).toBe(
      "cors-preflight/method-not-allowed",
    );
  });

  test.each([
    [301, "cors-preflight/redirect"],
    [404, "cors-preflight/status-not-ok"],
    [500, "cors-preflight/status-not-ok"],
  ])("a preflight answered with %i is refused as %s", async (status, code) => {
    const server = await serve((_, response) =>
      response
        .writeHead(status, { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "PUT", Location: "/" })
        .end(),
    );
    const { page } = agent();
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`, { method: "PUT" }))).toBe(code);
    expect(server.requests).toHaveLength(1);
  });

  test("1.10, 9.02, 18.09: a granted preflight is kept for Access-Control-Max-Age seconds of the injected clock", async () => {
    let now = 1_000_000;
    const server = await granting({ "Access-Control-Allow-Methods": "PUT", "Access-Control-Max-Age": "60" });
    const { page, userAgent } = agent({ clock: { now: () => now } });
    const put = async (): Promise<unknown> => page.fetch(`http://bar.other:${server.port}/`, { method: "PUT" });
    const methods = (): string => server.requests.map(({ method }) => method).join(" ");
    await put();
    await put();
    expect(methods()).toBe("OPTIONS PUT PUT");
    now += 60_000;
    await put();
    expect(methods()).toBe("OPTIONS PUT PUT OPTIONS PUT");
    userAgent.clearPreflightCache();
    await put();
    expect(methods()).toBe("OPTIONS PUT PUT OPTIONS PUT OPTIONS PUT");
    // Another page of the same origin shares the cache; another partition does not.
    await userAgent
      .client({ url: "http://foo.example/other" })
      .fetch(`http://bar.other:${server.port}/`, { method: "PUT" });
    expect(methods()).toBe("OPTIONS PUT PUT OPTIONS PUT OPTIONS PUT PUT");
    await userAgent
      .client({ url: "http://foo.example/", topLevelOrigin: "http://top.test" })
      .fetch(`http://bar.other:${server.port}/`, { method: "PUT" });
    expect(methods()).toBe("OPTIONS PUT PUT OPTIONS PUT OPTIONS PUT PUT OPTIONS PUT");
  });

  test("4.01, 7.17: JSON, a typed Blob and a long safelisted value need a preflight; a form does not", async () => {
    const server = await granting({
      "Access-Control-Allow-Headers": "content-type, accept",
      "Access-Control-Max-Age": "0",
    });
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    const asks = async (init: Parameters<typeof page.fetch>[1]): Promise<string | undefined> => {
      const before = server.requests.length;
      await page.fetch(url, { method: "POST", ...init });
      const first = server.requests[before];
      return first?.method === "OPTIONS" ? String(first.headers["access-control-request-headers"]) : undefined;
    };
    const form = new FormData();
    form.set("a", "b");
    expect(await asks({ body: new Blob(["{}"], { type: "application/json" }) })).toBe("content-type");
    expect(await asks({ body: "{}", headers: { "Content-Type": "application/json" } })).toBe("content-type");
    expect(await asks({ headers: { Accept: "a".repeat(129) } })).toBe("accept");
    expect(await asks({ headers: { Accept: "a".repeat(128) } })).toBeUndefined();
    expect(await asks({ body: form })).toBeUndefined();
    expect(await asks({ body: new URLSearchParams("a=1") })).toBeUndefined();
    expect(await asks({ body: "text" })).toBeUndefined();
    expect(await asks({ body: new Blob(["x"]) })).toBeUndefined();
  });
});
