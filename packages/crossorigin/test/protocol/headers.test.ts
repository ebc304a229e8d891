import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as protocol from "../../src/protocol/index.ts";
import type { HeaderList } from "../../src/protocol/index.ts";

const list = (): HeaderList => [
  ["X-A", "1"],
  ["x-b", "2"],
  ["x-a", "3"],
  ["Set-Cookie", "a"],
  ["set-cookie", "b"],
];

describe("header lists", () => {
  test("3.06: join the values of one name, whatever its case", () => {
    expect(protocol.getHeader(list(), "x-A")).toBe("1, 3");
    expect(protocol.getHeader(list(), "x-c")).toBeNull();
    expect(protocol.containsHeader(list(), "X-B")).toBe(true);
  });

  test("3.04: append with the spelling that is there already", () => {
    const headers = list();
    protocol.appendHeader(headers, "X-B", "4");
    protocol.appendHeader(headers, "New", "5");
    expect(headers.slice(-2)).toEqual([
      ["x-b", "4"],
      ["New", "5"],
    ]);
  });

  test("3.05: set the first and drop the others", () => {
    const headers = list();
    protocol.setHeader(headers, "x-A", "9");
    protocol.setHeader(headers, "new", "0");
    expect(headers.map(([name, value]) => `${name}=${value}`)).toEqual([
      "X-A=9",
      "x-b=2",
      "Set-Cookie=a",
      "set-cookie=b",
      "new=0",
    ]);
  });

  test("3.05: delete every line of a name", () => {
    const headers = list();
    protocol.deleteHeader(headers, "X-a");
    expect(headers.map(([name]) => name)).toEqual(["x-b", "Set-Cookie", "set-cookie"]);
  });

  test("3.08: combine into the first line", () => {
    const headers = list();
    protocol.combineHeader(headers, "x-a", "9");
    protocol.combineHeader(headers, "new", "0");
    expect([headers[0], headers.at(-1)]).toEqual([
      ["X-A", "1, 9"],
      ["new", "0"],
    ]);
  });

  test("a name is readable that is safelisted or exposed, whatever its case, and `Set-Cookie` never is", () => {
    const isSafelisted = protocol.isCorsSafelistedResponseHeaderName;
    expect(isSafelisted("Content-Type", [])).toBe(true);
    expect(isSafelisted("X-A", ["x-a"])).toBe(true);
    expect(isSafelisted("x-a", ["X-A"])).toBe(true);
    expect(isSafelisted("ETag", ["x-a"])).toBe(false);
    expect(isSafelisted("Set-Cookie", ["set-cookie"])).toBe(false);
  });

  test("the case of A–Z changes and no other's: Kelvin's sign, sharp and long s stay what they are", () => {
    expect(protocol.byteLowercase("X-\u212A\u00C0")).toBe("x-\u212A\u00C0");
    expect(protocol.byteUppercase("x-\u00DF\u017F\u00E0")).toBe("X-\u00DF\u017F\u00E0");
  });

  test("3.09: sort and combine, cookies apart", () => {
    expect(protocol.sortAndCombine(list())).toEqual([
      ["set-cookie", "a"],
      ["set-cookie", "b"],
      ["x-a", "1, 3"],
      ["x-b", "2"],
    ]);
  });

  test.each([
    ["a, b", ["a", "b"]],
    ["", [""]],
    ["a,", ["a", ""]],
    ['"a, b", c', ['"a, b"', "c"]],
    ['"a\\", b", c', ['"a\\", b"', "c"]],
    ['"a, b', ['"a, b']],
    ["\t a \t,b", ["a", "b"]],
  ])("split %j", (value, items) => {
    expect(protocol.getDecodeAndSplit([["x", value]], "X")).toEqual(items);
    expect(protocol.getDecodeAndSplit([], "X")).toBeNull();
  });

  test("compare names byte by byte but for the case of A to Z", () => {
    expect(protocol.isByteCaseInsensitiveMatch("Ab", "aB")).toBe(true);
    expect(protocol.isByteCaseInsensitiveMatch("\xc0", "\xe0")).toBe(false);
    expect(protocol.isByteCaseInsensitiveMatch("a", "ab")).toBe(false);
  });
});

test("header lists behave like a map from names without case to lists of values", () => {
  const name = fc.constantFrom("a", "A", "b", "B-c", "b-C");
  const step = fc.tuple(
    fc.constantFrom("append" as const, "set" as const, "delete" as const, "combine" as const),
    name,
    fc.constantFrom("1", "2"),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const headers: HeaderList = [];
      const model = new Map<string, string[]>();
      for (const [operation, key, value] of steps) {
        const known = model.get(key.toLowerCase()) ?? [];
        if (operation === "append") model.set(key.toLowerCase(), [...known, value]);
        if (operation === "set") model.set(key.toLowerCase(), [value]);
        if (operation === "delete") model.delete(key.toLowerCase());
        if (operation === "combine")
          model.set(key.toLowerCase(), known.length === 0 ? [value] : [`${known[0]}, ${value}`, ...known.slice(1)]);
        if (operation === "append") protocol.appendHeader(headers, key, value);
        if (operation === "set") protocol.setHeader(headers, key, value);
        if (operation === "delete") protocol.deleteHeader(headers, key);
        if (operation === "combine") protocol.combineHeader(headers, key, value);
      }
      for (const key of ["a", "b", "b-c"]) {
        expect(protocol.getHeaderValues(headers, key)).toEqual(model.get(key) ?? []);
        expect(protocol.getHeader(headers, key)).toBe(model.get(key)?.join(", ") ?? null);
      }
    }),
  );
});

