import { describe, expect, test } from "vitest";
import type { Header, ReferrerPolicy } from "../../src/protocol/index.ts";
import { createOpaqueOrigin, originOfUrl } from "../../src/protocol/index.ts";
import { FakeNetwork, type Script, pageAt, scripted } from "../fake-network.ts";

const SELF = "https://page.example/api";
const SUB = "https://sub.page.example/";
const OTHER = "https://b.test/";
const ACAO = "Access-Control-Allow-Origin";

/** Redirects from each URL to the next; every answer is shared with anybody. */
function chain(...urls: readonly string[]): FakeNetwork {
  return new FakeNetwork(({ url }) => {
    const next = urls[urls.indexOf(url.href) + 1];
    const headers = [[ACAO, "*"] as const, ["Access-Control-Allow-Headers", "x-a"] as const];
    return next === undefined ? { headers } : { status: 307, headers: [...headers, ["Location", next]] };
  });
}

describe("headers every request has", () => {
  test("11.04, 7.02: are added after the page's own, in the standard's order, and not twice", async () => {
    const network = chain();
    await network.fetch({
      url: SELF,
      method: "POST",
      body: { kind: "bytes", bytes: new Uint8Array(3) },
      headers: [
        ["accept", "a/b"],
        ["User-Agent", "mine"],
      ],
    });
    expect(network.sent[0]?.headers.map(([name]) => name)).toEqual([
      "accept",
      "User-Agent",
      "Content-Length",
      "Referer",
      "Origin",
      "Sec-Fetch-Dest",
      "Sec-Fetch-Mode",
      "Sec-Fetch-Site",
      "Accept-Encoding",
    ]);
  });

  test.each([
    ["", "*/*"],
    ["image", "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"],
    ["style", "text/css,*/*;q=0.1"],
    ["json", "application/json,*/*;q=0.5"],
    ["script", "*/*"],
  ] as const)("1.04, 7.02, 15.02: Accept for the destination %j is %s", async (destination, accept) => {
    const network = chain();
    await network.fetch({ url: OTHER, destination });
    expect(network.header("Accept")).toEqual([accept]);
    expect(network.header("Sec-Fetch-Dest")).toEqual([destination === "" ? "empty" : destination]);
  });

  test("11.01: what is added for one attempt does not pile up on the next", async () => {
    const network = chain(SELF, OTHER, `${OTHER}end`);
    await network.fetch({ url: SELF, method: "POST", body: { kind: "bytes", bytes: new Uint8Array(3) } });
    for (const { headers } of network.sent) {
      const names = headers.map(([name]) => name.toLowerCase());
      expect(new Set(names).size).toBe(names.length);
    }
    expect(network.header("Content-Length")).toEqual(["3", "3", "3"]);
  });

  test.each([
    ["GET", null, undefined],
    ["POST", null, "0"],
    ["PUT", null, "0"],
    ["DELETE", null, undefined],
    ["POST", 0, "0"],
    ["POST", 5, "5"],
  ] as const)("11.03: Content-Length of a %s with a body of %s bytes is %s", async (method, length, value) => {
    const network = chain();
    await network.fetch({
      url: SELF,
      method,
      body: length === null ? null : { kind: "bytes", bytes: new Uint8Array(length) },
    });
    expect(network.header("Content-Length")).toEqual([value]);
  });

  test.each([
    ["default", [], [undefined, undefined]],
    ["no-store", [], ["no-cache", "no-cache"]],
    ["reload", [], ["no-cache", "no-cache"]],
    ["no-cache", [], ["max-age=0", undefined]],
    ["force-cache", [], [undefined, undefined]],
    ["default", [["If-None-Match", "x"]], ["no-cache", "no-cache"]],
    ["no-store", [["Cache-Control", "mine"]], ["mine", "no-cache"]],
  ] as const)(
    "11.06, 11.07: cache mode %s with %j sends Cache-Control and Pragma %j",
    async (cacheMode, headers, expected) => {
      const network = chain();
      await network.fetch({ url: SELF, cacheMode, headers });
      expect([network.header("Cache-Control")[0], network.header("Pragma")[0]]).toEqual(expected);
    },
  );

  test("11.07: cache headers never make a request ask for a preflight", async () => {
    const network = chain();
    await network.fetch({ url: OTHER, cacheMode: "no-store" });
    expect(network.sent.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("11.08: a Range keeps codings away", async () => {
    const network = chain();
    await network.fetch({ url: SELF, headers: [["Range", "x"]] });
    expect(network.header("Accept-Encoding")).toEqual(["identity"]);
  });
});

describe("redirects", () => {
  test("10.08, 10.09, 3.35: methods, bodies and Authorization change as the standard says", async () => {
    const C = "https://c.test/";
    const grant: Header = [ACAO, "*"];
    const script: Script = {
      [`OPTIONS ${OTHER}`]: { headers: [grant, ["Access-Control-Allow-Headers", "authorization, x-a"]] },
      [`POST ${OTHER}`]: { status: 302, headers: [grant, ["Location", C]] },
      [`OPTIONS ${C}`]: { headers: [grant, ["Access-Control-Allow-Headers", "x-a"]] },
      [`GET ${C}`]: { headers: [grant] },
    };
    const headers = [
      ["Authorization", "x"],
      ["X-A", "1"],
      ["Content-Type", "text/plain"],
    ] as const;
    const network = new FakeNetwork(scripted(script));
    const { trace } = await network.fetch({ url: OTHER, method: "POST", headers });
    expect(network.asked()).toEqual([`OPTIONS ${OTHER}`, `POST ${OTHER}`, `OPTIONS ${C}`, `GET ${C}`]);
    expect(trace.find(({ type }) => type === "redirect")).toMatchObject({
      methodBefore: "POST",
      methodAfter: "GET",
      isAuthorizationRemoved: true,
    });
  });
});

describe("Origin", () => {
  test.each([
    ["a same-origin GET", SELF, "GET", "cors", "", undefined],
    ["a same-origin POST", SELF, "POST", "cors", "", "https://page.example"],
    ["a cross-origin GET", OTHER, "GET", "cors", "", "https://page.example"],
    ["a cross-origin GET that hides its referrer", OTHER, "GET", "cors", "no-referrer", "https://page.example"],
    ["a no-cors GET", OTHER, "GET", "no-cors", "", undefined],
    ["a no-cors POST", OTHER, "POST", "no-cors", "", "https://page.example"],
    ["a no-cors POST that hides its referrer", OTHER, "POST", "no-cors", "no-referrer", "null"],
    ["a no-cors POST for the same origin only", OTHER, "POST", "no-cors", "same-origin", "null"],
    ["a same-origin POST that hides its referrer", SELF, "POST", "cors", "no-referrer", "https://page.example"],
    ["a no-cors POST with unsafe-url", OTHER, "POST", "no-cors", "unsafe-url", "https://page.example"],
  ] as const)("14.01, 14.02, 14.03, 14.04: of %s", async (_, url, method, mode, referrerPolicy, origin) => {
    const network = chain();
    await network.fetch({ url, method, mode, referrerPolicy });
    expect(network.header("Origin")).toEqual([origin]);
  });

  test("5.06, 5.08, 14.01: turns to null in a tainted chain, and for a page with an opaque origin", async () => {
    const network = chain(OTHER, "https://c.test/");
    await network.fetch({ url: OTHER });
    expect(network.header("Origin")).toEqual(["https://page.example", "null"]);
    const opaque = chain();
    await opaque.fetch({ url: SELF, client: pageAt("https://page.example/", { origin: createOpaqueOrigin() }) });
    expect(opaque.header("Origin")).toEqual(["null"]);
    expect(opaque.header("Referer")).toEqual([undefined]);
  });
});

describe("Referer", () => {
  const cases: readonly (readonly [ReferrerPolicy, self: string | undefined, other: string | undefined])[] = [
    ["", "https://page.example/dir/page", "https://page.example/"],
    ["no-referrer", undefined, undefined],
    ["no-referrer-when-downgrade", "https://page.example/dir/page", "https://page.example/dir/page"],
    ["same-origin", "https://page.example/dir/page", undefined],
    ["origin", "https://page.example/", "https://page.example/"],
    ["strict-origin", "https://page.example/", "https://page.example/"],
    ["origin-when-cross-origin", "https://page.example/dir/page", "https://page.example/"],
    ["strict-origin-when-cross-origin", "https://page.example/dir/page", "https://page.example/"],
    ["unsafe-url", "https://page.example/dir/page", "https://page.example/dir/page"],
  ];

  test.each(cases)("7.10: under %j tells the own origin %s, others %s", async (referrerPolicy, self, other) => {
    const network = chain();
    const client = pageAt("https://user:secret@page.example/dir/page#fragment");
    await network.fetch({ url: SELF, referrerPolicy, client });
    await network.fetch({ url: OTHER, referrerPolicy, client });
    expect(network.header("Referer")).toEqual([self, other]);
  });

  test("7.10: what one hop took away, the next does not get back", async () => {
    const network = chain(OTHER, SELF);
    await network.fetch({ url: OTHER });
    expect(network.header("Referer")).toEqual(["https://page.example/", "https://page.example/"]);
    const downgraded = new FakeNetwork(({ url }) =>
      url.protocol === "http:" ? { status: 302, headers: [["Location", SELF]] } : {},
    );
    await downgraded.fetch({
      url: "http://b.test/",
      mode: "no-cors",
      client: pageAt("http://localhost/", { url: new URL("https://page.example/dir/page") }),
    });
    expect(downgraded.header("Referer")).toEqual([undefined, undefined]);
  });

  test("10.12: a redirect changes the policy, the last known token counting", async () => {
    const network = new FakeNetwork(({ url }) => ({
      status: url.pathname === "/api" ? 302 : 200,
      headers: [
        ["Location", "/end"],
        ["Referrer-Policy", "unsafe-url, no-referrer, who-knows"],
      ],
    }));
    await network.fetch({ url: SELF });
    expect(network.header("Referer")).toEqual(["https://page.example/dir/page", undefined]);
  });

  test("7.10: a long one is cut down to the origin", async () => {
    const network = chain();
    await network.fetch({ url: SELF, client: pageAt(`https://page.example/${"x".repeat(4096)}`) });
    expect(network.header("Referer")).toEqual(["https://page.example/"]);
  });
});

describe("fetch metadata", () => {
  test.each([
    [[SELF], "same-origin"],
    [[SUB], "same-site"],
    [[OTHER], "cross-site"],
    [[OTHER, SELF], "cross-site"],
    [[SUB, SELF], "same-site"],
    [[SELF, SUB], "same-site"],
  ])("15.04: Sec-Fetch-Site at the end of %j is %s", async (urls, site) => {
    const network = chain(...urls);
    await network.fetch({ url: urls[0] ?? "" });
    expect(network.header("Sec-Fetch-Site").at(-1)).toBe(site);
  });

  test("5.12, 15.01, 15.03: only trustworthy URLs are told", async () => {
    const network = chain();
    await network.fetch({ url: "http://b.test/", client: pageAt("http://page.example/") });
    await network.fetch({ url: "http://localhost/", client: pageAt("http://page.example/") });
    expect(network.header("Sec-Fetch-Mode")).toEqual([undefined, "cors"]);
  });
});

describe("credentials", () => {
  test.each([
    ["omit", SELF, false],
    ["omit", OTHER, false],
    ["same-origin", SELF, true],
    ["same-origin", OTHER, false],
    ["include", SELF, true],
    ["include", OTHER, true],
  ] as const)("11.02, 13.07: %s at %s: %s", async (credentialsMode, url, includeCredentials) => {
    const network = chain();
    network.cookie = "a=1";
    await network.fetch({ url, credentialsMode });
    expect(network.sent[0]?.includeCredentials).toBe(includeCredentials);
    expect(network.header("Cookie")).toEqual([includeCredentials ? "a=1" : undefined]);
  });

  test("10.14: same-origin credentials stop for good at the first other origin", async () => {
    const network = chain(SELF, OTHER, `${SELF}/end`);
    await network.fetch({ url: SELF });
    expect(network.sent.map(({ includeCredentials }) => includeCredentials)).toEqual([true, false, false]);
  });

  test("16.09: a credentialless embedder keeps them from no-cors requests to others", async () => {
    const client = pageAt("https://page.example/", { embedderPolicy: "credentialless" });
    const network = chain();
    await network.fetch({ url: OTHER, mode: "no-cors", credentialsMode: "include", client });
    await network.fetch({ url: SELF, mode: "no-cors", credentialsMode: "include", client });
    await network.fetch({ url: OTHER, mode: "cors", credentialsMode: "include", client });
    expect(network.sent.map(({ includeCredentials }) => includeCredentials)).toEqual([false, true, true]);
  });

  test("16.09: a sandboxed credentialless embedder keeps them from its own server, too", async () => {
    const origin = createOpaqueOrigin();
    const client = pageAt("https://page.example/", { embedderPolicy: "credentialless", origin });
    const network = chain();
    await network.fetch({ url: SELF, mode: "no-cors", credentialsMode: "include", client });
    expect(network.sent.map(({ includeCredentials }) => includeCredentials)).toEqual([false]);
  });

  test("16.08: credentialless is nothing to WebKit", async () => {
    const client = pageAt("https://page.example/", { embedderPolicy: "credentialless" });
    const network = new FakeNetwork(() => ({}), "webkit");
    const { reason } = await network.fetch({ url: OTHER, mode: "no-cors", credentialsMode: "include", client });
    expect(reason).toBeNull();
    expect(network.sent.map(({ includeCredentials }) => includeCredentials)).toEqual([true]);
  });

  test("13.03: cookie rules hear how near the target is", async () => {
    const network = chain(SUB, `${SUB}end`);
    await network.fetch({ url: SUB, mode: "no-cors", credentialsMode: "include" });
    expect(network.cookieContexts.map(({ sameSite }) => sameSite)).toEqual(["strict-or-less", "strict-or-less"]);
    const far = chain(OTHER, SELF);
    await far.fetch({ url: OTHER, mode: "no-cors", credentialsMode: "include" });
    expect(far.cookieContexts.map(({ sameSite }) => sameSite)).toEqual(["unset-or-less", "unset-or-less"]);
    const framed = chain();
    await framed.fetch({
      url: SELF,
      client: pageAt("https://page.example/", { topLevelOrigin: originOfUrl(new URL(OTHER)) }),
    });
    expect(framed.cookieContexts).toEqual([
      {
        networkPartitionKey: "https://b.test",
        isThirdParty: true,
        sameSite: "unset-or-less",
        isTopLevelNavigation: false,
      },
    ]);
  });

  test.each([
    [OTHER, "GET", "document", "lax-or-less", true],
    [OTHER, "POST", "document", "unset-or-less", true],
    [OTHER, "GET", "iframe", "unset-or-less", false],
    [SELF, "POST", "document", "strict-or-less", true],
  ] as const)("13.03: cookie rules hear of navigations: to %s by %s in a %s", async (...given) => {
    const [url, method, destination, sameSite, isTopLevelNavigation] = given;
    const network = new FakeNetwork(() => ({}));
    await network.fetch({ url, method, destination, mode: "navigate", credentialsMode: "include" });
    expect(network.cookieContexts).toMatchObject([{ sameSite, isTopLevelNavigation }]);
  });

  test("13.02, 29.02: Set-Cookie is stored before the CORS check, line by line, and only with credentials", async () => {
    const network = new FakeNetwork(() => ({
      headers: [
        ["Set-Cookie", "a=1"],
        ["set-cookie", "refuse me"],
      ],
    }));
    const { trace, reason } = await network.fetch({ url: OTHER, credentialsMode: "include" });
    expect(reason?.code).toBe("cors-check/allow-origin-missing");
    expect(trace.find(({ type }) => type === "cookies")).toEqual({
      type: "cookies",
      exchange: 0,
      stored: ["a=1"],
      refused: ["refuse me"],
      ignored: [],
    });
    const without = await network.fetch({ url: OTHER });
    expect(without.trace.find(({ type }) => type === "cookies")).toMatchObject({
      stored: [],
      refused: [],
      ignored: ["a=1", "refuse me"],
    });
  });
});

describe("connections", () => {
  test("11.12: 421 is sent again as it is, once, on a new connection", async () => {
    const network = new FakeNetwork(() => ({ status: 421, headers: [[ACAO, "*"]] }));
    const { response, trace } = await network.fetch({ url: OTHER });
    expect(response).toMatchObject({ type: "cors", status: 421 });
    expect(network.sent.map(({ isNewConnection }) => isNewConnection)).toEqual([false, true]);
    expect(network.canceled).toEqual([OTHER]);
    expect(trace.filter(({ type }) => type === "request")).toHaveLength(2);
  });

  test("23.01, 12.01: pages under different top-level sites have different keys, also when opaque", async () => {
    const network = chain();
    const opaque = pageAt("https://page.example/", { origin: createOpaqueOrigin() });
    const clients = [
      pageAt("https://a.page.example/"),
      pageAt("https://b.page.example/"),
      pageAt("https://other.test/"),
      opaque,
      opaque,
      pageAt("https://page.example/", { origin: createOpaqueOrigin() }),
    ];
    for (const client of clients) await network.fetch({ url: OTHER, client });
    const keys = network.sent.map(({ networkPartitionKey }) => networkPartitionKey);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[3]).toBe(keys[4]);
    expect(new Set(keys).size).toBe(4);
  });
});

describe("the preflight cache", () => {
  test("7.17, 18.10: is cleared when a preflighted request fails, in profiles that do so", async () => {
    for (const [profile, count] of [
      ["standard", 2],
      ["chromium", 1],
    ] as const) {
      let isBroken = false;
      const network = new FakeNetwork(({ method }) => {
        if (method === "PUT" && isBroken) return { headers: [] };
        return {
          headers: [
            [ACAO, "*"],
            ["Access-Control-Allow-Methods", "PUT"],
            ["Access-Control-Max-Age", "60"],
          ],
        };
      }, profile);
      await network.fetch({ url: OTHER, method: "PUT" });
      isBroken = true;
      await network.fetch({ url: OTHER, method: "PUT" });
      isBroken = false;
      await network.fetch({ url: OTHER, method: "PUT" });
      expect(network.sent.filter(({ method }) => method === "OPTIONS")).toHaveLength(count);
    }
  });

  test("29.02: tells once that it was cleared, only if it held something, and before the outcome", async () => {
    let isBroken = false;
    const network = new FakeNetwork(({ method, url }) => {
      if (isBroken && method === "PUT" && url.href === OTHER)
        return {
          status: 307,
          headers: [
            [ACAO, "*"],
            ["Location", "/elsewhere"],
          ],
        };
      if (isBroken && method === "PUT") return { headers: [] };
      return {
        headers: [
          [ACAO, "*"],
          ["Access-Control-Allow-Methods", "PUT"],
          ["Access-Control-Max-Age", "60"],
        ],
      };
    });
    const types = async (): Promise<string[]> => {
      const { trace } = await network.fetch({ url: OTHER, method: "PUT" });
      return trace.map((event) => (event.type === "preflight-cache" ? event.action : event.type)).slice(-2);
    };
    expect(await types()).toEqual(["rule", "done"]);
    isBroken = true;
    expect(await types()).toEqual(["cleared", "network-error"]);
    const { trace } = await network.fetch({ url: OTHER, method: "PUT" });
    expect(trace.filter((event) => event.type === "preflight-cache" && event.action === "cleared")).toHaveLength(1);
    const refusing = new FakeNetwork(() => ({ headers: [] }));
    const refused = await refusing.fetch({ url: OTHER, method: "PUT" });
    expect(refused.trace.map(({ type }) => type)).not.toContain("preflight-cache");
  });

  test("7.18: a request without the unsafe-request flag never asks", async () => {
    const network = chain();
    await network.fetch({ url: OTHER, unsafeRequest: false, headers: [["X-A", "1"]] });
    expect(network.sent.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("18.07, 17.09: a forced preflight is kept for its method", async () => {
    const network = new FakeNetwork(() => ({ headers: [[ACAO, "*"]] }));
    for (let count = 0; count < 2; count++) await network.fetch({ url: OTHER, method: "POST", useCorsPreflight: true });
    expect(network.sent.map(({ method }) => method)).toEqual(["OPTIONS", "POST", "POST"]);
  });
});
