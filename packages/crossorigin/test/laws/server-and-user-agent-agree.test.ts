import fc from "fast-check";
import { expect, test } from "vitest";
import type { Decision, PolicyConfig } from "../../src/index.ts";
import { parsePolicy } from "../../src/index.ts";
import { normalizeMethod } from "../../src/protocol/index.ts";
import { FakeNetwork, type Outcome, deciding, pageAt } from "../fake-network.ts";

const TARGET = "https://api.example/items";
const PAGES = [
  "https://app.example",
  "https://a.preview.example",
  "https://a.b.preview.example",
  "https://preview.example",
  "http://app.example",
  "https://app.example:8443",
  "https://other.test",
];
const ORIGINS = ["https://app.example", "https://*.preview.example", "https://app.example:*", "https://other.test"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "patch", "CUSTOM", "*"];
const NAMES = ["X-A", "X-B", "Authorization", "Content-Type", "Accept", "x-c", "*"];
const VALUES = ["1", "application/json", "text/plain", "a".repeat(129)];

const config = fc.record(
  {
    origins: fc.oneof(fc.constant("*" as const), fc.uniqueArray(fc.constantFrom(...ORIGINS), { minLength: 1 })),
    credentials: fc.boolean(),
    methods: fc.oneof(fc.constant("*" as const), fc.uniqueArray(fc.constantFrom("PUT", "DELETE", "PATCH", "CUSTOM"))),
    requestHeaders: fc.oneof(
      fc.constant("*" as const),
      fc.constant(["*", "authorization"]),
      fc.uniqueArray(fc.constantFrom("x-a", "X-B", "authorization", "content-type")),
    ),
    exposedHeaders: fc.uniqueArray(fc.constantFrom("x-total", "etag")),
    maxAgeSeconds: fc.constantFrom(0, 5, 600),
    preflightAnswer: fc.constantFrom("full" as const, "requested" as const),
  },
  { requiredKeys: ["origins"] },
);

const asked = fc.record({
  page: fc.constantFrom(...PAGES),
  method: fc.constantFrom(...METHODS),
  headers: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), { maxLength: 4 }),
  credentials: fc.constantFrom("omit" as const, "same-origin" as const, "include" as const),
});

test("what the server says it grants is what the user agent shares", async () => {
  let shared = 0;
  await fc.assert(
    fc.asyncProperty(config, asked, async (generated, { page, method, headers, credentials }) => {
      const parsed = parsePolicy(generated satisfies Partial<Record<keyof PolicyConfig, unknown>>);
      fc.pre(parsed.ok);
      if (!parsed.ok) return;
      const decisions: Decision[] = [];
      const network = new FakeNetwork(deciding(parsed.policy, decisions));
      const once = (): Promise<Outcome> =>
        network.fetch({
          url: TARGET,
          client: pageAt(page),
          method: normalizeMethod(method),
          headers,
          credentialsMode: credentials,
        });
      const first = await once();
      // An https page may not fetch http at all; that says nothing about the policy.
      fc.pre(first.reason?.code !== "main-fetch/mixed-content");
      const isCovered = credentials !== "include" || generated.credentials === true;
      const isGranted = decisions.every(({ granted }) => granted) && isCovered;
      expect(first.response.type !== "error").toBe(isGranted);
      // From the cache, if it was filled, the outcome is the same.
      expect((await once()).response.type).toBe(first.response.type);
      if (isGranted) shared++;
    }),
    { numRuns: 5000 },
  );
  expect(shared).toBeGreaterThan(100);
});