describe("header values", () => {
  test.each(["", "a", "a b", "\x01\x7f\xff"])("may be %j", (value) => expect(protocol.isHeaderValue(value)).toBe(true));
  test.each([" a", "a\t", "a\nb", "a\rb", "a\0", "\u0100"])("may not be %j", (value) =>
    expect(protocol.isHeaderValue(value)).toBe(false),
  );
  test("lose white space at both ends", () => expect(protocol.normalizeHeaderValue("\n\t a b \r")).toBe("a b"));
  test("3.01: have names that are tokens", () => {
    expect(["x-a", "*", "!#$%&'*+-.^_`|~09azAZ"].every(protocol.isHeaderName)).toBe(true);
    expect(["", "a b", "a:", "é", "\u0100"].some(protocol.isHeaderName)).toBe(false);
  });
});

describe("lists of tokens", () => {
  test.each([
    [[""], []],
    [["a, b"], ["a", "b"]],
    [[",y-lol,x-PriNT, ,,,Y-PRINT"], ["y-lol", "x-PriNT", "Y-PRINT"]],
    [["a\t ,\tb "], ["a", "b"]],
    [
      ["a", "b, c"],
      ["a", "b", "c"],
    ],
    [["*"], ["*"]],
  ])("%j hold %j", (lines, values) => {
    expect(
      protocol.extractTokenList(
        lines.map((line) => ["X", line]),
        "x",
      ),
    ).toEqual({ kind: "list", values });
  });

  test.each(["Bad value", "a b", '"a"', "a;b", "a:b", "[a]", "\fa", "a, b c"])("are spoiled by %j", (value) => {
    expect(
      protocol.extractTokenList(
        [
          ["X", "good"],
          ["X", value],
        ],
        "x",
      ),
    ).toEqual({ kind: "failure", value });
  });

  test("that are absent are not empty", () => expect(protocol.extractTokenList([], "x")).toEqual({ kind: "absent" }));

  test("3.13: parse exactly as a plain grammar says", () => {
    const grammar = /^[\t ,]*(?:[\w!#$%&'*+\-.^`|~]+[\t ]*(?:,[\t ,]*|$))*$/;
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "-", ",", " ", "\t", ";", '"', "é") }),
        (line) => protocol.parseTokenList(line, []) === grammar.test(line),
      ),
    );
  });

  test.each([
    [[], { kind: "absent" }],
    [["600"], { kind: "seconds", seconds: 600, value: "600" }],
    [["9".repeat(400)], { kind: "seconds", seconds: Number.MAX_VALUE, value: "9".repeat(400) }],
    [["-1"], { kind: "failure", value: "-1" }],
    [["1", "1"], { kind: "failure", value: "1, 1" }],
  ])("seconds in %j", (lines, expected) => {
    expect(
      protocol.extractDeltaSeconds(
        lines.map((line) => ["X", line]),
        "x",
      ),
    ).toEqual(expected);
  });
});

describe("safelisted request headers", () => {
  const a = (count: number): string => "a".repeat(count);
  test.each([
    ["accept", a(128)],
    ["Accept", "\xe9"],
    ["accept", "a\tb"],
    ["accept-language", "en;q=0.8,*"],
    ["content-language", "A-Z 0.9;="],
    ["content-type", "Text/Plain"],
    ["content-type", "text/plain; x=\t1"],
    ["content-type", "multipart/form-data;boundary=x"],
    ["content-type", "application/x-www-form-urlencoded"],
    ["range", "bytes=0-"],
    ["range", "bytes=5-9"],
  ])("%s: %s is safe", (name, value) => expect(protocol.isCorsSafelistedRequestHeader(name, value)).toBe(true));

  test.each([
    ["accept", a(129), "length"],
    ["accept", '"', "byte"],
    ["accept", "\x7f", "byte"],
    ["accept", "\x01", "byte"],
    ["accept-language", "en_US", "byte"],
    ["content-type", 'text/plain;charset="utf-8"', "byte"],
    ["content-type", "text/plain,", "mime-type"],
    ["content-type", "application/json", "mime-type"],
    ["content-type", "", "mime-type"],
    ["content-type", "text", "mime-type"],
    ["content-type", " /plain", "mime-type"],
    ["range", "bytes=-5", "range"],
    ["range", "bytes=5-4", "range"],
    ["range", "bytes=0-1,2-3", "range"],
    ["range", "bytes =0-", "range"],
    ["range", "BYTES=0-", "range"],
    ["range", "bytes=-", "range"],
    ["authorization", "x", "name"],
    ["x-a", "1", "name"],
  ])("%s: %s is not safe (%s)", (name, value, kind) => {
    expect(protocol.unsafeRequestHeaderCause(name, value)).toMatchObject({ kind });
  });

  test("3.27: are safe up to 1024 bytes together", () => {
    const lines = (count: number): HeaderList => Array.from({ length: count }, () => ["Accept", a(128)]);
    expect(protocol.corsUnsafeRequestHeaderNames(lines(8))).toEqual([]);
    expect(protocol.corsUnsafeRequestHeaderNames([...lines(9), ["X-B", "1"], ["X-A", "1"]])).toEqual([
      "accept",
      "x-a",
      "x-b",
    ]);
  });

  test("are fewer without CORS", () => {
    expect(protocol.isNoCorsSafelistedRequestHeader("Accept", "a")).toBe(true);
    expect(protocol.isNoCorsSafelistedRequestHeader("Range", "bytes=0-")).toBe(false);
    expect(protocol.isPrivilegedNoCorsRequestHeaderName("RANGE")).toBe(true);
  });

  test("may have a range with white space where a caller allows it", () => {
    expect(protocol.parseSingleRange("bytes = 0 - 5", true)).toEqual({ start: 0n, end: 5n });
    expect(protocol.parseSingleRange("bytes=-500", true)).toEqual({ start: null, end: 500n });
  });
});

