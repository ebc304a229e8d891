import { describe, expect, test } from "vitest";
import { type Code, explain } from "../../src/diagnose/index.ts";
import {
  FetchController,
  type NetworkCode,
  type NetworkErrorReason,
  type Request,
  type TraceEvent,
} from "../../src/fetching/index.ts";
import type { Header } from "../../src/protocol/index.ts";
import { type Answer, type Asked, FakeNetwork, type Script, noBytes, pageAt, scripted } from "../fake-network.ts";

const URL_B = "https://b.test/x";
const ACAO = "Access-Control-Allow-Origin";
const ACAC = "Access-Control-Allow-Credentials";
const ACAM = "Access-Control-Allow-Methods";
const ACAH = "Access-Control-Allow-Headers";
const PAGE = "https://page.example";
const API = "https://api.example/";
const GRANT = [ACAO, "*"] as const;

const redirect = (location: string, status = 302): Answer => ({ status, headers: [GRANT, ["Location", location]] });

/** Whoever reads the trace learns of the same failure. */
function expectExplained(trace: readonly TraceEvent[], code: Code | undefined): void {
  const explanation = explain(trace);
  expect(explanation.code).toBe(code);
  expect(explanation.summary.length).toBeGreaterThan(20);
}

const POSTED: Asked = {
  url: "https://page.example/",
  method: "POST",
  client: pageAt("https://page.example/dir/page", {
    fetchGroup: { keepaliveRequests: new Set(), unattended: new Set() },
  }),
};

/** A chain of 21 redirects. */
const CHAIN: Script = Object.fromEntries(
  Array.from({ length: 22 }, (_, index) => [`GET ${API}${index}`, redirect(`${API}${index + 1}`)]),
);

describe("a fetch ends in a network error", () => {
  test.each([
    ["7.08: for a bad port", { url: "https://api.example:25/" }, {}, { code: "main-fetch/bad-port", hop: 0 }],
    [
      "7.07: for plain http from an https page",
      { url: "http://api.example/" },
      {},
      { code: "main-fetch/mixed-content" },
    ],
    [
      "7.14: for another origin in mode same-origin",
      { url: API, mode: "same-origin" },
      {},
      { code: "main-fetch/same-origin-mode" },
    ],
    [
      "7.15: for no-cors without following redirects",
      { url: API, mode: "no-cors", redirectMode: "manual" },
      {},
      { code: "main-fetch/no-cors-redirect-mode", received: "manual" },
    ],
    [
      "5.09, 7.16: for another scheme in mode cors",
      { url: "ftp://api.example/" },
      {},
      { code: "main-fetch/scheme-not-http", received: "ftp:" },
    ],
    [
      "8.05: for another scheme in mode no-cors",
      { url: "ftp://api.example/", mode: "no-cors" },
      {},
      { code: "scheme-fetch/unsupported-scheme" },
    ],
    [
      "9.07: for a redirect that must not be",
      { url: API, redirectMode: "error" },
      { [`GET ${API}`]: redirect("/x") },
      { code: "http-fetch/redirect-mode-error", received: "302" },
    ],
    [
      "10.01: for a Location that is no URL",
      { url: API },
      { [`GET ${API}`]: redirect("https://[") },
      { code: "http-redirect-fetch/location-invalid" },
    ],
    [
      "10.01: for two Locations",
      { url: API },
      { [`GET ${API}`]: { status: 302, headers: [GRANT, ["Location", "/a"], ["Location", "/a"]] } },
      { code: "http-redirect-fetch/location-invalid" },
    ],
    [
      "5.09, 10.03: for a redirect to data",
      { url: API },
      { [`GET ${API}`]: redirect("data:,x") },
      { code: "http-redirect-fetch/scheme-not-http" },
    ],
    [
      "10.04: for the 21st redirect",
      { url: `${API}0` },
      CHAIN,
      { code: "http-redirect-fetch/too-many-redirects", hop: 20 },
    ],
    [
      "10.05: for a redirect with a password",
      { url: API },
      { [`GET ${API}`]: redirect("https://u:p@b.example/") },
      { code: "http-redirect-fetch/location-with-credentials", step: "HTTP-redirect fetch, step 9" },
    ],
    [
      "10.06: for a redirect with a password back to the page",
      { url: API },
      { [`GET ${API}`]: redirect("https://u:p@page.example/") },
      { code: "http-redirect-fetch/location-with-credentials", step: "HTTP-redirect fetch, step 10" },
    ],
    [
      "4.02, 10.07: for a stream that would have to be sent again",
      { url: "https://page.example/", method: "POST", body: { kind: "stream", stream: noBytes() } },
      { "POST https://page.example/": redirect("/x", 307) },
      { code: "http-redirect-fetch/body-not-replayable" },
    ],
    [
      "for a cache that is not there",
      { url: "https://page.example/", cacheMode: "only-if-cached", mode: "same-origin" },
      {},
      { code: "http-network-or-cache-fetch/only-if-cached" },
    ],
    [
      "6.15: for a body that is more than keepalive may have in flight",
      { ...POSTED, keepalive: true, body: { kind: "bytes", bytes: new Uint8Array(65_537) } },
      {},
      { code: "http-network-or-cache-fetch/keepalive-quota", received: "65537" },
    ],
    ["for a data: URL without a comma", { url: "data:text/plain" }, {}, { code: "scheme-fetch/data-url-invalid" }],
    ["for base64 that is none", { url: "data:;base64,a" }, {}, { code: "scheme-fetch/data-url-invalid" }],
    [
      "for a digest that nobody can compute",
      { url: "data:,x", integrityMetadata: "sha256-x" },
      {},
      { code: "main-fetch/integrity-mismatch", expected: "sha256-x" },
    ],
    [
      "7.28: for a digest of what the page may not read",
      { url: "https://api.example/a", mode: "no-cors", integrityMetadata: "sha256-x" },
      { "GET https://api.example/a": {} },
      { code: "main-fetch/integrity-mismatch" },
    ],
    [
      "21.05: for a proxy that wants a login",
      { url: API },
      { [`GET ${API}`]: { status: 407, headers: [GRANT] } },
      { code: "http-network-or-cache-fetch/proxy-authentication" },
    ],
    [
      "for a part that was not asked for",
      { url: "https://api.example/a", mode: "no-cors", headers: [["Range", "bytes=0-"]] },
      { "GET https://api.example/a": { status: 206, headers: [["Cross-Origin-Resource-Policy", "same-origin"]] } },
      { code: "cross-origin-resource-policy/same-origin" },
    ],
    [
      "9.03: in the preflight, which says so",
      { url: API, method: "PUT" },
      {},
      { code: "network/connection-refused", isPreflight: true },
    ],
  ] as [string, Asked, Script, Partial<NetworkErrorReason>][])("%s", async (_name, asked, script, expected) => {
    const { reason, trace } = await new FakeNetwork(scripted(script)).fetch(asked);
    expect(reason).toMatchObject(expected);
    expectExplained(trace, expected.code);
  });
});

