import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type PolicyConfig,
  type PolicyIssueCode,
  PolicyError,
  createPolicy,
  describeIssue,
  parsePolicy,
} from "../../src/index.ts";
import { toPolicy } from "../../src/policy/index.ts";
import { parseOrigin, serializeOrigin } from "../../src/protocol/index.ts";

const origins = ["https://app.example"];

/** What is refused: config, code, path, suggestion. */
const REFUSED: readonly [
  name: string,
  config: unknown,
  code: PolicyIssueCode,
  path: (string | number)[],
  suggestion: unknown,
][] = [
  ["null", null, "policy/not-an-object", [], null],
  ["a list", [], "policy/not-an-object", [], null],
  ["a string", "https://app.example", "policy/not-an-object", [], null],
  ["no origins", {}, "policy/empty", ["origins"], null],
  ["undefined origins", { origins: undefined }, "policy/empty", ["origins"], null],
  ["an empty list of origins", { origins: [] }, "policy/empty", ["origins"], null],
  [
    "one origin outside a list",
    { origins: "https://app.example" },
    "policy/wrong-type",
    ["origins"],
    ["https://app.example"],
  ],
  ["a number for origins", { origins: 7 }, "policy/wrong-type", ["origins"], null],
  ["a function for origins", { origins: () => true }, "policy/function-not-supported", ["origins"], null],
  ["a function in the list", { origins: [() => true] }, "policy/function-not-supported", ["origins", 0], null],
  ["a regular expression in the list", { origins: [/x/] }, "policy/function-not-supported", ["origins", 0], null],
  ["a regular expression for origins", { origins: /x/ }, "policy/function-not-supported", ["origins"], null],
  // oxlint-disable-next-line no-sparse-arrays
  ["a hole in the list", { origins: [, "https://app.example"] }, "policy/wrong-type", ["origins", 0], null],
  ["an origin twice", { origins: [...origins, ...origins] }, "policy/duplicate", ["origins", 1], null],
  ["the wildcard in the list", { origins: ["*"] }, "policy/wildcard-in-list", ["origins", 0], null],
  ["the null origin", { origins: ["null"] }, "policy/origin-null", ["origins", 0], null],
  [
    "the null origin that is granted already",
    { origins: [...origins, "null"], dangerouslyAllowNullOrigin: true },
    "policy/origin-null-redundant",
    ["origins", 1],
    null,
  ],
  [
    "any origin beside a list",
    { origins, dangerouslyReflectAnyOrigin: true },
    "policy/reflection-with-list",
    ["dangerouslyReflectAnyOrigin"],
    false,
  ],
  [
    "a slash at the end",
    { origins: ["https://app.example/"] },
    "policy/origin-trailing-slash",
    ["origins", 0],
    "https://app.example",
  ],
  ["a path", { origins: ["https://app.example/a"] }, "policy/origin-with-path", ["origins", 0], "https://app.example"],
  [
    "a query",
    { origins: ["https://app.example/?a"] },
    "policy/origin-with-path",
    ["origins", 0],
    "https://app.example",
  ],
  [
    "a fragment",
    { origins: ["https://app.example/#a"] },
    "policy/origin-with-path",
    ["origins", 0],
    "https://app.example",
  ],
  [
    "upper case",
    { origins: ["https://App.example"] },
    "policy/origin-upper-case",
    ["origins", 0],
    "https://app.example",
  ],
  [
    "the default port",
    { origins: ["https://app.example:443"] },
    "policy/origin-default-port",
    ["origins", 0],
    "https://app.example",
  ],
  ["no scheme", { origins: ["app.example"] }, "policy/origin-missing-scheme", ["origins", 0], "https://app.example"],
  [
    "a user name",
    { origins: ["https://me@app.example"] },
    "policy/origin-userinfo",
    ["origins", 0],
    "https://app.example",
  ],
  [
    "a password",
    { origins: ["https://:x@app.example"] },
    "policy/origin-userinfo",
    ["origins", 0],
    "https://app.example",
  ],
  [
    "a Unicode host",
    { origins: ["https://bücher.example"] },
    "policy/origin-not-canonical",
    ["origins", 0],
    "https://xn--bcher-kva.example",
  ],
  ["nothing", { origins: [""] }, "policy/origin-invalid", ["origins", 0], null],
  ["words", { origins: ["two words"] }, "policy/origin-invalid", ["origins", 0], null],
  ["a URL without host", { origins: ["https://"] }, "policy/origin-invalid", ["origins", 0], null],
  [
    "an origin that is too long",
    { origins: [`https://${"a".repeat(3000)}.example`] },
    "policy/origin-invalid",
    ["origins", 0],
    null,
  ],
  ["an address with a wildcard", { origins: ["https://*.10.0.0.1"] }, "policy/origin-invalid", ["origins", 0], null],
  ["a wildcard for every host", { origins: ["https://*"] }, "policy/origin-near-wildcard", ["origins", 0], null],
  [
    "a wildcard below a top-level name",
    { origins: ["https://*.com"] },
    "policy/origin-near-wildcard",
    ["origins", 0],
    null,
  ],
  [
    "a wildcard below a public suffix",
    { origins: ["https://*.github.io"] },
    "policy/origin-public-suffix-wildcard",
    ["origins", 0],
    null,
  ],
  [
    "a wildcard in upper case",
    { origins: ["https://*.App.example"] },
    "policy/origin-upper-case",
    ["origins", 0],
    "https://*.app.example",
  ],
  [
    "any port in upper case",
    { origins: ["https://App.example:*"] },
    "policy/origin-upper-case",
    ["origins", 0],
    "https://app.example:*",
  ],
  [
    "any origin with credentials",
    { origins: "*", credentials: true },
    "policy/wildcard-with-credentials",
    ["origins"],
    null,
  ],
  [
    "plain http with credentials",
    { origins: ["http://app.example"], credentials: true },
    "policy/origin-insecure-with-credentials",
    ["origins", 0],
    "https://app.example",
  ],
  ["credentials as a word", { origins, credentials: "true" }, "policy/wrong-type", ["credentials"], true],
  ["credentials as a number", { origins, credentials: 1 }, "policy/wrong-type", ["credentials"], false],
  ["a method of two words", { origins, methods: ["A B"] }, "policy/method-invalid", ["methods", 0], null],
  ["a forbidden method", { origins, methods: ["trace"] }, "policy/method-forbidden", ["methods", 0], null],
  ["a method in lower case", { origins, methods: ["put"] }, "policy/method-case", ["methods", 0], "PUT"],
  ["patch in lower case", { origins, methods: ["patch"] }, "policy/method-case", ["methods", 0], "PATCH"],
  ["the wildcard in a list of methods", { origins, methods: ["*"] }, "policy/wildcard-in-list", ["methods", 0], null],
  [
    "a header name with a space",
    { origins, requestHeaders: ["X A"] },
    "policy/header-invalid",
    ["requestHeaders", 0],
    null,
  ],
  [
    "a forbidden request header",
    { origins, requestHeaders: ["Cookie"] },
    "policy/header-forbidden",
    ["requestHeaders", 0],
    null,
  ],
  ["a header name twice", { origins, requestHeaders: ["X-A", "x-a"] }, "policy/duplicate", ["requestHeaders", 1], null],
  [
    "a header name beside the wildcard",
    { origins, requestHeaders: ["Authorization", "X-A", "*"] },
    "policy/header-covered-by-wildcard",
    ["requestHeaders", 1],
    null,
  ],
  [
    "an exposed name with a space",
    { origins, exposedHeaders: ["X A"] },
    "policy/header-invalid",
    ["exposedHeaders", 0],
    null,
  ],
  [
    "the wildcard in a list of exposed names",
    { origins, exposedHeaders: ["*"] },
    "policy/wildcard-in-list",
    ["exposedHeaders", 0],
    null,
  ],
  [
    "Set-Cookie exposed",
    { origins, exposedHeaders: ["Set-Cookie"] },
    "policy/exposed-set-cookie",
    ["exposedHeaders", 0],
    null,
  ],
  [
    "everything exposed with credentials",
    { origins, credentials: true, exposedHeaders: "*" },
    "policy/exposed-wildcard-with-credentials",
    ["exposedHeaders"],
    null,
  ],
  ["a negative age", { origins, maxAgeSeconds: -1 }, "policy/max-age-invalid", ["maxAgeSeconds"], 0],
  ["half a second", { origins, maxAgeSeconds: 1.5 }, "policy/max-age-invalid", ["maxAgeSeconds"], 2],
  ["an age as a word", { origins, maxAgeSeconds: "600" }, "policy/max-age-invalid", ["maxAgeSeconds"], 600],
  [
    "an age with a fraction as a word",
    { origins, maxAgeSeconds: " 1.5 " },
    "policy/max-age-invalid",
    ["maxAgeSeconds"],
    2,
  ],
  ["a negative age as a word", { origins, maxAgeSeconds: "-1" }, "policy/max-age-invalid", ["maxAgeSeconds"], 0],
  ["no age", { origins, maxAgeSeconds: null }, "policy/max-age-invalid", ["maxAgeSeconds"], null],
  ["an empty age", { origins, maxAgeSeconds: "" }, "policy/max-age-invalid", ["maxAgeSeconds"], null],
  ["an age in hexadecimal", { origins, maxAgeSeconds: "0x10" }, "policy/max-age-invalid", ["maxAgeSeconds"], null],
  ["an age that is true", { origins, maxAgeSeconds: true }, "policy/max-age-invalid", ["maxAgeSeconds"], null],
  ["an age in a list", { origins, maxAgeSeconds: [600] }, "policy/max-age-invalid", ["maxAgeSeconds"], null],
  [
    "an age that is no number",
    { origins, maxAgeSeconds: Number.NaN },
    "policy/max-age-invalid",
    ["maxAgeSeconds"],
    null,
  ],
  ["an age without end", { origins, maxAgeSeconds: Infinity }, "policy/max-age-invalid", ["maxAgeSeconds"], 86_400],
  [
    "an age that is a symbol",
    { origins, maxAgeSeconds: Symbol("x") },
    "policy/max-age-invalid",
    ["maxAgeSeconds"],
    null,
  ],
  ["an age that is none", { origins, maxAgeSeconds: "long" }, "policy/max-age-invalid", ["maxAgeSeconds"], null],
  ["an age above a day", { origins, maxAgeSeconds: 100_000 }, "policy/max-age-invalid", ["maxAgeSeconds"], 86_400],
  ["another form of answer", { origins, preflightAnswer: "short" }, "policy/wrong-type", ["preflightAnswer"], "full"],
  [
    "a field of another library",
    { origins, allowedHeaders: "*" },
    "policy/unknown-field",
    ["allowedHeaders"],
    "requestHeaders",
  ],
  ["a field in the singular", { origins, method: "*" }, "policy/unknown-field", ["method"], "methods"],
  ["an age without its unit", { origins, maxAge: 5 }, "policy/unknown-field", ["maxAge"], "maxAgeSeconds"],
  ["a field nobody knows", { origins, colour: "red" }, "policy/unknown-field", ["colour"], null],
];

