import { describe, expect, test } from "vitest";
import { type Code, explain } from "../../src/diagnose/index.ts";
import type { Header } from "../../src/protocol/index.ts";
import { type Answer, type Asked, FakeNetwork, type Script, scripted, scriptedFetch } from "../fake-network.ts";

const API = "https://api.example/items";
const ORIGIN = "https://page.example";
const allowOrigin = (value: string): Header => ["Access-Control-Allow-Origin", value];
const allowCredentials: Header = ["Access-Control-Allow-Credentials", "true"];

interface Case {
  readonly name: string;
  readonly asked: Asked;
  readonly script: Script;
  readonly code: Code;
  /** A part of the summary. */
  readonly says: string;
}

test("the upgrade of a URL to https is told with the exchange that it led to, and with no other", async () => {
  const network = new FakeNetwork(
    scripted({
      "GET https://cdn.example/a": { status: 302, headers: [["Location", "http://cdn.example/b"]] },
      "GET https://cdn.example/b": {},
    }),
  );
  const { trace } = await network.fetch({ url: "http://cdn.example/a", destination: "image", mode: "no-cors" });
  const rules = explain(trace).exchanges.map(({ request, rules }) => [
    request.url,
    rules.filter(({ rule }) => rule === "upgrade").map(({ text }) => text),
  ]);
  const text = (path: string): string =>
    `Upgraded to https from http://cdn.example/${path}: a page of https loads images, sound and videos over https only.`;
  expect(rules).toEqual([
    ["https://cdn.example/a", [text("a")]],
    ["https://cdn.example/b", [text("b")]],
  ]);
});

test.each([
  ["5", "Kept in the preflight cache for 5 seconds: PUT."],
  ["0", "Not kept in the preflight cache: the answer may be kept for 0 seconds."],
])("what Access-Control-Max-Age: %s does is told", async (maxAge, text) => {
  const grant = [allowOrigin("*"), ["Access-Control-Allow-Methods", "PUT"]] satisfies Header[];
  const { trace } = await scriptedFetch(
    { url: API, method: "PUT" },
    {
      [`OPTIONS ${API}`]: { headers: [...grant, ["Access-Control-Max-Age", maxAge]] },
      [`PUT ${API}`]: { headers: grant },
    },
  );
  const rules = explain(trace).exchanges.flatMap((exchange) => exchange.rules);
  expect(rules.find(({ rule }) => rule === "preflight-cache")?.text).toBe(text);
});

test("an answer that the profile does not keep is told of as such", async () => {
  const grant = [allowOrigin("*"), ["Access-Control-Allow-Methods", "PUT"]] satisfies Header[];
  const told = async (profile: "standard" | "chromium"): Promise<string | undefined> => {
    const script = { [`OPTIONS ${API}`]: { headers: grant }, [`PUT ${API}`]: { headers: grant } };
    const network = new FakeNetwork(scripted(script), profile);
    const { trace } = await network.fetch({ url: API, method: "PUT", cacheMode: "no-store" });
    const rules = explain(trace).exchanges.flatMap((exchange) => exchange.rules);
    return rules.find(({ rule }) => rule === "preflight-cache")?.text;
  };
  expect(await told("standard")).toBe("Kept in the preflight cache for 5 seconds: PUT.");
  expect(await told("chromium")).toBe(
    "Not kept in the preflight cache: browsers of this profile keep none for such a request.",
  );
});

