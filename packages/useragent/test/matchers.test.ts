/** Matchers and assertions, in Vitest's own expect and in Jest's. */

import { AssertionError } from "node:assert";
import { createServer } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { expect as jestExpect } from "expect";
import { createUserAgent } from "@crossorigin/useragent";
import {
  type CorsAssertions,
  assertAllowed,
  assertExposed,
  assertHidden,
  assertNoPreflight,
  assertPreflight,
  assertRefused,
  corsMatchers,
} from "@crossorigin/useragent/matchers";
import { createCorsMatchers } from "@crossorigin/useragent/vitest";
import { describe, expect, test } from "vitest";
import { agent, listen, rejection, serve, until } from "./loopback.ts";

declare module "expect" {
  // oxlint-disable-next-line no-unused-vars -- the parameters must be those of the declaration it adds to
  interface Matchers<R extends void | Promise<void>, T = unknown> extends CorsAssertions {}
}

const PUT = { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" };

/** `/open` grants PUT and exposes one header of two; `/closed` grants nothing; `/elsewhere` redirects to an unknown scheme. */
async function api(): Promise<string> {
  const { port } = await serve((request, response) => {
    if (request.url?.startsWith("/elsewhere")) {
      response.writeHead(302, { location: "ftp://x/", "access-control-allow-origin": "*" }).end();
      return;
    }
    if (request.url?.startsWith("/open")) {
      response.setHeader("Access-Control-Allow-Origin", "http://foo.example");
      response.setHeader("Access-Control-Allow-Methods", "PUT");
      response.setHeader("Access-Control-Allow-Headers", "content-type");
      response.setHeader("Access-Control-Expose-Headers", "x-request-id");
      response.setHeader("X-Request-Id", "7");
      response.setHeader("X-Internal", "8");
    }
    response.end("hello");
  });
  return `http://api.example:${port}`;
}

/** Where nothing listens any more. */
async function down(): Promise<string> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return `http://api.example:${port}/`;
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise);
  return stripVTControlCharacters(error instanceof Error ? error.message : String(error));
}

describe("toBeAllowed", () => {
  test("holds where the page reads the response, with a preflight and without", async () => {
    const { page } = agent();
    const url = `${await api()}/open`;
    await expect(page).toBeAllowed(url);
    await expect(page).toBeAllowed(url, PUT);
    const message = await messageOf(expect(page).not.toBeAllowed(url));
    expect(message).toMatch(/not\.toBeAllowed.*is shared with http:\/\/foo\.example.*type cors, status 200/s);
    expect(message).toMatch(/< Access-Control-Allow-Origin: http:\/\/foo\.example\n.*ok {2}The CORS check passes/s);
    expect(message).not.toMatch(/Fix on|exposure/);
  });

  test("fails where the page gets an opaque response, and says how", async () => {
    const { page } = agent();
    const message = await messageOf(expect(page).toBeAllowed(`${await api()}/open`, { mode: "no-cors" }));
    expect(message).toMatch(/exposure\/opaque-response: .*mode no-cors.*Fix in the page/s);
  });

  test("fails with reason code, the exchanges, and what to change", async () => {
    const { page } = agent();
    const url = `${await api()}/closed`;
    await expect(page).not.toBeAllowed(url, PUT);
    const message = await messageOf(expect(page).toBeAllowed(url, PUT));
    expect(message).toContain("cors-preflight/allow-origin-missing");
    expect(message).toContain("page       http://foo.example");
    expect(message).toContain("The method PUT is not one of GET, HEAD and POST.");
    expect(message).toContain("preflight: OPTIONS");
    expect(message).toContain("Fix on the server");
    expect(message).toContain("Access-Control-Allow-Origin: http://foo.example");
  });

  test("does not hold for an opaque response, which nobody reads", async () => {
    const { page } = agent();
    const url = `${await api()}/open`;
    await expect(page).not.toBeAllowed(url, { mode: "no-cors" });
    await expect(page).toBeRefused(url, { mode: "no-cors" }, "exposure/opaque-response");
    await expect(page).toBeRefused(`${await api()}/elsewhere`, { redirect: "manual" }, "exposure/opaque-redirect");
  });
});