describe("a policy is refused for", () => {
  test.each(REFUSED)("%s", (_name, config, code, path, suggestion) => {
    const parsed = parsePolicy(config);
    expect(parsed.ok ? [] : parsed.issues).toMatchObject([{ code, path, suggestion }]);
  });

  test("a getter that throws", () => {
    const config = { origins };
    Object.defineProperty(config, "credentials", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(parsePolicy(config)).toMatchObject({
      ok: false,
      issues: [{ code: "policy/wrong-type", path: ["credentials"] }],
    });
  });

  test("objects that throw at every touch", () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(parsePolicy({ origins: proxy })).toMatchObject({ ok: false, issues: [{ code: "policy/wrong-type" }] });
  });

  test("a key named __proto__ in JSON", () => {
    expect(
      parsePolicy(JSON.parse('{"origins":["https://app.example"],"__proto__":{"credentials":true}}')),
    ).toMatchObject({ ok: false });
  });

  test("everything that is wrong with it, at once", () => {
    const parsed = parsePolicy({
      origins: ["https://a.example/", "x y"],
      methods: ["put"],
      maxAgeSeconds: -1,
      extra: 1,
    });
    expect(parsed.ok ? 0 : parsed.issues.length).toBe(5);
  });
});

/** What people write instead of an origin: codes without their area, and the suggestion. */
const NEAR_MISSES: readonly [item: string, codes: string, suggestion: string | null][] = [
  ["*.preview.example", "missing-scheme", "https://*.preview.example"],
  ["https://*", "near-wildcard", null],
  ["https://*.", "near-wildcard", null],
  ["https://*:*", "near-wildcard", null],
  ["https://*.com.", "near-wildcard", null],
  ["*:443", "missing-scheme near-wildcard", null],
  ["https://a.*.example", "wildcard-misplaced", null],
  ["https://a*.app.example", "wildcard-misplaced", null],
  ["https://*.*.example", "wildcard-misplaced", null],
  ["https://*-app.example", "wildcard-misplaced", null],
  ["https://*app.preview.example", "wildcard-misplaced", null],
  ["https://*preview.example", "wildcard-misplaced", "https://*.preview.example"],
  ["https://**.preview.example", "wildcard-misplaced", "https://*.preview.example"],
  ["http*://app.example", "wildcard-misplaced", "https://app.example"],
  ["*://*.app.example/", "wildcard-misplaced trailing-slash", "https://*.app.example"],
  ["https://app.example:8*", "wildcard-misplaced", null],
  ["https://*.0x7f.1", "invalid", null],
  ["//app.example", "missing-scheme", "https://app.example"],
  ["://app.example", "missing-scheme", "https://app.example"],
  ["app.example:443", "missing-scheme default-port", "https://app.example"],
  ["app.example:80", "missing-scheme default-port", "http://app.example"],
  ["127.0.0.1:3000", "missing-scheme", "http://127.0.0.1:3000"],
  ["[::1]", "missing-scheme", "http://[::1]"],
  ["[2001:db8::1]", "missing-scheme", "https://[2001:db8::1]"],
  ["localhost", "missing-scheme", "http://localhost"],
  ["data:8080", "missing-scheme", "https://data:8080"],
  ["undefined", "missing-scheme", null],
  ["'self'", "invalid", null],
  ["https://app.example:*/", "trailing-slash", "https://app.example:*"],
  ["https://*.APP.example", "upper-case", "https://*.app.example"],
  ["HTTPS://*.app.example/", "upper-case trailing-slash", "https://*.app.example"],
  ["https://*.b\u00fccher.example", "not-canonical", "https://*.xn--bcher-kva.example"],
  ["https://b%C3%BCcher.example", "not-canonical", "https://xn--bcher-kva.example"],
  ["http://0x7F.1", "upper-case not-canonical", "http://127.0.0.1"],
  ["http://[0:0:0:0:0:0:0:1]", "not-canonical", "http://[::1]"],
  ["http://::1", "invalid", null],
  [" https://app.example\n", "not-canonical", "https://app.example"],
  ["https://app.exa\nmple", "invalid", null],
  ["https:/app.example", "not-canonical", "https://app.example"],
  ["https:app.example", "not-canonical", "https://app.example"],
  ["https:\\\\app.example\\", "trailing-slash not-canonical", "https://app.example"],
  ["https:///app.example", "not-canonical", "https://app.example"],
  ["https://app.example:", "not-canonical", "https://app.example"],
  ["https://app.example:0443", "not-canonical default-port", "https://app.example"],
  ["https://app.example:70000", "invalid", null],
  ["https://app.example:http", "invalid", null],
  ["https://me@App.example?x", "userinfo with-path upper-case", "https://app.example"],
  ["https://.app.example", "invalid", "https://*.app.example"],
  [".app.example", "missing-scheme invalid", "https://*.app.example"],
  ["https://a..example", "invalid", null],
  ["https://a.example,b.example", "invalid", null],
  ["https://https://app.example", "invalid", null],
  ["https://${HOST}", "invalid", null],
  ["1http://app.example", "invalid", null],
  [`https://${"a.".repeat(300)}example`, "invalid", null],
  ["file:///x", "opaque", null],
  ["about:blank", "opaque", null],
  ["data:", "opaque", null],
  ["blob:null/1", "opaque", null],
  ["blob:https://app.example/1", "with-path not-canonical", "https://app.example"],
  ["wss://app.example:443", "scheme-never-sent default-port", "https://app.example"],
  ["ws://App.example/chat", "scheme-never-sent with-path upper-case", "http://app.example"],
  ["ftp://app.example/", "scheme-never-sent trailing-slash", null],
  ["capacitor://localhost/", "trailing-slash", "capacitor://localhost"],
  ["app://x/y", "with-path", "app://x"],
  ["APP://x", "upper-case", "app://x"],
  ["app://", "invalid", null],
  ["chrome-extension://*", "custom-scheme-wildcard", null],
  ["app://*.x:*", "custom-scheme-wildcard", null],
  [" NULL ", "null", null],
];