/** One failing exchange for each way in which a CORS header can be wrong. */
const CASES: readonly Case[] = [
  {
    name: "a response without Access-Control-Allow-Origin",
    asked: { url: API },
    script: { [`GET ${API}`]: {} },
    code: "cors-check/allow-origin-missing",
    says: "no Access-Control-Allow-Origin",
  },
  {
    name: "an origin with a slash at the end",
    asked: { url: API },
    script: { [`GET ${API}`]: { headers: [allowOrigin(`${ORIGIN}/`)] } },
    code: "cors-check/allow-origin-mismatch",
    says: "slash at the end",
  },
  {
    name: "a bare host name",
    asked: { url: API },
    script: { [`GET ${API}`]: { headers: [allowOrigin("page.example")] } },
    code: "cors-check/allow-origin-invalid",
    says: "scheme is missing",
  },
  {
    name: "the same origin from two layers",
    asked: { url: API },
    script: { [`GET ${API}`]: { headers: [allowOrigin(ORIGIN), allowOrigin(ORIGIN)] } },
    code: "cors-check/allow-origin-multiple",
    says: "two layers",
  },
  {
    name: "the wildcard with credentials",
    asked: { url: API, credentialsMode: "include" },
    script: { [`GET ${API}`]: { headers: [allowOrigin("*"), allowCredentials] } },
    code: "cors-check/wildcard-with-credentials",
    says: "never counts",
  },
  {
    name: "credentials that are not allowed",
    asked: { url: API, credentialsMode: "include" },
    script: { [`GET ${API}`]: { headers: [allowOrigin(ORIGIN)] } },
    code: "cors-check/allow-credentials-missing",
    says: "no Access-Control-Allow-Credentials",
  },
  {
    name: "credentials allowed with a capital letter",
    asked: { url: API, credentialsMode: "include" },
    script: { [`GET ${API}`]: { headers: [allowOrigin(ORIGIN), ["Access-Control-Allow-Credentials", "True"]] } },
    code: "cors-check/allow-credentials-not-true",
    says: "is True",
  },
  {
    name: "a preflight without a handler",
    asked: { url: API, method: "PUT" },
    script: { [`OPTIONS ${API}`]: { status: 405 }, [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN)] } },
    code: "cors-preflight/status-not-ok",
    says: "status 405",
  },
  {
    name: "a preflight that is redirected",
    asked: { url: API, method: "PUT" },
    script: {
      [`OPTIONS ${API}`]: { status: 301, headers: [["Location", `${API}/`]] },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/redirect",
    says: "never redirected",
  },
  {
    name: "a preflight without Access-Control-Allow-Origin",
    asked: { url: API, method: "PUT" },
    script: { [`OPTIONS ${API}`]: { status: 204 }, [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN)] } },
    code: "cors-preflight/allow-origin-missing",
    says: "preflight response",
  },
  {
    name: "a preflight that names several origins",
    asked: { url: API, method: "PUT" },
    script: {
      [`OPTIONS ${API}`]: {
        headers: [allowOrigin(`${ORIGIN}, https://other.example`), ["Access-Control-Allow-Methods", "PUT"]],
      },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/allow-origin-multiple",
    says: "Lists are not supported",
  },
  {
    name: "a preflight whose origin is a pattern",
    asked: { url: API, method: "PUT" },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin("https://*.example"), ["Access-Control-Allow-Methods", "PUT"]] },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/allow-origin-invalid",
    says: "Patterns work on the server only",
  },
  {
    name: "a preflight that allows another origin",
    asked: { url: API, method: "PUT" },
    script: {
      [`OPTIONS ${API}`]: {
        headers: [allowOrigin("https://page.example:8443"), ["Access-Control-Allow-Methods", "PUT"]],
      },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/allow-origin-mismatch",
    says: "Only the port differs",
  },
  {
    name: "a preflight with the wildcard for a request with credentials",
    asked: { url: API, method: "PUT", credentialsMode: "include" },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin("*"), allowCredentials, ["Access-Control-Allow-Methods", "PUT"]] },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN), allowCredentials] },
    },
    code: "cors-preflight/wildcard-with-credentials",
    says: "preflight response",
  },
  {
    name: "a preflight that does not allow credentials",
    asked: { url: API, method: "PUT", credentialsMode: "include" },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin(ORIGIN), ["Access-Control-Allow-Methods", "PUT"]] },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN), allowCredentials] },
    },
    code: "cors-preflight/allow-credentials-missing",
    says: "preflight response",
  },
  {
    name: "a preflight that allows credentials with a 1",
    asked: { url: API, method: "PUT", credentialsMode: "include" },
    script: {
      [`OPTIONS ${API}`]: {
        headers: [
          allowOrigin(ORIGIN),
          ["Access-Control-Allow-Credentials", "1"],
          ["Access-Control-Allow-Methods", "PUT"],
        ],
      },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN), allowCredentials] },
    },
    code: "cors-preflight/allow-credentials-not-true",
    says: "is 1",
  },
  {
    name: "a method in the wrong case",
    asked: { url: API, method: "patch" },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin(ORIGIN), ["Access-Control-Allow-Methods", "PATCH"]] },
      [`patch ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/method-not-allowed",
    says: "patch",
  },
  {
    name: "method lists that do not parse",
    asked: { url: API, method: "PUT" },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin(ORIGIN), ["Access-Control-Allow-Methods", "PUT; POST"]] },
      [`PUT ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/allow-methods-invalid",
    says: "PUT; POST",
  },
  {
    name: "header lists that do not parse",
    asked: { url: API, headers: [["X-A", "1"]] },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin(ORIGIN), ["Access-Control-Allow-Headers", "X A"]] },
      [`GET ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/allow-headers-invalid",
    says: "X A",
  },
  {
    name: "header names that are not listed",
    asked: {
      url: API,
      method: "POST",
      headers: [
        ["Content-Type", "application/json"],
        ["X-A", "1"],
      ],
    },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin(ORIGIN), ["Access-Control-Allow-Headers", "X-B"]] },
      [`POST ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/header-not-allowed",
    says: "one more thing",
  },
  {
    name: "Authorization under the wildcard",
    asked: { url: API, headers: [["Authorization", "Bearer x"]] },
    script: {
      [`OPTIONS ${API}`]: { headers: [allowOrigin(ORIGIN), ["Access-Control-Allow-Headers", "*"]] },
      [`GET ${API}`]: { headers: [allowOrigin(ORIGIN)] },
    },
    code: "cors-preflight/authorization-not-allowed",
    says: "wildcard does not cover it",
  },
];

