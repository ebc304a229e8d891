import { describe, expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import type { Environment } from "../../src/fetching/index.ts";
import { type RequestDestination, createOpaqueOrigin, originOfUrl } from "../../src/protocol/index.ts";
import { FakeNetwork, pageAt, scripted } from "../fake-network.ts";

const PAGE = "https://page.example/dir/page";

describe("20: a response that its destination must not have", () => {
  test.each([
    ["script", [["Content-Type", "image/png"]], "main-fetch/mime-type-blocked", "image/png"],
    [
      "style",
      [
        ["Content-Type", "text/plain"],
        ["X-Content-Type-Options", "nosniff"],
      ],
      "main-fetch/nosniff",
      "text/plain",
    ],
    ["worker", [["X-Content-Type-Options", "nosniff"]], "main-fetch/nosniff", null],
  ] as const)("7.25: is a network error for a %s", async (destination, headers, code, received) => {
    const network = new FakeNetwork(scripted({ "GET https://b.test/x": { headers } }));
    const { reason, trace } = await network.fetch({ url: "https://b.test/x", mode: "no-cors", destination });
    expect(reason).toMatchObject({ code, step: "main fetch, step 20", received });
    expect(network.canceled).toEqual(["https://b.test/x"]);
    expect(explain(trace)).toMatchObject({ verdict: "withheld", code });
  });

  test("is any to fetch(), whose destination is empty", async () => {
    const headers = [
      ["Content-Type", "image/png"],
      ["X-Content-Type-Options", "nosniff"],
    ] as const;
    const network = new FakeNetwork(scripted({ "GET https://page.example/x": { headers } }));
    expect((await network.fetch({ url: "https://page.example/x" })).reason).toBeNull();
  });
});

describe("7.05: a request for local URLs only", () => {
  test.each(["https://page.example/x", "https://b.test/x", "ftp://b.test/"])("does not get %s", async (url) => {
    const network = new FakeNetwork(() => ({}));
    const { reason, trace } = await network.fetch({ url, localUrlsOnly: true });
    expect(reason).toMatchObject({ code: "main-fetch/url-not-local", step: "main fetch, step 3", url });
    expect(network.asked()).toEqual([]);
    expect(explain(trace)).toMatchObject({ verdict: "withheld", code: "main-fetch/url-not-local" });
  });

  test("gets a data: URL, and is told of a blob: URL and an about: URL what others are told", async () => {
    const network = new FakeNetwork(() => ({}));
    const ask = async (url: string): Promise<string | undefined> =>
      (await network.fetch({ url, localUrlsOnly: true, mode: "no-cors" })).reason?.code;
    expect(await ask("data:,x")).toBeUndefined();
    expect(await ask("blob:https://page.example/none")).toBe("scheme-fetch/blob-url-unknown");
    expect(await ask("about:srcdoc")).toBe("scheme-fetch/unsupported-scheme");
  });
});

describe("7.07: mixed content", () => {
  async function load(url: string, destination: RequestDestination, client: Environment = pageAt(PAGE)) {
    const network = new FakeNetwork(() => ({}));
    const { reason, trace } = await network.fetch({ url, destination, mode: "no-cors", client });
    return { asked: network.asked(), code: reason?.code ?? null, trace };
  }

  test.each(["image", "audio", "video"] as const)("%s of a named host is asked for over https", async (destination) => {
    const { asked, code, trace } = await load("http://b.test/x", destination);
    expect(code).toBeNull();
    expect(asked).toEqual(["GET https://b.test/x"]);
    expect(trace[1]).toEqual({ type: "upgrade", hop: 0, from: "http://b.test/x", to: "https://b.test/x" });
    expect(explain(trace).exchanges[0]?.request.url).toBe("https://b.test/x");
  });

  test("the target of a redirect is asked for over https, too", async () => {
    const network = new FakeNetwork(
      scripted({
        "GET https://b.test/x": { status: 302, headers: [["Location", "http://b.test/y"]] },
        "GET https://b.test/y": {},
      }),
    );
    const { reason } = await network.fetch({ url: "https://b.test/x", destination: "image", mode: "no-cors" });
    expect(reason).toBeNull();
  });

  test.each([
    ["an image at an IPv4 address", "http://203.0.113.1/x", "image"],
    ["an image at an IPv6 address", "http://[2001:db8::1]/x", "image"],
    ["a script", "http://b.test/x", "script"],
    ["a fetch", "http://b.test/x", ""],
  ] as const)("%s is blocked", async (_name, url, destination) => {
    expect(await load(url, destination)).toMatchObject({ asked: [], code: "main-fetch/mixed-content" });
  });

  test.each(["http://localhost/x", "http://127.0.0.1/x", "https://b.test/x"])("%s is none", async (url) => {
    expect(await load(url, "image")).toMatchObject({ asked: [`GET ${url}`], code: null });
  });

  test("is free to a page that came over http, loopback or not", async () => {
    for (const page of ["http://page.example/", "http://localhost/"]) {
      const { asked, code } = await load("http://b.test/x", "image", pageAt(page));
      expect({ asked, code }).toEqual({ asked: ["GET http://b.test/x"], code: null });
    }
  });

  test.each<[string, Environment]>([
    ["a sandboxed https page", pageAt(PAGE, { origin: createOpaqueOrigin() })],
    [
      "an http frame of an https page",
      pageAt("http://a.test/", { topLevelOrigin: originOfUrl(new URL("https://page.example/")) }),
    ],
  ])("is blocked in %s", async (_name, client) => {
    expect((await load("http://b.test/x", "script", client)).code).toBe("main-fetch/mixed-content");
  });
});
