import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import type { Client, UserAgent } from "@crossorigin/useragent";
import { type Loopback, agent, codeOf, serve } from "./loopback.ts";

const U_P = "Basic dTpw";

interface World {
  readonly userAgent: UserAgent;
  readonly server: Loopback;
  /** A page of the server's own origin. */
  readonly own: Client;
  /** `METHOD path Authorization` of every request. */
  readonly asked: () => string[];
}

type Headers = Readonly<Record<string, string>>;

/** A server that wants `Basic dTpw`, under `/other/` another one, and nothing under `/open`. */
async function world(
  challenge: (request: IncomingMessage) => string = ({ url = "" }) =>
    url.startsWith("/other/") ? 'Basic realm="other"' : 'Basic realm="main"',
  grant: (request: IncomingMessage) => Headers = ({ headers }) => ({
    "access-control-allow-origin": headers.origin ?? "*",
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "authorization",
  }),
): Promise<World> {
  const server = await serve((request, response) => {
    const { url = "", method, headers } = request;
    const wanted = url.startsWith("/other/") ? "Basic eDp5" : U_P;
    const isRefused = !url.startsWith("/open") && method !== "OPTIONS" && headers.authorization !== wanted;
    const asking = isRefused ? { "www-authenticate": challenge(request) } : {};
    response.writeHead(isRefused ? 401 : 200, { ...grant(request), ...asking }).end(isRefused ? "who?" : "in");
  });
  const { userAgent } = agent();
  return {
    userAgent,
    server,
    own: userAgent.client({ url: `http://foo.example:${server.port}/page` }),
    asked: () =>
      server.requests.map(({ method, url, headers }) => [method, url, headers.authorization ?? "-"].join(" ")),
  };
}

interface Sent {
  readonly method?: string;
  readonly user?: string;
  readonly password?: string;
  readonly withCredentials?: boolean;
  readonly authorization?: string;
  readonly body?: string;
}

async function send({ XMLHttpRequest }: Client, url: string, options: Sent = {}): Promise<number> {
  const request = new XMLHttpRequest();
  request.open(options.method ?? "GET", url, true, options.user ?? null, options.password ?? null);
  request.withCredentials = options.withCredentials ?? false;
  if (options.authorization !== undefined) request.setRequestHeader("Authorization", options.authorization);
  return new Promise((resolve) => {
    request.onloadend = () => resolve(request.status);
    request.send(options.body ?? null);
  });
}

const LOGIN = { user: "u", password: "p" } as const;