describe.each(CASES)("$name", ({ asked, script, code, says }) => {
  test("is withheld for a reason that the summary names", async () => {
    const { trace } = await scriptedFetch(asked, script);
    const explanation = explain(trace);
    expect(explanation).toMatchObject({ verdict: "withheld", code });
    expect(explanation.summary).toContain(says);
    expect(explanation.visible).toEqual({ type: "error", status: 0, headers: [] });
    expect(explanation.exchanges.at(-1)?.rules.some((rule) => !rule.ok && rule.code === code)).toBe(true);
  });

  test("is mended by the lines that the server is told to send", async () => {
    const { sent, trace } = await scriptedFetch(asked, script);
    const { fixes } = explain(trace);
    const mended = { ...script };
    const [broken = ""] = sent.slice(-1);
    const fix = fixes.server.find(({ headers }) => headers.length > 0);
    mended[broken] = { status: fix?.on === "preflight" ? 204 : 200, headers: (fix?.headers ?? []).map(parseLine) };
    // Browsers send `patch` as it is, and no server should go along with that.
    const method = asked.method === "patch" ? "PATCH" : (asked.method ?? "GET");
    const again = explain((await scriptedFetch({ ...asked, method }, withMethod(mended, method))).trace);
    expect(again).toMatchObject({ verdict: "shared", code: null });
  });
});

function withMethod(script: Script, method: string): Script {
  return Object.fromEntries(
    Object.entries(script).map(([key, answer]) => [key.replace(/^patch(?= )/, method), answer]),
  );
}

function parseLine(line: string): Header {
  const [name = "", ...value] = line.split(": ");
  return [name, value.join(": ")];
}

