import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePolicy } from "../../src/index.ts";
import type { TraceEvent } from "../../src/fetching/index.ts";
import { type Header, PROFILES, type ProfileName, normalizeMethod, originOfUrl } from "../../src/protocol/index.ts";
import { type Answerer, FakeNetwork, type Outcome, deciding, pageAt } from "../fake-network.ts";

const PAGES = [
  "https://app.example/",
  "https://app.example/",
  "https://app.example/",
  "https://www.app.example/",
  "https://other.test/",
];
const METHODS = ["GET", "PUT", "put", "PUT", "DELETE", "PATCH", "patch", "*"];
const NAMES = ["X-A", "x-a", "X-B", "Authorization", "Content-Type", "*"];
const PROFILE_NAMES = ["standard", "chromium", "firefox", "webkit"] as const satisfies readonly ProfileName[];

const rarely = fc.constantFrom(false, false, false, false, false, false, false, false, true);

/** Several steps that agree in most things, since only those can meet in the cache. */
const steps = fc
  .record({
    page: fc.constantFrom(...PAGES),
    isForced: fc.boolean(),
    each: fc.array(
      fc.record({
        url: fc.constantFrom(
          "https://api.example/a",
          "https://api.example/a",
          "https://api.example/a",
          "https://api.example/b",
        ),
        /** Rarely another page than the first one's. */
        otherPage: fc.option(fc.constantFrom(...PAGES), { freq: 6 }),
        isFramed: rarely,
        method: fc.constantFrom(...METHODS),
        headers: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constant("application/json")), { maxLength: 2 }),
        credentials: fc.constantFrom("omit" as const, "same-origin" as const, "include" as const),
        secondsBefore: fc.constantFrom(0, 0, 0, 1, 4, 6, 700),
        isClearedBefore: rarely,
      }),
      { minLength: 2, maxLength: 4 },
    ),
  })
  // The standard lets an answer without methods grant a forced preflight whatever method it asked for, and the cache serves
  // requests that force none with it (CORS-preflight fetch, step 7.4). So the steps of one sequence agree here.
  .map(({ page, isForced, each }) => each.map((step) => ({ ...step, page: step.otherPage ?? page, isForced })));

type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

const tokens = (values: readonly string[]): fc.Arbitrary<string> =>
  fc.subarray([...values], { minLength: 3 }).map((list) => list.join(", "));

/** One answer for every preflight, good or bad. */
const fixedAnswer = fc
  .record({
    "Access-Control-Allow-Origin": fc.constantFrom("*", "https://app.example", "https://app.example", "null"),
    "Access-Control-Allow-Credentials": fc.constantFrom("true", "true", "True", null),
    "Access-Control-Allow-Methods": fc.option(tokens(METHODS), { freq: 6 }),
    "Access-Control-Allow-Headers": fc.option(tokens(NAMES), { freq: 6 }),
    "Access-Control-Max-Age": fc.constantFrom("0", "5", "600", "600", "x", null),
  })
  .map((fields): Answerer => {
    const headers = Object.entries(fields).flatMap(([name, value]): Header[] =>
      value === null ? [] : [[name, value]],
    );
    return () => ({ headers });
  });

/** A server that does what a policy decides. */
const policyAnswer = fc
  .record(
    {
      origins: fc.constantFrom("*" as const, ["https://app.example"], ["https://app.example", "https://*.app.example"]),
      credentials: fc.boolean(),
      methods: fc.oneof(fc.constant("*" as const), fc.subarray(["PUT", "DELETE", "PATCH", "patch"], { minLength: 2 })),
      requestHeaders: fc.oneof(
        fc.constant("*" as const),
        fc.subarray(["x-a", "x-b", "authorization", "content-type"], { minLength: 2 }),
      ),
      maxAgeSeconds: fc.constantFrom(0, 5, 600, 600),
      preflightAnswer: fc.constantFrom("full" as const, "requested" as const),
    },
    { requiredKeys: ["origins", "methods", "requestHeaders"] },
  )
  .map((config) => parsePolicy(config))
  .filter((parsed) => parsed.ok)
  .map(({ policy }) => deciding(policy));

function send(network: FakeNetwork, step: Step): Promise<Outcome> {
  const framed = step.isFramed ? { topLevelOrigin: originOfUrl(new URL("https://frame.test")) } : {};
  return network.fetch({
    url: step.url,
    client: pageAt(step.page, framed),
    method: normalizeMethod(step.method),
    headers: step.headers,
    credentialsMode: step.credentials,
    useCorsPreflight: step.isForced,
  });
}

const isHit = (trace: readonly TraceEvent[]): boolean =>
  trace.some((event) => event.type === "preflight-decision" && event.isCached);

const isGranted = (trace: readonly TraceEvent[]): boolean =>
  trace.some((event) => event.type === "rule" && event.rule === "cors-preflight" && event.ok);

/**
 * WebKit lets a cached `*` cover `Authorization`. A policy says `*` to preflights that do not ask for that name, and refuses
 * those that do.
 */
const isAuthorizationInWebkit = (step: Step, profile: ProfileName): boolean =>
  profile === "webkit" && step.headers.some(([name]) => name === "Authorization");

/** Firefox lets an answer go on granting what needs none of the names in it, when it has expired. */
const isExpiryExempt = ({ method, headers }: Step, profile: ProfileName): boolean =>
  PROFILES[profile].expiredAnswerGrantsMethods && method === "GET" && headers.length === 0;

test.each([
  ["one fixed answer", fixedAnswer, () => false],
  ["a policy", policyAnswer, isAuthorizationInWebkit],
] as const)("what the cache grants in the name of %s, a fresh preflight grants too", async (_, servers, isExempt) => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(servers, fc.constantFrom(...PROFILE_NAMES), steps, async (answer, profile, sequence) => {
      const network = new FakeNetwork(answer, profile);
      /** Until when, in milliseconds, each page at each URL has a live answer. */
      const live = new Map<string, number>();
      for (const step of sequence) {
        network.now += step.secondsBefore * 1000;
        if (step.isClearedBefore) {
          network.effects.preflightCache.clearAll();
          live.clear();
        }
        const key = JSON.stringify([step.page, step.isFramed, step.url]);
        const { trace } = await send(network, step);
        if (isHit(trace)) {
          hits++;
          expect(live.get(key) ?? 0).toBeGreaterThan(isExpiryExempt(step, profile) ? 0 : network.now);
          const fresh = await send(new FakeNetwork(answer, profile), step);
          expect(isHit(fresh.trace)).toBe(false);
          if (!isExempt(step, profile)) expect(isGranted(fresh.trace)).toBe(true);
        }
        for (const event of trace) {
          if (event.type !== "preflight-cache") continue;
          if (event.action === "cleared") live.delete(key);
          else if (event.action === "stored")
            live.set(key, Math.max(live.get(key) ?? 0, network.now + event.maxAgeSeconds * 1000));
        }
      }
    }),
    { numRuns: 4000 },
  );
  expect(hits).toBeGreaterThan(40);
});
