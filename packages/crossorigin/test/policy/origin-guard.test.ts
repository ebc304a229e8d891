import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PolicyConfig, PolicyError, createPolicy } from "../../src/index.ts";
import {
  type DynamicPolicyConfig,
  type GuardDecision,
  type GuardOptions,
  type GuardRequest,
  OriginGuard,
  createDynamicPolicy,
} from "../../src/policy/index.ts";

const APP = "https://app.example";
const SELF = "https://api.example";
const HOST = "api.example";
const LISTED: PolicyConfig = { origins: [APP, "https://*.tenant.example"] };

type Lines = GuardRequest["headers"];

function decide(request: GuardRequest, config: PolicyConfig | null = LISTED, options?: GuardOptions): GuardDecision {
  const decision = new OriginGuard(options).decide(config && createPolicy(config), request);
  if (decision instanceof Promise) throw new Error("It is late.");
  return decision;
}

const post = (headers: Lines): GuardRequest => ({ method: "POST", headers: { host: HOST, ...headers } });
const handshake = (headers: Lines): GuardRequest => ({
  method: "GET",
  headers: { host: HOST, upgrade: "websocket", ...headers },
});
const crossSite = (origin: string): Lines => ({ "sec-fetch-site": "cross-site", origin });

describe("a request that only reads", () => {
  test.each(["GET", "HEAD", "OPTIONS"])("passes, whoever sends it: %s", (method) => {
    const decision = decide({ method, headers: crossSite("https://evil.test") });
    expect(decision).toEqual({ passes: true, code: "guard/safe-method", status: null });
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "get", "TRACE", "CONNECT", "QUERY", undefined])(
    "is not %s",
    (method) => {
      expect(decide({ method, headers: crossSite("https://evil.test") })).toMatchObject({ passes: false, status: 403 });
    },
  );

  test.each(["websocket", "WebSocket", "h2c, websocket", ["h2c", "websocket"], "x".repeat(65)])(
    "is not one with Upgrade: %s",
    (upgrade) => {
      const decision = decide(handshake({ ...crossSite("https://evil.test"), upgrade }));
      expect(decision.code).toBe("guard/origin-not-granted");
    },
  );

  test("may ask for HTTP/2", () => {
    expect(decide(handshake({ upgrade: "h2c" })).code).toBe("guard/safe-method");
  });

  test("does not exist where everything is a handshake", () => {
    const guard = new OriginGuard({}, false);
    const request = { method: "GET", headers: crossSite("https://evil.test") };
    expect(guard.decide(null, request)).toMatchObject({ code: "guard/origin-not-granted" });
  });
});

