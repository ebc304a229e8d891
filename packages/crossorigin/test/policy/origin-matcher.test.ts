import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  OriginMatcher,
  type OriginPattern,
  coversOrigin,
  parseOriginPattern,
  serializeOriginPattern,
} from "../../src/policy/index.ts";
import { parseOrigin } from "../../src/protocol/index.ts";

/** Few labels, schemes and ports, so that near misses are common. */
const label = fc.constantFrom("a", "b", "ab", "example", "test", "x");
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const scheme = fc.constantFrom("https", "http", "capacitor");
const port = fc.constantFrom("", ":8080", ":8443", ":80", ":443", ":*");
const pattern = fc
  .tuple(scheme, fc.constantFrom("", "", "*."), fc.oneof({ weight: 9, arbitrary: host }, fc.constant("[::1]")), port)
  .map((parts) => `${parts[0]}://${parts[1]}${parts[2]}${parts[3]}`);
const NOISE =
  "||||||||/|.|..| |\n|:|:8080|:08080|:0|:443|:65536|:*|.evil.test|@b|@a.example|#|?|\\|]|:8080]|\u3002example|%2eexample";
const noise = fc.constantFrom(...NOISE.split("|"));
const PREFIXES =
  "|||||a.|a.b.|x|.|a..|evil-|A.|a\n.|a b.|a@|a.example@|a:b@|a:80.|[::1].|[|://|*.|xn--.|xn--bcher-kva.|b\u00fc.|%61.";
const prefix = fc.constantFrom(...PREFIXES.split("|"), `${"a".repeat(64)}.`, "a.".repeat(60));
const address = fc.constantFrom("[::1]", "[::1", "::1]", "[::1].a.example", "127.0.0.1", "127.1", "1.example", "");
const origin = fc
  .tuple(scheme, prefix, fc.oneof({ weight: 4, arbitrary: host }, { weight: 1, arbitrary: address }), port, noise)
  .map((parts) => `${parts[0]}://${parts.slice(1).join("")}`);

function matcherOf(patterns: readonly OriginPattern[]): OriginMatcher {
  return new OriginMatcher(patterns, patterns.map(serializeOriginPattern));
}

/** Patterns, and an origin that often comes from one of them, then often misses it by a little. */
const pair = fc.array(pattern, { minLength: 1, maxLength: 6 }).chain((items) => {
  const near = fc
    .tuple(fc.constantFrom(...items), prefix, fc.constantFrom("", "", ":8080", ":9"), noise)
    .map(
      ([item, before, anyPort, after]) =>
        `${item.replace("://", `://${before}`).replace("*.", "a.").replace(":*", anyPort)}${after}`,
    );
  return fc.tuple(fc.constant(items), fc.oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: origin }));
});

test("the matcher agrees with the plain definition on 100 000 generated pairs", () => {
  let granted = 0;
  fc.assert(
    fc.property(pair, ([items, serialized]) => {
      const patterns = items.flatMap((item): OriginPattern[] => {
        const parsed = parseOriginPattern(item);
        return parsed.ok ? [parsed.pattern] : [];
      });
      const parsedOrigin = parseOrigin(serialized);
      const expected = parsedOrigin !== null && patterns.some((candidate) => coversOrigin(candidate, parsedOrigin));
      expect(matcherOf(patterns).matches(serialized)).toBe(expected);
      if (expected) granted++;
    }),
    { numRuns: 100_000 },
  );
  expect(granted).toBeGreaterThan(1000);
}, 60_000);

test("an added pattern never takes a grant away", () => {
  const parse = (items: string[]): OriginPattern[] =>
    items.flatMap((item) => {
      const parsed = parseOriginPattern(item);
      return parsed.ok ? [parsed.pattern] : [];
    });
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), pattern, origin, (items, added, serialized) => {
      if (matcherOf(parse(items)).matches(serialized))
        expect(matcherOf(parse([...items, added])).matches(serialized)).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});