test.each([
  ["", 1],
  ["image", 1],
  ["worker", 0],
  ["document", 0],
  ["report", 0],
] as const)(
  "1.05: of keepalive requests those of subresources alone are on record: %s, %i",
  async (destination, expected) => {
    const keepaliveRequests = new Set<Request>();
    const counts: number[] = [];
    const network = new FakeNetwork(() => {
      counts.push(keepaliveRequests.size);
      return {};
    });
    const client = pageAt("https://page.example/", { fetchGroup: { keepaliveRequests, unattended: new Set() } });
    await network.fetch({ url: "https://page.example/x", client, destination, keepalive: true, mode: "no-cors" });
    expect(counts).toEqual([expected]);
  },
);

const NETWORK_CODES: readonly NetworkCode[] = [
  "network/name-not-resolved",
  "network/connection-refused",
  "network/unreachable",
  "network/connection-reset",
  "network/timeout",
  "network/tls-certificate",
  "network/tls-client-certificate",
  "network/tls-protocol",
  "network/http-malformed",
  "network/headers-too-large",
  "network/body-too-large",
  "network/stream-needs-http2",
  "network/request-body-failed",
  "network/client-closed",
  "network/failed",
];

describe("failures of the network", () => {
  test.each(NETWORK_CODES)("29.01: %s keeps the transport's words, and says where it happened", async (code) => {
    const network = new FakeNetwork(({ url }) =>
      url.pathname === "/x"
        ? {
            status: 302,
            headers: [
              [ACAO, "*"],
              ["Location", "/y"],
            ],
          }
        : { ok: false, code, detail: "why" },
    );
    const { reason, trace } = await network.fetch({ url: URL_B });
    expect(reason).toEqual({
      code,
      step: null,
      url: "https://b.test/y",
      hop: 1,
      isPreflight: false,
      expected: null,
      received: null,
      subject: "why",
      defects: [],
    });
    expect(trace.map(({ type }) => type)).toEqual([
      "fetch",
      "main-fetch",
      "request",
      "response",
      "rule",
      "redirect",
      "main-fetch",
      "request",
      "network-error",
    ]);
    const preflighted = await new FakeNetwork(() => ({ ok: false, code, detail: "why" })).fetch({
      url: URL_B,
      method: "PUT",
    });
    expect(preflighted.reason).toMatchObject({ code, isPreflight: true, hop: 0, step: null });
  });
});

