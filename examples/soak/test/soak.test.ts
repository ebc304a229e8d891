import { withCors } from "crossorigin/node";
import { expect, test } from "vitest";
import { SOAK_POLICIES } from "../src/policies.ts";
import { expectedAnswer } from "../src/reference.ts";
import { createRequests } from "../src/requests.ts";
import { soak } from "../src/soak.ts";

test(
  "20 000 requests are each answered by one whole policy while policies are replaced",
  { timeout: 60_000 },
  async () => {
    const result = await soak({ requests: 20_000, replaceEveryMilliseconds: 5 });
    expect(result.examples).toEqual([]);
    expect(result).toMatchObject({ answered: 20_000, wrong: 0, unhandledRejections: 0, warnings: 0 });
    expect(result.replacements).toBeGreaterThan(20);
    expect(result.refusedReplacements).toBe(Math.floor(result.replacements / 10));
    expect(Math.min(...Object.values(result.byKind))).toBeGreaterThan(1000);
    expect(result.overlapping.all).toBeGreaterThan(0);
    expect(result.granted).toBeGreaterThan(2000);
  },
);

test("the check sees a server that keeps its first policy", { timeout: 60_000 }, async () => {
  const serve: Parameters<typeof soak>[0]["serve"] = (live, handler, onProblem) =>
    withCors(live.current, handler, { onProblem });
  const { wrong } = await soak({ requests: 20_000, replaceEveryMilliseconds: 5, serve });
  expect(wrong).toBeGreaterThan(100);
});

test(
  "the check sees a server that takes the policy for preflights and the one for the rest at different times",
  { timeout: 60_000 },
  async () => {
    const serve: Parameters<typeof soak>[0]["serve"] = (live, handler, onProblem) => {
      const [stale, fresh] = [live.current, live];
      const byStale = withCors(stale, handler, { onProblem });
      const byFresh = withCors(fresh, handler, { onProblem });
      return (request, response) => (request.method === "OPTIONS" ? byStale : byFresh)(request, response);
    };
    const { wrong } = await soak({ requests: 20_000, replaceEveryMilliseconds: 5, serve });
    expect(wrong).toBeGreaterThan(100);
  },
);

test("no two policies grant a request in the same words, so that a mixture is equal to none", () => {
  const isGrant = (answer: string): boolean => !answer.includes(" | - | - | - | - | - | - | ");
  for (const request of createRequests(500, 2)) {
    if (request.kind !== "preflight") continue;
    const grants = SOAK_POLICIES.map((policy) => expectedAnswer(policy, request)).filter(isGrant);
    expect(new Set(grants).size).toBe(grants.length);
  }
});
