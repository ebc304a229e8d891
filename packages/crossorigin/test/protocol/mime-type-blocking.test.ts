import { describe, expect, test } from "vitest";
import * as protocol from "../../src/protocol/index.ts";

const typed = (...values: string[]): protocol.Header[] => values.map((value) => ["content-type", value]);
const NOSNIFF = ["X-Content-Type-Options", "nosniff"] as const;

describe("20.01: the MIME type", () => {
  test.each(["audio/mpeg", "IMAGE/png", "video/mp4; x=y", "text/csv;charset=utf-8"])("%s is no script", (type) => {
    for (const destination of [
      "script",
      "worker",
      "sharedworker",
      "serviceworker",
      "audioworklet",
      "paintworklet",
    ] as const)
      expect(protocol.isBlockedDueToItsMimeType(destination, typed(type))).toBe(true);
    for (const destination of ["", "image", "style", "document", "font"] as const)
      expect(protocol.isBlockedDueToItsMimeType(destination, typed(type))).toBe(false);
  });

  test.each(["text/html", "text/csvx", "application/json", "imagex/png", "nonsense", "*/*", ""])(
    "%j may be a script",
    (type) => {
      expect(protocol.isBlockedDueToItsMimeType("script", typed(type))).toBe(false);
    },
  );

  test("that counts is the last that parses and is not */*", () => {
    expect(protocol.extractMimeTypeEssence(typed("text/html", "image/png"))).toBe("image/png");
    expect(protocol.extractMimeTypeEssence(typed("image/png, nonsense", "*/*"))).toBe("image/png");
    expect(protocol.extractMimeTypeEssence([])).toBeNull();
    expect(protocol.isBlockedDueToItsMimeType("script", [])).toBe(false);
  });
});

describe("20.02: nosniff", () => {
  test.each([
    ["nosniff", true],
    ["NOSNIFF", true],
    ["nosniff, x", true],
    ["x, nosniff", false],
    ['"nosniff"', false],
    ["nosniff;x", false],
    [",nosniff", false],
    ["", false],
  ])("is said by X-Content-Type-Options: %s? %s", (value, expected) => {
    expect(protocol.determineNosniff([["x-content-type-options", value]])).toBe(expected);
  });

  test.each([
    ["script", "text/javascript", false],
    ["script", "application/x-ecmascript; charset=x", false],
    ["worker", "text/livescript", false],
    ["script", "text/javascript1.5", false],
    ["script", "text/javascript1.6", true],
    ["script", "text/plain", true],
    ["worker", "application/json", true],
    ["style", "text/css", false],
    ["style", "text/plain", true],
    ["image", "text/plain", false],
    ["", "text/plain", false],
  ] as const)("of a %s with %s blocks? %s", (destination, type, expected) => {
    expect(protocol.isBlockedDueToNosniff(destination, [NOSNIFF, ...typed(type)])).toBe(expected);
    expect(protocol.isBlockedDueToNosniff(destination, typed(type))).toBe(false);
  });

  test("blocks scripts and style sheets without a type", () => {
    expect(protocol.isBlockedDueToNosniff("script", [NOSNIFF])).toBe(true);
    expect(protocol.isBlockedDueToNosniff("style", [NOSNIFF])).toBe(true);
    expect(protocol.isBlockedDueToNosniff("font", [NOSNIFF])).toBe(false);
  });
});
