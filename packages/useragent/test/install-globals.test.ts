import { type Client, createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { installGlobals } from "@crossorigin/useragent/globals";
// @ts-expect-error -- it comes without types
import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { agent, rejection, serve } from "./loopback.ts";

test("puts fetch and every class on the target, and puts back what was there", () => {
  const { page } = agent();
  const target = { fetch: "former", close: "former", untouched: 1 };
  const restore = installGlobals(page, target);
  expect(target).toEqual({
    fetch: page.fetch,
    URL: page.URL,
    Request: page.Request,
    Response: page.Response,
    Headers: page.Headers,
    EventSource: page.EventSource,
    WebSocket: page.WebSocket,
    XMLHttpRequest: page.XMLHttpRequest,
    XMLHttpRequestEventTarget: page.XMLHttpRequestEventTarget,
    XMLHttpRequestUpload: page.XMLHttpRequestUpload,
    ProgressEvent: page.ProgressEvent,
    close: "former",
    untouched: 1,
  });
  restore();
  expect(target).toEqual({ fetch: "former", close: "former", untouched: 1 });
  target.fetch = "later";
  restore();
  expect(target.fetch).toBe("later");
});

test("puts sendBeacon on the target's navigator, if it has one, and takes it away again", () => {
  const { page } = agent();
  const navigator = {};
  const restore = installGlobals(page, { navigator });
  expect(navigator).toEqual({ sendBeacon: page.sendBeacon });
  restore();
  expect(navigator).toEqual({});
  installGlobals(page, { navigator: null })();
  installGlobals(page, { navigator: "none" })();
});

test("gives a worker neither a document's cookies nor beacons", () => {
  const url = "http://foo.example/worker.js";
  const worker = createUserAgent().client({ url, worker: true });
  const target = { document: { URL: url, cookie: "of the document" }, navigator: {} };
  installGlobals(worker, target);
  expect(target).toMatchObject({ fetch: worker.fetch, document: { cookie: "of the document" } });
  expect(target.navigator).toEqual({});
});

test("leaves alone what somebody else replaced since", () => {
  const { page } = agent();
  const target = { fetch: "former" };
  const restore = installGlobals(page, target);
  target.fetch = "mock";
  restore();
  expect(target).toEqual({ fetch: "mock" });
});

test("keeps getters, and what was not enumerable, as they were", () => {
  const { page } = agent();
  const target = Object.defineProperty({}, "fetch", { get: () => "former", configurable: true });
  const before = Object.getOwnPropertyDescriptor(target, "fetch");
  const restore = installGlobals(page, target);
  expect(Object.keys(target)).not.toContain("fetch");
  restore[Symbol.dispose]();
  expect(Object.getOwnPropertyDescriptor(target, "fetch")).toEqual(before);
});

test("is globalThis's unless told otherwise, and relative URLs are the page's", async () => {
  const { port, requests } = await serve((_request, response) => response.end("hello"));
  const userAgent = createUserAgent({ resolve: () => "127.0.0.1" });
  const former = globalThis.fetch;
  const restore = installGlobals(userAgent.client({ url: `http://foo.example:${port}/dir/page` }));
  try {
    expect(await (await fetch("data")).text()).toBe("hello");
    expect(requests[0]?.url).toBe("/dir/data");
    expect(networkErrorReason(await rejection(fetch(`http://bar.example:${port}/`)))?.code).toBe(
      "cors-check/allow-origin-missing",
    );
  } finally {
    restore();
    await userAgent.close();
  }
  expect(globalThis.fetch).toBe(former);
});

test("gives scripts within a window of jsdom's own realm a browser's network", async () => {
  const { port } = await serve((request, response) => {
    if (request.url === "/open") response.setHeader("Access-Control-Allow-Origin", "*");
    response.end("hello");
  });
  const { page } = agent();
  const dom = new JSDOM("", { url: page.url, runScripts: "outside-only" });
  const restore = installGlobals(page, dom.window);
  const script = (path: string): Promise<unknown> =>
    dom.window.eval(
      `fetch(new Request("http://api.example:${port}${path}", { headers: {} })).then((response) => response.text())`,
    ) as Promise<unknown>;
  expect(await script("/open")).toBe("hello");
  expect(networkErrorReason(await rejection(script("/closed")))?.code).toBe("cors-check/allow-origin-missing");
  restore();
  expect(dom.window.eval("typeof fetch")).toBe("undefined");
  dom.window.close();
});

test("a document at the client's URL has the client's cookies; another keeps its own", () => {
  const { page } = agent();
  const own = new JSDOM("", { url: `${page.url}#top` }).window;
  const other = new JSDOM("", { url: "http://foo.example/elsewhere" }).window;
  const restoreOwn = installGlobals(page, own);
  const restoreOther = installGlobals(page, other);
  own.document.cookie = "a=1";
  other.document.cookie = "b=2";
  expect(own.document.cookie).toBe("a=1");
  expect(page.cookies.get()).toBe("a=1");
  expect(other.document.cookie).toBe("b=2");
  restoreOwn();
  restoreOther();
  expect(own.document.cookie).toBe("");
  installGlobals(page, { document: null })();
  installGlobals(page, { document: { URL: 1 } })();
});

test("what is no page, or no target, is a TypeError that says what to pass", () => {
  const { page, userAgent } = agent();
  const wrong: unknown[] = [undefined, null, {}, userAgent, page.fetch];
  for (const client of wrong)
    expect(() => installGlobals(client as Client)).toThrow(/^The client is .*: pass a page, which userAgent\.client\(/);
  for (const target of [null, 5, "window"])
    expect(() => installGlobals(page, target as unknown as object)).toThrow(
      /^The target is .*: pass a window such as jsdom's/,
    );
});
