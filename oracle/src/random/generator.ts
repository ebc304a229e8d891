/** Random scenarios: whatever a page can ask of several origins and they can answer, near the limits and beside the grammar. */

import fc from "fast-check";
import type {
  FetchStep,
  Scenario,
  ScenarioBody,
  ScriptedResponse,
  ScriptedRoutes,
  Step,
  XhrStep,
} from "../scenario.ts";

/** One answer of a server about who may read it, and how a preflight ends. */
interface Answer {
  readonly allowOrigin: readonly string[];
  readonly allowCredentials: string | null;
  readonly exposeHeaders: readonly string[];
  readonly cookie: boolean;
}

interface PreflightAnswer extends Answer {
  readonly status: number;
  readonly allowMethods: string | null;
  readonly allowHeaders: readonly string[];
  readonly maxAge: string | null;
}

interface Hop {
  readonly target: number;
  readonly preflights: readonly PreflightAnswer[];
  readonly answer: Answer;
  readonly status: number;
}

interface Ask {
  readonly chain: number;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ScenarioBody | null;
  readonly credentials: string | null;
  readonly mode: string | null;
  readonly redirect: string | null;
  readonly cache: string | null;
  readonly referrerPolicy: string | null;
  readonly isXhr: boolean;
  readonly hasUploadListener: boolean;
}

/** From each page, its own origin first. Pages with https ask https alone: mixed content is a matter of its own. */
const TARGETS = { A: ["B", "A", "A2", "C", "S", "BS"], AS: ["BS", "AS", "AS2", "CS"] } as const;

const METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "patch", "put", "OPTIONS", "X-CUSTOM", "get"];

/** Names with values of which the first is harmless. `x` is one byte. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "X-A": ["1", "", "é"],
  "x-b": ["2", "x".repeat(200)],
  "Content-Type": [
    "text/plain",
    "application/json",
    "TEXT/PLAIN;charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain;a=(",
    `text/plain;a=${"x".repeat(115)}`,
    `text/plain;a=${"x".repeat(116)}`,
    "text/plain, application/json",
    "text",
  ],
  Accept: ["text/html", "x".repeat(128), "x".repeat(129), "a(", 'a"', "*/*;q=0.5"],
  "Accept-Language": ["de", "x".repeat(128), "x".repeat(129), "de;q=0.5, *", "de_AT"],
  "Content-Language": ["de", "x".repeat(128), "x".repeat(129), "d{e}"],
  Range: ["bytes=0-1", "bytes=0-", "bytes=-1", "bytes=0-1,3-4", "bytes=1-0"],
  Authorization: ["Bearer x"],
  "X-Requested-With": ["XMLHttpRequest"],
  DPR: ["1", "x"],
  "Save-Data": ["on", "x"],
  "Viewport-Width": ["100"],
  "Cache-Control": ["no-cache"],
  Cookie: ["a=b"],
  "Sec-Foo": ["1"],
  "X-HTTP-Method-Override": ["PUT", "TRACE"],
};

const BODIES: readonly ScenarioBody[] = [
  "body",
  { blob: "{}", type: "application/json" },
  { blob: "x" },
  { blob: "x", type: "text/plain" },
  { urlSearchParams: "a=b" },
];

const ALLOW_ORIGINS: readonly (readonly string[])[] = [
  ["{o:PAGE}"],
  ["*"],
  ["null"],
  [],
  ["{o:C}"],
  [" {o:PAGE} "],
  ["{o:PAGE}/"],
  ["*, *"],
  ["{o:PAGE}", "{o:PAGE}"],
  ["{o:PAGE}, *"],
  ["* "],
  ["Null"],
  ["{o:PAGE}\t"],
  [""],
];

const ALLOW_METHODS = [
  "GET, POST, PUT, HEAD, DELETE, PATCH, patch, OPTIONS, X-CUSTOM",
  "*",
  "PUT",
  "DELETE,PATCH",
  "",
  "PUT,,DELETE",
  " PUT ,\tDELETE",
  "put",
  "PUT DELETE",
  "PUT, DEL@ETE",
  '"PUT"',
  "GET, *",
  "PUT;",
];

const EVERY_HEADER = Object.keys(HEADERS)
  .map((name) => name.toLowerCase())
  .join(", ");

