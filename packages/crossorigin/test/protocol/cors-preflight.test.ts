import { describe, expect, test } from "vitest";
import {
  type CacheRequest,
  CorsPreflightCache,
  type Header,
  MAX_CACHED_URLS,
  PROFILES,
  type PreflightedRequest,
  type ProfileName,
  corsPreflightRequestHeaders,
  isProfileName,
  judgeCorsPreflightResponse,
  preflightMaxAgeSeconds,
} from "../../src/protocol/index.ts";

const A = "https://a.example";

test("17.04: the preflight asks for sorted lower-case names with commas alone, and for none if there are none", () => {
  expect(
    corsPreflightRequestHeaders("PUT", [
      ["X-b", "1"],
      ["x-a", "1"],
      ["Accept", "a"],
      ["X-A", "2"],
    ]),
  ).toEqual([
    ["Accept", "*/*"],
    ["Access-Control-Request-Method", "PUT"],
    ["Access-Control-Request-Headers", "x-a,x-b"],
  ]);
  expect(corsPreflightRequestHeaders("PUT", [])).toHaveLength(2);
});

describe("judging the answer", () => {
  const base: PreflightedRequest = {
    method: "GET",
    headers: [],
    serializedOrigin: A,
    credentialsMode: "omit",
    useCorsPreflight: false,
  };
  const judge = (
    asked: Partial<PreflightedRequest>,
    headers: Header[],
    status = 204,
    profile: ProfileName = "standard",
  ): string[] => {
    const judgement = judgeCorsPreflightResponse(
      { ...base, ...asked },
      { status, headers: [["Access-Control-Allow-Origin", A], ...headers] },
      PROFILES[profile],
    );
    return judgement.ok ? [] : judgement.defects.map(({ code }) => code);
  };
  const credentials: Header = ["Access-Control-Allow-Credentials", "true"];
  const methods = (value: string): Header => ["Access-Control-Allow-Methods", value];
  const names = (value: string): Header => ["Access-Control-Allow-Headers", value];
  const authorization: Header[] = [["Authorization", "x"]];

  test.each([
    ["a method under the wildcard", { method: "SUPER" }, [methods("*")]],
    ["the method * listed with credentials", { method: "*", credentialsMode: "include" }, [methods("*"), credentials]],
    ["GET although get is listed", {}, [methods("get")]],
    ["a name in another case", { headers: [["X-T", "1"]] }, [names("x-t")]],
    ["any name under the wildcard", { headers: [["X-T", "1"]] }, [names("*")]],
    ["Authorization named beside the wildcard", { headers: authorization }, [names("*, Authorization")]],
    ["a method in a list with gaps", { method: "PUT" }, [methods(", PUT ,,")]],
  ] as [string, Partial<PreflightedRequest>, Header[]][])("grants %s", (_name, asked, headers) =>
    expect(judge(asked, headers)).toEqual([]),
  );

  test.each([
    [
      "a method under the wildcard with credentials",
      { method: "PUT", credentialsMode: "include" },
      [methods("*"), credentials],
      ["cors-preflight/method-not-allowed"],
    ],
    ["a method in another case", { method: "PUT" }, [methods("put")], ["cors-preflight/method-not-allowed"]],
    ["a method that nobody lists", { method: "PUT" }, [], ["cors-preflight/method-not-allowed"]],
    [
      "a name under the wildcard with credentials",
      { headers: [["X-T", "1"]], credentialsMode: "include" },
      [names("*"), credentials],
      ["cors-preflight/header-not-allowed"],
    ],
    [
      "Authorization under the wildcard",
      { headers: authorization },
      [names("*")],
      ["cors-preflight/authorization-not-allowed"],
    ],
    ["a list of names that does not parse", {}, [names("Bad value")], ["cors-preflight/allow-headers-invalid"]],
    [
      "a list of methods that does not parse",
      { method: "PUT" },
      [methods("PUT;")],
      ["cors-preflight/allow-methods-invalid"],
    ],
  ] as [string, Partial<PreflightedRequest>, Header[], string[]][])("refuses %s", (_name, asked, headers, codes) =>
    expect(judge(asked, headers)).toEqual(codes),
  );

  test("names everything that is wrong at once", () => {
    expect(
      judge({ method: "PUT", headers: [["X-A", "1"], ...authorization], credentialsMode: "include" }, [], 404),
    ).toEqual([
      "cors-preflight/status-not-ok",
      "cors-preflight/allow-credentials-missing",
      "cors-preflight/method-not-allowed",
      "cors-preflight/authorization-not-allowed",
      "cors-preflight/header-not-allowed",
    ]);
    expect(judge({}, [], 302)).toEqual(["cors-preflight/redirect"]);
  });

  test("17.11: lets the wildcard cover Authorization where a profile says so, and says that it did", () => {
    const answer = { status: 200, headers: [["Access-Control-Allow-Origin", "*"], names("*")] as Header[] };
    const judged = judgeCorsPreflightResponse({ ...base, headers: authorization }, answer, PROFILES.chromium);
    expect(judged).toMatchObject({ ok: true, authorizationUnderWildcard: true });
    expect(
      judge({ headers: authorization, credentialsMode: "include" }, [names("*"), credentials], 200, "chromium"),
    ).toEqual(["cors-preflight/authorization-not-allowed"]);
  });

  test("17.09: keeps the method of a preflight that was forced", () => {
    const answer = { status: 204, headers: [["Access-Control-Allow-Origin", A]] as Header[] };
    expect(
      judgeCorsPreflightResponse({ ...base, method: "POST", useCorsPreflight: true }, answer, PROFILES.standard),
    ).toMatchObject({ methods: ["POST"] });
    expect(judgeCorsPreflightResponse(base, answer, PROFILES.standard)).toMatchObject({
      methods: [],
      maxAgeSeconds: 5,
    });
  });
});

