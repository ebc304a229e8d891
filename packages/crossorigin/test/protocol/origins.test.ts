import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as protocol from "../../src/protocol/index.ts";

const A = "https://a.example";
const B = "https://b.test";
const C = "https://c.test";
const originOf = (url: string): protocol.Origin => protocol.originOfUrl(new URL(url));

test.each([
  A,
  "http://a.example:8080",
  "https://[::1]:8443",
  "http://127.0.0.1",
  "https://xn--bcher-kva.example",
  "https://a_b.example",
  "https://a.example.",
  "capacitor://localhost",
  "moz-extension://abc-1",
  "ws://a.example",
])("%s parses and is serialized as it was", (serialized) => {
  const origin = protocol.parseOrigin(serialized);
  expect(origin === null ? null : protocol.serializeOrigin(origin)).toBe(serialized);
});

test.each([
  "",
  "null",
  "*",
  `${A}/`,
  `${A}:443`,
  "https://A.example",
  "https://u@a.example",
  "https://b\xfccher.example",
  "https://[0:0::1]",
  "https://1",
  "https://a.example:99999",
  "https://a b",
  "a.example",
  "app://x:1:2",
  "x://[::g]",
  `https://${"a".repeat(600)}`,
])("%s is no serialized origin", (serialized) => {
  expect(protocol.parseOrigin(serialized)).toBeNull();
});

test("5.03, 5.04: whatever parses is serialized as it was, and every web URL's origin parses", () => {
  const part = fc.constantFrom(
    "https",
    "http",
    "app",
    "://",
    "a",
    "B",
    ".",
    "example",
    ":",
    "443",
    "8080",
    "/",
    "[::1]",
    "127.0.0.1",
    "*",
    "_",
    "@",
    "é",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const origin = protocol.parseOrigin(parts.join(""));
      expect(origin === null ? parts.join("") : protocol.serializeOrigin(origin)).toBe(parts.join(""));
    }),
    { numRuns: 20_000 },
  );
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ["http", "https"] }), (url) => {
      const { origin } = new URL(url);
      expect(protocol.parseOrigin(origin)).toEqual(originOf(url));
    }),
  );
});

test("5.01: the origin of a URL is a tuple for web schemes and what blob URLs hold, and opaque otherwise", () => {
  expect(protocol.serializeOrigin(originOf("https://a.example:443/x"))).toBe(A);
  expect(protocol.serializeOrigin(originOf(`blob:${A}/1`))).toBe(A);
  for (const url of ["data:,x", "about:blank", "file:///x", "blob:data:,x", "blob:nothing"])
    expect(originOf(url).kind).toBe("opaque");
  expect(protocol.defaultPort("https")).toBe(443);
  expect(protocol.defaultPort("app")).toBeNull();
});

test("5.02: opaque origins equal themselves only", () => {
  const opaque = protocol.createOpaqueOrigin();
  const other = protocol.createOpaqueOrigin();
  expect(protocol.isSameOrigin(opaque, opaque)).toBe(true);
  expect(protocol.isSameOrigin(opaque, other)).toBe(false);
  expect(protocol.isSameSite(opaque, opaque)).toBe(true);
  expect(protocol.isSameSite(opaque, originOf(A))).toBe(false);
  expect(protocol.isSchemelesslySameSite(originOf(A), other)).toBe(false);
  expect(protocol.serializeOrigin(opaque)).toBe("null");
});

test.each([
  ["https://x.a.co.uk", "https://y.a.co.uk", "same-site"],
  ["https://a.co.uk", "https://b.co.uk", "cross-site"],
  ["https://a.github.io", "https://b.github.io", "cross-site"],
  ["http://a.example", "https://a.example", "cross-site"],
  ["https://a.example:1", "https://a.example", "same-site"],
  ["https://a.example.", "https://a.example", "cross-site"],
  ["http://10.0.0.1", "http://11.0.0.1", "cross-site"],
  ["http://localhost:1", "http://localhost:2", "same-site"],
  ["https://www.city.kawasaki.jp", "https://city.kawasaki.jp", "same-site"],
  ["https://a.b.kawasaki.jp", "https://c.b.kawasaki.jp", "cross-site"],
  [A, A, "same-origin"],
])("%s and %s are %s", (a, b, relation) => {
  expect(protocol.relationOf(originOf(a), originOf(b))).toBe(relation);
});

test.each([
  ["example.com", "com", "example.com"],
  ["com", "com", null],
  ["a.b.example.com", "com", "example.com"],
  ["example.com.", "com.", "example.com."],
  ["a.unknown-suffix", "unknown-suffix", "a.unknown-suffix"],
  ["127.0.0.1", null, null],
  ["[::1]", null, null],
  ["", null, null],
])("the public suffix of %j is %j", (host, suffix, domain) => {
  expect(protocol.publicSuffix(host)).toBe(suffix);
  expect(protocol.registrableDomain(host)).toBe(domain);
});

test.each([
  [[A], A],
  [[A, B], A],
  [[B], A],
  [[B, B], A],
  [[B, A], "null"],
  [[B, C], "null"],
  [[A, B, A], "null"],
  [[B, B, B], A],
  [[A, "https://www.a.example"], A],
  [["https://www.a.example", "https://api.a.example"], "null"],
])("a request from A through %j says %s", (urls, expected) => {
  const urlList = urls.map((url) => new URL(url));
  const request = { origin: originOf(A), urlList };
  expect(protocol.byteSerializeRequestOrigin(request)).toBe(expected);
});