const ALLOW_HEADERS: readonly (readonly string[])[] = [
  [EVERY_HEADER],
  ["*"],
  ["*, authorization"],
  [],
  ["x-a"],
  ["X-A", "X-B, content-type"],
  ["x-a,,x-b"],
  ["x-a x-b"],
  [`${EVERY_HEADER}, b c`],
  ["x-a\t,\tx-b , range"],
  [`${EVERY_HEADER},`],
  ['"x-a"'],
];

const MAX_AGES = [null, "600", "0", "-1", "", "00600"];
const EXPOSE_HEADERS: readonly (readonly string[])[] = [
  [],
  ["X-One"],
  ["*"],
  ["x-one,X-TWO"],
  ["X-One", "*"],
  ["X-One, b c"],
  [",X-Two,"],
  ["Set-Cookie, X-One"],
];
const REDIRECT_STATUSES = [302, 301, 303, 307, 308];
const FINAL_STATUSES = [200, 201, 404, 500, 206, 300, 304];
const PREFLIGHT_STATUSES = [204, 200, 299, 302, 404, 500, 199 + 1];

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

const allowCredentials = mostly(["true", null, "True", " true ", "true, true", "false"]);

const answer: fc.Arbitrary<Answer> = fc.record({
  allowOrigin: mostly(ALLOW_ORIGINS),
  allowCredentials,
  exposeHeaders: mostly(EXPOSE_HEADERS),
  cookie: mostly([false, true]),
});

const preflight: fc.Arbitrary<PreflightAnswer> = fc.record({
  allowOrigin: mostly(ALLOW_ORIGINS),
  allowCredentials,
  exposeHeaders: fc.constant([]),
  cookie: mostly([false, true]),
  status: mostly(PREFLIGHT_STATUSES),
  allowMethods: mostly([...ALLOW_METHODS, null]),
  allowHeaders: mostly(ALLOW_HEADERS),
  maxAge: fc.constantFrom(...MAX_AGES),
});

const hop = (statuses: readonly number[]): fc.Arbitrary<Hop> =>
  fc.record({
    target: fc.nat(5),
    preflights: fc.array(preflight, { minLength: 1, maxLength: 2 }),
    answer,
    status: mostly(statuses),
  });

/** Up to three redirects, then an answer. */
const chain: fc.Arbitrary<readonly Hop[]> = fc
  .tuple(fc.array(hop(REDIRECT_STATUSES), { maxLength: 3, size: "-1" }), hop(FINAL_STATUSES))
  .map(([redirects, final]) => [...redirects, final]);

const header: fc.Arbitrary<readonly [string, string]> = fc
  .constantFrom(...Object.entries(HEADERS))
  .chain(([name, values]) => mostly(values).map((value) => [name, value] as const));

const optionally = (values: readonly string[]): fc.Arbitrary<string | null> => mostly([null, ...values]);

const ask: fc.Arbitrary<Ask> = fc.record({
  chain: fc.nat(1),
  method: fc.constantFrom(...METHODS),
  headers: fc.uniqueArray(header, { maxLength: 5, size: "-1", selector: ([name]) => name }),
  body: mostly<ScenarioBody | null>([null, ...BODIES]),
  credentials: fc.constantFrom(null, "include", "omit"),
  mode: mostly([null, null, "no-cors", "same-origin"]),
  redirect: optionally(["manual", "error"]),
  cache: optionally(["no-store", "reload", "no-cache"]),
  referrerPolicy: optionally(["no-referrer", "same-origin", "origin", "strict-origin"]),
  isXhr: mostly([false, false, true]),
  hasUploadListener: mostly([false, true]),
});

const shape = fc.record({
  page: mostly(["A", "AS"] as const),
  context: mostly([null, null, null, "worker", "sandboxed-frame"] as const),
  chains: fc.tuple(chain, chain),
  asks: fc.array(ask, { minLength: 1, maxLength: 4 }),
  // Where a second page's frame does the last of them.
  frame: mostly([null, null, "S", "C"] as const),
});