describe("21.03: user and password in the URL", () => {
  test("are not sent before the server asks, and then answer it", async () => {
    const { own, asked } = await world();
    expect(await send(own, "/open", LOGIN)).toBe(200);
    expect(await send(own, "/a", LOGIN)).toBe(200);
    expect(asked()).toEqual(["GET /open -", "GET /a -", `GET /a ${U_P}`]);
  });

  test("are decoded, and sent as UTF-8", async () => {
    const { own, asked } = await world();
    await send(own, "/a", { user: "ü@:", password: "%41 é" });
    expect(asked().at(-1)).toBe(`GET /a Basic ${Buffer.from("ü@::A é").toString("base64")}`);
  });

  test.each([
    ["u", "", "dTo="],
    ["", "p", "OnA="],
    ["ab", "", "YWI6"],
    ["abc", "", "YWJjOg=="],
  ])("the user %j with the password %j is %s", async (user, password, expected) => {
    const { own, asked } = await world();
    await send(own, "/a", { user, password });
    expect(asked().at(-1)).toBe(`GET /a Basic ${expected}`);
  });

  test("that are refused are not sent twice: the page gets the 401", async () => {
    const { own, asked } = await world();
    expect(await send(own, "/a", { user: "u", password: "wrong" })).toBe(401);
    expect(await send(own, "/b")).toBe(401);
    expect(asked()).toHaveLength(3);
  });

  test("the body is sent again, too", async () => {
    const { own, server } = await world();
    expect(await send(own, "/a", { ...LOGIN, method: "POST", body: "text" })).toBe(200);
    expect(server.requests.map(({ body }) => body)).toEqual(["text", "text"]);
  });

  test("of an image answer a challenge of its own origin, and without CORS of any other", async () => {
    const png = "\x89PNG\r\n\x1a\n";
    const server = await serve(({ headers }, response) => {
      const isRefused = headers.authorization !== U_P;
      response.writeHead(isRefused ? 401 : 200, { "www-authenticate": "Basic" }).end(isRefused ? "" : png, "latin1");
    });
    const { page } = agent();
    expect((await page.load({ element: "img", src: `http://u:p@bar.other:${server.port}/` })).outcome).toBe("load");
  });

  test("are refused by fetch, and in a redirect not used by it", async () => {
    const { own, asked, server } = await world(undefined, ({ url }) =>
      url === "/open" ? { location: `http://u:p@foo.example:${server.port}/a` } : {},
    );
    await expect(own.fetch(`http://u:p@foo.example:${server.port}/`)).rejects.toThrow(TypeError);
    const redirecting = await serve((_, response) =>
      response.writeHead(302, { location: `http://u:p@foo.example:${server.port}/a` }).end(),
    );
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${redirecting.port}/` });
    expect(await codeOf(page.fetch("/"))).toBe("http-redirect-fetch/location-with-credentials");
    expect(asked()).toEqual([]);
  });

  test.each([
    ["Digest realm=x, nonce=y"],
    ["Bearer"],
    ["Negotiate dG9rZW4=="],
    ['Digest realm="Basic realm=x"'],
    ["Basically realm=x"],
  ])("the challenge %s is not answered", async (challenge) => {
    const { own, asked } = await world(() => challenge);
    expect(await send(own, "/a", LOGIN)).toBe(401);
    expect(asked()).toHaveLength(1);
  });

  test.each([
    ["basic"],
    ["BASIC realm=x"],
    ['Digest realm="a, b", nonce="c\\"", Basic realm="x"'],
    ["Negotiate, Basic charset=UTF-8"],
    ["Basic, Negotiate"],
  ])("the challenge %s is", async (challenge) => {
    const { own } = await world(() => challenge);
    expect(await send(own, "/a", LOGIN)).toBe(200);
  });
});

describe("21.01: nobody is asked", () => {
  test("a 401 is delivered as it is, in every credentials mode, with its body", async () => {
    const { userAgent, own, server, asked } = await world();
    const page = userAgent.client({ url: "http://page.example/" });
    for (const credentials of ["omit", "same-origin", "include"] as const) {
      const responses = [await own.fetch("/a", { credentials }), await page.fetch(`${own.origin}/a`, { credentials })];
      expect(await Promise.all(responses.map(async (response) => [response.status, await response.text()]))).toEqual([
        [401, "who?"],
        [401, "who?"],
      ]);
    }
    expect(asked()).toHaveLength(server.requests.length);
  });

  test.each([
    ["standard", false, 401],
    ["standard", true, 401],
    ["chromium", true, 401],
    ["firefox", true, 200],
    ["firefox", false, 200],
  ] as const)(
    "under %s a challenge to a CORS request, with credentials %j, ends with %i",
    async (profile, withCredentials, status) => {
      const { own, asked } = await world();
      const { page } = agent({ profile });
      expect(await send(page, `${own.origin}/a`, { ...LOGIN, withCredentials })).toBe(status);
      expect(asked()).toHaveLength(status === 200 ? 2 : 1);
    },
  );

  test("without credentials nothing is answered", async () => {
    const { own, asked } = await world();
    const redirecting = await serve((_, response) => response.writeHead(302, { location: `${own.origin}/a` }).end());
    const { page } = agent();
    await page.load({ element: "img", src: `http://u:p@bar.other:${redirecting.port}/`, crossorigin: "anonymous" });
    expect(asked()).toEqual([]);
  });
});

