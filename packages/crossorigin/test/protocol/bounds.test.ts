import { expect, test } from "vitest";
import * as protocol from "../../src/protocol/index.ts";

const request = {
  networkPartitionKey: "k",
  serializedOrigin: "https://a.example",
  currentUrl: new URL("https://b.test/x"),
  credentialsMode: "omit",
} as const;

test("the preflight cache keeps no more names for a URL than its limit, the youngest of them", () => {
  const cache = new protocol.CorsPreflightCache({ now: () => 0 });
  const names = Array.from({ length: protocol.MAX_CACHED_ENTRIES_PER_URL + 1 }, (_, index) => `x-${index}`);
  cache.store(request, [], names, 10);
  expect(cache.hasHeaderNameMatch(request, "x-0")).toBe(false);
  expect(names.slice(1).every((name) => cache.hasHeaderNameMatch(request, name))).toBe(true);
});

test("normalization upper-cases ASCII letters only", () => {
  expect(protocol.normalizeMethod("po\u017ft")).toBe("po\u017ft");
  expect(protocol.normalizeMethod("opt\u0131ons")).toBe("opt\u0131ons");
});

test("header lists of any length can be changed", () => {
  const long = (): protocol.HeaderList => Array.from({ length: 300_000 }, (_, index) => [index === 0 ? "a" : "b", "1"]);
  const shorter = long();
  protocol.deleteHeader(shorter, "a");
  expect(shorter).toHaveLength(299_999);
  const same = long();
  protocol.setHeader(same, "a", "2");
  expect(same).toHaveLength(300_000);
});

test("many exposed names and many headers cost no more than their sum", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `x-${index}`);
  const headers = names.map((name): protocol.Header => [name, "1"]);
  const started = performance.now();
  expect(protocol.corsFilteredHeaders(headers, names)).toHaveLength(names.length);
  expect(protocol.sortAndCombine(headers)).toHaveLength(names.length);
  expect(performance.now() - started).toBeLessThan(2000);
});

test("top-level domains that nobody has, however many and long, leave the known ones as they are", () => {
  for (let index = 0; index < 3000; index++)
    expect(protocol.registrableDomain(`a.b.nobody${index}`)).toBe(`b.nobody${index}`);
  expect(protocol.registrableDomain(`a.b.${"c".repeat(64)}`)).toBe(`b.${"c".repeat(64)}`);
  expect(protocol.registrableDomain("a.b.co.uk")).toBe("b.co.uk");
});

test("a host of a million dots costs little", () => {
  const started = performance.now();
  expect(protocol.registrableDomain(`${"a.".repeat(500_000)}example.com`)).toBe("example.com");
  expect(performance.now() - started).toBeLessThan(2000);
});
