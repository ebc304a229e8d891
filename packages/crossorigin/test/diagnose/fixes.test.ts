import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CODES, type Fix, explain } from "../../src/diagnose/index.ts";
import type { FetchFailureCode, TraceEvent } from "../../src/fetching/index.ts";
import { parsePolicy } from "../../src/policy/index.ts";
import { type CredentialsMode, type Header, createOpaqueOrigin } from "../../src/protocol/index.ts";
import { type Asked, type Script, pageAt, scriptedFetch } from "../fake-network.ts";

const API = "https://api.example/items";
const ORIGIN = "https://page.example";

async function fixesOf(asked: Asked, script: Script): Promise<readonly Fix[]> {
  return explain((await scriptedFetch(asked, script)).trace).fixes.server;
}

/** A policy holds up on its own; without origins it says "add", and holds up beside some. */
function expectSound(fixes: readonly Fix[]): void {
  for (const { policy } of fixes) {
    if (policy === null) continue;
    const whole = "origins" in policy ? policy : { origins: ["https://app.example"], ...policy };
    const parsed = parsePolicy(whole);
    expect(parsed.ok ? [] : parsed.issues).toEqual([]);
  }
}

interface Failure {
  readonly origin: string;
  readonly credentials: CredentialsMode;
  readonly method: string;
  readonly names: readonly string[];
  readonly answered: readonly Header[];
}

/** A trace that ends in the code, whether or not the algorithms would end in it. */
function traceOf(code: FetchFailureCode, { origin, credentials, method, names, answered }: Failure): TraceEvent[] {
  const isPreflight = code.startsWith("cors-preflight/");
  const headers: Header[] = [["Origin", origin]];
  if (isPreflight) headers.push(["Access-Control-Request-Method", method]);
  if (isPreflight && names.length > 0) headers.push(["Access-Control-Request-Headers", names.join(",")]);
  const hop = 0;
  const reason = { step: null, hop, isPreflight, url: API, expected: null, received: null, subject: "x", defects: [] };
  return [
    {
      type: "fetch",
      method,
      url: API,
      origin,
      mode: "cors",
      credentialsMode: credentials,
      redirectMode: "follow",
      destination: "",
    },
    {
      type: "request",
      exchange: 0,
      hop,
      isPreflight,
      method: isPreflight ? "OPTIONS" : method,
      url: API,
      headers,
      includeCredentials: false,
      bodyBytes: null,
    },
    { type: "response", exchange: 0, status: 200, statusMessage: "", headers: [...answered] },
    { type: "network-error", reason: { ...reason, code } },
  ];
}

const failures: fc.Arbitrary<Failure> = fc.record({
  origin: fc.constantFrom(ORIGIN, "http://app.example", "http://app.example:443", "http://localhost:3000", "null"),
  credentials: fc.constantFrom("include", "same-origin", "omit"),
  method: fc.constantFrom("GET", "PUT", "patch", "PATCH", "TRACE", "propfind"),
  names: fc.subarray(["content-type", "authorization", "host", "x-a", `x-${"a".repeat(300)}`]),
  answered: fc.subarray([
    ["Access-Control-Allow-Origin", "*"],
    ["Access-Control-Allow-Methods", "put, PUT, Delete, patch, GET, TRACE"],
    ["Access-Control-Allow-Methods", "*"],
    ["Access-Control-Allow-Methods", "PUT; x"],
    ["Access-Control-Allow-Headers", "X-A, x-a, Host, Cookie, Origin"],
    ["Access-Control-Allow-Headers", "*, authorization, x-b"],
    ["Access-Control-Allow-Headers", Array.from({ length: 500 }, (_, index) => `x-${index}`).join(",")],
  ] satisfies Header[]),
});

test.each(Object.keys(CODES) as FetchFailureCode[])("whatever is advised for %s, lint accepts it", (code) => {
  fc.assert(
    fc.property(failures, (failure) => {
      const { server, client } = explain(traceOf(code, failure)).fixes;
      expectSound([...server, ...client]);
    }),
    { numRuns: 60 },
  );
});

describe("an http page with credentials", () => {
  const asked: Asked = { url: API, client: pageAt("http://app.example/"), credentialsMode: "include" };

  test("is to be served over https first; plain http is named as the danger it is", async () => {
    const [secure, insecure] = await fixesOf(asked, { [`GET ${API}`]: {} });
    expect(secure?.text).toContain("Serve the page over https");
    expect(secure?.headers).toContain("Access-Control-Allow-Origin: https://app.example");
    expect(secure?.policy).toEqual({ origins: ["https://app.example"], credentials: true });
    expect(insecure?.text).toContain("dangerouslyAllowInsecureOrigins");
    expect(insecure?.headers).toContain("Access-Control-Allow-Origin: http://app.example");
    expect(insecure?.policy).toBeNull();
  });

  test("is granted as it is on loopback, where nobody is on the way", async () => {
    const fixes = await fixesOf({ ...asked, client: pageAt("http://localhost:3000/") }, { [`GET ${API}`]: {} });
    expect(fixes.map(({ policy }) => policy)).toEqual([{ origins: ["http://localhost:3000"], credentials: true }]);
  });
});

