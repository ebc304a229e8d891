import fc from "fast-check";
import { expect, test } from "vitest";
import type { Decision, PolicyConfig } from "../../src/index.ts";
import { decide, parsePolicy } from "../../src/index.ts";
import { type Effects, type NetworkError, createRequest, fetch } from "../../src/fetching/index.ts";
import {
  CorsPreflightCache,
  type Header,
  type HeaderList,
  PROFILES,
  getHeader,
  normalizeMethod,
  originOfUrl,
} from "../../src/protocol/index.ts";

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
      const cache = new CorsPreflightCache({ now: () => 0 });
      const once = (): ReturnType<typeof fetch> => {
        const client = {
          origin: originOfUrl(new URL(page)),
          url: new URL(page),
          topLevelOrigin: originOfUrl(new URL(page)),
        };
        const request = createRequest({
          url: new URL(TARGET),
          client: { ...client, referrerPolicy: "", embedderPolicy: "unsafe-none" },
          method: normalizeMethod(method),
          headers,
          mode: "cors",
          credentialsMode: credentials,
          unsafeRequest: true,
        });
        return fetch(request, effectsOf(parsed.policy, decisions, cache));
      };
      const first = await once();
      fc.pre(!isMixedContent(first));
      const isCovered = credentials !== "include" || generated.credentials === true;
      const isGranted = decisions.every(({ granted }) => granted) && isCovered;
      expect(first.type !== "error").toBe(isGranted);
      // From the cache, if it was filled, the outcome is the same.
      expect((await once()).type).toBe(first.type);
      if (isGranted) shared++;
    }),
    { numRuns: 5000 },
  );
  expect(shared).toBeGreaterThan(100);
});

type Policy = Parameters<typeof decide>[0];

const CORS_NAMES = ["origin", "access-control-request-method", "access-control-request-headers"] as const;

/** A server that does what the policy decides, and nothing else. */
function effectsOf(policy: Policy, decisions: Decision[], preflightCache: CorsPreflightCache): Effects {
  return {
    transport: {
      send: ({ method, headers }) => {
        const decision = decide(policy, {
          method,
          headers: Object.fromEntries(CORS_NAMES.map((name) => [name, getHeader(headers, name)])),
        });
        decisions.push(decision);
        const answer: HeaderList = decision.headers.map(({ name, value }): Header => [name, value]);
        return Promise.resolve({
          ok: true,
          status: decision.status ?? 200,
          statusMessage: "",
          headers: answer,
          body: null,
        });
      },
    },
    cookieStore: { cookieHeader: () => "", store: () => false },
    preflightCache,
    profile: PROFILES.standard,
    userAgent: "test",
    acceptLanguage: "",
    acceptEncoding: "",
  };
}

/** An https page may not fetch http at all; that says nothing about the policy. */
function isMixedContent(response: { readonly type: string } | NetworkError): boolean {
  return "reason" in response && response.reason.code === "main-fetch/mixed-content";
}
