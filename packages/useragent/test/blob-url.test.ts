// @ts-expect-error -- it comes without types
import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { installGlobals } from "@crossorigin/useragent/globals";
import { agent, codeOf } from "./loopback.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex");

describe("blob: URLs of a page", () => {
  test("are those of its origin, opaque or not", () => {
    const { userAgent, page } = agent();
    expect(page.URL.createObjectURL(new Blob([]))).toMatch(/^blob:http:\/\/foo\.example\/[\da-f-]{36}$/);
    const sandboxed = userAgent.client({ url: "http://foo.example/", opaqueOrigin: true });
    expect(sandboxed.URL.createObjectURL(new Blob([]))).toMatch(/^blob:null\/[\da-f-]{36}$/);
  });

  test("are for pages of the same origin, until the page that made them is closed", async () => {
    const { userAgent, page } = agent();
    const url = page.URL.createObjectURL(new Blob(["hello"]));
    const twin = userAgent.client({ url: "http://foo.example/elsewhere" });
    const other = userAgent.client({ url: "http://bar.other/" });
    const framed = userAgent.client({ url: "http://foo.example/", topLevelOrigin: "http://bar.other/" });
    expect(await (await twin.fetch(url)).text()).toBe("hello");
    expect(await codeOf(other.fetch(url))).toBe("main-fetch/scheme-not-http");
    expect(await codeOf(framed.fetch(url))).toBe("scheme-fetch/blob-url-of-other-partition");
    other.URL.revokeObjectURL(url);
    framed.URL.revokeObjectURL(url);
    expect(await (await twin.fetch(url)).text()).toBe("hello");
    await page.close();
    expect(await codeOf(twin.fetch(url))).toBe("scheme-fetch/blob-url-unknown");
  });

  test("work in a page with an opaque origin, and in no other one", async () => {
    const { userAgent } = agent();
    const pages = [1, 2].map(() => userAgent.client({ url: "http://foo.example/", opaqueOrigin: true }));
    const url = pages[0]?.URL.createObjectURL(new Blob(["hello"])) ?? "";
    const response = await pages[0]?.fetch(url);
    expect(await response?.text()).toBe("hello");
    const xhr = new (pages[0] ?? agent().page).XMLHttpRequest();
    xhr.open("GET", url, false);
    xhr.send();
    expect(xhr.responseText).toBe("hello");
    expect(await codeOf(pages[1]?.fetch(url) ?? Promise.resolve())).toBe("main-fetch/scheme-not-http");
  });

  test("give images that taint no canvas, and any other element what it takes", async () => {
    const { page } = agent();
    const image = await page.load({ element: "img", src: page.URL.createObjectURL(new Blob([PNG])) });
    expect(image).toMatchObject({ outcome: "load", pixels: "readable", responseType: "basic" });
    const fromData = await page.load({ element: "img", src: `data:image/png;base64,${PNG.toString("base64")}` });
    expect(fromData).toMatchObject({ outcome: "load", pixels: "readable" });
    const script = new Blob(["1"], { type: "text/javascript" });
    expect(await page.load({ element: "module", src: page.URL.createObjectURL(script) })).toMatchObject({
      outcome: "load",
    });
    const sound = await page.load({ element: "audio", src: page.URL.createObjectURL(new Blob(["OggS\0"])) });
    expect(sound).toMatchObject({ outcome: "load", samples: "readable" });
    const gone = await page.load({ element: "img", src: "blob:http://foo.example/gone" });
    expect(gone.reason()?.code).toBe("scheme-fetch/blob-url-unknown");
  });

  test("are streams of an event source", async () => {
    const { page } = agent();
    const url = page.URL.createObjectURL(new Blob(["data: hello\n\n"], { type: "text/event-stream" }));
    const source = new page.EventSource(url);
    page.URL.revokeObjectURL(url);
    expect(await new Promise((resolve) => (source.onmessage = ({ data }) => resolve(data)))).toBe("hello");
    source.close();
  });

  test("a synchronous request has the reason beside it", () => {
    const { page } = agent();
    const xhr = new page.XMLHttpRequest();
    xhr.open("GET", "blob:http://foo.example/gone", false);
    expect(() => xhr.send()).toThrow(expect.objectContaining({ name: "NetworkError" }));
    expect(networkErrorReason(xhr)?.code).toBe("scheme-fetch/blob-url-unknown");
  });

  test("a blob that cannot be read fails while it is read, with a reason", async () => {
    const { page } = agent();
    const broken = { size: 5, type: "", slice: () => null, arrayBuffer: () => Promise.reject(new Error("gone")) };
    const url = page.URL.createObjectURL(
      Object.assign(Object.create({ [Symbol.toStringTag]: "Blob" }), broken) as Blob,
    );
    const response = await page.fetch(url);
    expect(await codeOf(response.text())).toBe("network/failed");
  });

  test("take blobs of another realm, in parts, too", async () => {
    const { page } = agent();
    const { window } = new JSDOM("", { url: page.url }) as { window: { Blob: typeof Blob; close(): void } };
    const url = page.URL.createObjectURL(new window.Blob(["0123456789"], { type: "Text/Plain" }));
    const whole = await page.fetch(url);
    expect([whole.headers.get("content-type"), await whole.text()]).toEqual(["text/plain", "0123456789"]);
    const part = await page.fetch(url, { headers: { Range: "bytes=2-4" } });
    expect([part.status, await part.text()]).toEqual([206, "234"]);
    window.close();
  });

  test("what is no blob is a TypeError that says so", () => {
    const { URL } = agent().page;
    const impostor = Object.create({ [Symbol.toStringTag]: "Blob" }) as Blob;
    expect(() => URL.createObjectURL("x" as unknown as Blob)).toThrow('URL.createObjectURL needs a Blob, not "x".');
    expect(() => URL.createObjectURL(impostor)).toThrow(TypeError);
  });
});

describe("the URL class of a page", () => {
  test("is Node.js's in all else", () => {
    const { page } = agent();
    expect(page.URL.name).toBe("URL");
    expect(new page.URL("a", "http://foo.example/").href).toBe("http://foo.example/a");
    expect(new page.URL("http://foo.example/")).toBeInstanceOf(URL);
    expect(new URL("http://foo.example/")).toBeInstanceOf(page.URL);
    expect({}).not.toBeInstanceOf(page.URL);
    expect(page.URL.canParse("x")).toBe(false);
  });

  test("installGlobals leaves a URL class where it is, and gives it the page's URLs", async () => {
    const { page } = agent();
    const { window } = new JSDOM("", { url: page.url, runScripts: "outside-only" }) as {
      window: { URL: typeof URL; Blob: typeof Blob; eval(source: string): unknown; close(): void };
    };
    const former = window.URL;
    const restore = installGlobals(page, window);
    expect(window.URL).toBe(former);
    const text = window.eval('fetch(URL.createObjectURL(new Blob(["hello"]))).then((response) => response.text())');
    expect(await text).toBe("hello");
    restore();
    expect("createObjectURL" in window.URL).toBe(false);
    window.close();
    const restoreOwn = installGlobals(page);
    const url = URL.createObjectURL(new Blob(["own"]));
    restoreOwn();
    expect(await (await page.fetch(url)).text()).toBe("own");
    expect(URL.createObjectURL(new Blob([]))).toMatch(/^blob:nodedata:/);
  });
});
