import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { INTERFACE_NAMES, type Surface, collectSurface } from "./interface-surface.ts";
import { agent, serve } from "./loopback.ts";

/** Chromium's, but for what `ours` adds; held to Chromium in a test of its own. */
const { surface } = JSON.parse(readFileSync(new URL("./interface-surface.json", import.meta.url), "utf8")) as {
  readonly surface: Surface;
};

describe("interfaces", () => {
  test.each(INTERFACE_NAMES)(
    "%s has the properties of a browser's, with their names, lengths and attributes",
    (name) => {
      const { [name]: found } = collectSurface(Object.fromEntries(Object.entries(agent().page)), INTERFACE_NAMES);
      expect(found).toEqual(surface[name]);
    },
  );

  test("responses are their page's, also those that were fetched, copied or made by its class", async () => {
    const { port } = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const { page, userAgent } = agent();
    const { Response } = page;
    const fetched = await page.fetch(`http://api.example:${port}/`);
    const all = [fetched, fetched.clone(), Response.error(), Response.json(1), Response.redirect("/"), new Response()];
    for (const response of all) {
      expect(Object.getPrototypeOf(response)).toBe(Response.prototype);
      expect(response).toBeInstanceOf(Response);
      expect(response.constructor).toBe(Response);
    }
    expect(fetched).not.toBeInstanceOf(userAgent.client({ url: page.url }).Response);
  });

  test("what page code puts on a prototype is found on its objects, and on no other page's", () => {
    const { page, userAgent } = agent();
    const other = userAgent.client({ url: page.url });
    for (const name of ["Request", "Response", "XMLHttpRequest", "EventSource", "WebSocket"] as const) {
      Object.defineProperty(page[name].prototype, "patched", { value: name });
      expect("patched" in other[name].prototype).toBe(false);
    }
    expect(Reflect.get(new page.XMLHttpRequest(), "patched")).toBe("XMLHttpRequest");
    expect(Reflect.get(new page.Request("/").clone(), "patched")).toBe("Request");
  });

  test("classes derived from them make objects of their own", () => {
    const { page } = agent();
    const Derived = class extends page.XMLHttpRequest {
      readonly own = 1;
    };
    const request = new Derived();
    expect(request).toBeInstanceOf(Derived);
    expect(request).toBeInstanceOf(page.XMLHttpRequestEventTarget);
    expect([request.own, request.readyState, request.DONE, Derived.DONE]).toEqual([1, 0, 4, 4]);
  });

  test("need new, and a receiver of their own kind", () => {
    const { page } = agent();
    expect(() => Reflect.apply(page.XMLHttpRequest as unknown as () => void, undefined, [])).toThrow(TypeError);
    expect(() => Reflect.get(page.XMLHttpRequest.prototype, "readyState")).toThrow(TypeError);
    expect(Object.prototype.toString.call(page.Headers.prototype)).toBe("[object Headers]");
  });
});

describe("textStream()", () => {
  test("gives a body's text piece by piece, without a byte order mark, and characters whole", async () => {
    const { port } = await serve((_, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*").write(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xe2, 0x82]));
      setTimeout(() => response.end(Buffer.from([0xac, 0x62])), 20);
    });
    const response = await agent().page.fetch(`http://api.example:${port}/`);
    const stream = response.textStream();
    expect(response.body?.locked).toBe(true);
    let text = "";
    for await (const chunk of stream) text += chunk;
    expect(text).toBe("a\u20ACb");
    expect(() => response.textStream()).toThrow(TypeError);
  });

  test("is empty where there is no body", async () => {
    const { page } = agent();
    expect((await new page.Response().textStream().getReader().read()).done).toBe(true);
    expect(await new page.Request("/", { method: "POST", body: "x" }).textStream().getReader().read()).toEqual({
      done: false,
      value: "x",
    });
  });
});
