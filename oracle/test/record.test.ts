import { expect, test } from "vitest";
import { lacks, withObservation } from "../src/live/record.ts";
import type { Observation, Scenario } from "../src/scenario.ts";

const observation = (status: number): Observation => ({ server: [{ request: "GET {A}r" }], script: [{ status }] });

function scenario(observed: Scenario["observed"]): Scenario {
  return { id: "a", name: "a", steps: [{ fetch: "{A}r" }], observed };
}

test("an engine that did the same is named beside the others", () => {
  const given = scenario([{ engines: ["chromium"], ...observation(200) }]);
  expect(lacks(given, "firefox")).toBe(true);
  expect(withObservation(given, "firefox", observation(200))).toEqual([
    { engines: ["chromium", "firefox"], ...observation(200) },
  ]);
});

test("an engine that did otherwise gets an entry of its own", () => {
  const given = scenario([{ engines: ["chromium", "firefox"], ...observation(200) }]);
  const observed = withObservation(given, "webkit", observation(0));
  expect(observed).toEqual([
    { engines: ["chromium", "firefox"], ...observation(200) },
    { engines: ["webkit"], ...observation(0) },
  ]);
  expect(lacks(scenario(observed), "webkit")).toBe(false);
});