test.each([
  ["https://*.example.com", "https://a.example.com", true],
  ["https://*.example.com", "https://a.b.example.com", true],
  ["https://*.example.com", "https://example.com", false],
  ["https://*.example.com", "https://aexample.com", false],
  ["https://*.example.com", "http://a.example.com", false],
  ["https://*.example.com", "https://a.example.com:8443", false],
  ["https://*.example.com", "https://.example.com", false],
  ["https://*.example.com:*", "https://a.example.com:8443", true],
  ["https://example.com:*", "https://example.com", true],
  ["https://example.com:*", "https://a.example.com:1", false],
  ["https://example.com", "https://example.com.", false],
  ["https://*.preview.example", "https://.preview.example", false],
  ["https://*.preview.example", "https://a.preview.example.", false],
  ["https://*.preview.example", "https://preview.example@a.b.example", false],
  ["https://*.preview.example", "https://a@b.preview.example", false],
  ["https://*.preview.example", "https://a\n.preview.example", false],
  ["https://*.preview.example:*", "https://a.preview.example:08443", false],
  ["https://*.preview.example:*", "https://a.preview.example:443", false],
  ["https://*.preview.example:*", "https://a.preview.example:", false],
  ["https://*.preview.example", "a.preview.example", false],
  ["https://*.preview.example", "https://a.other.preview.test", false],
  ["http://[::1]:*", "http://[::1]", true],
  ["http://[::1]:*", "http://[::1]:3000", true],
  ["http://[::1]:*", "http://[::2]:3000", false],
  ["http://[::1]:*", "http://[0::1]:3000", false],
])("%s and %s: %s", (item, serialized, expected) => {
  const parsed = parseOriginPattern(item);
  expect(parsed.ok && matcherOf([parsed.pattern]).matches(serialized)).toBe(expected);
});

test("patterns for one host have each its own schemes and ports", () => {
  const items = ["https://*.a.example", "https://*.a.example:8080", "http://*.a.example", "https://*.a.example:8443"];
  const matcher = matcherOf(
    [...items, "https://*.b.example"].flatMap((item) => {
      const parsed = parseOriginPattern(item);
      return parsed.ok ? [parsed.pattern] : [];
    }),
  );
  for (const granted of [
    "https://x.a.example",
    "https://x.a.example:8080",
    "http://x.a.example",
    "https://x.a.example:8443",
  ])
    expect(matcher.matches(granted)).toBe(true);
  for (const refused of [
    "http://x.a.example:8080",
    "https://x.a.example:9",
    "http://x.b.example",
    "https://x.b.example:8080",
  ])
    expect(matcher.matches(refused)).toBe(false);
});

test("a large table grants every origin in it, and no other", () => {
  const origins = (count: number, name: string): string[] =>
    Array.from({ length: count }, (_, index) => `https://${name}${index}.example`);
  const listed = origins(20_000, "tenant");
  const patterns = listed.map((origin): OriginPattern => {
    return { scheme: "https", host: origin.slice("https://".length), port: null, isWildcard: false };
  });
  const matcher = new OriginMatcher(patterns, listed);
  expect(listed.filter((origin) => !matcher.matches(origin))).toEqual([]);
  expect(origins(100_000, "tenamt").filter((origin) => matcher.matches(origin))).toEqual([]);
});

test("an over-long origin is refused unread", () => {
  expect(matcherOf([]).matches(`https://${"a.".repeat(1_000_000)}example`)).toBe(false);
});

test("a miss is never parsed, whatever its length, and a plain hit is not either", () => {
  const patterns = Array.from({ length: 1000 }, (_, index): OriginPattern => {
    return { scheme: "https", host: `tenant${index}.example`, port: null, isWildcard: true };
  });
  const matcher = matcherOf(patterns);
  const canParse = vi.spyOn(URL, "canParse");
  for (const host of ["a.b.example", "a.tenant1.test", `${"a".repeat(480)}.example`, `${"a.".repeat(240)}example`])
    expect(matcher.matches(`https://${host}`)).toBe(false);
  expect(matcher.matches("https://a.tenant1.example")).toBe(true);
  expect(canParse).not.toHaveBeenCalled();
  expect(matcher.matches("https://xn--bcher-kva.tenant1.example")).toBe(true);
  expect(canParse).toHaveBeenCalledOnce();
  canParse.mockRestore();
});
