import { Blob } from "node:buffer";
import { describe, expect, test } from "vitest";
import { agent, serve, until } from "./loopback.ts";

describe("sendBeacon", () => {
  test("26.28: posts without CORS, with cookies and Origin, and answers at once", async () => {
    const server = await serve((_, response) => response.setHeader("Set-Cookie", "c=1").end());
    const { page, trace } = agent();
    const url = `http://bar.other:${server.port}/beacon`;
    expect(page.sendBeacon(url, "told")).toBe(true);
    await until(() => trace.some(({ type }) => type === "done"));
    expect(page.sendBeacon(url)).toBe(true);
    await until(() => server.requests.length === 2);
    const [first, second] = server.requests;
    expect(first).toMatchObject({ method: "POST", body: "told" });
    expect(first?.headers).toMatchObject({ origin: "http://foo.example", "content-type": "text/plain;charset=UTF-8" });
    expect(second?.headers).toMatchObject({ cookie: "c=1", "content-length": "0" });
    expect(trace[0]).toMatchObject({ mode: "no-cors", credentialsMode: "include" });
  });

  test("26.28: needs a URL", () => {
    const { page } = agent();
    const send = page.sendBeacon as () => boolean;
    expect(() => send()).toThrow(new TypeError("sendBeacon needs an argument."));
  });

  test("26.28: asks first for a type that is not safelisted", async () => {
    const server = await serve((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "http://foo.example");
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Allow-Headers", request.url === "/allowed" ? "content-type" : "");
      response.end();
    });
    const { page } = agent();
    const data = new Blob(["{}"], { type: "application/json" }) as globalThis.Blob;
    for (const path of ["/refused", "/allowed"]) {
      expect(page.sendBeacon(`http://bar.other:${server.port}${path}`, data)).toBe(true);
    }
    await until(() => server.requests.length === 3);
    const lines = server.requests.map(({ method, url, body }) => `${method} ${url} ${body}`);
    expect(lines.toSorted()).toEqual(["OPTIONS /allowed ", "OPTIONS /refused ", "POST /allowed {}"]);
  });

  test("26.28: shares 64 KiB among what is in flight, and has room again when that is done", async () => {
    const server = await serve((_, response) => response.end());
    const { page, trace } = agent();
    const url = `http://bar.other:${server.port}/`;
    const sent = [40_000, 40_000, 25_536, 1].map((size) => page.sendBeacon(url, new Uint8Array(size)));
    expect(sent).toEqual([true, false, true, false]);
    await until(() => trace.filter(({ type }) => type === "done").length === 2);
    expect(page.sendBeacon(url, new Uint8Array(65_536))).toBe(true);
    expect(page.sendBeacon(url, new Uint8Array(65_537))).toBe(false);
  });

  test.each([
    ["standard", undefined],
    ["webkit", "max-age=0"],
  ] as const)(
    "in the profile %s goes with Cache-Control %s, and asks for it first with nothing",
    async (profile, expected) => {
      const server = await serve((request, response) => {
        response.setHeader("Access-Control-Allow-Origin", String(request.headers.origin));
        response.setHeader("Access-Control-Allow-Credentials", "true");
        response.setHeader("Access-Control-Allow-Headers", "content-type").end();
      });
      const { page } = agent({ profile });
      const data = new Blob(["{}"], { type: "application/json" }) as globalThis.Blob;
      expect(page.sendBeacon(`http://bar.other:${server.port}/`, data)).toBe(true);
      await until(() => server.requests.length === 2);
      const [preflight, beacon] = server.requests;
      expect(preflight?.headers["access-control-request-headers"]).toBe("content-type");
      expect([preflight?.headers["cache-control"], beacon?.headers["cache-control"]]).toEqual([undefined, expected]);
    },
  );

  test("is refused for other schemes, streams, and a page that is closed", async () => {
    const { page } = agent();
    expect(() => page.sendBeacon("data:,x")).toThrow(TypeError);
    expect(() => page.sendBeacon("http://:bad")).toThrow(TypeError);
    expect(() => page.sendBeacon("/", new ReadableStream() as never)).toThrow(TypeError);
    await page.close();
    expect(page.sendBeacon("/", "x")).toBe(false);
  });
});