test("5.07: the taint tells other sites from other origins of one site", () => {
  const taint = (...urls: string[]): string =>
    protocol.redirectTaint({ origin: originOf(A), urlList: urls.map((url) => new URL(url)) });
  expect([taint(A, A), taint("https://w.a.example", A), taint(B, A)]).toEqual([
    "same-origin",
    "same-site",
    "cross-site",
  ]);
});

describe("the CORS check", () => {
  const header = (...values: string[]): protocol.HeaderList =>
    values.map((value) => ["access-control-allow-origin", value]);
  const check = (headers: protocol.HeaderList, credentialsMode: protocol.CredentialsMode = "omit"): string | number => {
    const result = protocol.corsCheck({ serializedOrigin: A, credentialsMode }, headers);
    return result.ok ? result.step : result.code;
  };

  test("passes the wildcard without credentials, and the origin itself", () => {
    expect([
      check(header("*")),
      check(header(A)),
      check([...header(A), ["Access-Control-Allow-Credentials", "true"]], "include"),
    ]).toEqual([3, 5, 7]);
  });

  test.each([
    [header(), "cors-check/allow-origin-missing"],
    [header(A, A), "cors-check/allow-origin-multiple"],
    [header(`${A} ${B}`), "cors-check/allow-origin-multiple"],
    [header("a.example"), "cors-check/allow-origin-invalid"],
    [header("https://*.example"), "cors-check/allow-origin-invalid"],
    [header("null"), "cors-check/allow-origin-mismatch"],
    [header(`${A}/`), "cors-check/allow-origin-mismatch"],
  ])("withholds for %j", (headers, code) => expect(check(headers)).toBe(code));

  test("withholds from requests with credentials what is not granted for them", () => {
    expect(check(header("*"), "include")).toBe("cors-check/wildcard-with-credentials");
    expect(check(header(A), "include")).toBe("cors-check/allow-credentials-missing");
    expect(check([...header(A), ["Access-Control-Allow-Credentials", "True"]], "include")).toBe(
      "cors-check/allow-credentials-not-true",
    );
  });

  test("never passes for two lines", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("*", A, "null", ""),
        fc.constantFrom("*", A, "null", ""),
        (a, b) => typeof check(header(a, b)) === "string",
      ),
    );
  });
});

test("the TAO check passes the wildcard, the origin and same-origin responses, and never what failed before", () => {
  const check = (part: Partial<protocol.TaoCheckRequest>, value?: string): boolean => {
    const currentUrl = new URL(B);
    const base = {
      origin: originOf(A),
      urlList: [currentUrl],
      currentUrl,
      mode: "cors",
      responseTainting: "cors",
      timingAllowFailed: false,
    } as const;
    return protocol.taoCheck({ ...base, ...part }, value === undefined ? [] : [["Timing-Allow-Origin", value]]);
  };
  expect([check({}), check({}, "*"), check({}, `x, ${A}`), check({ responseTainting: "basic" })]).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect([check({ timingAllowFailed: true }, "*"), check({ mode: "navigate", responseTainting: "basic" })]).toEqual([
    false,
    false,
  ]);
  expect(check({ mode: "navigate", responseTainting: "basic", currentUrl: new URL(A) })).toBe(true);
});

test.each([
  [A, undefined, "unsafe-none", true],
  [A, "cross-origin", "require-corp", true],
  [A, undefined, "require-corp", "cross-origin-resource-policy/embedder-policy"],
  [B, undefined, "require-corp", true],
  [A, undefined, "credentialless", "cross-origin-resource-policy/embedder-policy"],
  [A, "same-origin", "unsafe-none", "cross-origin-resource-policy/same-origin"],
  [B, "same-origin", "unsafe-none", true],
  [A, "same-site", "unsafe-none", "cross-origin-resource-policy/same-site"],
  ["https://www.b.test", "same-site", "unsafe-none", true],
  ["http://www.b.test", "same-site", "unsafe-none", "cross-origin-resource-policy/same-site"],
  [A, "nonsense", "unsafe-none", true],
] as const)(
  "a page at %s may embed a response with policy %s under %s: %s",
  (page, policy, embedderPolicy, expected) => {
    const headers: protocol.HeaderList = policy === undefined ? [] : [["Cross-Origin-Resource-Policy", policy]];
    const result = protocol.crossOriginResourcePolicyCheck(originOf(page), embedderPolicy, {
      url: new URL(B),
      headers,
      requestIncludesCredentials: true,
    });
    expect(result.ok ? true : result.code).toBe(expected);
  },
);

test("the embedder policy credentialless asks nothing of responses to requests without credentials", () => {
  const response = { url: new URL(B), headers: [], requestIncludesCredentials: false };
  expect(protocol.crossOriginResourcePolicyCheck(originOf(A), "credentialless", response).ok).toBe(true);
  expect(
    protocol.crossOriginResourcePolicyCheck(protocol.createOpaqueOrigin(), "unsafe-none", {
      ...response,
      headers: [["Cross-Origin-Resource-Policy", "same-site"]],
    }).ok,
  ).toBe(false);
});

test("bad ports are blocked for http and https only", () => {
  expect(
    ["http://a.example:25", "https://a.example:6667", "http://a.example:10080"].every((url) =>
      protocol.isBlockedDueToABadPort(new URL(url)),
    ),
  ).toBe(true);
  expect(
    ["http://a.example", "http://a.example:8080", "ftp://a.example:25"].some((url) =>
      protocol.isBlockedDueToABadPort(new URL(url)),
    ),
  ).toBe(false);
});