describe("an origin that misses by a little is refused", () => {
  test.each(NEAR_MISSES)("%j: %s", (item, codes, suggestion) => {
    const parsed = parsePolicy({ origins: [item] });
    const expected = codes
      .split(" ")
      .map((code) => ({ code: `policy/origin-${code}`, path: ["origins", 0], received: item, suggestion }));
    expect(parsed.ok ? [] : parsed.issues).toEqual(expected);
  });

  test.each([
    ["http://user@APP.example/x", "userinfo with-path upper-case insecure-with-credentials", "https://app.example"],
    ["http://app.example:443", "insecure-with-credentials", "https://app.example"],
    ["ws://*.app.example:8080", "scheme-never-sent insecure-with-credentials", "https://*.app.example:8080"],
    ["http://*.github.io/", "trailing-slash insecure-with-credentials public-suffix-wildcard", null],
  ])("with credentials %j: %s", (item, codes, suggestion) => {
    const parsed = parsePolicy({ origins: [item], credentials: true });
    const expected = codes.split(" ").map((code) => ({ code: `policy/origin-${code}`, suggestion }));
    expect(parsed.ok ? [] : parsed.issues).toMatchObject(expected);
  });

  test("or that means what another item says", () => {
    const list = ["https://a.example/", "https://a.example", "https://b.example", "https://B.example"];
    const parsed = parsePolicy({ origins: list });
    expect(parsed.ok ? [] : parsed.issues).toMatchObject([
      { code: "policy/origin-trailing-slash", path: ["origins", 0], suggestion: "https://a.example" },
      { code: "policy/duplicate", path: ["origins", 1], suggestion: null },
      { code: "policy/origin-upper-case", path: ["origins", 3], suggestion: null },
      { code: "policy/duplicate", path: ["origins", 3], suggestion: null },
    ]);
  });

  test("which is never one that applications send", () => {
    const custom = [
      "capacitor://localhost",
      "chrome-extension://abcdef",
      "tauri://localhost",
      "app://-",
      "x.y+z://h:1",
    ];
    for (const item of [...custom, "https://a_b.example.", "http://[::1]:*", "https://*.xn--bcher-kva.example:8443"])
      expect(parsePolicy({ origins: [item] })).toMatchObject({ ok: true });
  });
});