test("forbidden headers are forbidden by name, prefix or the method they smuggle", () => {
  for (const name of [
    "Cookie",
    "HOST",
    "origin",
    "sec-fetch-mode",
    "Proxy-X",
    "access-control-request-method",
    "set-cookie",
  ]) {
    expect(protocol.isForbiddenRequestHeader(name, "")).toBe(true);
  }
  expect(protocol.isForbiddenRequestHeader("X-HTTP-Method-Override", "GET, trace")).toBe(true);
  expect(protocol.isForbiddenRequestHeader("X-HTTP-Method-Override", "GET")).toBe(false);
  expect(protocol.isForbiddenRequestHeader("User-Agent", "x")).toBe(false);
  expect(protocol.isForbiddenResponseHeaderName("Set-Cookie2")).toBe(true);
});

test("2.01, 2.02, 2.03, 2.04: methods are tokens; six are normalized, three are safe, three are forbidden", () => {
  expect(["GET", "patch", "*"].every(protocol.isMethod)).toBe(true);
  expect(["", "A B"].some(protocol.isMethod)).toBe(false);
  expect(["get", "Put", "patch", "custom"].map(protocol.normalizeMethod)).toEqual(["GET", "PUT", "patch", "custom"]);
  expect(["GET", "HEAD", "POST", "get", "PUT"].map(protocol.isCorsSafelistedMethod)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(["connect", "Trace", "TRACK", "GET", "OPTIONS", "DELETED!"].map(protocol.isForbiddenMethod)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("2.05: statuses fall into their classes", () => {
  const only = (is: (status: number) => boolean): number[] =>
    Array.from({ length: 1000 }, (_, status) => status).filter(is);
  expect(only(protocol.isNullBodyStatus)).toEqual([101, 103, 204, 205, 304]);
  expect(only(protocol.isRangeStatus)).toEqual([206, 416]);
  expect(only(protocol.isRedirectStatus)).toEqual([301, 302, 303, 307, 308]);
  expect(only(protocol.isOkStatus)).toHaveLength(100);
});

test("3.34, 19.02: exposed headers are the safelisted and the listed ones, never cookies", () => {
  const headers: HeaderList = [
    ["ETag", "1"],
    ["Content-Type", "a"],
    ["Set-Cookie", "b"],
    ["Access-Control-Expose-Headers", "*"],
  ];
  const all = protocol.corsExposedHeaderNameList(headers, "omit");
  expect(protocol.corsFilteredHeaders(headers, all).map(([name]) => name)).toEqual([
    "ETag",
    "Content-Type",
    "Access-Control-Expose-Headers",
  ]);
  expect(protocol.corsExposedHeaderNameList(headers, "include")).toEqual(["*"]);
  expect(protocol.corsExposedHeaderNameList([["Access-Control-Expose-Headers", "a b"]], "omit")).toEqual([]);
  expect(protocol.basicFilteredHeaders(headers).map(([name]) => name)).not.toContain("Set-Cookie");
});

test("hostile header values cost little", () => {
  const started = performance.now();
  for (const value of [
    ",".repeat(1e6),
    " ".repeat(1e6),
    '"'.repeat(1e6),
    "a".repeat(1e6),
    `bytes=${" ".repeat(1e5)}`,
  ]) {
    protocol.extractTokenList([["x", value]], "x");
    protocol.decodeAndSplit(value);
    protocol.normalizeHeaderValue(value);
    protocol.mimeTypeEssence(value);
    protocol.parseSingleRange(value, true);
    protocol.parseOrigin(value);
    protocol.unsafeRequestHeaderCause("accept", value);
  }
  expect(performance.now() - started).toBeLessThan(5000);
});
