import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, test } from "vitest";
import { type Outcomes, PROFILE_NAMES, expectation, isEqual, readNotReplayable, replayAll } from "../src/golden.ts";
import { difference, readLists } from "../src/judgement.ts";
import { ENGINES, SCENARIO_FOLDER, type Scenario, readScenarioFiles } from "../src/scenario.ts";

const files = readScenarioFiles();
const scenarios = files.flatMap((file) => file.scenarios);
const ids = new Set(scenarios.map(({ id }) => id));
const { reasons, scenarios: listedByReason } = readNotReplayable();
const { notReplayable: listed, departures } = readLists();

let outcomes: Outcomes = new Map();

beforeAll(async () => {
  outcomes = await replayAll(scenarios);
}, 600_000);

/** Null if the outcome is what it is to be; else what is wrong. */
function differenceOf(scenario: Scenario, profile: (typeof PROFILE_NAMES)[number]): object | null {
  return difference(scenario, profile, outcomes.get(scenario.id)?.[profile], departures);
}

describe("the recorded scenarios", () => {
  test("follow their schema", () => {
    const schema = JSON.parse(readFileSync(join(SCENARIO_FOLDER, "schema.json"), "utf8")) as object;
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
    expect(
      files.filter((file) => !validate(file)).map(({ subject }) => [subject, validate.errors?.slice(0, 5)]),
    ).toEqual([]);
  });

  test("have ids of their own", () => {
    expect(ids.size).toBe(scenarios.length);
  });

  test("have an observation of every engine, once", () => {
    const engines = scenarios.map(({ id, observed }) => [id, observed.flatMap((group) => group.engines).toSorted()]);
    expect(engines.filter(([, names]) => String(names) !== String(ENGINES))).toEqual([]);
  });

  test("say which step of the standard decides where engines differ", () => {
    const undecided = scenarios.filter(({ observed, standard }) => observed.length > 1 && standard === undefined);
    expect(undecided.map(({ id }) => id)).toEqual([]);
  });
});

describe("the lists", () => {
  test("name scenarios that exist, each once", () => {
    expect([...listed.keys(), ...departures.map(({ id }) => id)].filter((id) => !ids.has(id))).toEqual([]);
    expect(listed.size).toBe(Object.values(listedByReason).flat().length);
    expect(new Set(departures.map(({ id, profile }) => `${id} ${profile}`)).size).toBe(departures.length);
    expect(departures.filter(({ id }) => listed.has(id))).toEqual([]);
    expect(Object.keys(listedByReason)).toEqual(Object.keys(reasons));
  });

  test.each([...listed])("%s cannot be replayed yet: %s", (id, reason) => {
    const scenario = scenarios.find((candidate) => candidate.id === id);
    const problems = PROFILE_NAMES.filter((profile) => {
      const outcome = outcomes.get(id)?.[profile];
      if (scenario === undefined || outcome === undefined) return true;
      if (outcome.kind === "failed") return true;
      if (outcome.kind === "not-replayable") return outcome.reason !== reason;
      return isEqual(scenario, outcome.observation, expectation(scenario, profile));
    });
    // In some profile it must fail for the reason that is given, else it need not be on the list.
    expect(problems).not.toEqual(PROFILE_NAMES);
  });
});

describe.each(PROFILE_NAMES)("under the profile %s", (profile) => {
  test.each(files.map(({ subject, scenarios }) => [subject, scenarios] as const))("%s", (_, all) => {
    const replayable = all.filter(({ id }) => !listed.has(id));
    expect(replayable.map((scenario) => differenceOf(scenario, profile)).filter((found) => found !== null)).toEqual([]);
  });
});

test("the count is told", () => {
  const replayable = scenarios.filter(({ id }) => !listed.has(id));
  const lines = PROFILE_NAMES.map((profile) => {
    const differing = replayable.filter((scenario) => differenceOf(scenario, profile) !== null).length;
    const departing = departures.filter((departure) => departure.profile === profile).length;
    const equal = replayable.length - differing - departing;
    return `  ${profile.padEnd(9)} ${equal} equal, ${departing} named departures, ${differing} different`;
  });
  const lists = Object.entries(listedByReason).map(([reason, all]) => `${all.length} ${reason}`);
  console.log(
    [`${scenarios.length} scenarios, ${listed.size} not replayable yet (${lists.join(", ")})`, ...lines].join("\n"),
  );
  const unavailable = replayable.filter(({ id }) => outcomes.get(id)?.standard.kind === "not-replayable");
  if (unavailable.length > 0)
    console.warn(`Not run, as this machine lacks what they need: ${unavailable.map(({ id }) => id).join(", ")}`);
  expect(scenarios.length).toBeGreaterThan(700);
});