describe("the CORS check", () => {
  const cases: readonly (readonly [
    code: string,
    headers: readonly Header[],
    credentials: "omit" | "include",
    step: string,
    received: string | null,
  ])[] = [
    ["allow-origin-missing", [], "omit", "2", null],
    ["wildcard-with-credentials", [[ACAO, "*"]], "include", "4", "*"],
    ["allow-origin-multiple", [[ACAO, `${PAGE}, ${PAGE}`]], "omit", "4", `${PAGE}, ${PAGE}`],
    ["allow-origin-invalid", [[ACAO, "page.example"]], "omit", "4", "page.example"],
    ["allow-origin-mismatch", [[ACAO, `${PAGE}/`]], "omit", "4", `${PAGE}/`],
    ["allow-credentials-missing", [[ACAO, PAGE]], "include", "8", null],
    [
      "allow-credentials-not-true",
      [
        [ACAO, PAGE],
        [ACAC, "True"],
      ],
      "include",
      "8",
      "True",
    ],
  ];

  test.each(cases)(
    "9.04, 29.01: %s is told for the response, for the redirect and for the preflight",
    async (fault, headers, credentialsMode, step, received) => {
      const answer = new FakeNetwork(() => ({ headers }));
      const { reason, response } = await answer.fetch({ url: URL_B, credentialsMode });
      expect(reason).toMatchObject({
        code: `cors-check/${fault}`,
        step: `CORS check, step ${step}`,
        hop: 0,
        isPreflight: false,
        received,
      });
      expect(reason?.expected).toBe(step === "8" ? "true" : PAGE);
      expect(Object.keys(response)).toEqual(["type", "reason"]);
      expect(answer.canceled).toEqual([URL_B]);

      const redirect = new FakeNetwork(() => ({ status: 302, headers: [...headers, ["Location", "https://c.test/"]] }));
      expect((await redirect.fetch({ url: URL_B, credentialsMode })).reason).toMatchObject({
        code: `cors-check/${fault}`,
        hop: 0,
      });
      expect(redirect.sent).toHaveLength(1);

      const preflight = new FakeNetwork(() => ({ headers }));
      const refused = await preflight.fetch({ url: URL_B, credentialsMode, method: "PUT" });
      expect(refused.reason).toMatchObject({
        code: `cors-preflight/${fault}`,
        step: `CORS-preflight fetch, step 7, CORS check ${step}`,
        isPreflight: true,
        received,
      });
      expect(refused.reason?.defects.map(({ code }) => code)).toEqual([
        `cors-preflight/${fault}`,
        "cors-preflight/method-not-allowed",
      ]);
      expect(preflight.sent.map(({ method }) => method)).toEqual(["OPTIONS"]);
    },
  );
});

describe("the preflight", () => {
  const cases: readonly (readonly [
    code: string,
    answer: Answer,
    step: string,
    subject: string | null,
    received: string | null,
  ])[] = [
    [
      "redirect",
      {
        status: 307,
        headers: [
          [ACAM, "PUT"],
          [ACAH, "x-a, authorization"],
        ],
      },
      "7",
      null,
      "307",
    ],
    [
      "status-not-ok",
      {
        status: 403,
        headers: [
          [ACAM, "PUT"],
          [ACAH, "x-a, authorization"],
        ],
      },
      "7",
      null,
      "403",
    ],
    [
      "allow-methods-invalid",
      {
        headers: [
          [ACAM, "PUT;"],
          [ACAH, "x-a, authorization"],
        ],
      },
      "7.3",
      null,
      "PUT;",
    ],
    [
      "allow-headers-invalid",
      {
        headers: [
          [ACAM, "PUT"],
          [ACAH, "x a"],
        ],
      },
      "7.3",
      null,
      "x a",
    ],
    [
      "method-not-allowed",
      {
        headers: [
          [ACAM, "put"],
          [ACAH, "x-a, authorization"],
        ],
      },
      "7.5",
      "PUT",
      "put",
    ],
    [
      "authorization-not-allowed",
      {
        headers: [
          [ACAM, "PUT"],
          [ACAH, "*"],
        ],
      },
      "7.6",
      "authorization",
      "*",
    ],
    [
      "header-not-allowed",
      {
        headers: [
          [ACAM, "PUT"],
          [ACAH, "Authorization"],
        ],
      },
      "7.7",
      "x-a",
      "Authorization",
    ],
  ];

  test.each(cases)(
    "9.03, 17.06: %s refuses it, and the request is not sent",
    async (fault, answer, step, subject, received) => {
      const network = new FakeNetwork(() => ({ ...answer, headers: [[ACAO, "*"], ...(answer.headers ?? [])] }));
      const { reason, trace } = await network.fetch({
        url: URL_B,
        method: "PUT",
        headers: [
          ["X-A", "1"],
          ["Authorization", "x"],
        ],
      });
      expect(reason).toMatchObject({
        code: `cors-preflight/${fault}`,
        step: `CORS-preflight fetch, step ${step}`,
        isPreflight: true,
        hop: 0,
        subject,
        received,
      });
      expect(reason?.defects).toHaveLength(1);
      expect(network.sent.map(({ method }) => method)).toEqual(["OPTIONS"]);
      expect(network.canceled).toEqual([URL_B]);
      expect(trace.map(({ type }) => type)).toEqual([
        "fetch",
        "main-fetch",
        "preflight-decision",
        "request",
        "response",
        "rule",
        "network-error",
      ]);
    },
  );

  test("17.07: everything that is wrong is told at once, status first", async () => {
    const network = new FakeNetwork(() => ({ status: 404 }));
    const { reason } = await network.fetch({ url: URL_B, method: "PUT", headers: [["X-A", "1"]] });
    expect(reason?.defects.map(({ code }) => code.slice("cors-preflight/".length))).toEqual([
      "status-not-ok",
      "allow-origin-missing",
      "method-not-allowed",
      "header-not-allowed",
    ]);
  });

  test("29.01: a failure after a redirect carries the hop", async () => {
    const network = new FakeNetwork(({ url, method }) => {
      if (url.hostname === "c.test") return {};
      return method === "OPTIONS"
        ? {
            headers: [
              [ACAO, "*"],
              [ACAM, "PUT"],
            ],
          }
        : {
            status: 307,
            headers: [
              [ACAO, "*"],
              ["Location", "https://c.test/"],
            ],
          };
    });
    const { reason } = await network.fetch({ url: URL_B, method: "PUT" });
    expect(reason).toMatchObject({
      code: "cors-preflight/allow-origin-missing",
      expected: "null",
      hop: 1,
      isPreflight: true,
      url: "https://c.test/",
    });
  });
});

