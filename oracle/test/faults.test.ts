import { describe, expect, test } from "vitest";
import { readFaults } from "../src/faults/fault.ts";
import { ALGORITHMS, replaced } from "../src/sources.ts";

const faults = readFaults();

describe("the deliberate faults", () => {
  test("have ids of their own, and are in the algorithms", () => {
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
    const elsewhere = faults.filter(({ file }) => !ALGORITHMS.some((folder) => file.startsWith(`${folder}/`)));
    expect(elsewhere).toEqual([]);
  });

  // Whether a scenario notices them is asked with `npm run oracle -- --faults`, which takes minutes.
  test.each(faults)("$id still has a place: its text occurs once", (fault) => {
    expect(replaced(fault)).toContain(fault.replacement);
    expect(fault.replacement).not.toBe(fault.text);
  });
});

test("a text that does not occur exactly once is refused", () => {
  const file = "oracle/src/sources.ts";
  expect(() => replaced({ file, text: "nowhere to be found".repeat(2), replacement: "" })).toThrow(/occurs 0 times/);
  expect(() => replaced({ file, text: "import", replacement: "" })).toThrow(/times in oracle\/src\/sources\.ts/);
});
