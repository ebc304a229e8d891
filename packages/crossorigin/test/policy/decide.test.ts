import { describe, expect, test } from "vitest";
import { type Decision, type PolicyConfig, createPolicy, decide } from "../../src/index.ts";

const APP = "https://app.example";

function ask(
  config: PolicyConfig,
  method: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
): Decision {
  return decide(createPolicy(config), { method, headers });
}

function preflight(
  config: PolicyConfig,
  method: string,
  names?: string | readonly string[],
  origin: string = APP,
): Decision {
  const list = names === undefined ? {} : { "access-control-request-headers": names };
  return ask(config, "OPTIONS", { origin, "access-control-request-method": method, ...list });
}

function lines({ headers, vary }: Decision): string[] {
  const set = headers.map(({ name, value }) => `${name}: ${value}`);
  return vary === null ? set : [...set, `Vary: ${vary}`];
}

describe("an actual request", () => {
  test("from a listed origin is granted by name, and caches are told", () => {
    const decision = ask({ origins: [APP], exposedHeaders: ["ETag"], credentials: true }, "GET", { origin: APP });
    expect(decision).toMatchObject({ kind: "actual", granted: true, code: "decision/granted", status: null });
    expect(lines(decision)).toEqual([
      `Access-Control-Allow-Origin: ${APP}`,
      "Access-Control-Allow-Credentials: true",
      "Access-Control-Expose-Headers: etag",
      "Vary: Origin",
    ]);
  });

  test("from another origin gets no grant, and caches are told all the same", () => {
    const decision = ask({ origins: [APP], credentials: true }, "GET", { origin: `${APP}.evil.test` });
    expect(decision).toMatchObject({ kind: "actual", granted: false, code: "decision/origin-not-allowed" });
    expect(lines(decision)).toEqual(["Vary: Origin"]);
  });

  test("without Origin is none of CORS's business, and caches are told all the same", () => {
    const decision = ask({ origins: [APP] }, "GET", {});
    expect(decision).toMatchObject({ kind: "not-cors", granted: false, code: "decision/no-origin" });
    expect(lines(decision)).toEqual(["Vary: Origin"]);
  });

  test("under the wildcard gets the same answer with and without Origin, and no Vary", () => {
    expect(lines(ask({ origins: "*" }, "GET", { origin: APP }))).toEqual(["Access-Control-Allow-Origin: *"]);
    expect(lines(ask({ origins: "*" }, "GET", {}))).toEqual(["Access-Control-Allow-Origin: *"]);
  });

  test("is never refused for its method", () => {
    expect(ask({ origins: [APP] }, "DELETE", { origin: APP }).granted).toBe(true);
  });

  test("with two origins gets no grant", () => {
    expect(ask({ origins: [APP] }, "GET", { origin: [APP, APP] })).toMatchObject({
      granted: false,
      code: "decision/origin-multiple",
    });
    expect(ask({ origins: [APP] }, "GET", { origin: [] }).code).toBe("decision/no-origin");
  });

  test("may be an OPTIONS that is no preflight", () => {
    expect(ask({ origins: [APP] }, "OPTIONS", { origin: APP })).toMatchObject({ kind: "actual", granted: true });
    expect(ask({ origins: [APP] }, "OPTIONS", { "access-control-request-method": "PUT" }).kind).toBe("not-cors");
  });
});

