import type { CookieContext } from "crossorigin/fetching";
import { PROFILES, type Profile } from "crossorigin/protocol";
import { describe, expect, test } from "vitest";
import { ToughCookieStore } from "../src/cookies/cookie-store.ts";
import { type Loopback, agent, codeOf, serve } from "./loopback.ts";

/** Sets the cookies in the query, and answers with CORS unless asked not to. */
async function cookieServer(): Promise<Loopback> {
  return serve((request, response) => {
    const url = new URL(request.url ?? "/", "http://server.example");
    if (!url.searchParams.has("deny")) {
      response
        .setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*")
        .setHeader("Access-Control-Allow-Credentials", "true");
    }
    response.setHeader("Access-Control-Allow-Methods", "PUT");
    const cookies = url.searchParams.getAll("set");
    if (cookies.length > 0) response.setHeader("Set-Cookie", cookies);
    const to = url.searchParams.get("to");
    response.writeHead(to === null ? 200 : 302, to === null ? {} : { Location: to }).end();
  });
}

const set = (...cookies: string[]): string =>
  `/?${new URLSearchParams(cookies.map((cookie) => ["set", cookie])).toString()}`;

describe("credentials modes", () => {
  test.each([
    ["foo.example", "omit", undefined],
    ["foo.example", "same-origin", "a=1"],
    ["foo.example", "include", "a=1"],
    ["bar.other", "omit", undefined],
    ["bar.other", "same-origin", undefined],
    ["bar.other", "include", "a=1"],
  ] as const)("11.02, 13.07: at %s with credentials %s the cookie is %s", async (host, credentials, cookie) => {
    const server = await cookieServer();
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    const url = `http://${host}:${server.port}`;
    await page.fetch(url + set("a=1"), { credentials: "include" });
    await page.fetch(url, { credentials });
    expect(server.requests.at(-1)?.headers.cookie).toBe(cookie);
    await page.fetch(url + set("b=2"), { credentials });
    await page.fetch(url, { credentials: "include" });
    expect(server.requests.at(-1)?.headers.cookie).toBe(cookie === undefined ? "a=1" : "a=1; b=2");
  });

  test("13.02: a cookie is stored although the response is withheld", async () => {
    const server = await cookieServer();
    const { page } = agent();
    const url = `http://bar.other:${server.port}`;
    expect(await codeOf(page.fetch(`${url}${set("a=1")}&deny`, { credentials: "include" }))).toBe(
      "cors-check/allow-origin-missing",
    );
    await page.fetch(url, { credentials: "include" });
    expect(server.requests.at(-1)?.headers.cookie).toBe("a=1");
  });

  test("10.15, 17.01: cookies are stored on redirects, and never travel with a preflight", async () => {
    const server = await cookieServer();
    const { page, trace } = agent();
    const url = `http://bar.other:${server.port}`;
    await page.fetch(`${url}${set("a=1")}&to=/`, { credentials: "include" });
    expect(server.requests.at(-1)?.headers.cookie).toBe("a=1");
    await page.fetch(`${url}${set("b=1")}`, { method: "PUT", credentials: "include" });
    const [preflight, put] = server.requests.slice(-2);
    expect([preflight?.method, preflight?.headers.cookie]).toEqual(["OPTIONS", undefined]);
    expect([put?.method, put?.headers.cookie]).toEqual(["PUT", "a=1"]);
    expect(trace.filter(({ type }) => type === "cookies")).toMatchObject([
      { stored: ["a=1"] },
      { ignored: ["b=1"] },
      { stored: ["b=1"] },
    ]);
  });

  test("10.14: a same-origin chain that leaves the origin loses its cookies for good", async () => {
    const server = await cookieServer();
    const { userAgent } = agent();
    const home = `http://foo.example:${server.port}`;
    const page = userAgent.client({ url: home });
    page.cookies.set("a=1");
    await page.fetch(`/?to=${encodeURIComponent(`http://bar.other:${server.port}/?to=${encodeURIComponent(home)}`)}`);
    expect(server.requests.map(({ headers }) => headers.cookie)).toEqual(["a=1", undefined, undefined]);
  });
});

describe("SameSite", () => {
  test("13.03, 13.05: a request across sites carries neither Strict nor Lax cookies, and cannot store them", async () => {
    const server = await cookieServer();
    const { userAgent } = agent();
    const home = userAgent.client({ url: `http://bar.other:${server.port}/` });
    const stranger = userAgent.client({ url: "http://foo.example/" });
    const framed = userAgent.client({ url: `http://bar.other:${server.port}/`, topLevelOrigin: "http://foo.example" });
    const url = `http://bar.other:${server.port}`;
    await home.fetch(url + set("strict=1; SameSite=Strict", "lax=1; SameSite=Lax", "unset=1"));
    await home.fetch(url);
    await stranger.fetch(url, { credentials: "include" });
    await framed.fetch(url);
    expect(server.requests.slice(1).map(({ headers }) => headers.cookie)).toEqual([
      "strict=1; lax=1; unset=1",
      "unset=1",
      "unset=1",
    ]);
    expect(framed.cookies.get()).toBe("unset=1");
    await stranger.fetch(url + set("late=1; SameSite=Lax"), { credentials: "include" });
    expect(home.cookies.get()).toBe("strict=1; lax=1; unset=1");
  });

  test.each([
    ["standard", "default=1; odd=1"],
    ["chromium", ""],
    ["firefox", "default=1; odd=1"],
    ["webkit", "default=1; odd=1; none=1"],
  ] as const)("13.03: in profile %s a request across sites sends and stores %o", async (profile, cookies) => {
    const server = await cookieServer();
    const { userAgent } = agent({ profile, thirdPartyCookies: "allow" });
    const url = `http://bar.other:${server.port}`;
    const all = set("default=1", "odd=1; SameSite=odd", "none=1; SameSite=None", "lax=1; SameSite=Lax");
    const stranger = userAgent.client({ url: "http://foo.example/" });
    await stranger.fetch(url + all, { credentials: "include" });
    const home = userAgent.client({ url });
    expect(home.cookies.get()).toBe(cookies);
    await home.fetch(all);
    expect(home.cookies.get()).toBe(profile === "webkit" ? `${cookies}; lax=1` : "default=1; odd=1; lax=1");
    await stranger.fetch(url, { credentials: "include" });
    expect(server.requests.at(-1)?.headers.cookie ?? "").toBe(cookies);
    expect(userAgent.client({ url, topLevelOrigin: "http://foo.example" }).cookies.get()).toBe(cookies);
  });

  describe("navigations", () => {
    const url = new URL("https://bar.other/");
    const near = {
      networkPartitionKey: "",
      isThirdParty: false,
      sameSite: "strict-or-less",
      isTopLevelNavigation: false,
    } as const;
    const get = {
      networkPartitionKey: "",
      isThirdParty: false,
      sameSite: "lax-or-less",
      isTopLevelNavigation: true,
    } as const;
    const post = {
      networkPartitionKey: "",
      isThirdParty: false,
      sameSite: "unset-or-less",
      isTopLevelNavigation: true,
    } as const;

    test.each([
      ["standard", "default=1; none=1", "default=1; none=1"],
      ["chromium", "default=1; none=1", "none=1"],
    ] as const)("of profile %s send by POST from another site %s, and %s after two minutes", (profile, young, old) => {
      let now = 1000;
      const store = new ToughCookieStore({ now: () => now }, PROFILES[profile]);
      const cookies = [
        "default=1",
        "lax=1; SameSite=Lax",
        "none=1; SameSite=None; Secure",
        "strict=1; SameSite=Strict",
      ];
      for (const cookie of cookies) expect(store.store(url, cookie, near)).toBe(true);
      now += 120_000;
      expect(store.cookieHeader(url, post)).toBe(young);
      now += 1;
      expect(store.cookieHeader(url, post)).toBe(old);
      expect(store.cookieHeader(url, get)).toBe("default=1; lax=1; none=1");
      expect(store.cookieHeader(url, near)).toBe("default=1; lax=1; none=1; strict=1");
    });

    test("store cookies of any kind", () => {
      const store = new ToughCookieStore({ now: () => 0 }, PROFILES.chromium);
      for (const context of [get, post]) expect(store.store(url, "strict=1; SameSite=Strict", context)).toBe(true);
      expect(store.store(url, "a=1", { ...post, isTopLevelNavigation: false })).toBe(false);
    });
  });
});

describe("document.cookie", () => {
  test("13.01: a page sees its cookies without the HttpOnly ones, longest path first", async () => {
    const server = await cookieServer();
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/a/b/page` });
    await page.fetch(set("hidden=1; HttpOnly; Path=/", "root=1; Path=/", "deep=1; Path=/a/b", "elsewhere=1; Path=/c"));
    expect(page.cookies.get()).toBe("deep=1; root=1");
    await page.fetch("/a/b/x");
    expect(server.requests.at(-1)?.headers.cookie).toBe("deep=1; hidden=1; root=1");
  });

  test("a page sets cookies, but no HttpOnly ones and none over them", async () => {
    const server = await cookieServer();
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    await page.fetch(set("hidden=1; HttpOnly"));
    page.cookies.set("a=ü; Path=/");
    page.cookies.set("b=1; HttpOnly");
    page.cookies.set("hidden=2");
    expect(page.cookies.get()).toBe("a=ü");
    await page.fetch("/");
    expect(server.requests.at(-1)?.headers.cookie).toBe("hidden=1; a=Ã¼");
  });
});

describe("what is stored", () => {
  const cases: readonly (readonly [what: string, cookie: string, seen: string])[] = [
    ["the last attribute of a name", "a=1; Max-Age=0; Max-Age=9", "a=1"],
    ["Max-Age before Expires", "a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=1"],
    ["nothing that has expired", "a=1; Max-Age=0", ""],
    ["a value with equals signs", "a=b=c", "a=b=c"],
    ["a nameless cookie", "value", "value"],
    ["a name without value", "a=", "a="],
    ["the domain itself", "a=1; Domain=foo.example", "a=1"],
    ["no other domain", "a=1; Domain=bar.other", ""],
    ["no domain that the last Domain takes back", "a=1; Domain=bar.other; domain =", "a=1"],
    ["no public suffix", "a=1; Domain=example", ""],
    ["no subdomain", "a=1; Domain=sub.foo.example", ""],
    ["no Secure cookie from http", "a=1; Secure", ""],
    ["no __Host- cookie without Secure", "__Host-a=1; Path=/", ""],
    ["no __secure- cookie without Secure", "__secure-a=1", ""],
    ["no nameless cookie that looks prefixed", "__Host-a", ""],
    ["no control bytes", "a=1\u0001", ""],
    ["nothing empty", "=", ""],
    ["4096 bytes", `a=${"x".repeat(4095)}`, `a=${"x".repeat(4095)}`],
    ["not 4097 bytes", `a=${"x".repeat(4096)}`, ""],
    ["a path of 1025 bytes as if it were not there", `a=1; Path=/${"p".repeat(1024)}`, "a=1"],
  ];

  test.each(cases)("13.04, 13.05: %s", (_, cookie, seen) => {
    const { page } = agent();
    page.cookies.set(cookie);
    expect(page.cookies.get()).toBe(seen);
  });

  test("1.10: cookies expire by the injected clock, whatever the machine's says", () => {
    let now = 1_000;
    const { page } = agent({ clock: { now: () => now } });
    page.cookies.set("a=1; Max-Age=60");
    page.cookies.set("b=1; Expires=Thu, 01 Jan 1970 00:02:00 GMT");
    now += 59_999;
    expect(page.cookies.get()).toBe("a=1; b=1");
    now += 1;
    expect(page.cookies.get()).toBe("b=1");
    now += 60_000;
    expect(page.cookies.get()).toBe("");
  });

  test("a cookie keeps its place when it is set again", () => {
    const { page } = agent();
    for (const cookie of ["a=1", "b=1", "a=2"]) page.cookies.set(cookie);
    expect(page.cookies.get()).toBe("a=2; b=1");
  });

  test("13.05: http cannot touch the Secure cookies of https; localhost counts as secure", () => {
    const { userAgent } = agent();
    const secure = userAgent.client({ url: "https://foo.example/" });
    const plain = userAgent.client({ url: "http://foo.example/" });
    secure.cookies.set("__Host-a=1; Secure; Path=/");
    secure.cookies.set("a=1; Secure");
    plain.cookies.set("a=2");
    expect([secure.cookies.get(), plain.cookies.get()]).toEqual(["__Host-a=1; a=1", ""]);
    // Of a path as well that the cookie has from its page.
    const below = userAgent.client({ url: "https://foo.example/b/page" });
    below.cookies.set("b=1; Secure");
    userAgent.client({ url: "http://foo.example/b/page" }).cookies.set("b=2");
    expect(below.cookies.get()).toBe("b=1; __Host-a=1; a=1");
    const local = userAgent.client({ url: "http://localhost/" });
    local.cookies.set("a=1; Secure");
    expect(local.cookies.get()).toBe("a=1");
  });

  test("a domain holds 180 cookies", () => {
    const { page } = agent();
    for (let index = 0; index < 200; index++) page.cookies.set(`c${index}=1`);
    const names = page.cookies.get().split("; ");
    expect(names).toHaveLength(180);
    expect(names).toContain("c199=1");
  });

  test("a user agent holds 3300 cookies", () => {
    let now = 0;
    const { userAgent } = agent({ clock: { now: () => now++ } });
    const first = userAgent.client({ url: "http://host0.example/" });
    for (let host = 0; host < 20; host++) {
      const { cookies } = userAgent.client({ url: `http://host${host}.example/` });
      for (let index = 0; index < 170; index++) cookies.set(`c${index}=1`);
    }
    expect(first.cookies.get().split("; ")).toHaveLength(70);
  });

  test("garbage never throws", async () => {
    const server = await cookieServer();
    const { page } = agent();
    await page.fetch(
      `http://bar.other:${server.port}${set(";;;", "=;", "a\u00a0=\u00a0", ", , ", "a=1; Domain=; Path=; Expires=x; Max-Age=x; SameSite=x", "%=%; Domain=[::1")}`,
      { credentials: "include" },
    );
    expect(page.cookies.get()).toBe("");
  });
});