test("every suggestion is accepted, all of them together too, and what is accepted is spelled as browsers spell it", () => {
  const part = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom("", ...values);
  const pieces = fc
    .tuple(
      part(
        "https://",
        "http://",
        "HTTP://",
        "ws://",
        "wss:",
        "app://",
        "//",
        "*://",
        "https:\\\\",
        "blob:https://",
        "data:",
      ),
      part("me@", "a:b@", "@", "*"),
      part("*.", "*", ".", "**.", "a.", "[::1]", "%41"),
      part(
        "app.example",
        "App.example",
        "com",
        "github.io",
        "localhost",
        "127.1",
        "b\u00fccher.example",
        "a..b",
        "10.0.0.1",
      ),
      part(".", ":", ":*", ":443", ":080", ":65536", ":8*", "]"),
      part("/", "/x", "?x", "#", " ", "\n", "\\", "//a.example"),
    )
    .map((parts) => parts.join(""));
  const item = fc.oneof({ weight: 8, arbitrary: pieces }, fc.webUrl(), fc.string(), fc.string({ unit: "binary" }));
  let suggestions = 0;
  let mended = 0;
  fc.assert(
    fc.property(fc.array(item, { maxLength: 4 }), fc.boolean(), (items, credentials) => {
      const list = [...items, "https://app.example"];
      const parsed = parsePolicy({ origins: list, credentials });
      fc.pre(!parsed.ok);
      if (parsed.ok) return;
      const suggested = new Map<unknown, unknown>(parsed.issues.map(({ path, suggestion }) => [path[1], suggestion]));
      const corrected = list.flatMap((value, index) => {
        const origin = suggested.has(index) ? suggested.get(index) : value;
        return origin === null ? [] : [origin];
      });
      expect(parsePolicy({ origins: corrected, credentials })).toMatchObject({ ok: true });
      mended++;
    }),
    { numRuns: 5000 },
  );
  expect(mended).toBeGreaterThan(1000);
  fc.assert(
    fc.property(item, fc.boolean(), (origin, credentials) => {
      const parsed = parsePolicy({ origins: [origin], credentials });
      if (parsed.ok) {
        const bare = origin.replace("://*.", "://").replace(/:\*$/, "");
        expect(serializeOrigin(parseOrigin(bare) ?? { kind: "opaque" })).toBe(bare);
        expect(parsed.policy.toJSON().origins).toEqual([origin]);
        return;
      }
      const [first, ...others] = parsed.issues;
      expect(new Set(parsed.issues.map(({ code }) => code)).size).toBe(parsed.issues.length);
      for (const { suggestion } of others) expect(suggestion).toBe(first?.suggestion);
      if (first?.suggestion === null) return;
      suggestions++;
      expect(first?.suggestion).not.toBe(origin);
      expect(parsePolicy({ origins: [first?.suggestion], credentials })).toMatchObject({ ok: true });
    }),
    { numRuns: 20_000 },
  );
  expect(suggestions).toBeGreaterThan(1000);
});

