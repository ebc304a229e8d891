import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeFromWire } from "../../src/diagnose/index.ts";

test("leaves printable ASCII as it is", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => escapeFromWire(text) === text.slice(0, 500)));
});

test("lets nothing but printable ASCII through", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => /^[\x20-\x7e]*$/.test(escapeFromWire(text))));
});

test("writes bytes and other characters so that they can be told apart", () => {
  expect(escapeFromWire("a\x1b\n\xff\u202e\u{1f600}")).toBe("a\\x1b\\x0a\\xff\\u{202e}\\u{1f600}");
});

test("cuts long texts and says how long they were", () => {
  expect(escapeFromWire("x".repeat(10), 3)).toBe("xxx… (10 characters)");
});
