import { describe, expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import type { Environment } from "../../src/fetching/index.ts";
import type { Header, ProfileName } from "../../src/protocol/index.ts";
import { type Answer, type Asked, FakeNetwork, type Outcome, type Script, pageAt, scripted } from "../fake-network.ts";

const GRANTS: Header[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Allow-Methods", "PUT"],
];
const API = "https://api.example/";
const OTHER = "https://other.example/";
const OWN = "https://page.example/";

const PROFILE_NAMES = ["standard", "chromium", "firefox", "webkit"] as const satisfies readonly ProfileName[];

const AN_HOUR: Header = ["Access-Control-Max-Age", "3600"];

const grant = (...lines: readonly Header[]): Answer => ({
  headers: [...GRANTS, ...(lines.length === 0 ? [AN_HOUR] : lines)],
});
const redirect = (location: string, status = 307): Answer => ({ status, headers: [...GRANTS, ["Location", location]] });

const statusOf = (response: Outcome["response"]): number => (response.type === "error" ? 0 : response.status);

/** Requests one after the other, and what they came to; a number waits so many seconds. */
async function sequence(
  profile: ProfileName,
  script: Script,
  steps: readonly (Asked | number)[],
): Promise<{ readonly network: FakeNetwork; readonly statuses: readonly number[] }> {
  const network = new FakeNetwork(scripted(script), profile);
  const statuses: number[] = [];
  for (const step of steps) {
    if (typeof step === "number") network.now += step * 1000;
    else statuses.push(statusOf((await network.fetch(step)).response));
  }
  return { network, statuses };
}

/** For each request, was there a preflight before it? */
const preflights = (network: FakeNetwork): boolean[] =>
  network.sent.flatMap(({ method }, index) =>
    method === "OPTIONS" ? [] : [network.sent[index - 1]?.method === "OPTIONS"],
  );

const PUT: Asked = { url: API, method: "PUT" };
const FLAGGED: Asked = { url: API, method: "POST", useCorsPreflight: true };

describe("preflights after redirects", () => {
  /** A PUT that a 303 makes a GET. */
  async function seeOther(profile: ProfileName): Promise<{ readonly asked: string[]; readonly explained: string }> {
    const network = new FakeNetwork(
      scripted({
        [`OPTIONS ${API}`]: { headers: GRANTS },
        [`PUT ${API}`]: redirect("/seen", 303),
        [`OPTIONS ${API}seen`]: { status: 405 },
        [`GET ${API}seen`]: { headers: GRANTS },
      }),
      profile,
    );
    const { trace } = await network.fetch({ url: API, method: "PUT" });
    return {
      asked: network.sent.map(({ method, url }) => `${method} ${url.pathname}`),
      explained: JSON.stringify(explain(trace)),
    };
  }

  test.each(["standard", "chromium"] as const)("%s: what a redirect took away needs no preflight", async (profile) => {
    expect((await seeOther(profile)).asked).toEqual(["OPTIONS /", "PUT /", "GET /seen"]);
  });

  test.each(["firefox", "webkit"] as const)(
    "%s: a request that was preflighted is after a redirect, too",
    async (profile) => {
      const { asked, explained } = await seeOther(profile);
      expect(asked).toEqual(["OPTIONS /", "PUT /", "OPTIONS /seen"]);
      expect(explained).toContain("needed a preflight before it was redirected");
    },
  );

  /** What the preflights of a chain ask for; all is granted, and every URL but the last redirects with its status. */
  async function askedNames(
    profile: ProfileName,
    asked: Omit<Asked, "url">,
    ...chain: readonly (readonly [url: string, status: number])[]
  ): Promise<(string | undefined)[]> {
    const granted: Header[] = [...GRANTS, ["Access-Control-Allow-Headers", "authorization, content-type, x-a"]];
    const network = new FakeNetwork(({ method, url }) => {
      const at = chain.findIndex(([one]) => one === url.href);
      const next = chain[at + 1];
      const [, status = 200] = chain[at] ?? [];
      if (method === "OPTIONS" || next === undefined) return { headers: granted };
      return { status, headers: [...granted, ["Location", next[0]]] };
    }, profile);
    await network.fetch({ unsafeRequest: true, ...asked, url: chain[0]?.[0] ?? "" });
    return network.sent.flatMap(({ method, headers }) =>
      method === "OPTIONS" ? [headers.find(([name]) => name === "Access-Control-Request-Headers")?.[1]] : [],
    );
  }

  const JSON_TYPE: Header = ["Content-Type", "application/json"];

  test("Firefox: a redirect takes header names away only until the next one", async () => {
    const chain = [
      [API, 303],
      [`${API}b`, 302],
      [`${API}c`, 200],
    ] as const;
    const typed = { method: "PUT", headers: [JSON_TYPE] };
    expect(await askedNames("firefox", typed, ...chain)).toEqual(["content-type", undefined, "content-type"]);
    expect(await askedNames("webkit", typed, ...chain)).toEqual(["content-type", "content-type", "content-type"]);
    expect(await askedNames("standard", typed, ...chain)).toEqual(["content-type"]);
  });

  test("Firefox: headers that a redirect removed are back after the next one", async () => {
    const headers: Header[] = [["Authorization", "Bearer x"], JSON_TYPE];
    const sent = async (profile: ProfileName, method: string, ...chain: readonly (readonly [string, number])[]) => {
      const script: Script = Object.fromEntries(
        chain.flatMap(([url, status], index): [string, Answer][] => {
          const answer = redirect(chain[index + 1]?.[0] ?? "", status);
          const granted = {
            headers: [...GRANTS, ["Access-Control-Allow-Headers", "authorization, content-type"]] as Header[],
          };
          return [
            [`${method} ${url}`, answer],
            [`GET ${url}`, answer],
            [`OPTIONS ${url}`, granted],
          ];
        }),
      );
      const network = new FakeNetwork(scripted(script), profile);
      await network.fetch({ url: chain[0]?.[0] ?? "", method, headers, unsafeRequest: true });
      const asked = network.sent.filter(({ method: one }) => one !== "OPTIONS");
      return asked.map((one) => headers.map(([name]) => one.headers.some(([key]) => key === name)));
    };
    const put = [
      [API, 303],
      [OTHER, 302],
      [`${OTHER}b`, 302],
      [`${OTHER}c`, 200],
    ] as const;
    expect(await sent("firefox", "PUT", ...put)).toEqual([
      [true, true],
      [false, false],
      [true, true],
      [true, true],
    ]);
    expect(await sent("standard", "PUT", ...put)).toEqual([
      [true, true],
      [false, false],
      [false, false],
      [false, false],
    ]);
    // A 302 takes them from a POST, so also from what a 302 made of it.
    const post = [
      [API, 302],
      [`${API}b`, 307],
      [`${API}c`, 302],
      [`${API}d`, 200],
    ] as const;
    expect(await sent("firefox", "POST", ...post)).toEqual([
      [true, true],
      [true, false],
      [true, true],
      [true, false],
    ]);
  });

  test("Firefox: the type of a Blob is asked for again where an XMLHttpRequest has no other unsafe headers", async () => {
    const chain = [
      [API, 303],
      [`${API}b`, 302],
      [`${API}c`, 200],
    ] as const;
    const uploaded = { method: "POST", headers: [JSON_TYPE], hasTypeOfBody: true };
    expect(await askedNames("firefox", uploaded, ...chain)).toEqual(["content-type", "content-type", "content-type"]);
    const named = { ...uploaded, headers: [["X-A", "1"], JSON_TYPE] as Header[] };
    expect(await askedNames("firefox", named, ...chain)).toEqual(["content-type,x-a", "x-a", "x-a"]);
    // Where an upload listener asked for the preflights, the type did not.
    const flagged = { ...uploaded, useCorsPreflight: true };
    expect(await askedNames("firefox", flagged, ...chain)).toEqual(["content-type", undefined, undefined]);
    // At its own origin nobody asked for anything.
    expect(await askedNames("firefox", uploaded, [OWN, 303], [API, 200])).toEqual([]);
    expect(await askedNames("standard", uploaded, ...chain)).toEqual(["content-type"]);
  });

  test.each(PROFILE_NAMES)(
    "%s: back at the page's own origin, a preflight is checked but in Firefox",
    async (profile) => {
      const silent: Answer = { headers: [["Access-Control-Allow-Methods", "PUT"]] };
      const script = {
        [`OPTIONS ${API}`]: grant(),
        [`PUT ${API}`]: redirect(`${OWN}back`),
        [`OPTIONS ${OWN}back`]: silent,
        [`PUT ${OWN}back`]: grant(),
      };
      const { statuses } = await sequence(profile, script, [PUT]);
      expect(statuses).toEqual([profile === "firefox" ? 200 : 0]);
      // What may be done is asked for all the same.
      const refusing = { ...script, [`OPTIONS ${OWN}back`]: { headers: [] } };
      expect((await sequence(profile, refusing, [PUT])).statuses).toEqual([0]);
    },
  );

  test.each(PROFILE_NAMES)(
    "%s: preflights with a tainted origin are kept, but in Chromium and WebKit",
    async (profile) => {
      const script = {
        [`OPTIONS ${API}`]: grant(),
        [`PUT ${API}`]: redirect(OTHER),
        [`OPTIONS ${OTHER}`]: grant(),
        [`PUT ${OTHER}`]: grant(),
      };
      const { network } = await sequence(profile, script, [PUT, PUT]);
      expect(preflights(network)).toEqual([true, true, false, profile === "chromium" || profile === "webkit"]);
    },
  );

  test("Firefox: what is kept for the page's origin serves redirected requests, too", async () => {
    const script = {
      [`OPTIONS ${API}`]: grant(),
      [`PUT ${API}`]: redirect(OTHER),
      [`OPTIONS ${OTHER}`]: grant(),
      [`PUT ${OTHER}`]: grant(),
    };
    const steps = [{ url: OTHER, method: "PUT" }, PUT];
    expect(preflights((await sequence("firefox", script, steps)).network)).toEqual([true, true, false]);
    expect(preflights((await sequence("standard", script, steps)).network)).toEqual([true, true, true]);
  });
});

describe("cache modes and the preflight cache", () => {
  const script = { [`OPTIONS ${API}`]: grant(), [`PUT ${API}`]: grant() };

  test.each([
    ["standard", { "no-store": false, reload: false, "no-cache": false }],
    ["chromium", { "no-store": true, reload: true, "no-cache": true }],
    ["firefox", { "no-store": true, reload: true, "no-cache": false }],
    ["webkit", { "no-store": false, reload: false, "no-cache": false }],
  ] as const)("%s: which modes go past it", async (profile, expected) => {
    for (const [cacheMode, isPreflighted] of Object.entries(expected)) {
      const steps = [PUT, { ...PUT, cacheMode: cacheMode as keyof typeof expected }, PUT];
      const { network } = await sequence(profile, script, steps);
      expect(preflights(network)).toEqual([true, isPreflighted, false]);
    }
  });

  test.each(PROFILE_NAMES)("%s: all answers are kept, but in Chromium not with no-store", async (profile) => {
    const isKept = async (cacheMode: "no-store" | "reload" | "no-cache"): Promise<boolean> => {
      const { network } = await sequence(profile, script, [{ ...PUT, cacheMode }, PUT]);
      return preflights(network)[1] === false;
    };
    expect(await isKept("no-store")).toBe(profile !== "chromium");
    expect(await isKept("reload")).toBe(true);
    expect(await isKept("no-cache")).toBe(true);
  });

  test.each(PROFILE_NAMES)("%s: which modes preflights tell", async (profile) => {
    const { network } = await sequence(profile, script, [{ ...PUT, cacheMode: "reload" }]);
    const isTold = profile === "chromium" || profile === "firefox";
    expect(network.header("Cache-Control")).toEqual([isTold ? "no-cache" : undefined, "no-cache"]);
  });

  test.each([
    ["chromium", {}, true],
    ["chromium", { initiatorType: "xmlhttprequest" }, true],
    ["chromium", { client: pageAt(OWN, { isWorker: true }) }, false],
    ["firefox", {}, true],
    ["firefox", { initiatorType: "xmlhttprequest" }, false],
    ["firefox", { client: pageAt(OWN, { isWorker: true }) }, true],
    ["standard", {}, false],
  ] as const)("%s: a conditional header's mode counts, too (%j): %s", async (profile, settings, isAskedAgain) => {
    const conditional: Asked = { url: API, headers: [["If-None-Match", '"x"']], ...settings };
    const answer = grant(AN_HOUR, ["Access-Control-Allow-Headers", "if-none-match"]);
    const answers = { [`OPTIONS ${API}`]: answer, [`GET ${API}`]: answer };
    const { network } = await sequence(profile, answers, [conditional, conditional]);
    expect(preflights(network)).toEqual(isAskedAgain ? [true, true] : [true, false]);
  });
});

describe("what a kept answer grants", () => {
  const HINT: Asked = { url: API, headers: [["X-A", "1"]] };
  const allowed: Header = ["Access-Control-Allow-Headers", "x-a"];
  const script = {
    [`OPTIONS ${API}`]: {
      headers: [["Access-Control-Allow-Origin", "*"], AN_HOUR, allowed] as Header[],
    },
    [`GET ${API}`]: grant(),
    [`HEAD ${API}`]: grant(),
    [`POST ${API}`]: grant(),
  };

  test.each(PROFILE_NAMES)("%s: an answer that names no POST grants a flagged one", async (profile) => {
    expect(preflights((await sequence(profile, script, [HINT, FLAGGED])).network)).toEqual([
      true,
      profile === "standard",
    ]);
  });

  test.each(PROFILE_NAMES)("%s: without an answer, a flagged POST is preflighted", async (profile) => {
    expect(preflights((await sequence(profile, script, [FLAGGED])).network)).toEqual([true]);
  });

  test.each(PROFILE_NAMES)("%s: an answer without methods grants HEAD, but in Firefox", async (profile) => {
    const head: Asked = { ...HINT, method: "HEAD" };
    expect(preflights((await sequence(profile, script, [head, head])).network)).toEqual([true, profile === "firefox"]);
  });

  test.each(PROFILE_NAMES)("%s: an answer that has expired grants no POST, but in Firefox", async (profile) => {
    const { network } = await sequence(profile, script, [FLAGGED, 3601, FLAGGED]);
    expect(preflights(network)).toEqual([true, profile !== "firefox"]);
  });

  test.each(PROFILE_NAMES)(
    "%s: an answer without methods grants a flagged PUT in the standard alone",
    async (profile) => {
      const flagged: Asked = { ...PUT, useCorsPreflight: true };
      const { statuses } = await sequence(profile, { ...script, [`PUT ${API}`]: grant() }, [flagged]);
      expect(statuses).toEqual([profile === "standard" ? 200 : 0]);
    },
  );

  test.each(PROFILE_NAMES)("%s: an answer for no time ends what is kept, but in Firefox", async (profile) => {
    let asked = 0;
    const network = new FakeNetwork(({ method }) => {
      if (method !== "OPTIONS") return grant();
      asked++;
      const names = asked === 1 ? "x-a" : "x-a, x-b";
      return grant(["Access-Control-Allow-Headers", names], ["Access-Control-Max-Age", asked === 2 ? "0" : "600"]);
    }, profile);
    const both: Header[] = [
      ["X-A", "1"],
      ["X-B", "1"],
    ];
    for (const headers of [both.slice(0, 1), both, both.slice(0, 1)]) await network.fetch({ url: API, headers });
    expect(preflights(network)).toEqual([true, true, profile !== "firefox"]);
  });
});

describe("failures that clear the preflight cache", () => {
  const good = { [`OPTIONS ${API}`]: grant(), [`PUT ${API}`]: grant() };

  /** Is the second PUT preflighted, after `failing`? */
  async function isCleared(profile: ProfileName, failing: Asked, bad: Answer): Promise<boolean> {
    let count = 0;
    const network = new FakeNetwork((request) => {
      count++;
      return count === 3 ? bad : scripted(good)(request);
    }, profile);
    for (const step of [PUT, failing, PUT]) await network.fetch(step);
    return preflights(network).at(-1) === true;
  }

  test.each(PROFILE_NAMES)("%s: a preflighted request that fails", async (profile) => {
    expect(await isCleared(profile, PUT, {})).toBe(profile === "standard" || profile === "firefox");
  });

  test.each(PROFILE_NAMES)("%s: a request without preflight that fails", async (profile) => {
    expect(await isCleared(profile, { url: API }, {})).toBe(profile === "firefox");
  });

  test.each(PROFILE_NAMES)("%s: a redirect that redirect mode error refuses", async (profile) => {
    expect(await isCleared(profile, { ...PUT, redirectMode: "error" }, redirect(OTHER))).toBe(profile === "standard");
  });
});

describe("redirects", () => {
  test.each(PROFILE_NAMES)("%s: redirect mode error, and no Location", async (profile) => {
    const { statuses } = await sequence(profile, { [`GET ${API}`]: { status: 302, headers: GRANTS } }, [
      { url: API, redirectMode: "error" },
    ]);
    expect(statuses).toEqual([profile === "chromium" || profile === "webkit" ? 302 : 0]);
    const located = { [`GET ${API}`]: redirect(OTHER) };
    expect((await sequence(profile, located, [{ url: API, redirectMode: "error" }])).statuses).toEqual([0]);
  });

  test.each(PROFILE_NAMES)("%s: Origin of a no-cors request", async (profile) => {
    const script = { [`POST ${OWN}`]: redirect(`${OWN}b`), [`POST ${OWN}b`]: redirect(API), [`POST ${API}`]: grant() };
    const { network } = await sequence(profile, script, [{ url: OWN, method: "POST", mode: "no-cors" }]);
    expect(network.header("Origin").slice(0, 2)).toEqual(["https://page.example", "https://page.example"]);
    expect(network.header("Origin")[2]).toBe(profile === "chromium" ? "null" : "https://page.example");
  });

  test.each(PROFILE_NAMES)("%s: credentials for the page's own origin, in mode no-cors", async (profile) => {
    const script = { [`GET ${OWN}`]: redirect(API), [`GET ${API}`]: redirect(`${OWN}b`), [`GET ${OWN}b`]: grant() };
    const included = async (asked: Partial<Asked>): Promise<readonly boolean[]> => {
      const { network } = await sequence(profile, script, [{ url: OWN, mode: "no-cors", ...asked }]);
      return network.sent.map(({ includeCredentials }) => includeCredentials);
    };
    const isKept = profile === "webkit";
    expect(await included({})).toEqual([true, isKept, isKept]);
    expect((await included({ mode: "cors" })).slice(0, 2)).toEqual([true, false]);
    expect(await included({ url: API })).toEqual([false, false]);
    expect(await included({ credentialsMode: "omit" })).toEqual([false, false, false]);
  });

  test.each(PROFILE_NAMES)("%s: Origin of a POST that became a GET", async (profile) => {
    const script = {
      [`POST ${OWN}`]: redirect(`${OWN}b`, 303),
      [`GET ${OWN}b`]: redirect(API),
      [`GET ${API}`]: grant(),
    };
    const { network } = await sequence(profile, script, [{ url: OWN, method: "POST", mode: "no-cors" }]);
    const kept = profile === "webkit" ? "https://page.example" : undefined;
    expect(network.header("Origin")).toEqual(["https://page.example", kept, undefined]);
  });

  test.each(PROFILE_NAMES)("%s: the cache mode's headers at another origin", async (profile) => {
    const script = { [`GET ${OWN}`]: redirect(API), [`GET ${API}`]: redirect("/b"), [`GET ${API}b`]: grant() };
    const own: Asked = { url: OWN, cacheMode: "no-cache", credentialsMode: "omit" };
    const { network } = await sequence(profile, script, [own]);
    const atOther = profile === "webkit" ? undefined : "max-age=0";
    expect(network.header("Cache-Control")).toEqual(["max-age=0", atOther, "max-age=0"]);
    const opaque = await sequence(profile, script, [{ ...own, mode: "no-cors" }]);
    expect(opaque.network.header("Cache-Control")).toEqual(["max-age=0", "max-age=0", "max-age=0"]);
  });

  test.each(PROFILE_NAMES)("%s: client hints of the page", async (profile) => {
    const allowed = grant(["Access-Control-Allow-Headers", "dpr, width, save-data, x-a"]);
    const at = (location: string): Answer => ({
      status: 307,
      headers: [...(allowed.headers ?? []), ["Location", location]],
    });
    const headers: Header[] = [
      ["DPR", "1"],
      ["Save-Data", "on"],
    ];
    const framed = { topLevelOrigin: pageAt(OTHER).origin };
    const hints = async (
      from: string,
      to: string,
      settings?: Partial<Environment>,
    ): Promise<readonly (string | undefined)[]> => {
      const client = pageAt(OWN, settings);
      const network = new FakeNetwork(
        ({ url, method }) => (url.href === from && method === "GET" ? at(to) : allowed),
        profile,
      );
      await network.fetch({ url: from, headers, client });
      expect(new Set(network.sent.filter(({ method }) => method === "GET").map(({ url }) => url.href))).toEqual(
        new Set([from, to]),
      );
      const last = network.sent.at(-1)?.headers ?? [];
      return ["DPR", "Save-Data"].map((name) => last.find(([key]) => key === name)?.[1]);
    };
    const other = profile === "chromium" ? [undefined, "on"] : ["1", "on"];
    expect(await hints(API, `${API}b`)).toEqual(other);
    expect(await hints(OWN, `${OWN}b`, framed)).toEqual(other);
    expect(await hints(OWN, `${OWN}b`, { isWorker: true })).toEqual(other);
    expect(await hints(OWN, `${OWN}b`)).toEqual(["1", "on"]);
  });

  test("WebKit: a redirect that wants credentials allowed fails after the next preflight", async () => {
    const script = {
      [`PUT ${OWN}`]: redirect(API),
      [`OPTIONS ${API}`]: grant(),
      [`PUT ${API}`]: redirect("/b"),
      [`OPTIONS ${API}b`]: grant(),
      [`PUT ${API}b`]: grant(),
    };
    const own: Asked = { url: OWN, method: "PUT" };
    const { network, statuses } = await sequence("webkit", script, [own]);
    expect(statuses).toEqual([0]);
    expect(network.asked()).toEqual([`PUT ${OWN}`, `OPTIONS ${API}`, `PUT ${API}`, `OPTIONS ${API}b`]);
    expect((await sequence("standard", script, [own])).statuses).toEqual([200]);
  });
});

describe("cookies", () => {
  test.each(PROFILE_NAMES)("%s: SameSite after a redirect by another site", async (profile) => {
    const script = { [`GET ${API}`]: redirect(OWN), [`GET ${OWN}`]: grant() };
    const { network } = await sequence(profile, script, [{ url: API, mode: "no-cors", credentialsMode: "include" }]);
    const isForgotten = profile === "chromium" || profile === "webkit";
    expect(network.cookieContexts.at(-1)?.sameSite).toBe(isForgotten ? "strict-or-less" : "unset-or-less");
  });

  test.each(PROFILE_NAMES)(
    "%s: what a frame asks of the page's own site is apart in Chromium and Firefox",
    async (profile) => {
      const network = new FakeNetwork(() => grant(), profile);
      const topLevelOrigin = pageAt(OWN).origin;
      for (const url of [OTHER, "https://www.page.example/"])
        await network.fetch({ url: OWN, credentialsMode: "include", client: pageAt(url, { topLevelOrigin }) });
      expect(network.cookieContexts.map(({ isThirdParty }) => isThirdParty)).toEqual([
        profile === "chromium" || profile === "firefox",
        false,
      ]);
    },
  );
});

test("Firefox: repeated headers are not added up", async () => {
  const headers = Array.from({ length: 9 }, (): Header => ["Accept-Language", "a".repeat(128)]);
  const isPreflighted = async (profile: ProfileName): Promise<boolean> => {
    const network = new FakeNetwork(() => grant(), profile);
    await network.fetch({ url: API, headers });
    return network.sent[0]?.method === "OPTIONS";
  };
  expect(await isPreflighted("standard")).toBe(true);
  expect(await isPreflighted("firefox")).toBe(false);
});

test("WebKit: a kept answer that is not enough is forgotten, also where the next one is refused", async () => {
  const script = {
    [`OPTIONS ${API}`]: grant(AN_HOUR),
    [`PUT ${API}`]: grant(),
  };
  const { network } = await sequence("webkit", script, [PUT, { ...PUT, credentialsMode: "include" }, PUT]);
  expect(network.asked()).toEqual([`OPTIONS ${API}`, `PUT ${API}`, `OPTIONS ${API}`, `OPTIONS ${API}`, `PUT ${API}`]);
});
