import { describe, expect, test } from "vitest";
import { PolicyError, createPolicy, decide } from "../../src/index.ts";
import type { Decision, DecisionRequest } from "../../src/index.ts";
import {
  type DynamicPolicyConfig,
  type OriginLookup,
  LivePolicy,
  createDynamicPolicy,
  failedDecision,
} from "../../src/policy/index.ts";

const APP = "https://app.example";
const get = (origin?: string): DecisionRequest => ({ method: "GET", headers: { origin } });
const preflight: DecisionRequest = {
  method: "OPTIONS",
  headers: { origin: APP, "access-control-request-method": "PUT" },
};

function isApp(origin: string): boolean {
  return origin === APP;
}

function decideNow(config: DynamicPolicyConfig, request: DecisionRequest): Decision {
  const decision = createDynamicPolicy(config).decide(request);
  if (decision instanceof Promise) throw new Error("It is late.");
  return decision;
}

describe("a policy whose origins a function knows", () => {
  test("answers at once if the function does", () => {
    const config: DynamicPolicyConfig = { origins: isApp, credentials: true, methods: ["PUT"] };
    expect(decideNow(config, get(APP))).toMatchObject({
      granted: true,
      headers: [
        { name: "Access-Control-Allow-Origin", value: APP },
        { name: "Access-Control-Allow-Credentials", value: "true" },
      ],
      vary: "Origin",
    });
    expect(decideNow(config, get("https://other.example"))).toMatchObject({ granted: false, vary: "Origin" });
    expect(decideNow(config, get())).toMatchObject({ kind: "not-cors", vary: "Origin" });
    expect(decideNow(config, preflight)).toMatchObject({ kind: "preflight", granted: true, status: 204 });
  });

  test("answers late if the function does, query builders included", async () => {
    const late: OriginLookup = (origin) => Promise.resolve(isApp(origin));
    // oxlint-disable-next-line unicorn/no-thenable
    const builder: OriginLookup = () => ({ then: (resolve) => Promise.resolve(true).then(resolve) });
    for (const origins of [late, builder]) {
      expect(await createDynamicPolicy({ origins }).decide(get(APP))).toMatchObject({ granted: true });
    }
  });

  test("withholds the grant if the function fails, and says why", async () => {
    const failures: unknown[] = [];
    const failing: OriginLookup[] = [
      () => {
        throw new Error("no database");
      },
      () => Promise.reject(new Error("no database")),
      (() => "yes") as unknown as OriginLookup,
      (() => Promise.resolve(1)) as unknown as OriginLookup,
    ];
    for (const origins of failing) {
      const policy = createDynamicPolicy({ origins });
      const note = (error: unknown): number => failures.push(error);
      expect(await policy.decide(get(APP), {}, note)).toMatchObject({
        kind: "actual",
        granted: false,
        code: "decision/lookup-failed",
        status: null,
        headers: [],
        vary: "Origin",
      });
      expect(await policy.decide(preflight, {}, note)).toMatchObject({
        kind: "preflight",
        granted: false,
        status: 503,
      });
      expect(await policy.decide(preflight)).toMatchObject({ granted: false });
    }
    expect(failures.map(String).toSorted()).toEqual([
      ...Array<string>(4).fill("Error: no database"),
      ...Array<string>(2).fill("TypeError: origins: the function has to answer true or false, not number."),
      ...Array<string>(2).fill("TypeError: origins: the function has to answer true or false, not string."),
    ]);
  });

  test("asks for origins only, and grants nothing dangerous by accident", () => {
    const asked: string[] = [];
    const origins = (origin: string): boolean => asked.push(origin) > 0;
    for (const origin of ["null", `${APP}, ${APP}`, "x".repeat(600), `${APP}/`, "http://app.example", ""])
      expect(decideNow({ origins, credentials: true }, get(origin)).granted).toBe(false);
    expect(asked).toEqual([]);
    expect(decideNow({ origins }, get("http://app.example")).granted).toBe(true);
    expect(decideNow({ origins, dangerouslyAllowNullOrigin: true }, get("null")).granted).toBe(true);
    expect(
      decideNow({ origins, credentials: true, dangerouslyAllowInsecureOrigins: true }, get("http://app.example"))
        .granted,
    ).toBe(true);
  });

  test("is of no kind of its own where nothing could be decided", () => {
    expect(failedDecision(get())).toMatchObject({ kind: "not-cors", status: null, vary: "Origin" });
    expect(failedDecision(get(APP))).toMatchObject({ kind: "actual", status: null });
    expect(failedDecision({ ...get(APP), method: "OPTIONS" })).toMatchObject({ kind: "actual", status: null });
    expect(failedDecision(preflight)).toMatchObject({ kind: "preflight", status: 503 });
  });

  test("is refused as any policy is", () => {
    for (const config of [
      { origins: [APP] },
      { origins: isApp, methods: ["a b"] },
      { origins: isApp, dangerouslyReflectAnyOrigin: true },
      { origins: isApp, dangerouslyAllowPublicSuffixWildcards: true },
    ])
      expect(() => createDynamicPolicy(config as never)).toThrow(PolicyError);
  });
});

test("a live policy is replaced as a whole, or not at all", () => {
  const live = new LivePolicy({ origins: [APP] });
  const first = live.current;
  expect(() => live.replace({ origins: ["nonsense"] })).toThrow(PolicyError);
  expect(live.current).toBe(first);
  const second = createPolicy({ origins: "*" });
  live.replace(second);
  expect(live.current).toBe(second);
  const third = createDynamicPolicy({ origins: isApp });
  live.replace(third);
  expect(live.current).toBe(third);
});

test("what everything inherits from a polluted prototype is no field of a policy", () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  polluted["credentials"] = true;
  polluted["dangerouslyAllowInsecureOrigins"] = true;
  try {
    const decision = createDynamicPolicy({ origins: () => true }).decide(get(APP));
    expect(decision).toMatchObject({ headers: [{ name: "Access-Control-Allow-Origin", value: APP }] });
    const strict = createDynamicPolicy({ origins: () => true, credentials: true });
    expect(strict.decide(get("http://app.example"))).toMatchObject({ granted: false });
  } finally {
    delete polluted["credentials"];
    delete polluted["dangerouslyAllowInsecureOrigins"];
  }
});

test("a host with a comma is none, as two origins joined have one", () => {
  const comma = "https://a,b.app.example";
  expect(createDynamicPolicy({ origins: () => true }).decide(get(comma))).toMatchObject({ granted: false });
  for (const config of [
    { origins: ["https://*.app.example"] },
    { origins: "*", credentials: true, dangerouslyReflectAnyOrigin: true },
  ] as const)
    expect(decide(createPolicy(config), get(comma)).granted).toBe(false);
});

test("a failed look-up keeps the lines of every response", async () => {
  const policy = createDynamicPolicy({
    origins: () => Promise.reject(new Error("down")),
    crossOriginResourcePolicy: "same-origin",
  });
  expect(await policy.decide(get(APP))).toMatchObject({
    headers: [{ name: "Cross-Origin-Resource-Policy", value: "same-origin" }],
  });
  expect(await policy.decide(preflight)).toMatchObject({ headers: [] });
});