test("the advice on the null origin is to take it out, and to set the flag unless it is set", () => {
  const advice = (flag: boolean): string => {
    const parsed = parsePolicy({ origins: ["null"], dangerouslyAllowNullOrigin: flag });
    return parsed.ok ? "" : parsed.issues.map(describeIssue).join();
  };
  expect(advice(false)).toContain("take it out of the list, and set dangerouslyAllowNullOrigin");
  expect(advice(true)).toContain("dangerouslyAllowNullOrigin grants the origin null already; take it out of the list.");
});

test("any header with Authorization by name is accepted", () => {
  for (const requestHeaders of [["*"], ["*", "authorization"], ["Authorization", "*"]])
    expect(parsePolicy({ origins, requestHeaders })).toMatchObject({ ok: true });
});

describe("a danger has to be named", () => {
  test.each([
    ["the null origin", { origins: [], dangerouslyAllowNullOrigin: true }],
    [
      "plain http with credentials",
      { origins: ["http://app.example"], credentials: true, dangerouslyAllowInsecureOrigins: true },
    ],
    [
      "a wildcard below a public suffix",
      { origins: ["https://*.github.io"], dangerouslyAllowPublicSuffixWildcards: true },
    ],
    ["any origin with credentials", { origins: "*", credentials: true, dangerouslyReflectAnyOrigin: true }],
  ])("for %s", (_name, config) => {
    expect(parsePolicy(config).ok).toBe(true);
    const withoutDanger = Object.fromEntries(
      Object.entries(config).filter(([name]) => !name.startsWith("dangerously")),
    );
    expect(parsePolicy(withoutDanger).ok).toBe(false);
  });

  test("but not for plain http on this machine", () => {
    expect(
      parsePolicy({ origins: ["http://localhost:3000", "http://127.0.0.1:*", "http://*.localhost"], credentials: true })
        .ok,
    ).toBe(true);
  });
});