describe("toBeRefused", () => {
  test("holds for any refusal, or for the one that is named", async () => {
    const { page } = agent();
    const url = `${await api()}/closed`;
    await expect(page).toBeRefused(url);
    await expect(page).toBeRefused(url, {}, "cors-check/allow-origin-missing");
    await expect(page).not.toBeRefused(url, {}, "cors-check/allow-origin-mismatch");
    expect(await messageOf(expect(page).toBeRefused(url, {}, "cors-check/allow-origin-mismatch"))).toMatch(
      /another reason than cors-check\/allow-origin-mismatch.*cors-check\/allow-origin-missing/s,
    );
  });

  test("fails where the page reads the response", async () => {
    const { page } = agent();
    const url = `${await api()}/open`;
    await expect(page).not.toBeRefused(url);
    expect(await messageOf(expect(page).toBeRefused(url))).toMatch(
      /is shared with .*page reads a response of type cors.*ok {2}The CORS check passes/s,
    );
  });

  test("does not take a code that does not exist, or that is no refusal", async () => {
    const { page } = agent();
    // @ts-expect-error -- no code
    expect(await messageOf(expect(page).toBeRefused("/", {}, "cors-check/no-such"))).toContain("no code");
    expect(await messageOf(expect(page).toBeRefused("/", {}, "network/failed"))).toContain("no code");
  });
});

describe("what CORS did not decide", () => {
  test("a server that is down is neither allowed nor refused, and no header is exposed or hidden", async () => {
    const { page } = agent();
    const url = await down();
    const code = "cors-check/allow-origin-missing";
    for (const attempt of [
      () => expect(page).toBeAllowed(url),
      () => expect(page).not.toBeAllowed(url),
      () => expect(page).toBeRefused(url),
      () => expect(page).not.toBeRefused(url),
      () => expect(page).toBeRefused(url, {}, code),
      () => expect(page).not.toBeRefused(url, {}, code),
      () => expect(page).toExposeHeader(url, "x-request-id"),
      () => expect(page).not.toExposeHeader(url, "x-request-id"),
    ]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await messageOf(attempt())).toMatch(/no matter of CORS.*network\/connection-refused/s);
    }
    expect(await messageOf(expect(page).not.toBeAllowed("http://name.invalid/"))).toContain("network/");
    expect(await messageOf(expect(page).not.toBeAllowed("http://api.example:1/"))).toContain("main-fetch/bad-port");
  });

  test("another rule of fetching is no refusal, unless its code is named", async () => {
    const { page } = agent();
    const url = `${await api()}/elsewhere`;
    expect(await messageOf(expect(page).toBeRefused(url, { redirect: "error" }))).toContain(
      "http-fetch/redirect-mode-error",
    );
    expect(await messageOf(expect(page).not.toBeAllowed(url, { redirect: "error" }))).toContain("no matter of");
    await expect(page).toBeRefused(url, { redirect: "error" }, "http-fetch/redirect-mode-error");
  });

  test("what cannot be asked for is thrown as it is, and so is the reason of an abort", async () => {
    const { page } = agent();
    await expect(rejection(expect(page).not.toBeAllowed("http://"))).resolves.toBeInstanceOf(TypeError);
    const signal = AbortSignal.abort(new RangeError("enough"));
    expect(await messageOf(expect(page).not.toBeAllowed("/", { signal }))).toBe("enough");
    expect(await messageOf(expect("page").not.toBeAllowed("/"))).toContain('"page" is not a page');
  });

  test("a page that was closed", async () => {
    const { page } = agent();
    await page.close();
    expect(await messageOf(expect(page).not.toBeAllowed("http://api.example/"))).toContain("network/client-closed");
  });
});