describe("the server's own lists", () => {
  const preflight = (...headers: Header[]): Script => ({ [`OPTIONS ${API}`]: { headers } });

  test("are repeated with methods as they are written", async () => {
    const [fix] = await fixesOf({ url: API, method: "PUT" }, preflight(["Access-Control-Allow-Methods", "put, GET"]));
    expect(fix?.headers).toContain("Access-Control-Allow-Methods: PUT, GET");
    expect(fix?.policy).toEqual({ origins: [ORIGIN], methods: ["PUT"] });
  });

  test("do not get a method that only the page spells so", async () => {
    const script = preflight(["Access-Control-Allow-Origin", ORIGIN], ["Access-Control-Allow-Methods", "PATCH"]);
    const [fix] = await fixesOf({ url: API, method: "patch" }, script);
    expect(fix?.headers).toContain("Access-Control-Allow-Methods: PATCH");
    expect(fix?.text).toContain("The page has to write PATCH instead of patch.");
  });

  test("keep their wildcards where no credentials are included", async () => {
    const script = preflight(
      ["Access-Control-Allow-Origin", "*"],
      ["Access-Control-Allow-Methods", "*"],
      ["Access-Control-Allow-Headers", "*"],
    );
    const [fix, onResponse] = await fixesOf(
      { url: API, method: "PUT", headers: [["Authorization", "x"]], credentialsMode: "omit" },
      script,
    );
    expect(fix?.headers).toEqual([
      "Access-Control-Allow-Origin: *",
      "Access-Control-Allow-Methods: *",
      "Access-Control-Allow-Headers: *, authorization",
    ]);
    expect(fix?.policy).toEqual({ origins: "*", methods: "*", requestHeaders: ["*", "authorization"] });
    expect(onResponse?.headers).toEqual(["Access-Control-Allow-Origin: *"]);
  });

  test("keep an open origin when only a header is missing", async () => {
    const asked = { url: API, headers: [["X-A", "1"]] } satisfies Asked;
    const [fix] = await fixesOf(asked, preflight(["Access-Control-Allow-Origin", "*"]));
    expect(fix?.headers).toEqual(["Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: x-a"]);
  });
});

describe("the origin null", () => {
  test("is not to be granted; the wildcard comes second, and for public data only", async () => {
    const [first, second] = await fixesOf(
      { url: API, client: pageAt(`${ORIGIN}/`, { origin: createOpaqueOrigin() }) },
      { [`GET ${API}`]: {} },
    );
    expect(first?.text).toMatch(/^Do not grant the origin null.*sandboxed.*file:.*redirect/);
    expect(first?.headers).toEqual([]);
    expect(second?.text).toContain("public data");
    expect(second?.headers).toEqual(["Access-Control-Allow-Origin: *"]);
  });
});

describe("hidden headers", () => {
  const response = (...headers: Header[]): Script => ({
    [`GET ${API}`]: { headers: [["Access-Control-Allow-Origin", "*"], ...headers] },
  });

  test("are added to those that are exposed already, as fields to add to a policy", async () => {
    const script = response(
      ["Access-Control-Expose-Headers", "X-A, Set-Cookie"],
      ["X-A", "1"],
      ["X-B", "2"],
      ["X-C", "3"],
    );
    const { trace } = await scriptedFetch({ url: API }, script);
    const { fixes, notes } = explain(trace);
    expect(fixes.server).toMatchObject([
      {
        headers: ["Access-Control-Expose-Headers: x-a, x-b, x-c"],
        policy: { exposedHeaders: ["x-a", "x-b", "x-c"] },
      },
    ]);
    expectSound(fixes.server);
    expect(notes.map(({ text }) => text)).toEqual([
      "Page code cannot read these headers, as Access-Control-Expose-Headers does not name them: x-b, x-c",
    ]);
  });

  test("do not count where no page needs them", async () => {
    const names = ["Content-Encoding", "Date", "Server", "Connection", "Keep-Alive", "Via", "Alt-Svc", "Upgrade"];
    const { trace } = await scriptedFetch({ url: API }, response(...names.map((name): Header => [name, "x"])));
    expect(explain(trace)).toMatchObject({ notes: [], fixes: { server: [] } });
  });

  test("are counted, not named, beyond twenty", async () => {
    const many = Array.from({ length: 25 }, (_, index): Header => [`x-${index}`, "1"]);
    const { notes } = explain((await scriptedFetch({ url: API }, response(...many))).trace);
    expect(notes.map(({ text }) => text.slice(-17))).toEqual(
      ["x-19 and 5 more"].map((end) => expect.stringContaining(end)),
    );
  });
});