describe.each([
  ["a request that changes something", post],
  ["a handshake", handshake],
])("%s", (_name, request) => {
  test.each<[string, Lines, GuardDecision["code"]]>([
    ["from the same origin", { "sec-fetch-site": "same-origin", origin: SELF }, "guard/same-origin"],
    ["from the user", { "sec-fetch-site": "none" }, "guard/user-initiated"],
    ["from no browser", {}, "guard/no-origin"],
    ["from no browser, with no line", { origin: [], "sec-fetch-site": null }, "guard/no-origin"],
    ["from a page of the same host", { origin: SELF }, "guard/own-origin"],
    ["from a page of the same host, which came over http", { origin: `http://${HOST}` }, "guard/own-origin"],
    ["of HTTP/2", { origin: SELF, host: undefined, ":authority": HOST }, "guard/own-origin"],
    ["from a page of the same host and port", { origin: `${SELF}:8443`, host: `${HOST}:8443` }, "guard/own-origin"],
    ["from a listed origin", crossSite(APP), "guard/origin-granted"],
    ["from a listed origin, said by an older browser", { origin: APP }, "guard/origin-granted"],
    ["from a listed origin of the same site", { "sec-fetch-site": "same-site", origin: APP }, "guard/origin-granted"],
    ["from an origin under a wildcard", crossSite("https://a.tenant.example"), "guard/origin-granted"],
  ])("%s passes", (_case, lines, code) => {
    expect(decide(request(lines))).toEqual({ passes: true, code, status: null });
  });

  test.each<[string, Lines, GuardDecision["code"]]>([
    ["from another origin", crossSite("https://evil.test"), "guard/origin-not-granted"],
    ["from another origin, said by an older browser", { origin: "https://evil.test" }, "guard/origin-not-granted"],
    [
      "from another origin of the same site",
      { "sec-fetch-site": "same-site", origin: "https://blog.example" },
      "guard/origin-not-granted",
    ],
    ["from another port", { origin: `${SELF}:8443` }, "guard/origin-not-granted"],
    ["from an app whose scheme is its own", { origin: `capacitor://${HOST}` }, "guard/origin-not-granted"],
    ["from a host that ends alike", { origin: `https://not${HOST}` }, "guard/origin-not-granted"],
    ["from a host in capitals", { origin: "https://API.example" }, "guard/origin-not-granted"],
    ["without a host", { origin: SELF, host: undefined }, "guard/origin-not-granted"],
    ["with an empty host", { origin: "https://", host: "" }, "guard/origin-not-granted"],
    ["with an empty Origin", { origin: "" }, "guard/origin-not-granted"],
    ["from the origin null", crossSite("null"), "guard/origin-null"],
    ["from the origin null, said by an older browser", { origin: "null" }, "guard/origin-null"],
    ["across sites, and without Origin", { "sec-fetch-site": "cross-site" }, "guard/origin-missing"],
    ["with a word that no browser says", { "sec-fetch-site": "Same-Origin" }, "guard/origin-missing"],
    ["with an empty word", { "sec-fetch-site": "" }, "guard/origin-missing"],
    ["with two words", { "sec-fetch-site": "same-origin, cross-site" }, "guard/origin-missing"],
    ["with two lines of Origin", { origin: `${APP}, ${APP}` }, "guard/origin-multiple"],
    ["with two lines of Origin, apart", { origin: [APP, "https://evil.test"] }, "guard/origin-multiple"],
    [
      "with two lines of Origin, the browser's word notwithstanding",
      { "sec-fetch-site": "same-origin", origin: `${SELF}, ${SELF}` },
      "guard/origin-multiple",
    ],
    ["with an endless Origin", { origin: `https://${"a".repeat(100_000)}.tenant.example` }, "guard/origin-not-granted"],
  ])("%s is refused", (_case, lines, code) => {
    expect(decide(request(lines))).toEqual({ passes: false, code, status: 403 });
  });
});

describe("a policy for any origin is no licence to write", () => {
  const open: PolicyConfig[] = [
    { origins: "*" },
    { origins: "*", dangerouslyAllowNullOrigin: true },
    { origins: "*", credentials: true, dangerouslyReflectAnyOrigin: true },
    { origins: "*", credentials: true, dangerouslyReflectAnyOrigin: true, dangerouslyAllowNullOrigin: true },
  ];

  test.each(open)("%o", (config) => {
    for (const origin of [APP, "null"])
      expect(decide(post(crossSite(origin)), config).code).toBe("guard/any-origin-not-trusted");
    expect(decide(post({ origin: SELF }), config).code).toBe("guard/own-origin");
  });
});

test("the origin null passes where a list has the danger", () => {
  expect(decide(post(crossSite("null")), { origins: [APP], dangerouslyAllowNullOrigin: true }).code).toBe(
    "guard/origin-granted",
  );
});

test("without a policy own pages pass, and nobody else's", () => {
  expect(decide(post({ origin: SELF }), null).code).toBe("guard/own-origin");
  expect(decide(post(crossSite(APP)), null).code).toBe("guard/origin-not-granted");
  expect(decide(post(crossSite("null")), null).code).toBe("guard/origin-null");
});

describe("ownOrigins", () => {
  const options: GuardOptions = { ownOrigins: [SELF, "http://localhost:3000"] };

  test("are compared whole, whatever Host says", () => {
    const code = (lines: Lines): string => decide(post(lines), LISTED, options).code;
    expect(code({ origin: SELF, host: "10.0.0.7:3000" })).toBe("guard/own-origin");
    expect(code({ origin: "http://localhost:3000" })).toBe("guard/own-origin");
    expect(code({ origin: `http://${HOST}` })).toBe("guard/origin-not-granted");
    expect(code({ origin: "http://rebound.test", host: "rebound.test" })).toBe("guard/origin-not-granted");
    expect(code({ origin: "x".repeat(100_000) })).toBe("guard/origin-not-granted");
    expect(code({ origin: APP })).toBe("guard/origin-granted");
  });

  test("do not overrule the browser, which says that it is another origin", () => {
    const decision = decide(post(crossSite("http://localhost:3000")), LISTED, options);
    expect(decision.code).toBe("guard/origin-not-granted");
  });

  test("may be none", () => {
    expect(decide(post({ origin: SELF }), LISTED, { ownOrigins: [] }).code).toBe("guard/origin-not-granted");
  });

  test("are refused all at once where they are no origins", () => {
    const wrong: unknown = { ownOrigins: [`${SELF}/`, "https://*.api.example", 7, "https://api.example:*", "null"] };
    expect(issuesOf(wrong)).toEqual([
      ["policy/origin-trailing-slash", "ownOrigins", 0],
      ["policy/origin-invalid", "ownOrigins", 1],
      ["policy/wrong-type", "ownOrigins", 2],
      ["policy/origin-invalid", "ownOrigins", 3],
      ["policy/origin-null", "ownOrigins", 4],
    ]);
    expect(issuesOf({ ownOrigins: SELF, requireOrigin: "no" })).toEqual([
      ["policy/wrong-type", "ownOrigins"],
      ["policy/wrong-type", "requireOrigin"],
    ]);
  });
});

