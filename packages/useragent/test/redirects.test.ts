import { describe, expect, test } from "vitest";
import { type Loopback, agent, codeOf, serve } from "./loopback.ts";

const PAGE = "http://foo.example";

/** Answers `/status/location` paths: `/redirect?status=302&to=…&acao=…`, anything else with 200. */
async function redirector(): Promise<Loopback> {
  return serve((request, response) => {
    const url = new URL(request.url ?? "/", "http://server.example");
    const allowOrigin = url.searchParams.get("acao");
    if (allowOrigin !== null) response.setHeader("Access-Control-Allow-Origin", allowOrigin);
    if (request.method === "OPTIONS") {
      response
        .setHeader("Access-Control-Allow-Headers", "x-a, authorization")
        .setHeader("Access-Control-Allow-Methods", "PUT, POST, DELETE");
      response.writeHead(204).end();
      return;
    }
    const to = url.searchParams.get("to");
    for (const location of url.searchParams.getAll("to")) response.appendHeader("Location", location);
    response.writeHead(to === null ? 200 : Number(url.searchParams.get("status") ?? 302)).end(request.method);
  });
}

function path(parameters: Readonly<Record<string, string | number | null>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== null) search.set(name, String(value));
  return `/?${search.toString()}`;
}

describe("redirects and Access-Control-Allow-Origin", () => {
  // A is the page, B and C are other sites. `first` and `second` are the two answers; `seen` is the second Origin, or null if the fetch fails.
  const table: readonly (readonly [
    chain: "AB" | "BA" | "BB" | "BC",
    first: string | null,
    second: string | null,
    seen: string | null,
  ])[] = [
    ["AB", null, "*", PAGE],
    ["AB", null, PAGE, PAGE],
    ["AB", "x", "*", PAGE],
    ["AB", null, "null", null],
    ["AB", null, null, null],
    ["BA", "*", "*", "null"],
    ["BA", PAGE, "null", "null"],
    ["BA", "*", PAGE, null],
    ["BA", PAGE, null, null],
    ["BB", "*", "*", PAGE],
    ["BB", PAGE, PAGE, PAGE],
    ["BB", "*", "null", null],
    ["BB", PAGE, null, null],
    ["BC", "*", "*", "null"],
    ["BC", PAGE, "null", "null"],
    ["BC", "*", PAGE, null],
    ["BC", PAGE, null, null],
    ["BA", "null", "*", null],
    ["BB", null, "*", null],
    ["BC", "null", "null", null],
  ];

  test.each(table)(
    "7.19, 10.13: a chain %s that answers %s, then %s, sends Origin %s",
    async (chain, first, second, seen) => {
      const server = await redirector();
      const home = `http://foo.example:${server.port}`;
      const { userAgent } = agent();
      const hosts = { A: "foo.example", B: "bar.other", C: "baz.third" };
      const [from, target] = chain.split("") as ["A" | "B", "A" | "B" | "C"];
      const origin = (value: string | null): string | null => (value === PAGE ? home : value);
      const to = `http://${hosts[target]}:${server.port}${path({ acao: origin(second) })}`;
      const page = userAgent.client({ url: home });
      const fetched = page.fetch(`http://${hosts[from]}:${server.port}${path({ to, acao: origin(first) })}`);
      if (seen === null) {
        expect(await codeOf(fetched)).toMatch(/^cors-check\//);
        return;
      }
      const response = await fetched;
      expect([response.type, response.redirected, response.url]).toEqual(["cors", true, to]);
      expect(server.requests.at(-1)?.headers.origin).toBe(origin(seen));
    },
  );
});

describe("what a redirect does to a request", () => {
  test.each([
    [301, "POST", "GET", ""],
    [302, "POST", "GET", ""],
    [303, "PUT", "GET", ""],
    [301, "PUT", "PUT", "abc"],
    [302, "DELETE", "DELETE", "abc"],
    [307, "POST", "POST", "abc"],
    [308, "PUT", "PUT", "abc"],
  ])("10.08, 3.35: after %i a %s becomes a %s with the body %j", async (status, before, after, body) => {
    const server = await redirector();
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    await page.fetch(path({ to: "/end", status }), {
      method: before,
      body: "abc",
      headers: { "X-A": "1", "Content-Language": "en" },
    });
    const last = server.requests.at(-1);
    expect([last?.method, last?.body, last?.headers["x-a"]]).toEqual([after, body, "1"]);
    expect(last?.headers["content-type"]).toBe(body === "" ? undefined : "text/plain;charset=UTF-8");
    expect(last?.headers["content-language"]).toBe(body === "" ? undefined : "en");
    expect(last?.headers["content-length"]).toBe(body === "" ? undefined : "3");
  });

  test("10.10: a form keeps its boundary across redirects", async () => {
    const server = await redirector();
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    const form = new FormData();
    form.set("file", new Blob(["content"]), "name.txt");
    await page.fetch(path({ to: "/end", status: 307 }), { method: "POST", body: form });
    const [first, last] = server.requests;
    const boundary = /boundary=(.+)$/.exec(String(first?.headers["content-type"]))?.[1] ?? "none";
    expect(first?.body).toContain(boundary);
    expect(last?.headers["content-type"]).toBe(first?.headers["content-type"]);
    expect(last?.body).toBe(first?.body);
  });

  test("10.09: Authorization is gone at another origin, is not asked for there, and does not come back", async () => {
    const server = await redirector();
    const { userAgent } = agent();
    const home = `http://foo.example:${server.port}`;
    const page = userAgent.client({ url: home });
    const back = `${home}${path({ acao: "*" })}`;
    const to = `http://bar.other:${server.port}${path({ acao: "*", to: back })}`;
    await page.fetch(path({ to }), { headers: { Authorization: "Bearer x", "X-A": "1" } });
    const seen = server.requests.map(({ method, headers }) => [
      method,
      headers.host?.split(":")[0],
      headers.authorization,
      headers["access-control-request-headers"],
    ]);
    expect(seen).toEqual([
      ["GET", "foo.example", "Bearer x", undefined],
      ["OPTIONS", "bar.other", undefined, "x-a"],
      ["GET", "bar.other", undefined, undefined],
      ["OPTIONS", "foo.example", undefined, "x-a"],
      ["GET", "foo.example", undefined, undefined],
    ]);
  });

  test("10.01: a fragment is handed on, and one in Location wins", async () => {
    const server = await redirector();
    const { userAgent, trace } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    await page.fetch(`${path({ to: "/end" })}#kept`);
    await page.fetch(`${path({ to: "/end#won" })}#lost`);
    const ends = trace.flatMap((event) => (event.type === "redirect" ? [new URL(event.to).hash] : []));
    expect(ends).toEqual(["#kept", "#won"]);
  });

  test("10.01: a redirect without Location is a response", async () => {
    const server = await serve((_, response) => response.writeHead(302).end("here"));
    const { userAgent } = agent();
    const response = await userAgent.client({ url: `http://foo.example:${server.port}/` }).fetch("/");
    expect([response.status, await response.text()]).toEqual([302, "here"]);
  });
});

describe("redirect limits and modes", () => {
  test("10.04: 20 redirects are followed, and the 21st is a network error", async () => {
    const server = await serve((request, response) => {
      const left = Number((request.url ?? "/0").slice(1));
      response.writeHead(left > 0 ? 302 : 200, left > 0 ? { Location: `/${left - 1}` } : {}).end();
    });
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    expect((await page.fetch("/20")).redirected).toBe(true);
    expect(server.requests).toHaveLength(21);
    expect(await codeOf(page.fetch("/21"))).toBe("http-redirect-fetch/too-many-redirects");
    expect(server.requests).toHaveLength(42);
  });

  test("6.13, 9.07, 19.04: mode manual shows an opaque redirect, and needs the CORS check all the same", async () => {
    const server = await redirector();
    const { page } = agent();
    const url = `http://bar.other:${server.port}${path({ to: "/end", acao: "*" })}`;
    const response = await page.fetch(url, { redirect: "manual" });
    expect([response.type, response.status, response.url, response.body]).toEqual(["opaqueredirect", 0, url, null]);
    expect([...response.headers]).toEqual([]);
    expect(
      await codeOf(page.fetch(`http://bar.other:${server.port}${path({ to: "/end" })}`, { redirect: "manual" })),
    ).toBe("cors-check/allow-origin-missing");
  });

  test("9.07: mode error fails at the first redirect", async () => {
    const server = await redirector();
    const { page } = agent();
    const url = `http://bar.other:${server.port}${path({ to: "/end", acao: "*" })}`;
    expect(await codeOf(page.fetch(url, { redirect: "error" }))).toBe("http-fetch/redirect-mode-error");
    expect(server.requests).toHaveLength(1);
  });

  test("7.15: no-cors follows redirects only", async () => {
    const server = await redirector();
    const { page } = agent();
    const url = `http://bar.other:${server.port}${path({ to: "/end" })}`;
    expect(await codeOf(page.fetch(url, { mode: "no-cors", redirect: "manual" }))).toBe(
      "main-fetch/no-cors-redirect-mode",
    );
    expect((await page.fetch(url, { mode: "no-cors" })).type).toBe("opaque");
  });

  test.each([
    ["a Location with a user name", "http://user@bar.other:1234/", "http-redirect-fetch/location-with-credentials"],
    ["a Location that is no URL", "http://:x/", "http-redirect-fetch/location-invalid"],
    ["a Location that is not http", "data:text/plain,x", "http-redirect-fetch/scheme-not-http"],
    ["a bad port", "http://bar.other:25/", "main-fetch/bad-port"],
  ])("7.08, 10.03, 10.05: %s is not followed", async (_, to, code) => {
    const server = await redirector();
    const { page } = agent();
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}${path({ to, acao: "*" })}`))).toBe(code);
  });

  test("10.02: an empty Location leads to the same URL", async () => {
    const server = await serve((request, response) => {
      const isFirst = server.requests.length === 1;
      response
        .setHeader("Access-Control-Allow-Origin", "*")
        .writeHead(isFirst ? 302 : 200, isFirst ? { Location: "" } : {});
      response.end(request.url);
    });
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/a?b#c`);
    expect([response.redirected, response.url, await response.text()]).toEqual([
      true,
      `http://bar.other:${server.port}/a?b`,
      "/a?b",
    ]);
  });

  test("10.01: two Location lines are a network error", async () => {
    const server = await redirector();
    const { page } = agent();
    const url = `http://bar.other:${server.port}/?acao=*&to=/a&to=/b`;
    expect(await codeOf(page.fetch(url))).toBe("http-redirect-fetch/location-invalid");
  });
});
