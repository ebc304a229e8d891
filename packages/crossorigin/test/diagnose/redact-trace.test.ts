import { describe, expect, test } from "vitest";
import { explain, redactTrace, redactUrl } from "../../src/diagnose/index.ts";
import type { TraceEvent } from "../../src/fetching/index.ts";

const SECRET = /s3cret/;
const URL_WITH_SECRETS = "https://user:s3cret@api.example/items?key=s3cret#s3cret";

/** Every kind of event, with a secret wherever one fits. */
const TRACE: readonly TraceEvent[] = [
  {
    type: "fetch",
    method: "PUT",
    url: URL_WITH_SECRETS,
    origin: "https://app.example",
    mode: "cors",
    credentialsMode: "include",
    redirectMode: "follow",
    destination: "",
  },
  {
    type: "main-fetch",
    hop: 0,
    url: URL_WITH_SECRETS,
    branch: "cors-with-preflight",
    responseTainting: "cors",
    serializedOrigin: "https://app.example",
    redirectTaint: "same-origin",
  },
  { type: "upgrade", hop: 0, from: URL_WITH_SECRETS, to: URL_WITH_SECRETS },
  {
    type: "preflight-decision",
    hop: 0,
    isCached: false,
    because: [
      { kind: "method", method: "PUT" },
      { kind: "header", header: { name: "x-api-key", value: "s3cret", cause: { kind: "name" } } },
    ],
  },
  {
    type: "request",
    exchange: 0,
    hop: 0,
    isPreflight: false,
    method: "PUT",
    url: URL_WITH_SECRETS,
    headers: [
      ["Authorization", "Bearer s3cret"],
      ["X-Api-Key", "s3cret"],
      ["Cookie", "a=s3cret"],
      ["Referer", "/page?s3cret"],
      ["Origin", "https://app.example"],
      ["Content-Type", "application/json"],
    ],
    includeCredentials: true,
    bodyBytes: null,
  },
  {
    type: "response",
    exchange: 0,
    status: 302,
    statusMessage: "Found",
    headers: [
      ["Set-Cookie", "a=s3cret"],
      ["Location", "../x?s3cret#s3cret"],
      ["Link", "<https://a.example/?t=s3cret>; rel=next"],
      ["Vary", "Origin"],
    ],
  },
  { type: "cookies", exchange: 0, stored: ["a=s3cret"], refused: ["b=s3cret"], ignored: ["c=s3cret"] },
  {
    type: "rule",
    exchange: 0,
    rule: "cors-check",
    ok: false,
    step: "3",
    code: "cors-check/allow-origin-mismatch",
    subject: null,
    expected: "https://app.example",
    received: URL_WITH_SECRETS,
  },
  {
    type: "redirect",
    exchange: 0,
    status: 302,
    from: URL_WITH_SECRETS,
    to: URL_WITH_SECRETS,
    methodBefore: "PUT",
    methodAfter: "PUT",
    isAuthorizationRemoved: true,
  },
  {
    type: "preflight-cache",
    action: "stored",
    url: URL_WITH_SECRETS,
    methods: [],
    headerNames: [],
    maxAgeSeconds: 5,
    authorizationUnderWildcard: false,
  },
  {
    type: "network-error",
    reason: {
      code: "cors-preflight/allow-origin-invalid",
      step: "1",
      url: URL_WITH_SECRETS,
      hop: 0,
      isPreflight: true,
      expected: null,
      received: URL_WITH_SECRETS,
      subject: `about ${URL_WITH_SECRETS}`,
      defects: [{ code: "cors-preflight/allow-origin-invalid", step: "7", subject: null, received: URL_WITH_SECRETS }],
    },
  },
];

describe("a redacted trace", () => {
  test("holds no secret, in no event, and neither does its explanation", () => {
    expect(JSON.stringify(TRACE)).toMatch(SECRET);
    const redacted = redactTrace(TRACE);
    for (const event of redacted) expect(JSON.stringify(event)).not.toMatch(SECRET);
    expect(JSON.stringify(explain(redacted))).not.toMatch(SECRET);
    expect(explain(redacted)).toMatchObject({ code: explain(TRACE).code, verdict: explain(TRACE).verdict });
  });

  test("keeps what CORS is about, and the names of all headers", () => {
    const [request, response] = redactTrace(TRACE).filter(({ type }) => type === "request" || type === "response");
    expect(request).toMatchObject({
      headers: [
        ["Authorization", "[redacted, 13 characters]"],
        ["X-Api-Key", "[redacted, 6 characters]"],
        ["Cookie", "[redacted, 8 characters]"],
        ["Referer", "/page?[redacted, 6 characters]"],
        ["Origin", "https://app.example"],
        ["Content-Type", "application/json"],
      ],
    });
    expect(response).toMatchObject({
      headers: [
        ["Set-Cookie", expect.any(String)],
        ["Location", "../x?[redacted, 6 characters]#[redacted, 6 characters]"],
        ["Link", expect.any(String)],
        ["Vary", "Origin"],
      ],
    });
  });
});

test.each([
  ["https://a.example/", "https://a.example/"],
  ["https://a.example/?x", "https://a.example/?[redacted, 1 character]"],
  ["//u:p@a.example/#f?g", "//[redacted, 3 characters]@a.example/#[redacted, 3 characters]"],
  ["?", "?"],
])("of the URL %j, %j is left", (url, left) => {
  expect(redactUrl(url)).toBe(left);
});
