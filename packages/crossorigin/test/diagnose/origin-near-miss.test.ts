import { expect, test } from "vitest";
import { originNearMiss } from "../../src/diagnose/origin-near-miss.ts";

const PAGE = "https://page.example";

test.each([
  ["", PAGE, /empty/],
  ["null", PAGE, /refuses nobody/],
  [`${PAGE}, ${PAGE}`, PAGE, /came twice/],
  [`${PAGE},https://other.example`, PAGE, /Lists/],
  [`${PAGE} https://other.example`, PAGE, /Several origins/],
  [`"${PAGE}"`, PAGE, /quotation marks/],
  ["https://*.example", PAGE, /Patterns/],
  ["/page\\.example$/", PAGE, /regular expression/],
  ["undefined", PAGE, /template/],
  ["${ORIGIN}", PAGE, /template/],
  ["page.example", PAGE, /scheme is missing/],
  [`${PAGE}/`, PAGE, /slash/],
  [`${PAGE}/app`, PAGE, /whole URL/],
  ["https://user@page.example", PAGE, /user name/],
  ["https://PAGE.example", PAGE, /upper-case/],
  [`${PAGE}:443`, PAGE, /default port/],
  [`${PAGE}:443/`, PAGE, /default port/],
  ["https://pagé.example", "https://xn--pag-dma.example", /spelled otherwise/],
  ["http://page.example", PAGE, /Only the scheme/],
  [`${PAGE}:8443`, PAGE, /Only the port/],
  [`${PAGE}.`, PAGE, /dot at the end/],
  ["https://www.page.example", PAGE, /www\./],
  ["https://api.page.example", "https://shop.page.example", /same site/],
  ["https://other.example", "null", /Origin: null/],
])("explains how %j misses %j", (received, expected, sentence) => {
  expect(originNearMiss(received, expected)).toMatch(sentence);
});

test.each([
  ["https://other.test", PAGE],
  ["other.test", PAGE],
  ["https://", PAGE],
  ["data:x://y", PAGE],
])("has nothing to say on how %j misses %j", (received, expected) => {
  expect(originNearMiss(received, expected)).toBeNull();
});

test("looks at the beginning of a very long value only", () => {
  const started = performance.now();
  originNearMiss(`https://${"a,".repeat(1_000_000)}`, PAGE);
  expect(performance.now() - started).toBeLessThan(1000);
});