describe("toNeedPreflight", () => {
  test("tells why, and sends nothing", async () => {
    const { page, trace } = agent();
    const url = "http://api.example/items";
    await expect(page).toNeedPreflight(url, PUT);
    await expect(page).not.toNeedPreflight(url, { method: "POST", body: "text" });
    await expect(page).not.toNeedPreflight("/items", PUT);
    expect(await messageOf(expect(page).not.toNeedPreflight(url, PUT))).toMatch(/method PUT.*content-type/s);
    expect(await messageOf(expect(page).toNeedPreflight(url))).toContain("needs no preflight");
    expect(await messageOf(expect(page).toNeedPreflight("ftp://x/"))).toContain("main-fetch/scheme-not-http");
    expect(trace).toEqual([]);
  });

  test("asks for one of an opaque origin, too, whatever integrity and keepalive say", async () => {
    const { userAgent } = agent();
    const sandboxed = userAgent.client({ url: "http://foo.example/", opaqueOrigin: true });
    const init = { ...PUT, integrity: "sha256-AAAA", keepalive: true };
    await expect(sandboxed).toNeedPreflight("http://foo.example/", init);
  });
});

describe("toExposeHeader", () => {
  test("holds for what the page can read, and says how to expose the rest", async () => {
    const { page } = agent();
    const url = `${await api()}/open`;
    await expect(page).toExposeHeader(url, "X-Request-Id");
    await expect(page).not.toExposeHeader(url, "x-internal");
    expect(await messageOf(expect(page).toExposeHeader(url, "X-Internal"))).toMatch(
      /The server sends x-internal, and does not expose it\..*Access-Control-Expose-Headers: x-internal$/s,
    );
    expect(await messageOf(expect(page).toExposeHeader(url, "x-none"))).toMatch(/does not send the header x-none\.$/);
    expect(await messageOf(expect(page).toExposeHeader(url, "x internal"))).toContain("no name of a header");
  });

  test("says why an asterisk exposes nothing, and that cookies can never be exposed", async () => {
    const { page } = agent();
    const { port } = await serve((_request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "http://foo.example");
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Expose-Headers", "*");
      response.setHeader("Set-Cookie", "a=1");
      response.setHeader("X-Internal", "8");
      response.end();
    });
    const url = `http://api.example:${port}/`;
    const init = { credentials: "include" } as const;
    await expect(page).toExposeHeader(url, "x-internal");
    expect(await messageOf(expect(page).toExposeHeader(url, "x-internal", init))).toMatch(
      /does not expose it\. .*\*.*credentials.*Fix on the server/s,
    );
    expect(await messageOf(expect(page).toExposeHeader(url, "set-cookie", init))).toContain("no page may ever read it");
  });

  test("proves nothing where the response is withheld", async () => {
    const { page } = agent();
    const origin = await api();
    expect(await messageOf(expect(page).not.toExposeHeader(`${origin}/closed`, "x-internal"))).toMatch(
      /so no header.*cors-check\/allow-origin-missing/s,
    );
    const init = { mode: "no-cors" } as const;
    expect(await messageOf(expect(page).not.toExposeHeader(`${origin}/open`, "x-a", init))).toContain("no-cors");
  });
});