describe("createPolicy", () => {
  test("throws one error with every issue", () => {
    const create = (): unknown => createPolicy({ origins: ["https://app.example/"], methods: ["put"] });
    expect(create).toThrow(PolicyError);
    expect(create).toThrow(/origins\[0\].*Use "https:\/\/app\.example"[^]*methods\[0\].*Use "PUT"/);
  });

  test("takes a policy as it is and makes one of a config", () => {
    const policy = createPolicy({ origins });
    expect(toPolicy(policy)).toBe(policy);
    expect(toPolicy({ origins }).toJSON()).toEqual({ origins });
  });

  test("freezes what it returns", () => {
    expect(Object.isFrozen(createPolicy({ origins }))).toBe(true);
  });
});

test("a policy survives its own JSON, whatever it holds", () => {
  const list = (...items: string[]): fc.Arbitrary<string[]> =>
    fc.uniqueArray(fc.constantFrom(...items), { minLength: 1 });
  const star = fc.constant("*" as const);
  const config = fc.record(
    {
      origins: fc.oneof(
        star,
        list(
          "https://a.example",
          "https://*.b.example",
          "http://c.example:8080",
          "capacitor://localhost",
          "https://d.example:*",
        ),
      ),
      credentials: fc.boolean(),
      methods: fc.oneof(star, list("PUT", "PATCH")),
      requestHeaders: fc.oneof(star, fc.constant(["*", "authorization"]), list("authorization", "X-A")),
      exposedHeaders: fc.oneof(star, list("ETag", "X-B")),
      maxAgeSeconds: fc.integer({ min: 0, max: 86_400 }),
      preflightAnswer: fc.constantFrom("full", "requested"),
      dangerouslyAllowNullOrigin: fc.boolean(),
      dangerouslyAllowInsecureOrigins: fc.boolean(),
      exposeTiming: fc.boolean(),
      crossOriginResourcePolicy: fc.constantFrom("same-origin", "same-site", "cross-origin"),
      dangerouslyAllowPrivateNetwork: fc.boolean(),
    },
    { requiredKeys: ["origins"] },
  );
  fc.assert(
    fc.property(config, (generated) => {
      const parsed = parsePolicy(generated);
      fc.pre(parsed.ok);
      if (!parsed.ok) return;
      const again = parsePolicy(JSON.parse(JSON.stringify(parsed.policy)));
      expect(again.ok && again.policy.toJSON()).toEqual(parsed.policy.toJSON());
      const defaults = Object.entries({ ...generated, preflightAnswer: generated.preflightAnswer ?? "full" });
      const said = defaults.filter(([, value]) => value !== undefined && value !== false && value !== "full");
      expect(parsed.policy.toJSON()).toEqual(Object.fromEntries(said));
      expect(parsePolicy(parsed.policy).ok).toBe(true);
    }),
  );
});