describe("cross-origin resource policy", () => {
  test.each([
    ["same-origin", "https://sub.page.example/", "same-origin", "unsafe-none"],
    ["same-site", "https://b.test/", "same-site", "unsafe-none"],
    ["embedder-policy", "https://b.test/", null, "require-corp"],
  ] as const)("9.06, 11.11, 16.07: %s withholds an opaque response", async (fault, url, policy, embedderPolicy) => {
    const network = new FakeNetwork(() => ({
      headers: policy === null ? [] : [["Cross-Origin-Resource-Policy", policy]],
    }));
    const { reason } = await network.fetch({
      url,
      mode: "no-cors",
      client: pageAt("https://page.example/", { embedderPolicy }),
    });
    expect(reason).toMatchObject({
      code: `cross-origin-resource-policy/${fault}`,
      step: expect.stringContaining("cross-origin resource policy") as string,
      received: policy,
    });
    expect(network.canceled).toEqual([url]);
  });
});

describe("cancellation", () => {
  test("1.08, 17.16: an abort before, during and after the preflight is an aborted network error", async () => {
    const before = new FetchController();
    before.abort("why");
    const idle = new FakeNetwork(() => ({}));
    const early = await idle.fetch({ url: URL_B }, before);
    expect(early.reason).toMatchObject({ code: "fetch/aborted", isPreflight: false });
    expectExplained(early.trace, "fetch/aborted");
    expect(idle.sent).toEqual([]);

    for (const stopAt of ["OPTIONS", "PUT"]) {
      const controller = new FetchController();
      const network = new FakeNetwork(async ({ method }) => {
        if (method === stopAt) controller.abort("why");
        await Promise.resolve();
        return {
          headers: [
            [ACAO, "*"],
            [ACAM, "PUT"],
          ],
        };
      });
      const { reason, trace } = await network.fetch({ url: URL_B, method: "PUT" }, controller);
      expect(reason).toMatchObject({ code: "fetch/aborted", isPreflight: stopAt === "OPTIONS" });
      expect(network.sent.at(-1)?.method).toBe(stopAt);
      expect(network.canceled).toContain(URL_B);
      expect(trace.filter(({ type }) => type === "network-error")).toHaveLength(1);
      expect(controller.reason).toBe("why");
    }
  });

  test("1.08: termination is another kind of network error", async () => {
    const controller = new FetchController();
    const network = new FakeNetwork(() => {
      controller.terminate();
      controller.abort("too late");
      return {};
    });
    expect((await network.fetch({ url: URL_B }, controller)).reason?.code).toBe("network/client-closed");
    expect(controller.reason).toBeNull();

    const before = new FetchController();
    before.terminate();
    const { reason, trace } = await new FakeNetwork(() => ({})).fetch({ url: URL_B }, before);
    expect(reason?.code).toBe("network/client-closed");
    expectExplained(trace, "network/client-closed");
  });
});