describe("explaining an exchange that works", () => {
  test("says that a same-origin request is none of CORS's business", async () => {
    const url = `${ORIGIN}/data`;
    const { trace } = await scriptedFetch({ url }, { [`GET ${url}`]: {} });
    const explanation = explain(trace);
    expect(explanation).toMatchObject({
      verdict: "shared",
      code: null,
      preflight: { needed: false, because: [], sent: false },
    });
    expect(explanation.summary).toContain("same-origin");
  });

  test("names each cause of a preflight", async () => {
    const url = API;
    const headers: Header[] = [
      ["X-A", "1"],
      ["Content-Type", "application/json"],
      ["Accept", "a".repeat(129)],
      ["Accept-Language", "en_US"],
      ["Range", "bytes=-5"],
    ];
    const { trace } = await scriptedFetch({ url, method: "PUT", headers, useCorsPreflight: true }, {});
    const { because, needed, sent } = explain(trace).preflight;
    expect({ needed, sent, count: because.length }).toEqual({ needed: true, sent: true, count: 7 });
    expect(because.join("\n")).toMatch(
      /upload listener[^]*PUT[^]*x-a: 1[^]*application\/json[^]*129 bytes[^]*_ \(0x5f\) at position 2[^]*bytes=-5/,
    );
  });

  test("tells of safe values that are too many together, the user agent's own among them", async () => {
    const headers = Array.from({ length: 9 }, (): Header => ["Accept", "a".repeat(128)]);
    const { trace } = await scriptedFetch({ url: API, headers }, {});
    expect(explain(trace).preflight.because).toEqual([
      "The header accept is safe alone, and all safe values together have 1154 bytes; up to 1024 are safe.",
      "The header accept-language is safe alone, and all safe values together have 1154 bytes; up to 1024 are safe.",
    ]);
  });

  test("lists the headers that the page cannot read, with the line that exposes them", async () => {
    const response: Header[] = [
      allowOrigin(ORIGIN),
      ["Vary", "Origin"],
      ["X-Total", "7"],
      ["Date", "now"],
      ["Content-Type", "text/plain"],
    ];
    const { trace } = await scriptedFetch({ url: API }, { [`GET ${API}`]: { headers: response } });
    const { verdict, notes, fixes, visible } = explain(trace);
    expect(verdict).toBe("shared");
    expect(visible.headers).toEqual([["Content-Type", "text/plain"]]);
    expect(notes.map(({ code }) => code)).toEqual(["exposure/header-not-exposed"]);
    expect(fixes.server).toMatchObject([
      { headers: ["Access-Control-Expose-Headers: x-total"], policy: { exposedHeaders: ["x-total"] } },
    ]);
  });

  test("says that a wildcard exposes nothing to a request with credentials", async () => {
    const response: Header[] = [
      allowOrigin(ORIGIN),
      allowCredentials,
      ["Vary", "origin"],
      ["X-Total", "7"],
      ["Access-Control-Expose-Headers", "*"],
    ];
    const { trace } = await scriptedFetch(
      { url: API, credentialsMode: "include" },
      { [`GET ${API}`]: { headers: response } },
    );
    expect(explain(trace).notes.map(({ code }) => code)).toEqual([
      "exposure/header-not-exposed",
      "exposure/expose-wildcard-with-credentials",
    ]);
  });

  test("warns of a response for one origin that caches would give to others", async () => {
    const { trace } = await scriptedFetch({ url: API }, { [`GET ${API}`]: { headers: [allowOrigin(ORIGIN)] } });
    expect(explain(trace).notes.map(({ code }) => code)).toEqual(["caching/vary-origin-missing"]);
  });

  test("warns of credentials beside the wildcard even where they do no harm", async () => {
    const { trace } = await scriptedFetch(
      { url: API },
      { [`GET ${API}`]: { headers: [allowOrigin("*"), allowCredentials] } },
    );
    expect(explain(trace).notes.map(({ code }) => code)).toEqual(["cors-check/credentials-with-wildcard"]);
  });

  test("warns where only the profile lets the wildcard cover Authorization", async () => {
    const script: Script = {
      [`OPTIONS ${API}`]: { headers: [allowOrigin("*"), ["Access-Control-Allow-Headers", "*"]] },
      [`GET ${API}`]: { headers: [allowOrigin("*")] },
    };
    const chromium = new FakeNetwork(scripted(script), "chromium");
    const { trace } = await chromium.fetch({ url: API, headers: [["Authorization", "x"]] });
    const { verdict, notes } = explain(trace);
    expect(verdict).toBe("shared");
    expect(notes.map(({ code }) => code)).toEqual(["cors-preflight/authorization-under-wildcard"]);
  });

  test("tells which cookies were ignored and which refused", async () => {
    const cookies: Header[] = [
      allowOrigin(ORIGIN),
      allowCredentials,
      ["Vary", "*"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "refuse me"],
    ];
    const script: Script = { [`GET ${API}`]: { headers: cookies } };
    const included = explain((await scriptedFetch({ url: API, credentialsMode: "include" }, script)).trace);
    expect(included.notes.map(({ code }) => code)).toEqual(["cookies/refused"]);
    const omitted = explain((await scriptedFetch({ url: API, credentialsMode: "omit" }, script)).trace);
    expect(omitted.notes.map(({ code }) => code)).toEqual(["cookies/ignored"]);
  });

  test("calls an opaque response withheld", async () => {
    const { trace } = await scriptedFetch({ url: API, mode: "no-cors" }, { [`GET ${API}`]: {} });
    expect(explain(trace)).toMatchObject({
      verdict: "withheld",
      code: "exposure/opaque-response",
      visible: { type: "opaque", status: 0 },
    });
    expect(explain(trace).fixes.client).toHaveLength(1);
  });

  test("of an element tells how scripts could read it, and of no headers", async () => {
    const asked = { url: API, mode: "no-cors", destination: "image" } as const;
    const { fixes, notes } = explain((await scriptedFetch(asked, { [`GET ${API}`]: {} })).trace);
    expect(fixes.client.map(({ text }) => text)).toEqual([expect.stringContaining('crossorigin="anonymous"')]);
    expect(fixes.server).toMatchObject([{ headers: [`Access-Control-Allow-Origin: ${ORIGIN}`, "Vary: Origin"] }]);
    expect(notes).toEqual([]);
    const granted = { [`GET ${API}`]: { headers: [allowOrigin("*"), ["X-A", "1"]] satisfies Header[] } };
    expect(explain((await scriptedFetch(asked, granted)).trace).fixes.server).toEqual([]);
    const shared = explain((await scriptedFetch({ ...asked, mode: "cors" }, granted)).trace);
    expect(shared).toMatchObject({ verdict: "shared", fixes: { server: [], client: [] }, notes: [] });
  });

  test("of an element that is refused speaks of its attribute", async () => {
    const adviceFor = async (asked: Omit<Asked, "url">, answered: Answer): Promise<string> => {
      const { trace } = await scriptedFetch({ url: API, ...asked }, { [`GET ${API}`]: answered });
      return explain(trace)
        .fixes.client.map(({ text }) => text)
        .join("\n");
    };
    expect(await adviceFor({ destination: "image" }, {})).toMatch(/leave that off\.$/);
    expect(await adviceFor({ destination: "script" }, {})).toContain("a module needs CORS without it, too");
    expect(await adviceFor({ destination: "font" }, {})).toBe("");
    const withCookies = { destination: "image", credentialsMode: "include" } as const;
    expect(await adviceFor(withCookies, { headers: [allowOrigin("*")] })).toContain('"use-credentials"');
    expect(await adviceFor({ destination: "track", mode: "same-origin" }, {})).toContain("audio element");
    const integrity = { destination: "script", integrityMetadata: "sha256-AAAA" } as const;
    expect(await adviceFor({ ...integrity, mode: "no-cors" }, {})).toContain('crossorigin="anonymous"');
    expect(await adviceFor(integrity, { headers: [allowOrigin("*")] })).toContain("digest");
  });

  test("calls an opaque redirect withheld", async () => {
    const script: Script = { [`GET ${API}`]: { status: 302, headers: [allowOrigin(ORIGIN), ["Location", "/x"]] } };
    const { trace } = await scriptedFetch({ url: API, redirectMode: "manual" }, script);
    expect(explain(trace)).toMatchObject({
      verdict: "withheld",
      code: "exposure/opaque-redirect",
      visible: { type: "opaqueredirect" },
    });
  });
});

