import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DIFFERENCES_PAGE, differencesPage } from "../src/differences.ts";
import { readResults } from "../src/live/results.ts";
import { ENGINES, readScenarioFiles } from "../src/scenario.ts";

const ids = readScenarioFiles().flatMap(({ scenarios }) => scenarios.map(({ id }) => id));

test("the page of differences is what the results say; `npm run oracle -- --page` writes it", () => {
  const page = existsSync(DIFFERENCES_PAGE) ? readFileSync(DIFFERENCES_PAGE, "utf8") : "";
  expect(page).toBe(differencesPage());
});

test("there are results of every engine", () => {
  expect(new Set(readResults().map(({ engine }) => engine))).toEqual(new Set(ENGINES));
});

test.each(readResults().map((results) => [`${results.engine} ${results.version}`, results] as const))(
  "the results of %s have every scenario, once",
  (_, { asRecorded, unstable, otherwise, notRun }) => {
    const all = [...asRecorded, ...unstable, ...Object.keys(otherwise), ...notRun];
    expect(all.toSorted()).toEqual(ids.toSorted());
  },
);
