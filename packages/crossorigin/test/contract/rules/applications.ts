/** Rules 18 and 20, and how a server is put together. */

import { describe, expect, test } from "vitest";
import {
  type On,
  askOne,
  corsLines,
  expectGrant,
  expectNoGrant,
  from,
  get,
  preflight,
  values,
  varyNames,
} from "../asking.ts";
import type { ContractServer } from "../server.ts";
import { APP, EVIL, OTHER } from "../setups.ts";

export function applicationRules(on: On, { departures }: ContractServer): void {
  describe("CORS lines of the application's own", () => {
    test("give way to the grant, and are reported", async () => {
      const server = await on("listed");
      const answer = await get(server, "/own-cors", from(APP));
      expect([answer.status, answer.body]).toEqual([200, "own"]);
      expectGrant(answer);
      const { problems } = await server.take();
      expect(problems.map(({ code }) => code)).toEqual(["server/grant-already-set", "server/grant-already-set"]);
      expect(problems.map(({ message }) => /access-control-[a-z-]+/i.exec(message)?.[0].toLowerCase())).toEqual([
        "access-control-allow-origin",
        "access-control-expose-headers",
      ]);
      expect(problems[0]?.path).toBe("/own-cors");
    });

    test.each([
      ["a stranger", [from(EVIL)]],
      ["a request without Origin", []],
    ] as const)("do not reach %s, and are reported", async (_who, lines) => {
      const server = await on("listed");
      expectNoGrant(await get(server, "/own-cors", ...lines));
      expect((await server.take()).problems.map(({ code }) => code)).toEqual([
        "server/grant-already-set",
        "server/grant-already-set",
        "server/grant-already-set",
      ]);
    });

    test("that are the very grant are no mistake", async () => {
      const server = await on("listed");
      expectGrant(await get(server, "/own-grant", from(APP)));
      expect((await server.take()).problems).toEqual([]);
    });

    test("that stand twice are one in the end, and are reported", async () => {
      const server = await on("listed");
      expectGrant(await get(server, "/own-grant-twice", from(APP)));
      expect((await server.take()).problems.map(({ code }) => code)).toEqual(["server/grant-already-set"]);
    });

    test("for preflights do not get past the policy", async () => {
      const server = await on("passing");
      const granted = await askOne(server, preflight("/own-preflight-lines", APP, "PUT"));
      expect([
        granted.body,
        values(granted, "access-control-allow-methods"),
        values(granted, "access-control-max-age"),
      ]).toEqual(["own", ["PUT, PATCH, DELETE"], ["600"]]);
      const refused = await askOne(server, preflight("/own-preflight-lines", APP, "TRACE"));
      expect([refused.status, refused.body]).toEqual([200, "own"]);
      expectNoGrant(refused);
      const codes = (await server.take()).problems.map(({ code }) => code);
      expect(new Set(codes)).toEqual(new Set(["server/grant-already-set"]));
      expect(codes).toHaveLength(4);
    });

    test("stay as they are without a policy", async () => {
      const server = await on("untouched");
      const answer = await get(server, "/own-cors", from(EVIL));
      expect([corsLines(answer), varyNames(answer)]).toEqual([
        [
          "access-control-allow-credentials: true",
          "access-control-allow-origin: *",
          "access-control-expose-headers: X-Own",
        ],
        [],
      ]);
      expect((await server.take()).problems).toEqual([]);
    });
  });

  test("without a policy nothing is granted and preflights reach the application", async () => {
    const server = await on("untouched");
    const answer = await askOne(server, preflight("/options", APP, "PUT"));
    expect([answer.status, answer.body, corsLines(answer), varyNames(answer)]).toEqual([200, "mine", [], []]);
    expect(await server.take()).toMatchObject({ hits: ["OPTIONS /options"] });
  });

  describe("mounted twice", () => {
    test("the inner policy decides on the actual request, and that is reported", async () => {
      const server = await on("twice");
      const answer = await get(server, "/plain", from(OTHER));
      expect([corsLines(answer), varyNames(answer)]).toEqual([
        [`access-control-allow-origin: ${OTHER}`, "access-control-expose-headers: x-inner"],
        ["origin"],
      ]);
      expect((await server.take()).problems.map(({ code }) => code)).toEqual(["server/mounted-twice"]);
      expectNoGrant(await get(server, "/plain", from(APP)));
    });

    test("the outer policy decides on the preflight", async () => {
      const answer = await askOne(await on("twice"), preflight("/items", APP, "PUT"));
      expect([answer.status, corsLines(answer)[0]]).toEqual([204, "access-control-allow-credentials: true"]);
    });
  });

  test("mounted behind a guard, it says so", async () => {
    if (departures.noGuard !== undefined) return expect(departures.noGuard).not.toBe("");
    const server = await on("guarded");
    const passed = await get(server, "/plain", from(APP), ["Authorization", "Bearer me"]);
    expect(passed.status).toBe(200);
    expectGrant(passed);
    const guarded = await askOne(server, preflight("/items", APP, "PUT"));
    expect([guarded.status, corsLines(guarded)]).toEqual([401, []]);
    const problems = (await server.take()).problems.map(({ code }) => code);
    expect(problems).toEqual(departures.guardIsUnknown === undefined ? ["server/mounted-behind-guard"] : []);
  });
}
