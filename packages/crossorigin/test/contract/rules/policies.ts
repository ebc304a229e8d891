/** Rules 5, 8, 15, 21: policies by route, at run time, and whoever observes them. */

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
  preflight,
  values,
  varyNames,
} from "../asking.ts";
import type { ContractServer } from "../server.ts";
import { APP, EVIL, FAILING, OTHER } from "../setups.ts";
import { leave } from "../wire.ts";

export function policyRules(on: On, { departures }: ContractServer): void {
  describe.each(["by-route", "by-route-async"] as const)("policies %s", (setup) => {
    test("answer preflights by the requested method", async () => {
      const server = await on(setup);
      const status = async (origin: string, method: string): Promise<number> =>
        (await askOne(server, preflight("/items?q", origin, method))).status;
      expect([await status(APP, "PUT"), await status(APP, "DELETE"), await status(OTHER, "DELETE")]).toEqual([
        204, 403, 204,
      ]);
      expect(await server.take()).toMatchObject({ hits: [] });
    });

    test("grant actual requests by their method", async () => {
      const server = await on(setup);
      expectGrant(await askOne(server, asked("PUT", "/items?q", [from(APP)], "")));
      expectNoGrant(await askOne(server, asked("DELETE", "/items?q", [from(APP)], "")));
      const deleted = await askOne(server, asked("DELETE", "/items", [from(OTHER)], ""));
      expect(corsLines(deleted)).toEqual([`access-control-allow-origin: ${OTHER}`]);
      const plain = await get(server, "/plain", from(EVIL));
      expect([corsLines(plain)[0], varyNames(plain)]).toEqual(["access-control-allow-origin: *", []]);
    });

    test.each(["/%69tems", "/i%74em%73?q", "/%69%74%65%6D%73"])(
      "are the same for %s, which many routers take for /items",
      async (path) => {
        const server = await on(setup);
        expect((await askOne(server, preflight(path, APP, "PUT"))).status).toBe(204);
        expect((await askOne(server, preflight(path, APP, "DELETE"))).status).toBe(403);
        expectNoGrant(await get(server, path, from(EVIL)));
      },
    );

    test("leave a route without a policy alone", async () => {
      const server = await on(setup);
      const answer = await get(server, "/none", from(APP));
      expect([answer.status, corsLines(answer), varyNames(answer)]).toEqual([200, [], []]);
      await askOne(server, preflight("/none", APP, "PUT"));
      expect(await server.take()).toMatchObject({ hits: ["GET /none", "OPTIONS /none"] });
    });

    test("that cannot be found withhold the grant and answer preflights with 503", async () => {
      const server = await on(setup);
      const answer = await get(server, "/broken", from(APP));
      expect([answer.status, answer.body]).toEqual([200, "GET"]);
      expectNoGrant(answer);
      const refused = await askOne(server, preflight("/broken", APP, "PUT"));
      expect([refused.status, refused.body]).toEqual([503, ""]);
      expectNoGrant(refused);
      expect(await server.take()).toMatchObject({ hits: ["GET /broken"] });
    });
  });

  describe("a policy whose origins are looked up", () => {
    test("grants what the look-up grants", async () => {
      const server = await on("dynamic");
      expectGrant(await get(server, "/plain", from(APP)));
      expectGrant(await get(server, "/stream", from(APP)));
      expectNoGrant(await get(server, "/plain", from(EVIL)));
      expectNoGrant(await get(server, "/plain"));
      const statuses = [APP, EVIL].map(
        async (origin) => (await askOne(server, preflight("/items", origin, "PUT"))).status,
      );
      expect(await Promise.all(statuses)).toEqual([204, 403]);
    });

    test("withholds the grant when the look-up fails, answers preflights with 503, and tells why", async () => {
      const server = await on("dynamic");
      const answer = await get(server, "/plain", from(FAILING));
      expect([answer.status, answer.body]).toEqual([200, "plain"]);
      expectNoGrant(answer);
      const refused = await askOne(server, preflight("/items", FAILING, "PUT"));
      expect(refused.status).toBe(503);
      expectNoGrant(refused);
      const { decisions } = await server.take();
      expect(decisions.map(({ code, error }) => [code, error])).toEqual([
        ["decision/lookup-failed", "The look-up is broken."],
        ["decision/lookup-failed", "The look-up is broken."],
      ]);
    });

    test.each([
      ["/missing", 404],
      ["/throw", 500],
      ["/reject", 500],
      ["/events", 200],
      ["/not-modified", 304],
      ["/own-cors", 200],
    ])("grants %s, too", async (path, status) => {
      const server = await on("dynamic");
      const answer = await get(server, path, from(APP));
      expect(answer.status).toBe(status);
      expectGrant(answer);
      expectNoGrant(await get(server, path, from(FAILING)));
    });

    test("is not bothered by clients that leave early", async () => {
      const server = await on("dynamic");
      await Promise.all(
        ["/plain", "/stream", "/events", "/throw"].map((path) => leave(server, asked("GET", path, [from(APP)]))),
      );
      await leave(server, preflight("/items", APP, "PUT"));
      expectGrant(await get(server, "/plain", from(APP)));
    });

    test("reads a body that came while it looked", async () => {
      const lines = [from(APP), ["Content-Type", "application/json"]] as const;
      const answer = await askOne(await on("dynamic"), asked("POST", "/json", lines, '{"a":1}'));
      expect([answer.status, answer.body]).toEqual([200, "json"]);
      expectGrant(answer);
    });
  });

  test("a policy that is replaced decides from the next request on", async () => {
    const server = await on("live");
    expectGrant(await get(server, "/plain", from(APP)));
    await server.replace();
    expectNoGrant(await get(server, "/plain", from(APP)));
    expect(values(await get(server, "/plain", from(EVIL)), "access-control-allow-origin")).toEqual([EVIL]);
  });

  describe("observers", () => {
    test("get every decision", async () => {
      const server = await on("observed");
      await get(server, "/plain?q", from(APP));
      await get(server, "/missing");
      await askOne(server, preflight("/items", APP, "PURGE"));
      const told = (await server.take()).decisions;
      expect(told.map(({ method, path, origin, code }) => [method, path, origin, code])).toEqual([
        ["GET", "/plain", APP, "decision/granted"],
        ["GET", "/missing", null, "decision/no-origin"],
        ["OPTIONS", "/items", APP, "decision/method-not-allowed"],
      ]);
    });

    test("get what a shadow policy says, which is never enforced", async () => {
      const server = await on("shadow");
      expectGrant(await get(server, "/plain", from(APP)));
      expectNoGrant(await get(server, "/plain", from(EVIL)));
      expect((await askOne(server, preflight("/items", EVIL, "PUT"))).status).toBe(403);
      expect((await server.take()).decisions.map(({ code, shadow }) => [code, shadow])).toEqual([
        ["decision/granted", "decision/origin-not-allowed"],
        ["decision/origin-not-allowed", "decision/granted"],
        ["decision/origin-not-allowed", "decision/granted"],
      ]);
    });

    test("that throw break nothing", async () => {
      const server = await on("throwing");
      expectGrant(await get(server, "/own-cors", from(APP)));
      expect((await askOne(server, preflight("/items", APP, "PUT"))).status).toBe(204);
    });

    test("can listen to the diagnostics channel", async () => {
      const server = await on("channel");
      await get(server, "/plain", from(APP));
      await askOne(server, preflight("/items", EVIL, "PUT"));
      expect((await server.take()).messages).toEqual(
        departures.noChannel === undefined ? ["/plain decision/granted", "/items decision/origin-not-allowed"] : [],
      );
    });
  });
}