test.each([
  [[], [5, 5, 5, 5]],
  [[""], [5, 5, 5, 5]],
  [["0"], [0, 0, 0, 0]],
  [["60"], [60, 60, 60, 60]],
  [["100000"], [100_000, 7200, 86_400, 600]],
  [["-1"], [0, 0, 0, 0]],
  [["abc"], [5, 5, 0, 5]],
  [
    ["600", "600"],
    [5, 5, 0, 5],
  ],
  [["+600"], [5, 600, 0, 600]],
  [["99999999999999999999"], [1e20, 5, 86_400, 5]],
])("Access-Control-Max-Age %j is kept for %j seconds by the profiles", (lines, expected) => {
  const headers = lines.map((line): Header => ["Access-Control-Max-Age", line]);
  const profiles = [PROFILES.standard, PROFILES.chromium, PROFILES.firefox, PROFILES.webkit];
  expect(profiles.map((profile) => preflightMaxAgeSeconds(headers, profile))).toEqual(expected);
});

test("profiles have names", () => {
  expect(["standard", "webkit", "netscape", "toString"].map(isProfileName)).toEqual([true, true, false, false]);
});

describe("the preflight cache", () => {
  let now = 0;
  const clock = { now: () => now };
  const at = (path = "/x", part: Partial<CacheRequest> = {}): CacheRequest => ({
    networkPartitionKey: "k",
    serializedOrigin: A,
    currentUrl: new URL(path, "https://b.test"),
    credentialsMode: "omit",
    ...part,
  });
  const created = (profile: ProfileName = "standard"): CorsPreflightCache => {
    now = 0;
    return new CorsPreflightCache(clock, PROFILES[profile]);
  };
  const including = { credentialsMode: "include" } as const;

  test("18.09: keeps methods and names until they expire, and not a moment longer", () => {
    const cache = new CorsPreflightCache(clock);
    now = 0;
    cache.store(at(), ["PUT"], ["X-A"], 10);
    now = 9999;
    expect([
      cache.hasMethodMatch(at(), "PUT"),
      cache.hasMethodMatch(at(), "put"),
      cache.hasHeaderNameMatch(at(), "x-a"),
    ]).toEqual([true, false, true]);
    now = 10_000;
    expect(cache.hasMethodMatch(at(), "PUT")).toBe(false);
    cache.store(at(), ["PUT"], [], 0);
    expect(cache.hasMethodMatch(at(), "PUT")).toBe(false);
  });

  test("18.09: restarts the clock of an entry that is granted again", () => {
    const cache = created();
    cache.store(at(), ["PUT"], [], 10);
    now = 5000;
    cache.store(at(), ["PUT"], [], 10);
    now = 14_000;
    expect(cache.hasMethodMatch(at(), "PUT")).toBe(true);
  });

  test("18.02, 18.03, 18.12: keeps partitions, origins and URLs apart, fragments too", () => {
    const cache = created();
    cache.store(at(), ["PUT"], [], 10);
    for (const other of [
      at("/y"),
      at("/x?1"),
      at("/x#1"),
      at("/x", { networkPartitionKey: "l" }),
      at("/x", { serializedOrigin: "null" }),
    ]) {
      expect(cache.hasMethodMatch(other, "PUT")).toBe(false);
    }
  });

  test("lets an answer with credentials serve requests without, and not the other way round", () => {
    const cache = created();
    cache.store(at("/1", including), ["PUT"], [], 10);
    cache.store(at("/2"), ["PUT"], [], 10);
    expect([cache.hasMethodMatch(at("/1"), "PUT"), cache.hasMethodMatch(at("/2", including), "PUT")]).toEqual([
      true,
      false,
    ]);
    const firefox = created("firefox");
    firefox.store(at("/1", including), ["PUT"], [], 10);
    expect([firefox.hasMethodMatch(at("/1"), "PUT"), firefox.hasMethodMatch(at("/1", including), "PUT")]).toEqual([
      false,
      true,
    ]);
  });

  test("3.28, 18.08: uses the wildcard for requests without credentials, and never for Authorization", () => {
    const cache = created();
    cache.store(at(), ["*"], ["*"], 10);
    cache.store(at("/c", including), ["*"], ["*"], 10);
    expect([
      cache.hasMethodMatch(at(), "PUT"),
      cache.hasHeaderNameMatch(at(), "x-a"),
      cache.hasHeaderNameMatch(at(), "Authorization"),
    ]).toEqual([true, true, false]);
    expect([cache.hasMethodMatch(at("/c", including), "PUT"), cache.hasMethodMatch(at("/c", including), "*")]).toEqual([
      false,
      true,
    ]);
    const webkit = created("webkit");
    webkit.store(at(), [], ["*"], 10);
    expect(webkit.hasHeaderNameMatch(at(), "authorization")).toBe(true);
    const firefox = created("firefox");
    firefox.store(at(), ["*"], [], 10);
    expect(firefox.hasMethodMatch(at(), "PUT")).toBe(false);
  });

  test("18.10, 18.13: forgets one URL, or everything", () => {
    const cache = created();
    cache.store(at("/1"), ["PUT"], [], 10);
    cache.store(at("/2"), ["PUT"], [], 10);
    expect([cache.clear(at("/1")), cache.clear(at("/1")), cache.clear(at("/3"))]).toEqual([true, false, false]);
    expect([cache.hasMethodMatch(at("/1"), "PUT"), cache.hasMethodMatch(at("/2"), "PUT")]).toEqual([false, true]);
    cache.clearAll();
    expect(cache.hasMethodMatch(at("/2"), "PUT")).toBe(false);
  });

  test("leaves out URLs that are too long for a profile", () => {
    const cache = created("chromium");
    const long = at(`/${"a".repeat(1024 - "https://b.test/".length)}`);
    cache.store(long, ["PUT"], [], 10);
    expect(cache.hasMethodMatch(long, "PUT")).toBe(false);
  });

  test("drops the URL that was not used for the longest time", () => {
    const cache = created();
    for (let index = 0; index < MAX_CACHED_URLS; index++) cache.store(at(`/${index}`), ["PUT"], [], 10);
    expect(cache.hasMethodMatch(at("/0"), "PUT")).toBe(true);
    cache.store(at("/new"), ["PUT"], [], 10);
    expect([
      cache.hasMethodMatch(at("/0"), "PUT"),
      cache.hasMethodMatch(at("/1"), "PUT"),
      cache.hasMethodMatch(at("/new"), "PUT"),
    ]).toEqual([true, false, true]);
  });
});
