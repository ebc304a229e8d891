/** Rules 16 to 19: what is on the responses to actual requests. */

import { describe, expect, test } from "vitest";
import {
  type On,
  askOne,
  asked,
  corsLines,
  expectGrant,
  expectNoGrant,
  from,
  get,
  grantLines,
  values,
  varyNames,
} from "../asking.ts";
import type { ContractServer } from "../server.ts";
import { APP, EVIL, OTHER } from "../setups.ts";
import type { Answered, Asked } from "../wire.ts";

interface Case {
  readonly what: string;
  readonly path: string;
  readonly status: number;
  readonly body?: string;
  readonly method?: string;
}

/** Every way in which an application answers. */
const ANSWERS: readonly Case[] = [
  { what: "a plain answer", path: "/plain", status: 200, body: "plain" },
  { what: "an answer to HEAD", path: "/plain", status: 200, body: "", method: "HEAD" },
  { what: "a 404 of the server's own", path: "/missing", status: 404 },
  { what: "a 500", path: "/status-500", status: 500, body: "500" },
  { what: "an error that is thrown", path: "/throw", status: 500 },
  { what: "an error that is rejected", path: "/reject", status: 500 },
  { what: "a stream", path: "/stream", status: 200, body: "abc" },
  { what: "server-sent events", path: "/events", status: 200, body: "data: 1\n\ndata: 2\n\n" },
  { what: "a 304", path: "/not-modified", status: 304, body: "" },
  { what: "a redirect", path: "/redirect", status: 302 },
];

const asking = ({ method = "GET", path }: Case, origin: string | null): Asked =>
  asked(method, path, origin === null ? [] : [from(origin)]);