describe("cookies of other sites", () => {
  const TO_BAR = "https://bar.other/";
  const page = (topLevel: string, isThirdParty = true): CookieContext => ({
    networkPartitionKey: topLevel,
    isThirdParty,
    sameSite: isThirdParty ? "unset-or-less" : "strict-or-less",
    isTopLevelNavigation: false,
  });
  const [inFoo, inBaz, inBar] = [
    page("https://foo.example"),
    page("https://baz.third"),
    page("https://bar.other", false),
  ];
  const store = (profile: Partial<Profile>): ToughCookieStore =>
    new ToughCookieStore({ now: () => 0 }, { ...PROFILES.standard, ...profile });
  const NONE = "SameSite=None; Secure";

  /** What bar.other gets back in foo.example, in baz.third and as a page itself, after foo.example had it set a cookie. */
  function sentBack(cookies: ToughCookieStore, setCookie: string): readonly string[] {
    cookies.store(new URL(TO_BAR), setCookie, inFoo);
    return [inFoo, inBaz, inBar].map((context) => cookies.cookieHeader(new URL(TO_BAR), context));
  }

  test.each([
    ["allow", `a=1; ${NONE}`, ["a=1", "a=1", "a=1"]],
    ["allow", `a=1; ${NONE}; Partitioned`, ["a=1", "", ""]],
    ["block", `a=1; ${NONE}`, ["", "", ""]],
    ["block", `a=1; ${NONE}; Partitioned`, ["a=1", "", ""]],
    ["partition", `a=1; ${NONE}`, ["a=1", "", ""]],
    ["partition", `a=1; ${NONE}; Partitioned`, ["a=1", "", ""]],
  ] as const)("13.06: under the policy %s, %s comes back as %j", (thirdPartyCookies, setCookie, sent) => {
    expect(sentBack(store({ thirdPartyCookies }), setCookie)).toEqual(sent);
  });

  test("13.06: what a site set as a page of its own is kept from it elsewhere, unless it is allowed", () => {
    for (const [thirdPartyCookies, seen] of [
      ["allow", "a=1"],
      ["block", ""],
      ["partition", ""],
    ] as const) {
      const cookies = store({ thirdPartyCookies });
      cookies.store(new URL(TO_BAR), `a=1; ${NONE}`, inBar);
      expect(cookies.cookieHeader(new URL(TO_BAR), inFoo)).toBe(seen);
      expect(cookies.cookieHeader(new URL(TO_BAR), inBar)).toBe("a=1");
    }
  });

  test("13.06: Partitioned needs Secure, works for a page's own site, and is a word without meaning where it is not known", () => {
    expect(sentBack(store({}), "a=1; SameSite=None; Partitioned")).toEqual(["", "", ""]);
    const own = store({ sameSiteDefault: "lax" });
    expect(own.store(new URL(TO_BAR), "a=1; Secure; partitioned", inBar)).toBe(true);
    expect([inBar, inFoo].map((context) => own.cookieHeader(new URL(TO_BAR), context))).toEqual(["a=1", ""]);
    expect(sentBack(store({ partitionedCookies: false }), `a=1; ${NONE}; Partitioned`)).toEqual(["a=1", "a=1", "a=1"]);
  });

  test("13.06: longer paths come first, wherever the cookies are kept", () => {
    const cookies = store({});
    cookies.store(new URL(TO_BAR), `a=1; ${NONE}; Path=/`, inFoo);
    cookies.store(new URL(TO_BAR), `b=1; ${NONE}; Path=/x; Partitioned`, inFoo);
    expect(cookies.cookieHeader(new URL(`${TO_BAR}x`), inFoo)).toBe("b=1; a=1");
  });

  test("13.06: a user agent holds 3300 cookies, those of all partitions together", () => {
    const cookies = store({ thirdPartyCookies: "partition" });
    const contexts = Array.from({ length: 21 }, (_, index) => page(`https://top${index}.example`));
    for (const context of contexts)
      for (let index = 0; index < 170; index++) cookies.store(new URL(TO_BAR), `c${index}=1; ${NONE}`, context);
    const kept = contexts.map((context) => cookies.cookieHeader(new URL(TO_BAR), context).split("; ").filter(Boolean));
    expect(kept.flat()).toHaveLength(3300);
    expect(kept[0]).toHaveLength(0);
  });

  test("13.06: the option is stronger than the profile, for requests and for document.cookie in a frame", async () => {
    const server = await cookieServer();
    for (const [options, sent] of [
      [{ profile: "firefox" }, "a=1"],
      [{ profile: "webkit" }, undefined],
      [{ profile: "webkit", thirdPartyCookies: "allow" }, "a=1"],
      [{ thirdPartyCookies: "block" }, undefined],
    ] as const) {
      const { userAgent, page: first } = agent(options);
      const url = `http://localhost:${server.port}`;
      const none = options.profile === "webkit" ? "a=1; SameSite=None" : `a=1; ${NONE}`;
      await first.fetch(url + set(none), { credentials: "include" });
      await first.fetch(url, { credentials: "include" });
      expect(server.requests.at(-1)?.headers.cookie).toBe(sent);
      const frame = userAgent.client({ url, topLevelOrigin: "http://foo.example" });
      expect(frame.cookies.get()).toBe(sent ?? "");
    }
  });
});
