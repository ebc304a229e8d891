/** Rules 9, 10, 12, 13, 14: preflights, and what is none. */

import { describe, expect, test } from "vitest";
import {
  type On,
  askOne,
  asked,
  corsLines,
  expectGrant,
  expectNoGrant,
  from,
  preflight,
  values,
  varyNames,
} from "../asking.ts";
import { APP, EVIL } from "../setups.ts";
import { type Line, ask } from "../wire.ts";

const FULL = [
  "access-control-allow-credentials: true",
  "access-control-allow-headers: x-a, x-b, content-type, authorization",
  "access-control-allow-methods: PUT, PATCH, DELETE",
  `access-control-allow-origin: ${APP}`,
  "access-control-max-age: 600",
];

export function preflightRules(on: On): void {
  describe("a preflight", () => {
    test.each(["/items", "/plain", "/missing", "/throw", "/options", "/"])(
      "to %s is granted with the full list and never reaches the application",
      async (path) => {
        const server = await on("listed");
        const answer = await askOne(server, preflight(path, APP, "PUT", "x-a"));
        expect([answer.status, answer.body, corsLines(answer), varyNames(answer)]).toEqual([204, "", FULL, ["origin"]]);
        expect([
          values(answer, "content-type"),
          values(answer, "content-length").filter((value) => value !== "0"),
        ]).toEqual([[], []]);
        expect(await server.take()).toMatchObject({ hits: [], problems: [] });
      },
    );

    test.each([
      ["an origin", preflight("/items", EVIL, "PUT")],
      ["a method", preflight("/items", APP, "PURGE")],
      ["a method in another case", preflight("/items", APP, "patch")],
      ["an empty method", preflight("/items", APP, "")],
      ["a header name", preflight("/items", APP, "PUT", "x-a,x-evil")],
      ["a header name with Authorization beside it", preflight("/items", APP, "PUT", "authorization, cookie2")],
      ["a malformed header name", preflight("/items", APP, "PUT", "x a")],
      ["everything", preflight("/items", EVIL, "PURGE", "x-evil")],
    ])("is refused for %s with 403, no body and no line of a grant", async (_what, request) => {
      const server = await on("listed");
      const answer = await askOne(server, request);
      expect([answer.status, answer.body]).toEqual([403, ""]);
      expectNoGrant(answer);
      expect(await server.take()).toMatchObject({ hits: [], problems: [] });
    });

    test.each(["GET", "HEAD", "POST"])("asking for %s needs no listing", async (method) => {
      const answer = await askOne(await on("listed"), preflight("/items", APP, method, "x-b"));
      expect([answer.status, corsLines(answer)]).toEqual([204, FULL]);
    });

    test.each<[string, ...string[]]>([
      ["in upper case", "X-A, X-B"],
      ["out of order", "x-b,x-a,content-type"],
      ["with white space and empty elements", " ,x-a \t ,, \tx-b,"],
      ["over several lines", "x-a", "x-b, authorization"],
      ["as an empty list", ""],
    ])("takes header names %s", async (_how, ...lists) => {
      const request = preflight("/items", APP, "PUT");
      const lines = lists.map((list): Line => ["Access-Control-Request-Headers", list]);
      const answer = await askOne(await on("listed"), { ...request, lines: [...request.lines, ...lines] });
      expect([answer.status, corsLines(answer)]).toEqual([204, FULL]);
    });

    test("is refused for a header name on the second line", async () => {
      const request = preflight("/items", APP, "PUT", "x-a");
      const second: Line = ["Access-Control-Request-Headers", "x-evil"];
      const answer = await askOne(await on("listed"), { ...request, lines: [...request.lines, second] });
      expect(answer.status).toBe(403);
    });

    test("answers only what was asked for, if the policy says so", async () => {
      const answer = await askOne(await on("requested"), preflight("/items", APP, "PATCH", "x-a"));
      expect(corsLines(answer)).toEqual([
        "access-control-allow-credentials: true",
        "access-control-allow-headers: x-a",
        "access-control-allow-methods: PATCH",
        `access-control-allow-origin: ${APP}`,
        "access-control-max-age: 600",
      ]);
      expect(varyNames(answer)).toEqual(["access-control-request-headers", "access-control-request-method", "origin"]);
    });

    test("under a policy for anyone and anything is granted all but Authorization", async () => {
      const server = await on("anyone");
      const answer = await askOne(server, preflight("/items", EVIL, "PURGE", "x-any"));
      expect([answer.status, corsLines(answer), varyNames(answer)]).toEqual([
        204,
        ["access-control-allow-headers: *", "access-control-allow-methods: *", "access-control-allow-origin: *"],
        [],
      ]);
      const refused = await askOne(server, preflight("/items", EVIL, "PURGE", "x-any,authorization"));
      expect([refused.status, corsLines(refused), varyNames(refused)]).toEqual([403, [], []]);
    });

    test("under a policy for anyone with credentials is granted by name what was asked, and to be kept for no time", async () => {
      const server = await on("reflecting");
      const answer = await askOne(server, preflight("/items", EVIL, "PURGE", "x-any"));
      expect([answer.status, corsLines(answer), varyNames(answer)]).toEqual([
        204,
        [
          "access-control-allow-credentials: true",
          "access-control-allow-headers: x-any",
          "access-control-allow-methods: PURGE",
          `access-control-allow-origin: ${EVIL}`,
          "access-control-max-age: 0",
        ],
        ["access-control-request-headers", "access-control-request-method", "origin"],
      ]);
      expect((await askOne(server, preflight("/items", EVIL, "PUT", "authorization"))).status).toBe(403);
    });

    test("for a private network is granted it, if the policy says so", async () => {
      const request = preflight("/items", APP, "PUT");
      const line: Line = ["Access-Control-Request-Private-Network", "true"];
      const answer = await askOne(await on("private-network"), { ...request, lines: [...request.lines, line] });
      expect([answer.status, values(answer, "access-control-allow-private-network"), varyNames(answer)]).toEqual([
        204,
        ["true"],
        ["access-control-request-private-network", "origin"],
      ]);
      const without = await askOne(await on("listed"), { ...request, lines: [...request.lines, line] });
      expect(corsLines(without)).toEqual(FULL);
    });
  });

  describe("OPTIONS that is no preflight reaches the application", () => {
    test.each<[string, readonly Line[]]>([
      ["with Origin alone", [from(APP)]],
      ["with Origin and requested headers alone", [from(APP), ["Access-Control-Request-Headers", "x-a"]]],
    ])("%s, and gets its grant", async (_how, lines) => {
      const server = await on("listed");
      const answer = await askOne(server, asked("OPTIONS", "/options", lines));
      expect([answer.status, answer.body]).toEqual([200, "mine"]);
      expectGrant(answer);
      expect(await server.take()).toMatchObject({ hits: ["OPTIONS /options"] });
    });

    test.each<[string, readonly Line[]]>([
      ["without any header", []],
      ["with a requested method but no Origin", [["Access-Control-Request-Method", "PUT"]]],
    ])("%s, and gets none", async (_how, lines) => {
      const server = await on("listed");
      const answer = await askOne(server, asked("OPTIONS", "/options", lines));
      expect([answer.status, answer.body]).toEqual([200, "mine"]);
      expectNoGrant(answer);
      expect(await server.take()).toMatchObject({ hits: ["OPTIONS /options"] });
    });
  });

  test.each(["GET", "POST", "PUT"])("%s with the headers of a preflight is none", async (method) => {
    const server = await on("listed");
    const answer = await askOne(server, {
      ...preflight("/items", APP, "PUT"),
      method,
      ...(method !== "GET" && { body: "" }),
    });
    expect([answer.status, answer.body]).toEqual([200, method]);
    expectGrant(answer);
    expect(await server.take()).toMatchObject({ hits: [`${method} /items`] });
  });

  test.each(["PUT", "PATCH", "DELETE"])("%s itself is answered with the grant", async (method) => {
    const answer = await askOne(await on("listed"), asked(method, "/items", [from(APP)], ""));
    expect([answer.status, answer.body]).toEqual([200, method]);
    expectGrant(answer);
  });

  describe("with preflights passed on", () => {
    test("a granted one reaches the application, and its answer has the grant", async () => {
      const server = await on("passing");
      const answer = await askOne(server, preflight("/options", APP, "PUT"));
      expect([answer.status, answer.body, corsLines(answer)]).toEqual([200, "mine", FULL]);
      expect(await server.take()).toMatchObject({ hits: ["OPTIONS /options"] });
    });

    test("a refused one reaches the application, and its answer has none", async () => {
      const server = await on("passing");
      const answer = await askOne(server, preflight("/options", APP, "PURGE"));
      expect([answer.status, answer.body]).toEqual([200, "mine"]);
      expectNoGrant(answer);
    });
  });

  describe("in debug mode", () => {
    test.each([
      ["method", preflight("/items", APP, "PURGE")],
      ["header name", preflight("/items", APP, "PUT", "x-evil")],
    ])("a preflight that is refused for a %s shows the grants that did hold", async (_what, request) => {
      const server = await on("debug");
      const answer = await askOne(server, request);
      expect([answer.status, answer.body, corsLines(answer)]).toEqual([204, "", FULL]);
      expect(await server.take()).toMatchObject({ hits: [] });
    });

    test("a preflight of a stranger is refused as ever", async () => {
      const answer = await askOne(await on("debug"), preflight("/items", EVIL, "PUT"));
      expect(answer.status).toBe(403);
      expectNoGrant(answer);
    });
  });

  test("a preflight is answered in one piece, so that the connection goes on", async () => {
    const server = await on("listed");
    const answers = await ask(server, [
      preflight("/items", APP, "PUT"),
      preflight("/items", EVIL, "PUT"),
      asked("GET", "/plain", [from(APP)]),
    ]);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [204, ""],
      [403, ""],
      [200, "plain"],
    ]);
  });
}