test("no value makes the parser throw", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true, withNullPrototype: true }),
      (value) => {
        parsePolicy(value);
        const parsed = parsePolicy({
          origins: value,
          methods: value,
          credentials: value,
          requestHeaders: [value],
          exposedHeaders: [value],
        });
        if (!parsed.ok) for (const issue of parsed.issues) expect(describeIssue(issue)).toMatch(/^[\x20-\x7e]+$/);
      },
    ),
  );
});

describe("an issue is described in one line of printable ASCII", () => {
  const shown = (received: unknown, suggestion: unknown = null): string =>
    describeIssue({ code: "policy/wrong-type", path: ["a", 0], received, suggestion });

  test("with long values cut and strange ones escaped", () => {
    const line = shown(`\u001b[31m\u202e"\\${"x".repeat(500)}`);
    expect(line).toMatch(/^[\x20-\x7e]{1,300}$/);
    expect(line).toContain('"\\u001b[31m\\u202e\\"\\\\xxx');
    expect(line).toContain('x...": ');
  });

  test("with long and strange names of fields too", () => {
    const path = [`\u001b${"x".repeat(1_000_000)}`];
    const line = describeIssue({ code: "policy/unknown-field", path, received: path[0], suggestion: null });
    expect(line).toMatch(/^\\u001bx{199}\.\.\.: [\x20-\x7e]{1,300}$/);
  });

  test.each([
    [undefined, "undefined"],
    [null, "null"],
    [Number.NaN, "NaN"],
    [10n ** 999n, `1${"0".repeat(199)}...`],
    [true, "true"],
    [() => true, "a function"],
    [Symbol("x"), "a symbol"],
    [{}, "an object"],
    [[1, 2], "a list of 2"],
    [[1], "a list of 1"],
    [["https://a.example"], '["https://a.example"]'],
  ])("%# with what was received", (received, text) => {
    expect(shown(received)).toBe(`a[0]: ${text}: The value has the wrong type. (policy/wrong-type)`);
  });

  test("even for objects that throw at every touch", () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(shown(proxy)).toContain("a[0]: an object: ");
    expect(() => createPolicy({ origins, credentials: proxy as never })).toThrow(PolicyError);
  });

  test("with the suggestion", () => {
    expect(shown("https://a.example", ["https://a.example"])).toContain(' Use ["https://a.example"]. (');
    expect(describeIssue({ code: "policy/empty", path: [], received: [], suggestion: null })).toMatch(
      /^policy: a list/,
    );
  });
});

test("an error prints the first issues, each cut, and lists all of them", () => {
  const bad = Array.from({ length: 100_000 }, (_, index) => `https://${"a".repeat(1000)}${index}.example/`);
  try {
    createPolicy({ origins: bad });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    const { message, issues } = error as PolicyError;
    expect(issues).toHaveLength(100_000);
    expect(message.split("\n")).toHaveLength(22);
    expect(message).toMatch(/\n\.\.\. and 99980 more$/);
    expect(message.length).toBeLessThan(20_000);
  }
});

test("a policy of 100 000 origins compiles", () => {
  const config: PolicyConfig = {
    origins: Array.from({ length: 100_000 }, (_, index) => `https://tenant${index}.example`),
  };
  expect(parsePolicy(config).ok).toBe(true);
});
