/** Random scenarios: whatever a page can ask of several origins and they can answer, near the limits and beside the grammar. */

import fc from "fast-check";
import type { Scenario, ScenarioBody } from "../scenario.ts";
import {
  ALLOW_CREDENTIALS,
  ALLOW_HEADERS,
  ALLOW_METHODS,
  ALLOW_ORIGINS,
  EXPOSE_HEADERS,
  MAX_AGES,
  REPEATED_REQUEST_HEADERS,
  REQUEST_HEADERS,
  SHORT_MAX_AGES,
} from "./header-lines.ts";
import { type Answer, type Ask, type Hop, type PreflightAnswer, TARGETS, scenarioOf } from "./shape.ts";

const METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "patch", "put", "OPTIONS", "X-CUSTOM", "get"];

const BODIES: readonly ScenarioBody[] = [
  "body",
  { blob: "{}", type: "application/json" },
  { blob: "x" },
  { blob: "x", type: "text/plain" },
  { urlSearchParams: "a=b" },
];

const REDIRECT_STATUSES = [302, 301, 303, 307, 308];
const FINAL_STATUSES = [200, 201, 404, 500, 206, 300, 304];
const PREFLIGHT_STATUSES = [204, 200, 299, 302, 404, 500, 401];

/** The first is likelier than all others together. */
function mostly<T>(values: readonly T[]): fc.Arbitrary<T> {
  const [first, ...others] = values;
  if (first === undefined || others.length === 0) return fc.constantFrom(...values);
  const options = { withCrossShrink: true };
  return fc.oneof(
    options,
    { weight: 3, arbitrary: fc.constant(first) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
}

/** Once in so many times. */
const rarely = (times: number): fc.Arbitrary<boolean> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: times - 1, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  );

const answer: fc.Arbitrary<Answer> = fc.record({
  allowOrigin: mostly(ALLOW_ORIGINS),
  allowCredentials: mostly(ALLOW_CREDENTIALS),
  exposeHeaders: mostly(EXPOSE_HEADERS),
  cookie: mostly([false, true]),
});

const preflight = (isWaiting: boolean): fc.Arbitrary<PreflightAnswer> =>
  fc.record({
    allowOrigin: mostly(ALLOW_ORIGINS),
    allowCredentials: mostly(ALLOW_CREDENTIALS),
    exposeHeaders: fc.constant([]),
    cookie: mostly([false, true]),
    status: mostly(PREFLIGHT_STATUSES),
    allowMethods: mostly(ALLOW_METHODS),
    allowHeaders: mostly(ALLOW_HEADERS),
    maxAge: fc.constantFrom(...(isWaiting ? SHORT_MAX_AGES : MAX_AGES)),
  });

const hop = (statuses: readonly number[], isWaiting: boolean): fc.Arbitrary<Hop> =>
  fc.record({
    target: fc.nat(5),
    preflights: fc.array(preflight(isWaiting), { minLength: 1, maxLength: 2 }),
    answer,
    status: mostly(statuses),
  });

/** Up to three redirects, then an answer. */
const chain = (isWaiting: boolean): fc.Arbitrary<readonly Hop[]> =>
  fc
    .tuple(fc.array(hop(REDIRECT_STATUSES, isWaiting), { maxLength: 3, size: "-1" }), hop(FINAL_STATUSES, isWaiting))
    .map(([redirects, final]) => [...redirects, final]);

const header: fc.Arbitrary<readonly [string, string]> = fc
  .constantFrom(...Object.entries(REQUEST_HEADERS))
  .chain(([name, values]) => mostly(values).map((value) => [name, value] as const));

const headers: fc.Arbitrary<readonly (readonly [string, string])[]> = fc
  .tuple(
    fc.uniqueArray(header, { maxLength: 5, size: "-1", selector: ([name]) => name.toLowerCase() }),
    fc.oneof(
      { withCrossShrink: true },
      { weight: 7, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constantFrom(...REPEATED_REQUEST_HEADERS) },
    ),
  )
  .map(([single, lines]) => [...single.filter(([name]) => name !== lines[0]?.[0]), ...lines]);

const optionally = (values: readonly string[]): fc.Arbitrary<string | null> => mostly([null, ...values]);

const ask: fc.Arbitrary<Ask> = fc.record({
  chain: fc.nat(1),
  method: fc.constantFrom(...METHODS),
  headers,
  body: mostly<ScenarioBody | null>([null, ...BODIES]),
  credentials: fc.constantFrom(null, "include", "omit"),
  mode: mostly([null, null, "no-cors", "same-origin"]),
  redirect: optionally(["manual", "error"]),
  cache: optionally(["no-store", "reload", "no-cache", "force-cache"]),
  referrerPolicy: optionally(["no-referrer", "same-origin", "origin", "strict-origin"]),
  isXhr: mostly([false, false, true]),
  hasUploadListener: mostly([false, true]),
});

/** Requests that only differ in what the preflight cache tells apart, for answers that are mostly kept. */
const similarAsk = fc.record({
  method: fc.constantFrom("PUT", "PUT", "DELETE", "GET", "HEAD", "POST"),
  headers: fc.subarray([
    ["X-A", "1"],
    ["x-b", "2"],
    ["Authorization", "Bearer x"],
    ["Content-Type", "application/json"],
  ] as const),
  credentials: fc.constantFrom(null, null, "include", "omit"),
  cache: mostly<string | null>([null, null, null, "no-store", "reload", "no-cache"]),
  isXhr: mostly([false, true]),
  hasUploadListener: mostly([false, true]),
  body: mostly<ScenarioBody | null>([null, "body"]),
});

const sequence: fc.Arbitrary<readonly Ask[]> = fc.array(
  similarAsk.map((one): Ask => ({ ...one, chain: 0, mode: null, redirect: null, referrerPolicy: null })),
  { minLength: 2, maxLength: 4 },
);

const CONTEXTS = [null, null, null, "worker", "sandboxed-frame", "data-frame", "srcdoc-frame", "blob-frame"] as const;

/** `id` must differ where scenarios run at once. */
export const scenarioArbitrary: fc.Arbitrary<Scenario> = fc
  // Few wait: a browser has no clock that could be put forward.
  .tuple(rarely(30), rarely(4))
  .chain(([isWaiting, isSequence]) =>
    fc.record({
      page: mostly(Object.keys(TARGETS) as (keyof typeof TARGETS)[]),
      context: mostly(CONTEXTS),
      chains: fc.tuple(chain(isWaiting), chain(isWaiting)),
      asks: isSequence || isWaiting ? sequence : fc.array(ask, { minLength: 1, maxLength: 4 }),
      /** Where the last of them, or the last two, run in a frame. */
      frame: mostly([null, null, "S", "C"] as const),
      framed: fc.constantFrom(1, 2),
      /** After which of them to wait. */
      wait: isWaiting ? fc.nat(2) : fc.constant(null),
    }),
  )
  .map(scenarioOf);
