import fc from "fast-check";
import { expect, test } from "vitest";
import { OriginMatcher, type OriginPattern, coversOrigin, parseOriginPattern } from "../../src/policy/index.ts";
import { parseOrigin } from "../../src/protocol/index.ts";

/** Few labels, schemes and ports, so that near misses are common. */
const label = fc.constantFrom("a", "b", "ab", "example", "test", "x");
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const scheme = fc.constantFrom("https", "http", "capacitor");
const port = fc.constantFrom("", ":8080", ":8443", ":80", ":443", ":*");
const pattern = fc
  .tuple(scheme, fc.constantFrom("", "", "*."), host, port)
  .map((parts) => `${parts[0]}://${parts[1]}${parts[2]}${parts[3]}`);
const noise = fc.constantFrom("", "", "", "", "/", ".", " ", ":8080", ":*", ".evil.test", "@b");
const prefix = fc.constantFrom("", "", "", "a.", "x", ".", "a..", "evil-");
const origin = fc.tuple(scheme, prefix, host, port, noise).map((parts) => `${parts[0]}://${parts.slice(1).join("")}`);

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
      expect(new OriginMatcher(patterns).matches(serialized)).toBe(expected);
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
      if (new OriginMatcher(parse(items)).matches(serialized))
        expect(new OriginMatcher(parse([...items, added])).matches(serialized)).toBe(true);
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
])("%s and %s: %s", (item, serialized, expected) => {
  const parsed = parseOriginPattern(item);
  expect(parsed.ok && new OriginMatcher([parsed.pattern]).matches(serialized)).toBe(expected);
});

test("an over-long origin is refused unread", () => {
  expect(new OriginMatcher([]).matches(`https://${"a.".repeat(1_000_000)}example`)).toBe(false);
});