describe("a preflight", () => {
  const config: PolicyConfig = {
    origins: [APP],
    methods: ["PUT", "DELETE"],
    requestHeaders: ["X-A", "content-type"],
    maxAgeSeconds: 0,
  };

  test("is granted with the full lists", () => {
    const decision = preflight(config, "PUT", "content-type,x-a");
    expect(decision).toMatchObject({ kind: "preflight", granted: true, status: 204 });
    expect(lines(decision)).toEqual([
      `Access-Control-Allow-Origin: ${APP}`,
      "Access-Control-Allow-Methods: PUT, DELETE",
      "Access-Control-Allow-Headers: x-a, content-type",
      "Access-Control-Max-Age: 0",
      "Vary: Origin",
    ]);
  });

  test("is granted with what was asked for, if the policy says so", () => {
    const requested: PolicyConfig = { ...config, origins: [APP], preflightAnswer: "requested" };
    expect(lines(preflight(requested, "PUT", "X-A"))).toEqual([
      `Access-Control-Allow-Origin: ${APP}`,
      "Access-Control-Max-Age: 0",
      "Access-Control-Allow-Methods: PUT",
      "Access-Control-Allow-Headers: X-A",
      "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    ]);
    expect(lines(preflight(requested, "GET"))).toHaveLength(3);
  });

  test("for a safelisted method is granted although no method is listed", () => {
    expect(preflight({ origins: [APP], requestHeaders: ["x-a"] }, "GET", "x-a").granted).toBe(true);
  });

  test.each([
    ["another origin", preflight(config, "PUT", "", "https://other.example"), "decision/origin-not-allowed", null],
    ["two origins", preflight(config, "PUT", "", `${APP}, ${APP}`), "decision/origin-multiple", null],
    ["a method that is not listed", preflight(config, "PATCH"), "decision/method-not-allowed", "PATCH"],
    ["a method in another case", preflight(config, "put"), "decision/method-not-allowed", "put"],
    ["a header that is not listed", preflight(config, "PUT", "x-a,x-b"), "decision/header-not-allowed", "x-b"],
    ["a list that is none", preflight(config, "PUT", "x-a;x-b"), "decision/headers-malformed", null],
    ["a name with a space", preflight(config, "PUT", "x-a x-b"), "decision/headers-malformed", null],
    ["a name that is none", preflight(config, "PUT", '"x-a"'), "decision/headers-malformed", null],
    ["a list without end", preflight(config, "PUT", ",".repeat(8193)), "decision/headers-too-long", null],
  ])("is refused with 403 and no CORS header for %s", (_name, decision, code, subject) => {
    expect(decision).toMatchObject({ kind: "preflight", granted: false, status: 403, code, subject });
    expect(lines(decision)).toEqual(["Vary: Origin"]);
  });

  test("is granted whatever the order, case, white space and number of lines", () => {
    for (const names of ["x-a, CONTENT-TYPE", ",, x-a\t,content-type ,", ["x-a", "content-type"], "", "x-a "]) {
      expect(preflight(config, "PUT", names).granted).toBe(true);
      expect(preflight(config, "PUT", names).granted).toBe(true);
    }
  });

  test("remembers no refused list", () => {
    const policy = createPolicy(config);
    const headers = { origin: APP, "access-control-request-method": "PUT" };
    for (const [names, isGranted] of [
      ["x-b", false],
      ["x-b", false],
      ["x-a", true],
      ["x-a", true],
      ["x-b", false],
    ] as const) {
      expect(
        decide(policy, { method: "OPTIONS", headers: { ...headers, "access-control-request-headers": names } }).granted,
      ).toBe(isGranted);
    }
  });

  test("for any header does not cover Authorization unless it is named", () => {
    expect(preflight({ origins: "*", requestHeaders: "*" }, "GET", "x-anything")).toMatchObject({ granted: true });
    expect(preflight({ origins: "*", requestHeaders: "*" }, "GET", "authorization")).toMatchObject({
      granted: false,
      subject: "authorization",
    });
    const named = preflight({ origins: "*", requestHeaders: ["*", "Authorization"] }, "GET", "authorization");
    expect(lines(named)).toContain("Access-Control-Allow-Headers: *, authorization");
  });

  test("for anything with credentials is answered by naming what was asked", () => {
    const decision = preflight({ origins: [APP], credentials: true, methods: "*", requestHeaders: "*" }, "PUT", "x-a");
    expect(lines(decision)).toEqual([
      `Access-Control-Allow-Origin: ${APP}`,
      "Access-Control-Allow-Credentials: true",
      "Access-Control-Allow-Methods: PUT",
      "Access-Control-Allow-Headers: x-a",
      "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    ]);
  });

  test("under the wildcard is answered with wildcards and no Vary", () => {
    expect(lines(preflight({ origins: "*", methods: "*", requestHeaders: "*" }, "PUT", "x-a"))).toEqual([
      "Access-Control-Allow-Origin: *",
      "Access-Control-Allow-Methods: *",
      "Access-Control-Allow-Headers: *",
    ]);
  });
});

test("a wildcard for methods grants and names methods only", () => {
  const any: PolicyConfig = { origins: [APP], credentials: true, methods: "*" };
  for (const method of ["PU\r\nX: y", "A B", "x".repeat(65)]) {
    expect(preflight(any, method)).toMatchObject({ granted: false, code: "decision/method-not-allowed" });
  }
});

test("a list that is mostly commas is refused after a few of them", () => {
  expect(preflight({ origins: [APP] }, "GET", ",".repeat(8000)).code).toBe("decision/headers-too-long");
});

describe("a danger", () => {
  test("of the null origin grants null, and nothing else does", () => {
    expect(ask({ origins: [APP] }, "GET", { origin: "null" }).granted).toBe(false);
    expect(ask({ origins: [APP], dangerouslyAllowNullOrigin: true }, "GET", { origin: "null" }).granted).toBe(true);
  });

  test("of reflection grants every origin by name, and no other bytes", () => {
    const config: PolicyConfig = { origins: "*", credentials: true, dangerouslyReflectAnyOrigin: true };
    expect(lines(ask(config, "GET", { origin: "https://any.test" }))[0]).toBe(
      "Access-Control-Allow-Origin: https://any.test",
    );
    expect(ask(config, "GET", { origin: "null" }).granted).toBe(false);
    for (const origin of ["a b", "a\tb", "a\r\nb", "a, b", "é", "x".repeat(600), "garbage<script>", ""])
      expect(ask(config, "GET", { origin }).granted).toBe(false);
  });
});

describe("a policy for the neighbours of CORS", () => {
  test("lets granted pages read timings", () => {
    const timing = (config: PolicyConfig, origin: string): string[] =>
      lines(ask(config, "GET", { origin })).filter((line) => line.startsWith("Timing"));
    expect(timing({ origins: [APP], exposeTiming: true }, APP)).toEqual([`Timing-Allow-Origin: ${APP}`]);
    expect(timing({ origins: [APP], exposeTiming: true }, "https://other.example")).toEqual([]);
    expect(timing({ origins: [APP] }, APP)).toEqual([]);
    expect(lines(ask({ origins: "*", exposeTiming: true }, "GET", {}))).toEqual([
      "Access-Control-Allow-Origin: *",
      "Timing-Allow-Origin: *",
    ]);
  });

  test("says of every response who may embed it", () => {
    const policy: PolicyConfig = { origins: [APP], crossOriginResourcePolicy: "same-site" };
    for (const headers of [{}, { origin: APP }, { origin: "https://other.example" }, { origin: [APP, APP] }])
      expect(lines(ask(policy, "GET", headers))).toContain("Cross-Origin-Resource-Policy: same-site");
    expect(lines(preflight({ ...policy, methods: ["PUT"] }, "PUT")).join()).not.toContain("same-site");
  });

  test("answers for a private network only by its danger, and only if asked", () => {
    const header = { "access-control-request-method": "GET", "access-control-request-private-network": "true" };
    const name = "Access-Control-Allow-Private-Network: true";
    const danger: PolicyConfig = { origins: [APP], dangerouslyAllowPrivateNetwork: true };
    expect(lines(ask(danger, "OPTIONS", { origin: APP, ...header }))).toContain(name);
    expect(lines(preflight(danger, "GET"))).not.toContain(name);
    expect(preflight(danger, "GET").vary).toBe("Origin, Access-Control-Request-Private-Network");
    expect(lines(ask({ origins: [APP] }, "OPTIONS", { origin: APP, ...header }))).not.toContain(name);
  });
});

test("debugging, a refused preflight carries the grants that did hold", () => {
  const policy = createPolicy({ origins: [APP], methods: ["PUT"], requestHeaders: ["x-a"], credentials: true });
  const refusal = (origin: string, method: string, names: string): Decision =>
    decide(
      policy,
      {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": method, "access-control-request-headers": names },
      },
      { debug: true },
    );
  for (const decision of [refusal(APP, "PATCH", ""), refusal(APP, "PUT", "x-b")]) {
    expect(decision).toMatchObject({ granted: false, status: 204 });
    expect(lines(decision)).toEqual([
      `Access-Control-Allow-Origin: ${APP}`,
      "Access-Control-Allow-Credentials: true",
      "Access-Control-Allow-Methods: PUT",
      "Access-Control-Allow-Headers: x-a",
      "Vary: Origin",
    ]);
  }
  const any = createPolicy({ origins: "*", methods: "*", requestHeaders: "*" });
  const anyRefusal = (method: string, names: string): string[] =>
    lines(
      decide(
        any,
        {
          method: "OPTIONS",
          headers: { origin: APP, "access-control-request-method": method, "access-control-request-headers": names },
        },
        { debug: true },
      ),
    );
  expect(anyRefusal("x".repeat(70), "")).toEqual(["Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"]);
  for (const names of ["x".repeat(300), "a b"])
    expect(anyRefusal("PUT", names)).toEqual(["Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *"]);
  expect(refusal("https://other.example", "PUT", "")).toMatchObject({ granted: false, status: 403, headers: [] });
});

test("no handler can change what the next request is answered", () => {
  const policy = createPolicy({ origins: [APP] });
  for (const origin of ["https://other.example", APP]) {
    const request = { method: "GET", headers: { origin } };
    const before = JSON.stringify(decide(policy, request));
    try {
      Object.assign(decide(policy, request).headers[0] ?? {}, { value: "spoiled" });
    } catch {
      // frozen
    }
    try {
      (decide(policy, request).headers as unknown[]).length = 0;
    } catch {
      // frozen
    }
    expect(JSON.stringify(decide(policy, request))).toBe(before);
  }
});
