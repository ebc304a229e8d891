import { describe, expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import type { NetworkErrorReason } from "../../src/fetching/index.ts";
import { type Script, type ScriptedRequest, scriptedFetch } from "../scripted-fetch.ts";

const API = "https://api.example/";
const GRANT = ["Access-Control-Allow-Origin", "*"] as const;
const redirect = (location: string, status = 302): Script[string] => ({
  status,
  headers: [GRANT, ["Location", location]],
});

async function reasonOf(asked: ScriptedRequest, script: Script): Promise<NetworkErrorReason | undefined> {
  const { trace } = await scriptedFetch(asked, script);
  return trace.flatMap((event) => (event.type === "network-error" ? [event.reason] : [])).at(-1);
}

/** A chain of 21 redirects. */
const CHAIN: Script = Object.fromEntries(
  Array.from({ length: 22 }, (_, index) => [`GET ${API}${index}`, redirect(`${API}${index + 1}`)]),
);

describe("a fetch ends in a network error", () => {
  test.each([
    ["for a bad port", { url: "https://api.example:25/" }, {}, { code: "main-fetch/bad-port", hop: 0 }],
    ["for plain http from an https page", { url: "http://api.example/" }, {}, { code: "main-fetch/mixed-content" }],
    [
      "for another origin in mode same-origin",
      { url: API, mode: "same-origin" },
      {},
      { code: "main-fetch/same-origin-mode" },
    ],
    [
      "for no-cors without following redirects",
      { url: API, mode: "no-cors", redirect: "manual" },
      {},
      { code: "main-fetch/no-cors-redirect-mode", received: "manual" },
    ],
    [
      "for another scheme in mode cors",
      { url: "ftp://api.example/" },
      {},
      { code: "main-fetch/scheme-not-http", received: "ftp:" },
    ],
    [
      "for another scheme in mode no-cors",
      { url: "ftp://api.example/", mode: "no-cors" },
      {},
      { code: "scheme-fetch/unsupported-scheme" },
    ],
    [
      "for a redirect that must not be",
      { url: API, redirect: "error" },
      { [`GET ${API}`]: redirect("/x") },
      { code: "http-fetch/redirect-mode-error", received: "302" },
    ],
    [
      "for a Location that is no URL",
      { url: API },
      { [`GET ${API}`]: redirect("https://[") },
      { code: "http-redirect-fetch/location-invalid" },
    ],
    [
      "for two Locations",
      { url: API },
      { [`GET ${API}`]: { status: 302, headers: [GRANT, ["Location", "/a"], ["Location", "/a"]] } },
      { code: "http-redirect-fetch/location-invalid" },
    ],
    [
      "for a redirect to data",
      { url: API },
      { [`GET ${API}`]: redirect("data:,x") },
      { code: "http-redirect-fetch/scheme-not-http" },
    ],
    ["for the 21st redirect", { url: `${API}0` }, CHAIN, { code: "http-redirect-fetch/too-many-redirects", hop: 20 }],
    [
      "for a redirect with a password",
      { url: API },
      { [`GET ${API}`]: redirect("https://u:p@b.example/") },
      { code: "http-redirect-fetch/location-with-credentials", step: "HTTP-redirect fetch, step 9" },
    ],
    [
      "for a redirect with a password back to the page",
      { url: API },
      { [`GET ${API}`]: redirect("https://u:p@page.example/") },
      { code: "http-redirect-fetch/location-with-credentials", step: "HTTP-redirect fetch, step 10" },
    ],
    [
      "for a stream that would have to be sent again",
      { url: "https://page.example/", method: "POST", stream: true },
      { "POST https://page.example/": redirect("/x", 307) },
      { code: "http-redirect-fetch/body-not-replayable" },
    ],
    [
      "for a cache that is not there",
      { url: "https://page.example/", cache: "only-if-cached", mode: "same-origin" },
      {},
      { code: "http-network-or-cache-fetch/only-if-cached" },
    ],
    [
      "for a proxy that wants a login",
      { url: API },
      { [`GET ${API}`]: { status: 407, headers: [GRANT] } },
      { code: "http-network-or-cache-fetch/proxy-authentication" },
    ],
    ["if the page aborts it", { url: API, canceled: "aborted" }, {}, { code: "fetch/aborted" }],
    ["if the page is closed", { url: API, canceled: "terminated" }, {}, { code: "network/client-closed" }],
    [
      "for a part that was not asked for",
      { url: "https://api.example/a", mode: "no-cors", headers: [["Range", "bytes=0-"]] },
      { "GET https://api.example/a": { status: 206, headers: [["Cross-Origin-Resource-Policy", "same-origin"]] } },
      { code: "cross-origin-resource-policy/same-origin" },
    ],
    [
      "in the preflight, which says so",
      { url: API, method: "PUT" },
      {},
      { code: "network/connection-refused", isPreflight: true },
    ],
  ] as [string, ScriptedRequest, Script, Partial<NetworkErrorReason>][])(
    "%s",
    async (_name, asked, script, expected) => {
      expect(await reasonOf(asked, script)).toMatchObject(expected);
      const explanation = explain((await scriptedFetch(asked, script)).trace);
      expect(explanation.code).toBe(expected.code);
      expect(explanation.summary.length).toBeGreaterThan(20);
    },
  );

  test.each([
    ["cross-origin-resource-policy/same-origin", "https://sub.page.example/", "same-origin"],
    ["cross-origin-resource-policy/same-site", API, "same-site"],
  ])("for %s", async (code, url, policy) => {
    const script: Script = { [`GET ${url}`]: { headers: [["Cross-Origin-Resource-Policy", policy]] } };
    expect(await reasonOf({ url, mode: "no-cors" }, script)).toMatchObject({ code });
  });
});

/** Each row: what is answered on the way, and which Origin the last request carries (null: withheld). */
describe("redirects and what is left of the origin", () => {
  const A = "https://page.example";
  const [B, C] = ["https://b.test", "https://c.test"];
  test.each([
    [[A, B], ["*", A], A],
    [[A, B], ["*", "null"], null],
    [[B, A], ["*", "null"], "null"],
    [[B, A], [A, A], null],
    [[B, B], ["*", A], A],
    [[B, B], ["*", "null"], null],
    [[B, C], [A, "*"], "null"],
    [[B, C], ["*", A], null],
    [[B, C], ["null", "*"], null],
  ])("%j answering %j: %j", async (hosts, grants, expected) => {
    const [first, second] = hosts.map((host, index) => `${host}/${index}`);
    const script: Script = {
      [`GET ${first}`]: {
        status: 302,
        headers: [
          ["Access-Control-Allow-Origin", grants[0] ?? ""],
          ["Location", second ?? ""],
        ],
      },
      [`GET ${second}`]: { headers: [["Access-Control-Allow-Origin", grants[1] ?? ""]] },
    };
    const { trace } = await scriptedFetch({ url: first ?? "" }, script);
    const isShared = trace.some(({ type }) => type === "done");
    const origin = trace
      .flatMap((event) => (event.type === "request" ? [event.headers] : []))
      .at(-1)
      ?.find(([name]) => name === "Origin")?.[1];
    expect(isShared ? origin : null).toBe(expected);
  });

  test("methods, bodies and Authorization change as the standard says", async () => {
    const script: Script = {
      [`OPTIONS ${API}`]: { headers: [GRANT, ["Access-Control-Allow-Headers", "authorization, x-a"]] },
      [`POST ${API}`]: redirect(`${B}/`),
      [`OPTIONS ${B}/`]: { headers: [GRANT, ["Access-Control-Allow-Headers", "x-a"]] },
      [`GET ${B}/`]: { headers: [GRANT] },
    };
    const headers = [
      ["Authorization", "x"],
      ["X-A", "1"],
      ["Content-Type", "text/plain"],
    ] as const;
    const { sent, trace } = await scriptedFetch({ url: API, method: "POST", headers }, script);
    expect(sent).toEqual([`OPTIONS ${API}`, `POST ${API}`, `OPTIONS ${B}/`, `GET ${B}/`]);
    expect(trace.find(({ type }) => type === "redirect")).toMatchObject({
      methodBefore: "POST",
      methodAfter: "GET",
      isAuthorizationRemoved: true,
    });
  });
});