/** `id` must differ where scenarios run at once. */
export const scenarioArbitrary: fc.Arbitrary<Scenario> = shape.map(({ page, context, chains, asks, frame }) => {
  const targets: readonly string[] = TARGETS[page];
  const originOf = (target: number): string => targets[target % targets.length] ?? "B";
  const used = [...new Set(asks.map((one) => one.chain))];
  const steps = asks.map((one) => stepOf(one, originOf(chains[one.chain]?.[0]?.target ?? 0)));
  const isFramed = frame !== null && context === null && page === "A" && steps.length > 1;
  const last = steps.at(-1);
  return {
    id: "random",
    name: "A random scenario",
    ...(page === "A" ? {} : { page }),
    ...(context === null ? {} : { context }),
    steps: isFramed && last !== undefined ? [...steps.slice(0, -1), { frame: `{o:${frame}}`, steps: [last] }] : steps,
    server: Object.fromEntries(used.flatMap((index) => routesOf(chains[index] ?? [], index, originOf, page))),
    observed: [],
  };
});

function stepOf(one: Ask, origin: string): Step {
  const url = `{${origin}}c${one.chain}h0`;
  const headers = one.headers.map(([name, value]): [string, string] => [name, value]);
  const mayHaveBody = !/^(?:get|head)$/i.test(one.method);
  if (one.isXhr) return xhrStepOf(one, url, headers, mayHaveBody);
  const init: NonNullable<FetchStep["init"]> = {
    ...(one.method === "GET" ? {} : { method: one.method }),
    ...(headers.length === 0 ? {} : { headers }),
    ...(one.body === null || !mayHaveBody ? {} : { body: one.body }),
    ...(one.credentials === null ? {} : { credentials: one.credentials }),
    ...(one.mode === null ? {} : { mode: one.mode }),
    ...(one.redirect === null ? {} : { redirect: one.redirect }),
    ...(one.cache === null ? {} : { cache: one.cache }),
    ...(one.referrerPolicy === null ? {} : { referrerPolicy: one.referrerPolicy }),
  };
  return Object.keys(init).length === 0 ? { fetch: url } : { fetch: url, init };
}

function xhrStepOf(one: Ask, url: string, headers: [string, string][], mayHaveBody: boolean): XhrStep {
  return {
    xhr: url,
    // Without a body no `progress` is certain.
    method: one.method === "HEAD" ? "GET" : one.method,
    ...(headers.length === 0 ? {} : { headers }),
    ...(one.body === null || !mayHaveBody ? {} : { body: one.body }),
    ...(one.credentials === "include" ? { withCredentials: true } : {}),
    ...(one.hasUploadListener && mayHaveBody && one.body !== null ? { upload: "listener" } : {}),
  };
}

function routesOf(
  hops: readonly Hop[],
  chainIndex: number,
  originOf: (target: number) => string,
  page: string,
): [string, ScriptedRoutes[string]][] {
  return hops.map(({ preflights, answer: given, status }, index) => {
    const next = hops[index + 1];
    const location = next === undefined ? [] : [`Location: {${originOf(next.target)}}c${chainIndex}h${index + 1}`];
    const lines = [...linesOf(given, page), ...location];
    const shown = location.length === 0 ? ["X-One: 1", "X-Two: 2"] : [];
    // Neither redirects nor anything else is kept in an HTTP cache: that is a matter of its own.
    const response: ScriptedResponse = {
      ...(status === 200 ? {} : { status }),
      headers: [...lines, ...shown, "Cache-Control: no-store"],
      ...(location.length === 0 ? { body: "body" } : {}),
    };
    return [`c${chainIndex}h${index}`, { OPTIONS: preflights.map((one) => preflightOf(one, page)), "*": [response] }];
  });
}

function preflightOf(one: PreflightAnswer, page: string): ScriptedResponse {
  return {
    status: one.status,
    headers: [
      ...linesOf(one, page),
      ...(one.allowMethods === null ? [] : [`Access-Control-Allow-Methods: ${one.allowMethods}`]),
      ...one.allowHeaders.map((value) => `Access-Control-Allow-Headers: ${value}`),
      ...(one.maxAge === null ? [] : [`Access-Control-Max-Age: ${one.maxAge}`]),
    ],
  };
}

function linesOf(given: Answer, page: string): string[] {
  return [
    ...given.allowOrigin.map((value) => `Access-Control-Allow-Origin: ${value.replaceAll("PAGE", page)}`),
    ...(given.allowCredentials === null ? [] : [`Access-Control-Allow-Credentials: ${given.allowCredentials}`]),
    ...given.exposeHeaders.map((value) => `Access-Control-Expose-Headers: ${value}`),
    ...(given.cookie ? ["Set-Cookie: c=1"] : []),
  ];
}