describe("explaining redirects", () => {
  const target = "https://other.example/items";
  const script: Script = {
    [`GET ${API}`]: { status: 302, headers: [allowOrigin("*"), ["Location", target]] },
    [`GET ${target}`]: { headers: [allowOrigin(ORIGIN)] },
    [`OPTIONS ${API}`]: { headers: [allowOrigin("*"), ["Access-Control-Allow-Headers", "authorization"]] },
  };

  test("says that the origin is null after another origin, and advises against allowing null", async () => {
    const { trace } = await scriptedFetch({ url: API }, script);
    const { code, summary, fixes, notes } = explain(trace);
    expect(code).toBe("cors-check/allow-origin-mismatch");
    expect(summary).toContain("the request comes from null");
    expect(notes.map((note) => note.code)).toContain("redirect/origin-tainted");
    expect(fixes.server.map(({ headers }) => headers)).toEqual([[], ["Access-Control-Allow-Origin: *"]]);
    expect(fixes.client.map(({ text }) => text).join(" ")).toContain(`fetch ${target} directly`);
  });

  test("has no header line to offer where credentials meet a null origin", async () => {
    const withCredentials: Script = {
      ...script,
      [`GET ${API}`]: { status: 302, headers: [allowOrigin(ORIGIN), allowCredentials, ["Location", target]] },
    };
    const { trace } = await scriptedFetch({ url: API, credentialsMode: "include" }, withCredentials);
    const { fixes } = explain(trace);
    expect(fixes.server.map(({ headers }) => headers)).toEqual([[]]);
    expect(fixes.server[0]?.text).toContain("Do not grant the origin null");
  });

  test("tells that Authorization was left behind", async () => {
    const { trace } = await scriptedFetch({ url: API, headers: [["Authorization", "x"]] }, script);
    const { notes, exchanges } = explain(trace);
    expect(notes.map((note) => note.code)).toContain("redirect/authorization-removed");
    expect(exchanges[1]?.rules.map(({ rule }) => rule)).toContain("redirect");
  });
});