function issuesOf(options: unknown): unknown[] {
  try {
    return [new OriginGuard(options as GuardOptions)];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ code, path }) => [code, ...path]);
  }
}

test("requireOrigin refuses what says nothing of where it comes from", () => {
  const options: GuardOptions = { requireOrigin: true };
  expect(decide(post({}), LISTED, options)).toEqual({ passes: false, code: "guard/origin-missing", status: 403 });
  expect(decide(post({ "sec-fetch-site": "same-origin" }), LISTED, options).passes).toBe(true);
  expect(decide({ method: "GET", headers: {} }, LISTED, options).passes).toBe(true);
});

describe("a policy whose origins a function knows", () => {
  const ask = (
    origins: DynamicPolicyConfig["origins"],
    request: GuardRequest,
    failures: unknown[] = [],
  ): GuardDecision | Promise<GuardDecision> =>
    new OriginGuard().decide(createDynamicPolicy({ origins }), request, (error) => failures.push(error));
  const isApp = (origin: string): boolean => origin === APP;

  test("is asked at once if the function answers at once", () => {
    expect(ask(isApp, post(crossSite(APP)))).toMatchObject({ code: "guard/origin-granted" });
    expect(ask(isApp, handshake(crossSite("https://evil.test")))).toMatchObject({ code: "guard/origin-not-granted" });
    expect(ask(() => true, post(crossSite("null")))).toMatchObject({ code: "guard/origin-null" });
  });

  test("is waited for", async () => {
    const late = (origin: string): Promise<boolean> => Promise.resolve(isApp(origin));
    expect(await ask(late, handshake(crossSite(APP)))).toMatchObject({ code: "guard/origin-granted" });
    expect(await ask(late, post(crossSite("https://evil.test")))).toMatchObject({ code: "guard/origin-not-granted" });
  });

  test("lets nothing pass if the function fails", async () => {
    const failures: unknown[] = [];
    const failed = { passes: false, code: "guard/lookup-failed", status: 503 };
    const down = new Error("down");
    expect(await ask(() => Promise.reject(down), post(crossSite(APP)), failures)).toEqual(failed);
    expect(await ask((() => "yes") as never, post(crossSite(APP)), failures)).toEqual(failed);
    expect(failures).toEqual([down, expect.any(TypeError)]);
  });

  test("is not asked on own pages, reads and what is no origin", () => {
    const asked = (): boolean => expect.unreachable();
    expect(ask(asked, post({ origin: SELF }))).toMatchObject({ passes: true });
    expect(ask(asked, { method: "GET", headers: crossSite(APP) })).toMatchObject({ passes: true });
    expect(ask(asked, post(crossSite("https://APP.example")))).toMatchObject({ passes: false });
  });
});

test("whatever a page does, only what the browser says of it counts", () => {
  // What a browser sends of a page, after Fetch and Fetch Metadata; a page chooses method, mode and referrer policy only.
  const origins = fc.constantFrom(SELF, APP, `http://${HOST}`, "https://evil.test", "https://blog.example", "null");
  fc.assert(
    fc.property(origins, fc.boolean(), fc.boolean(), fc.constantFrom(post, handshake), (page, isTold, hides, make) => {
      const origin = hides ? "null" : page;
      const site = page === SELF ? "same-origin" : page === "https://blog.example" ? "same-site" : "cross-site";
      const { passes } = decide(make({ origin, ...(isTold ? { "sec-fetch-site": site } : {}) }), LISTED, {
        ownOrigins: [SELF],
      });
      expect(passes).toBe(page === SELF ? isTold || !hides : page === APP && !hides);
    }),
  );
});

test("a decision cannot be changed", () => {
  expect(Object.isFrozen(decide(post({})))).toBe(true);
  expect(Object.isFrozen(decide(post(crossSite("null"))))).toBe(true);
});