describe("in the page", () => {
  test.each([
    ["POST", true],
    ["PUT", false],
    ["DELETE", false],
    ["PATCH", false],
  ])("%s: a form's Content-Type is advised: %s", async (method, isAdvised) => {
    const asked = { url: API, method, headers: [["Content-Type", "application/json"]] } satisfies Asked;
    const script: Script = {
      [`OPTIONS ${API}`]: {
        headers: [
          ["Access-Control-Allow-Origin", "*"],
          ["Access-Control-Allow-Methods", "*"],
        ],
      },
    };
    const { fixes } = explain((await scriptedFetch(asked, script)).trace);
    expect(fixes.client.some(({ text }) => text.includes("text/plain"))).toBe(isAdvised);
  });

  test("a stream of the page's that fails is mended in the page", async () => {
    const asked = { url: API, client: pageAt("https://page.example/") } satisfies Asked;
    const failed: Script = { [`GET ${API}`]: { ok: false, code: "network/request-body-failed", detail: "boom" } };
    const { verdict, summary, fixes } = explain((await scriptedFetch(asked, failed)).trace);
    expect(verdict).toBe("network-failure");
    expect(summary).toContain("failed while it was being sent: boom. The server did nothing wrong.");
    expect(fixes).toMatchObject({ server: [], client: [{ text: expect.stringContaining("Uint8Array") as string }] });
  });

  test.each(["network/http-malformed", "network/connection-reset"] as const)(
    "%s over plain http may mean https",
    async (code) => {
      const url = "http://api.example/";
      const asked = { url, client: pageAt("http://page.example/") } satisfies Asked;
      const failed: Script = { [`GET ${url}`]: { ok: false, code, detail: "noise" } };
      const { fixes } = explain((await scriptedFetch(asked, failed)).trace);
      expect(fixes.client.map(({ text }) => text).join()).toContain("https://");
      const secure: Script = { [`GET ${API}`]: { ok: false, code, detail: "noise" } };
      expect(explain((await scriptedFetch({ url: API }, secure)).trace).fixes.client).toEqual([]);
    },
  );

  test("status 400 from a port like 8443 over plain http may mean https", async () => {
    const url = "http://api.example:8443/";
    const asked = { url, client: pageAt("http://page.example/") } satisfies Asked;
    const { fixes } = explain((await scriptedFetch(asked, { [`GET ${url}`]: { status: 400 } })).trace);
    expect(fixes.client.map(({ text }) => text).join()).toContain("https://");
  });
});

describe("what an explanation says", () => {
  test("a limit of time is told in our words, with something to do", async () => {
    const failed: Script = {
      [`GET ${API}`]: { ok: false, code: "network/timeout", detail: "Headers Timeout Error" },
    };
    const { summary, fixes } = explain((await scriptedFetch({ url: API }, failed)).trace);
    expect(summary).toContain("the head of the response did not come");
    expect(fixes.server).toHaveLength(1);
    expect(fixes.client).toHaveLength(1);
  });

  test("fragments stay at home", async () => {
    const { trace } = await scriptedFetch({ url: `${API}?q#frag` }, { [`GET ${API}?q#frag`]: {} });
    const { exchanges, summary, page } = explain(trace);
    expect(exchanges[0]?.request.url).toBe(`${API}?q`);
    expect(summary).not.toContain("#frag");
    expect(page.url).toBe(`${API}?q#frag`);
  });

  test("a preflight cache that held nothing forgets nothing", async () => {
    const rules = async (script: Script): Promise<string[]> => {
      const { exchanges } = explain((await scriptedFetch({ url: API, method: "PUT" }, script)).trace);
      return exchanges.flatMap((exchange) => exchange.rules.map(({ text }) => text));
    };
    const granted: Header[] = [
      ["Access-Control-Allow-Origin", "*"],
      ["Access-Control-Allow-Methods", "PUT"],
    ];
    expect((await rules({ [`OPTIONS ${API}`]: { status: 403 } })).join()).not.toContain("forgets");
    expect((await rules({ [`OPTIONS ${API}`]: { headers: granted }, [`PUT ${API}`]: {} })).join()).toContain("forgets");
  });

  test("a body that breaks off is a failure of the network, after a head that was shared", async () => {
    const script: Script = { [`GET ${API}`]: { headers: [["Access-Control-Allow-Origin", "*"]] } };
    const { trace } = await scriptedFetch({ url: API }, script);
    const reason = { step: null, hop: 0, isPreflight: false, url: API, expected: null, received: null, defects: [] };
    const brokenOff: TraceEvent = {
      type: "network-error",
      reason: { ...reason, code: "network/connection-reset", subject: "the body ended early" },
    };
    const explanation = explain([...trace, brokenOff]);
    expect(explanation).toMatchObject({
      verdict: "network-failure",
      code: "network/connection-reset",
      visible: { type: "cors", status: 200 },
      notes: [{ code: "network/connection-reset" }],
    });
    expect(explanation.summary).toContain("the body broke off (the body ended early)");
  });
});