describe("explaining failures that are not CORS", () => {
  test("tells a refused connection from a CORS failure", async () => {
    const { trace } = await scriptedFetch({ url: API }, {});
    const explanation = explain(trace);
    expect(explanation).toMatchObject({
      verdict: "network-failure",
      code: "network/connection-refused",
      exchanges: [{ response: null }],
    });
    expect(explanation.summary).toContain("not a CORS problem");
  });

  test("shows the error behind an error response without the grant", async () => {
    const { trace } = await scriptedFetch({ url: API }, { [`GET ${API}`]: { status: 502 } });
    const { notes } = explain(trace);
    expect(notes).toMatchObject([{ code: "cors-check/error-response-without-grant" }]);
    expect(notes[0]?.text).toContain("gateway");
  });

  test("says what may have answered a preflight instead of the application", async () => {
    const texts: string[] = [];
    for (const status of [302, 400, 401, 404, 405, 429, 500]) {
      const { trace } = await scriptedFetch({ url: API, method: "PUT" }, { [`OPTIONS ${API}`]: { status } });
      const { notes } = explain(trace);
      expect(notes.map((note) => note.code)).toEqual(["cors-preflight/answered-by-something-else"]);
      texts.push(notes[0]?.text ?? "");
    }
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("escapes what came from the wire", async () => {
    const { trace } = await scriptedFetch(
      { url: API },
      { [`GET ${API}`]: { headers: [allowOrigin("\x1b[31mred\x07\xff")] } },
    );
    const explanation = explain(trace);
    expect(explanation.summary).toContain("\\x1b[31mred\\x07\\xff");
    expect(JSON.stringify(explanation)).not.toMatch(/\\u00|[^\x20-\x7e]/);
  });
});

test("refuses a trace that is not whole", async () => {
  const { trace } = await scriptedFetch({ url: API }, {});
  expect(() => explain([])).toThrow(TypeError);
  expect(() => explain(trace.slice(1))).toThrow(/begins with/);
  expect(() => explain(trace.slice(0, 1))).toThrow(/no end/);
});
