import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { agent, codeOf, rejection, serve } from "./loopback.ts";

const digest = (algorithm: "sha256" | "sha384" | "sha512", text: string): string =>
  `${algorithm}-${createHash(algorithm).update(text).digest("base64")}`;

describe("integrity", () => {
  const serveBody = async (): Promise<string> => {
    const { port } = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("body"));
    return `http://api.example:${port}/`;
  };

  test.each([
    ["the digest of the body", digest("sha256", "body")],
    ["one of several", `${digest("sha256", "other")} ${digest("sha256", "body")}`],
    ["the strongest of several", `${digest("sha256", "other")} ${digest("sha512", "body")}`],
    ["digests with options", `${digest("sha384", "body")}?ct=text/plain`],
    [
      "the alphabet of URLs",
      digest("sha256", "body").replaceAll("+", "-").replaceAll("/", "_").replace("sha256_", "sha256-"),
    ],
    ["algorithms that nobody knows", "md5-x nonsense"],
  ])("%s lets a response pass", async (_, integrity) => {
    const { page } = agent();
    const response = await page.fetch(await serveBody(), { integrity });
    expect(await response.text()).toBe("body");
  });

  test.each([
    ["another digest", digest("sha256", "other")],
    [
      "a weaker digest that matches beside a stronger one that does not",
      `${digest("sha256", "body")} ${digest("sha384", "x")}`,
    ],
  ])("%s is a network error", async (_, integrity) => {
    const { page } = agent();
    expect(await codeOf(page.fetch(await serveBody(), { integrity }))).toBe("main-fetch/integrity-mismatch");
  });

  test("7.28, 20.03: fails for a response that the page may not read", async () => {
    const { page } = agent();
    const failing = page.fetch(await serveBody(), { mode: "no-cors", integrity: digest("sha256", "body") });
    expect(await codeOf(failing)).toBe("main-fetch/integrity-mismatch");
  });

  test("without a body nothing matches by the standard, and what matches nothing in browsers", async () => {
    const { port } = await serve((_, response) =>
      response.writeHead(204, { "Access-Control-Allow-Origin": "*" }).end(),
    );
    const ask = (profile: "standard" | "firefox", text: string): Promise<unknown> =>
      agent({ profile }).page.fetch(`http://api.example:${port}/`, { integrity: digest("sha256", text) });
    expect(await codeOf(ask("standard", ""))).toBe("main-fetch/integrity-mismatch");
    expect(await ask("firefox", "")).toMatchObject({ status: 204 });
    expect(await codeOf(ask("firefox", "body"))).toBe("main-fetch/integrity-mismatch");
  });

  test("fails for a body that ends early", async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Content-Length": "100" }).write("body");
      setTimeout(() => response.destroy(), 20);
    });
    const { page } = agent();
    const failing = page.fetch(`http://api.example:${port}/`, { integrity: digest("sha256", "body") });
    expect(await codeOf(failing)).toBe("network/failed");
  });

  test("waits for the body no longer than the page does", async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).write("body");
    });
    const { page } = agent();
    const signal = AbortSignal.timeout(50);
    const url = `http://api.example:${port}/`;
    const error = await rejection(page.fetch(url, { integrity: digest("sha256", "body"), signal }));
    expect(error).toBe(signal.reason);
  });

  test("is taken over by a copy of a request", () => {
    const { page } = agent();
    const request = new page.Request("/", { integrity: "sha256-x", keepalive: true });
    expect(new page.Request(request).integrity).toBe("sha256-x");
    expect(new page.Request(request, { integrity: "" }).integrity).toBe("");
    expect([request.clone().keepalive, new page.Request(request, { keepalive: false }).keepalive]).toEqual([
      true,
      false,
    ]);
  });
});

describe("keepalive", () => {
  const QUOTA = 65_536;

  test("6.15: allows bodies of 64 KiB in flight, and no byte more", async () => {
    const { port } = await serve((_, response) => response.end("body"));
    const { page } = agent({}, `http://foo.example:${port}/`);
    const post = (bytes: number): Promise<number> =>
      page
        .fetch("/", { method: "POST", keepalive: true, body: "x".repeat(bytes) })
        .then(async (response) => (await response.text()).length);
    expect(await codeOf(post(QUOTA + 1))).toBe("http-network-or-cache-fetch/keepalive-quota");
    expect(await post(QUOTA)).toBe(4);
    expect(await post(QUOTA)).toBe(4);
    const codes = await Promise.allSettled([post(40_000), post(40_000)]);
    expect(codes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  test("keeps the quota of a response until it is read or canceled, each page its own", async () => {
    const { port } = await serve((_, response) => response.end("body"));
    const { page, userAgent } = agent({}, `http://foo.example:${port}/`);
    const other = userAgent.client({ url: page.url });
    const init = { method: "POST", keepalive: true, body: "x".repeat(QUOTA) };
    const unread = await page.fetch("/", init);
    expect(await codeOf(page.fetch("/", init))).toBe("http-network-or-cache-fetch/keepalive-quota");
    expect((await other.fetch("/", init)).status).toBe(200);
    await unread.body?.cancel();
    expect((await page.fetch("/", init)).status).toBe(200);
  });

  test("does not count requests without keepalive", async () => {
    const { port } = await serve((_, response) => response.end("body"));
    const { page } = agent({}, `http://foo.example:${port}/`);
    const body = "x".repeat(QUOTA + 1);
    expect((await page.fetch("/", { method: "POST", body })).status).toBe(200);
  });
});

describe("a data: URL", () => {
  test("8.03: is a basic response of the page, whatever the page's origin", async () => {
    const { userAgent, page } = agent();
    const sandboxed = userAgent.client({ url: "http://foo.example/", opaqueOrigin: true });
    for (const client of [page, sandboxed]) {
      const response = await client.fetch("data:text/html;base64,SGk=");
      expect([response.type, response.status, response.statusText, response.url]).toEqual([
        "basic",
        200,
        "OK",
        "data:text/html;base64,SGk=",
      ]);
      expect([...response.headers]).toEqual([["content-type", "text/html"]]);
      expect(await response.text()).toBe("Hi");
    }
    expect((await (await page.fetch("data:,")).arrayBuffer()).byteLength).toBe(0);
    expect(await (await page.fetch("data:,x", { method: "HEAD" })).text()).toBe("");
  });

  test("that is none is a network error", async () => {
    const { page } = agent();
    expect(await codeOf(page.fetch("data:x"))).toBe("scheme-fetch/data-url-invalid");
  });
});
