/** Rules 11, 12, 20: hostile and unusual requests. */

import { describe, expect, test } from "vitest";
import { type On, askOne, asked, expectGrant, expectNoGrant, from, get, preflight } from "../asking.ts";
import { APP, EVIL, OTHER } from "../setups.ts";
import { ask } from "../wire.ts";

const KIB_8 = 8192;

export function wireRules(on: On): void {
  test("requests on one connection share nothing", async () => {
    const server = await on("listed");
    const origins = [APP, EVIL, OTHER, null, APP, EVIL, null, OTHER];
    const answers = await ask(
      server,
      origins.flatMap((origin) => [
        asked("GET", "/plain", origin === null ? [] : [from(origin)]),
        asked("GET", "/own-cors", origin === null ? [] : [from(origin)]),
      ]),
    );
    expect(answers).toHaveLength(2 * origins.length);
    for (const [index, origin] of origins.entries())
      for (const answer of answers.slice(2 * index, 2 * index + 2)) {
        if (origin === APP || origin === OTHER) expectGrant(answer, origin);
        else expectNoGrant(answer);
      }
  });

  describe("two Origin lines", () => {
    test.each([
      ["the same", APP],
      ["different", EVIL],
    ])("%s, get no grant", async (_which, second) => {
      const answer = await get(await on("listed"), "/plain", from(APP), from(second));
      expect(answer.status).toBe(200);
      expectNoGrant(answer);
    });

    test("get no grant in a preflight", async () => {
      const request = preflight("/items", APP, "PUT");
      const answer = await askOne(await on("listed"), { ...request, lines: [from(APP), ...request.lines] });
      expect(answer.status).toBe(403);
      expectNoGrant(answer);
    });
  });

  test.each([
    ["with a slash", `${APP}/`],
    ["in upper case", APP.toUpperCase()],
    ["with its default port", `${APP}:443`],
    ["of another scheme", "http://app.example"],
    ["that begins like it", `${APP}.evil.test`],
    ["with white space in it", "https://app.example https://app.example"],
    ["with bytes beyond ASCII", "https://\u00e4pp.example"],
    ["null", "null"],
    ["empty", ""],
    ["a wildcard", "*"],
  ])("an origin %s gets no grant", async (_what, origin) => {
    expectNoGrant(await get(await on("listed"), "/plain", from(origin)));
  });

  describe("8 KiB of", () => {
    test.each([
      ["origin", preflight("/items", `https://${"a".repeat(KIB_8)}.example`, "PUT")],
      ["labels", preflight("/items", `https://${"a.".repeat(KIB_8 / 2)}app.example`, "PUT")],
      ["method", preflight("/items", APP, "A".repeat(KIB_8))],
      ["commas", preflight("/items", APP, "PUT", ",".repeat(KIB_8))],
      ["one name", preflight("/items", APP, "PUT", "x".repeat(KIB_8))],
      ["white space", preflight("/items", APP, "PUT", `x-a${" ".repeat(KIB_8)},x-b`)],
      ["granted names", preflight("/items", APP, "PUT", "x-a,".repeat(KIB_8 / 4))],
    ])("%s are refused at once", async (_what, request) => {
      const start = performance.now();
      const answer = await askOne(await on("listed"), request);
      expect([answer.status, answer.body]).toEqual([403, ""]);
      expectNoGrant(answer);
      expect(performance.now() - start).toBeLessThan(1000);
    });

    test("origin get an answer without a grant", async () => {
      const answer = await get(await on("listed"), "/plain", from(`https://${"a".repeat(KIB_8)}.example`));
      expect([answer.status, answer.body]).toEqual([200, "plain"]);
      expectNoGrant(answer);
    });
  });
}
