import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { problemsOf, readNamingTests, readSections } from "./conformance/checklist.ts";
import { PAGE, conformancePage } from "./conformance/page.ts";

const [sections, tests] = [readSections(), readNamingTests()];

test("every item of the checklist has its files and a test that names it, or a reason why not", () => {
  expect(problemsOf(sections, tests)).toEqual([]);
});

test("the page of conformance is what the checklist and the tests say; `npm run conformance` writes it", () => {
  expect(readFileSync(PAGE, "utf8")).toBe(conformancePage(sections, tests));
});

test("an item without file or test, a file that is gone and a number that is none are told", () => {
  const item = { number: "1.01", level: "MUST", item: "Environment", sources: [], files: ["gone.ts"] } as const;
  const section = { number: 1, title: "State", items: [item, { ...item, number: "1.02", files: [] }] };
  const naming = { file: "a.test.ts", title: "is so", numbers: ["1.02", "9.99"] };
  expect(problemsOf([section], [naming])).toEqual([
    "a.test.ts names 9.99, which is no item: is so",
    "1.01 (Environment): there is no gone.ts.",
    "1.01 (Environment): no test names it.",
    "1.02 (Environment): no file is named.",
  ]);
  const undone = { ...section, items: [{ ...item, files: [], undone: "No need." }] };
  expect(problemsOf([undone], [{ ...naming, numbers: ["1.01"] }])).toEqual([
    "1.01 (Environment) is undone, and a test names it.",
  ]);
});
