import { describe, expect, test } from "vitest";
import { withSeeOtherForDelete } from "../src/random/delete-becomes-get.ts";
import { departureOf } from "../src/random/departures.ts";
import type { Observation, ObservedRequest, Scenario, ScriptedResponse } from "../src/scenario.ts";

const redirectTo = (url: string): ScriptedResponse => ({ status: 307, headers: [`Location: ${url}`] });

const DELETED: Scenario = {
  id: "random",
  name: "A random scenario",
  steps: [{ fetch: "{B}c0h0", init: { method: "DELETE" } }],
  server: {
    c0h0: { OPTIONS: [{ status: 204 }], "*": [redirectTo("{B}c0h1")] },
    c0h1: { "*": [redirectTo("{C}c0h2")] },
    c0h2: { "*": [{ body: "body" }] },
  },
  observed: [],
};

const observation = (...server: readonly ObservedRequest[]): Observation => ({ server, script: [{ type: "cors" }] });

describe("a DELETE that becomes a GET", () => {
  test("is as if a redirect to another origin had the status 303, and no other redirect", () => {
    expect(withSeeOtherForDelete(DELETED).server).toEqual({
      ...DELETED.server,
      c0h1: { "*": [redirectTo("{C}c0h2")], DELETE: [{ ...redirectTo("{C}c0h2"), status: 303 }] },
    });
  });

  const becoming = (headers: Record<string, string>): Observation =>
    observation({ request: "DELETE {B}c0h1" }, { request: "GET {C}c0h2", headers });
  const kept = observation({ request: "DELETE {B}c0h1" }, { request: "DELETE {C}c0h2" });
  /** What the user agent does where the redirect has the status 303. */
  const seeOther = (): Promise<Observation> => Promise.resolve(becoming({ origin: "null" }));
  const nameOf = (live: Observation): Promise<string | null> =>
    departureOf({ scenario: DELETED, live, agent: kept }, "webkit", seeOther);

  test("is a departure by itself", async () => {
    expect(await nameOf(becoming({ origin: "null" }))).toBe("libsoup-delete-becomes-get");
    expect(await nameOf(becoming({ origin: "null", "content-type": "text/plain" }))).toBe("libsoup-delete-becomes-get");
  });

  test.each<[string, Observation]>([
    ["another header", becoming({ origin: "null", "x-a": "1" })],
    ["another origin", becoming({ origin: "{o:A}" })],
    ["another request", { ...becoming({ origin: "null" }), server: [{ request: "DELETE {B}c0h1" }] }],
    ["another result", { ...becoming({ origin: "null" }), script: [{ error: "TypeError" }] }],
  ])("hides nothing else: %s", async (_, live) => {
    expect(await nameOf(live)).toBeNull();
  });

  test("is not one of other engines", async () => {
    const live = becoming({ origin: "null" });
    expect(await departureOf({ scenario: DELETED, live, agent: kept }, "firefox", seeOther)).toBeNull();
  });
});

test("differences that need several departures are told by all of their names, and those alone", async () => {
  const scenario: Scenario = {
    ...DELETED,
    steps: [{ xhr: "{B}c0h0", headers: [["X-A", "é"]] }],
    server: { c0h0: { "*": [{ body: "" }] } },
  };
  const live: Observation = {
    server: [{ request: "GET {B}c0h0", headers: { "x-a": "Ã©" } }],
    script: [{ event: "load", sequence: "r1 loadstart r2 r4 load loadend" }],
  };
  const agent: Observation = {
    server: [{ request: "GET {B}c0h0", headers: { "x-a": "é" } }],
    script: [{ event: "load", sequence: "r1 loadstart r2 progress r4 load loadend" }],
  };
  const name = await departureOf({ scenario, live, agent }, "webkit", () => Promise.reject(new Error("never asked")));
  expect(name).toBe("progress-without-bytes + header-values-as-utf-8");
});
