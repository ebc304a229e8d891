import { expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import type { Header, ProfileName } from "../../src/protocol/index.ts";
import { FakeNetwork, scripted } from "../fake-network.ts";

const GRANTS: Header[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Allow-Methods", "PUT"],
];

/** A PUT that a 303 makes a GET. */
async function seeOther(profile: ProfileName): Promise<{ readonly asked: string[]; readonly explained: string }> {
  const network = new FakeNetwork(
    scripted({
      "OPTIONS https://api.example/": { headers: GRANTS },
      "PUT https://api.example/": { status: 303, headers: [...GRANTS, ["Location", "/seen"]] },
      "OPTIONS https://api.example/seen": { status: 405 },
      "GET https://api.example/seen": { headers: GRANTS },
    }),
    profile,
  );
  const { trace } = await network.fetch({ url: "https://api.example/", method: "PUT" });
  return {
    asked: network.sent.map(({ method, url }) => `${method} ${url.pathname}`),
    explained: JSON.stringify(explain(trace)),
  };
}

test.each(["standard", "chromium"] as const)("%s: what a redirect took away needs no preflight", async (profile) => {
  expect((await seeOther(profile)).asked).toEqual(["OPTIONS /", "PUT /", "GET /seen"]);
});

test.each(["firefox", "webkit"] as const)(
  "%s: a request that was preflighted is after a redirect, too",
  async (profile) => {
    const { asked, explained } = await seeOther(profile);
    expect(asked).toEqual(["OPTIONS /", "PUT /", "OPTIONS /seen"]);
    expect(explained).toContain("needed a preflight before it was redirected");
  },
);