describe("messages", () => {
  test("hide cookies, credentials and queries unless they are wanted, and escape what the server wrote", async () => {
    const { port } = await serve((_request, response) => {
      response.setHeader("Set-Cookie", "session=s3cret; HttpOnly");
      response.setHeader("Access-Control-Allow-Origin", "\u00e9vil");
      response.end();
    });
    const { page } = agent();
    page.cookies.set("a=s3cret");
    const url = `http://api.example:${port}/?token=s3cret#s3cret`;
    const init = { headers: { authorization: "Bearer s3cret" }, credentials: "include" } as const;
    const message = await messageOf(expect(page).toBeAllowed(url, init));
    expect(message).not.toContain("s3cret");
    expect(message).toContain("?[redacted, 12 characters]");
    expect(message).not.toMatch(/[^\x20-\x7e\n…]/);
    const matchers = createCorsMatchers({ showSecrets: true });
    const shown = await matchers.toBeAllowed.call({}, page, url, init);
    expect(shown).toMatchObject({ pass: false });
    expect(shown.message()).toContain("Bearer s3cret");
    expect(await matchers.toBeRefused.call({}, page, url)).toMatchObject({ pass: true });
    expect((await matchers.toNeedPreflight.call({}, page, url, init)).message()).toContain("Bearer s3cret");
    expect((await matchers.toExposeHeader.call({}, page, url, "x-a")).message()).toContain("token=s3cret");
  });

  test("have the runner's colours, if it has any", async () => {
    const { page } = agent();
    const url = `${await api()}/closed`;
    const paint = {
      EXPECTED_COLOR: (text: string) => `<g>${text}</g>`,
      RECEIVED_COLOR: (text: string) => `<r>${text}</r>`,
    };
    const coloured = await corsMatchers.toBeAllowed.call({ utils: paint }, page, url);
    expect(coloured.message()).toContain("<r>cors-check/allow-origin-missing</r>");
    for (const utils of [undefined, null, {}, { EXPECTED_COLOR: 1, RECEIVED_COLOR: 2 }]) {
      // oxlint-disable-next-line no-await-in-loop
      const plain = await corsMatchers.toBeAllowed.call({ utils }, page, url);
      // oxlint-disable-next-line no-control-regex
      expect(plain.message()).not.toMatch(/<r>|\u001b/);
    }
  });

  test("cut a long chain of redirects", async () => {
    const { port } = await serve((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.writeHead(302, { location: `${request.url}a` }).end();
    });
    const { page } = agent();
    expect(await messageOf(expect(page).toBeAllowed(`http://api.example:${port}/`))).toMatch(
      /too-many-redirects.*\(15 more exchanges before\)/s,
    );
  });
});

test("works in Jest's expect", async () => {
  jestExpect.extend({ ...corsMatchers });
  const { page } = agent();
  const origin = await api();
  await jestExpect(page).toBeAllowed(`${origin}/open`);
  await jestExpect(page).not.toBeAllowed(`${origin}/closed`);
  expect(await messageOf(jestExpect(page).toBeAllowed(`${origin}/closed`))).toContain(
    "cors-check/allow-origin-missing",
  );
  expect(await messageOf(jestExpect(page).not.toBeAllowed(await down()))).toContain("no matter of CORS");
});

test("works as plain assertions", async () => {
  const { page } = agent();
  const origin = await api();
  const url = await down();
  await assertAllowed(page, `${origin}/open`, PUT);
  await assertRefused(page, `${origin}/closed`);
  await assertRefused(page, `${origin}/closed`, {}, "cors-check/allow-origin-missing");
  await assertPreflight(page, origin, PUT);
  await assertNoPreflight(page, origin);
  await assertExposed(page, `${origin}/open`, "x-request-id");
  await assertHidden(page, `${origin}/open`, "x-internal");
  for (const attempt of [
    () => assertAllowed(page, `${origin}/closed`),
    () => assertRefused(page, `${origin}/open`),
    () => assertRefused(page, `${origin}/closed`, {}, "cors-check/allow-origin-mismatch"),
    () => assertPreflight(page, origin),
    () => assertNoPreflight(page, origin, PUT),
    () => assertExposed(page, `${origin}/open`, "x-internal"),
    () => assertHidden(page, `${origin}/open`, "x-request-id"),
    () => assertAllowed(page, url),
    () => assertRefused(page, url),
  ]) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await rejection(attempt())).toBeInstanceOf(AssertionError);
  }
});

test("lets go of the body, so that nothing stays open", async () => {
  const server = await serve((_request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.write("endless");
  });
  const userAgent = createUserAgent({ resolve: () => "127.0.0.1" });
  await expect(userAgent.client({ url: "http://foo.example/" })).toBeAllowed(`http://api.example:${server.port}/`);
  await until(async () => (await server.openConnections()) === 0);
  await userAgent.close();
});
