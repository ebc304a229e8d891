import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { labelledCommentsOf, readLabelledComments } from "./deviations/labelled-comments.ts";
import { PAGE, deviationsPage } from "./deviations/page.ts";

test("the page of deviations is what the comments say; `npm run deviations` writes it", () => {
  expect(readFileSync(PAGE, "utf8")).toBe(deviationsPage(readLabelledComments()));
});

test("a labelled comment ends with its paragraph, before a tag, and at the next label", () => {
  const source = [
    "/**",
    " * Does it. Choice: one",
    " * way of two. Attack: endless input.",
    " *",
    " * Deviation: not as it says.",
    " * @see https://fetch.spec.whatwg.org/#concept-fetch",
    " */",
    "const a = 1; // Choice: a number",
    "// Not applicable: step 1,",
    "// and 2.",
    'const url = "https://a.example/"; // plain',
    "/** Attack: lines. @see https://a.example/ */",
    "/** Deviation: another. */",
  ].join("\n");
  expect(labelledCommentsOf("a.ts", source).map(({ label, text }) => `${label}: ${text}`)).toEqual([
    "Choice: one way of two.",
    "Attack: endless input.",
    "Deviation: not as it says.",
    "Choice: a number",
    "Not applicable: step 1, and 2.",
    "Attack: lines.",
    "Deviation: another.",
  ]);
});