describe("21.02: what was accepted is remembered", () => {
  test("11.09: and sent unasked, after the cookies, to all at or below the path, with credentials only", async () => {
    const { own, asked, server } = await world();
    await send(own, "/x/a", LOGIN);
    own.cookies.set("a=1");
    server.requests.length = 0;
    await own.fetch("/x/y/b");
    await own.fetch("/x/c", { credentials: "omit" });
    expect(asked()).toEqual([`GET /x/y/b ${U_P}`, "GET /x/c -"]);
    const names = server.requests[0]?.rawHeaders
      .filter((_, index) => index % 2 === 0)
      .map((name) => name.toLowerCase());
    expect(names?.indexOf("authorization")).toBe((names?.indexOf("cookie") ?? 0) + 1);
  });

  test("and sent elsewhere once the same realm asks", async () => {
    const { own, asked, server } = await world();
    await send(own, "/x/a", LOGIN);
    server.requests.length = 0;
    expect((await own.fetch("/y/b")).status).toBe(200);
    expect((await own.fetch("/y/c")).status).toBe(200);
    expect(asked()).toEqual(["GET /y/b -", `GET /y/b ${U_P}`, `GET /y/c ${U_P}`]);
  });

  test("for every realm on its own, the nearest path first", async () => {
    const { own, asked, server } = await world();
    await send(own, "/a", LOGIN);
    expect(await send(own, "/other/b", { user: "x", password: "y" })).toBe(200);
    server.requests.length = 0;
    expect((await own.fetch("/other/c")).status).toBe(200);
    expect((await own.fetch("/d")).status).toBe(200);
    expect(asked()).toEqual(["GET /other/c Basic eDp5", `GET /d ${U_P}`]);
  });

  test("also for CORS requests with credentials", async () => {
    const { userAgent, own, server } = await world();
    await send(own, "/a", LOGIN);
    const frame = userAgent.client({ url: "http://page.example/", topLevelOrigin: own.origin });
    expect((await frame.fetch(`${own.origin}/a`, { credentials: "include" })).status).toBe(200);
    expect((await frame.fetch(`${own.origin}/a`)).status).toBe(401);
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  test("23.02: for one top-level site, and until it is cleared", async () => {
    const { userAgent, own } = await world();
    await send(own, "/a", LOGIN);
    const elsewhere = userAgent.client({ url: "http://page.example/" });
    expect((await elsewhere.fetch(`${own.origin}/a`, { credentials: "include" })).status).toBe(401);
    expect((await own.fetch("/a")).status).toBe(200);
    userAgent.clearAuthenticationEntries();
    expect((await own.fetch("/a")).status).toBe(401);
  });

  test("a URL with a user and password of its own takes the place of what was remembered", async () => {
    let wanted = U_P;
    const server = await serve(({ headers }, response) => {
      const isRefused = headers.authorization !== wanted;
      response.writeHead(isRefused ? 401 : 200, { "www-authenticate": "Basic realm=x" }).end();
    });
    const { userAgent } = agent();
    const own = userAgent.client({ url: `http://foo.example:${server.port}/` });
    await send(own, "/a", LOGIN);
    wanted = "Basic eDp5";
    expect((await own.fetch("/a")).status).toBe(401);
    expect(await send(own, "/a", { user: "x", password: "y" })).toBe(200);
    expect((await own.fetch("/a")).status).toBe(200);
  });

  test("by no more than a bounded number of realms and paths, the oldest first", async () => {
    const server = await serve(({ url = "", headers }, response) => {
      const realm = url.startsWith("/realm") ? url : "paths";
      const status = headers.authorization === undefined ? 401 : 200;
      response.writeHead(status, { "www-authenticate": `Basic realm="${realm}"` }).end();
    });
    const { userAgent } = agent();
    const own = userAgent.client({ url: `http://foo.example:${server.port}/` });
    for (let count = 0; count < 20; count++) await send(own, `/${count}/`, LOGIN);
    server.requests.length = 0;
    for (const path of ["/19/", "/0/"]) await own.fetch(path);
    expect(server.requests.map(({ url }) => url)).toEqual(["/19/", "/0/", "/0/"]);
    for (let count = 0; count < 257; count++) await send(own, `/realm${count}/`, LOGIN);
    expect([(await own.fetch("/19/")).status, (await own.fetch("/realm256/")).status]).toEqual([401, 200]);
  });
});

describe("21.04: what a page sets in Authorization", () => {
  test("goes before everything else, in every credentials mode, and nothing is tried after it", async () => {
    const { own, asked, server } = await world();
    await send(own, "/a", LOGIN);
    server.requests.length = 0;
    expect(await send(own, "/b", { ...LOGIN, authorization: "mine" })).toBe(401);
    const headers = { Authorization: U_P };
    expect((await own.fetch("/c", { headers, credentials: "omit" })).status).toBe(200);
    expect(asked()).toEqual(["GET /b mine", `GET /c ${U_P}`]);
  });

  test("makes a CORS request ask first", async () => {
    const { own, asked } = await world();
    const { page } = agent();
    await page.fetch(`${own.origin}/a`, { headers: { Authorization: U_P } });
    expect(asked()).toEqual(["OPTIONS /a -", `GET /a ${U_P}`]);
  });
});

test("21.06: a 421 is sent again on a new connection, with what answered the challenge, and once only", async () => {
  const server = await serve((request, response) => {
    const isRefused = request.headers.authorization === undefined;
    response.writeHead(isRefused ? 401 : 421, { "www-authenticate": "Basic realm=x" }).end();
  });
  const { userAgent } = agent();
  const own = userAgent.client({ url: `http://foo.example:${server.port}/` });
  expect(await send(own, "/a", LOGIN)).toBe(421);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, U_P, U_P]);
  expect(server.requests[2]?.port).not.toBe(server.requests[1]?.port);
});