export function responseRules(on: On, { departures, protocol }: ContractServer): void {
  describe.each(ANSWERS.map((one) => [one.what, one] as const))("%s", (_what, one) => {
    const rest = ({ status, body }: { status: number; body: string }): unknown[] =>
      one.body === undefined ? [status] : [status, body];
    const alsoVary = one.path === "/redirect" && departures.redirectVary ? [departures.redirectVary[0]] : [];
    const expected = one.body === undefined ? [one.status] : [one.status, one.body];

    test.each([APP, OTHER])("to %s has the grant", async (origin) => {
      const answer = await askOne(await on("listed"), asking(one, origin));
      expect(rest(answer)).toEqual(expected);
      expectGrant(answer, origin, ...alsoVary);
    });

    test.each([
      ["a stranger", EVIL],
      ["a request without Origin", null],
    ])("to %s is the same without the grant, and caches are told", async (_who, origin) => {
      const server = await on("listed");
      const answer = await askOne(server, asking(one, origin));
      expect(rest(answer)).toEqual(expected);
      expectNoGrant(answer, ...alsoVary);
      expect((await server.take()).problems).toEqual([]);
    });

    test.each([
      ["a stranger", EVIL],
      ["a request without Origin", null],
    ])("to %s under a policy for anyone has the grant, and no Vary", async (_who, origin) => {
      const answer = await askOne(await on("anyone"), asking(one, origin));
      expect(rest(answer)).toEqual(expected);
      expect([corsLines(answer), varyNames(answer)]).toEqual([
        ["access-control-allow-origin: *", "access-control-expose-headers: x-exposed"],
        alsoVary,
      ]);
    });
  });

  test("a malformed body is answered with an error that has the grant", async () => {
    const lines = [from(APP), ["Content-Type", "application/json"]] as const;
    const answer = await askOne(await on("listed"), asked("POST", "/json", lines, "{"));
    expect(answer.status).toBe(400);
    expectGrant(answer);
  });

  test("a URL that cannot be decoded is answered with the grant", async () => {
    const answer = await get(await on("listed"), "/bytes/%ff", from(APP));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    if (departures.badUrlIsNotGranted === undefined) expectGrant(answer);
    else expect([corsLines(answer), varyNames(answer)]).toEqual([[], []]);
  });

  describe("Vary", () => {
    test.each(["/vary", "/vary-late"])("of the application at %s is added to", async (path) => {
      expectGrant(await get(await on("listed"), path, from(APP)), APP, "accept-encoding");
      expectNoGrant(await get(await on("listed"), path, from(EVIL)), "accept-encoding");
      expect(varyNames(await get(await on("anyone"), path, from(EVIL)))).toEqual(["accept-encoding"]);
    });

    test("that says it all stays as it is", async () => {
      expect(values(await get(await on("listed"), "/vary-all", from(APP)), "vary")).toEqual(["*"]);
    });

    test("that names Origin already does not name it twice", async () => {
      expectGrant(await get(await on("listed"), "/vary-origin", from(APP)));
      expectNoGrant(await get(await on("listed"), "/vary-origin"));
    });

    test.each(["compression-before", "compression-after"] as const)("is shared with %s", async (setup) => {
      if (departures.noCompression !== undefined) return expect(departures.noCompression).not.toBe("");
      const answer = await get(await on(setup), "/plain", from(APP), ["Accept-Encoding", "gzip"]);
      expect(values(answer, "content-encoding")).toEqual(["gzip"]);
      expectGrant(answer, APP, "accept-encoding");
      const stranger = await get(await on(setup), "/vary-late", from(EVIL), ["Accept-Encoding", "gzip"]);
      expectNoGrant(stranger, "accept-encoding");
    });
  });

  describe("under a policy for the neighbours of CORS", () => {
    const neighbours = (answer: Answered): string[][] => [
      values(answer, "cross-origin-resource-policy"),
      values(answer, "timing-allow-origin"),
    ];

    test("timing is granted with the rest, and embedding is for all to read", async () => {
      const server = await on("neighbours");
      const granted = await get(server, "/plain", from(APP));
      expectGrant(granted);
      expect(neighbours(granted)).toEqual([["same-site"], [APP]]);
      expect(neighbours(await get(server, "/missing", from(EVIL)))).toEqual([["same-site"], []]);
      expect(neighbours(await get(server, "/throw"))).toEqual([["same-site"], []]);
    });

    test("lines of the application's own give way", async () => {
      const server = await on("neighbours");
      expect(neighbours(await get(server, "/own-neighbours", from(APP)))).toEqual([["same-site"], [APP]]);
      if (departures.noRawReply !== undefined) return;
      for (const path of ["/raw-neighbours", "/raw-flat-neighbours"])
        expect(neighbours(await get(server, path, from(APP)))).toEqual([["same-site"], [APP]]);
    });
  });

  test("what responses share is not changed", async () => {
    const server = await on("listed");
    const paths = departures.noRawReply === undefined ? ["/raw-shared", "/raw-flat-shared"] : ["/shared"];
    for (const path of paths)
      for (const origin of [APP, OTHER, EVIL, APP]) {
        const answer = await get(server, path, from(origin));
        const alsoVary = path === "/shared" ? [] : ["accept"];
        expect(answer.status).toBe(path === "/shared" ? 204 : 200);
        const grant = grantLines(origin);
        expect([corsLines(answer), varyNames(answer)]).toEqual([origin === EVIL ? [] : grant, [...alsoVary, "origin"]]);
      }
    expect((await server.take()).problems.filter(({ code }) => code === "server/mounted-twice")).toEqual([]);
  });

  test("no two cookies become one", async () => {
    const answer = await get(await on("listed"), "/cookies", from(APP));
    expect(values(answer, "set-cookie")).toEqual(["a=1", "b=2"]);
    expectGrant(answer);
  });

  describe("a raw reply", () => {
    test("has the grant", async () => {
      const answer = await get(await on("listed"), "/raw", from(APP));
      expect([answer.status, answer.body]).toEqual([200, "raw"]);
      expectGrant(answer, APP, "accept-encoding");
      expectNoGrant(await get(await on("listed"), "/raw"), "accept-encoding");
    });

    if (departures.noRawReply !== undefined) return;

    test.each(["/raw-flat", "/raw-pairs", "/raw-object"])(
      "with headers as in %s keeps them, but for another grant",
      async (path) => {
        for (const origin of [APP, EVIL]) {
          const server = await on("listed");
          const answer = await get(server, path, from(origin));
          expect([answer.status, answer.body, values(answer, "set-cookie")]).toEqual([200, "raw", ["a=1", "b=2"]]);
          if (origin === APP) expectGrant(answer, APP, "accept-encoding");
          else expectNoGrant(answer, "accept-encoding");
          expect((await server.take()).problems.map(({ code }) => code)).toEqual(["server/grant-already-set"]);
        }
      },
    );

    test("with headers both set and written keeps both, and its reason", async () => {
      const server = await on("listed");
      for (const origin of [APP, EVIL]) {
        const answer = await get(server, "/raw-mixed", from(origin));
        expect([answer.status, values(answer, "set-cookie"), values(answer, "x-other")]).toEqual([
          200,
          ["a=1", "b=2"],
          ["1"],
        ]);
        expect(answer.reason).toBe(protocol.startsWith("h2") ? "" : "Fine");
        if (origin === APP) expectGrant(answer, APP, "accept", "accept-encoding");
        else expectNoGrant(answer, "accept", "accept-encoding");
      }
    });

    test.each(["/raw-retry", "/raw-odd"])(
      "at %s, whose first head is refused, has the grant on the second",
      async (path) => {
        const answer = await get(await on("listed"), path, from(APP));
        expect([answer.status, answer.body]).toEqual([500, "retried"]);
        expect(corsLines(answer)).toEqual(grantLines(APP));
        expect(varyNames(answer).filter((name) => name === "origin")).toEqual(["origin"]);
      },
    );
  });
}
