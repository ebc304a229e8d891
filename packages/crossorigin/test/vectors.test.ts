import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { type DecisionHeaderName, createPolicy, decide, parsePolicy } from "../src/index.ts";
import * as protocol from "../src/protocol/index.ts";
import { FakeNetwork, pageAt } from "./fake-network.ts";

interface Case {
  readonly id: string;
  readonly name: string;
  /** Numbers in docs/conformance.md. */
  readonly items?: readonly string[];
  readonly given: never;
  readonly expect: unknown;
}

interface VectorFile {
  readonly subject: string;
  readonly cases: readonly Case[];
}

const folder = join(import.meta.dirname, "../../../vectors");
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
const names = globSync("*.json", { cwd: folder })
  .filter((name) => name !== "schema.json")
  .toSorted();
const files = names.map((name) => ({ name, file: read(name) as VectorFile }));
const validate = new Ajv2020({ strict: false }).compile(read("schema.json") as object);

/** The result, or a promise of it. */
type Runner = (given: never) => unknown;
const runner = (run: Runner): Runner => run;

interface Lines {
  readonly lines: readonly string[];
}
interface Headers {
  readonly headers: readonly protocol.Header[];
}
interface Value {
  readonly value: string;
}
interface NameAndValue extends Value {
  readonly name: string;
}

const headersOf = (name: string, lines: readonly string[]): protocol.Header[] => lines.map((line) => [name, line]);
const originOf = (url: string | null): protocol.Origin =>
  url === null ? protocol.createOpaqueOrigin() : protocol.originOfUrl(new URL(url));
const profileNames = ["standard", "chromium", "firefox", "webkit"] as const;

interface DecisionCase {
  readonly policy: Parameters<typeof createPolicy>[0];
  readonly method: string;
  readonly headers: Readonly<Partial<Record<DecisionHeaderName, string>>>;
}

const runners: Readonly<Record<string, Runner>> = {
  policy: runner(({ config }: { config: unknown }) => {
    const parsed = parsePolicy(config);
    return { issues: parsed.ok ? [] : parsed.issues };
  }),
  decision: runner(({ policy, method, headers }: DecisionCase) => {
    const decision = decide(createPolicy(policy), { method, headers });
    return { ...decision, headers: decision.headers.map(({ name, value }) => `${name}: ${value}`) };
  }),
  method: runner(({ method }: { method: string }) => {
    const normalized = protocol.normalizeMethod(method);
    return {
      valid: protocol.isMethod(method),
      normalized,
      safelisted: protocol.isCorsSafelistedMethod(normalized),
      forbidden: protocol.isForbiddenMethod(method),
    };
  }),
  "header-value": runner(({ value }: Value) => ({
    normalized: protocol.normalizeHeaderValue(value),
    valid: protocol.isHeaderValue(value),
  })),
  "get-decode-split": runner(({ lines }: Lines) => ({
    values: protocol.getDecodeAndSplit(headersOf("x", lines), "X"),
  })),
  "sort-and-combine": runner(({ headers }: Headers) => ({ headers: protocol.sortAndCombine(headers) })),
  "token-list": runner(({ lines }: Lines) => {
    const extracted = protocol.extractTokenList(headersOf("x", lines), "X");
    return extracted.kind === "list" ? { outcome: "list", values: extracted.values } : { outcome: extracted.kind };
  }),
  "max-age": runner(({ lines }: Lines) => {
    const headers = headersOf("access-control-max-age", lines);
    const seconds = profileNames.map((name) => [
      name,
      protocol.preflightMaxAgeSeconds(headers, protocol.PROFILES[name]),
    ]);
    return { seconds: Object.fromEntries(seconds) as unknown };
  }),
  "mime-type-essence": runner(({ value }: Value) => ({ essence: protocol.mimeTypeEssence(value) })),
  "single-range": runner(({ value, allowWhitespace }: Value & { allowWhitespace: boolean }) => {
    const range = protocol.parseSingleRange(value, allowWhitespace);
    return { range: range && { start: range.start?.toString() ?? null, end: range.end?.toString() ?? null } };
  }),
  "safelisted-request-header": runner(({ name, value }: NameAndValue) => ({
    corsSafelisted: protocol.isCorsSafelistedRequestHeader(name, value),
    noCorsSafelisted: protocol.isNoCorsSafelistedRequestHeader(name, value),
  })),
  "unsafe-request-header-names": runner(({ headers }: Headers) => ({
    names: protocol.corsUnsafeRequestHeaderNames(headers),
  })),
  "unsafe-request-header-causes": runner(({ headers }: Headers) => ({
    unsafe: protocol.corsUnsafeRequestHeaders(headers).map(({ name, cause }) => {
      const { kind: rule, ...details } = cause;
      const detail = "byte" in details ? details : (Object.values<number | string | null>(details)[0] ?? null);
      return { name, rule, detail };
    }),
  })),
  "no-cors-safelisted-name": runner(({ name }: { name: string }) => ({
    safelisted: protocol.isNoCorsSafelistedRequestHeaderName(name),
    privileged: protocol.isPrivilegedNoCorsRequestHeaderName(name),
  })),
  "forbidden-response-header-name": runner(({ name }: { name: string }) => ({
    forbidden: protocol.isForbiddenResponseHeaderName(name),
  })),
  "forbidden-request-header": runner(({ name, value }: NameAndValue) => ({
    forbidden: protocol.isForbiddenRequestHeader(name, value),
  })),
  "exposed-headers": runner(({ headers, credentialsMode }: Headers & { credentialsMode: protocol.CredentialsMode }) => {
    const exposed = protocol.corsExposedHeaderNameList(headers, credentialsMode);
    return { visible: protocol.corsFilteredHeaders(headers, exposed).map(([name]) => name) };
  }),
  "serialized-origin": runner(({ serialized }: { serialized: string }) => {
    const origin = protocol.parseOrigin(serialized);
    return { origin: origin && { scheme: origin.scheme, host: origin.host, port: origin.port } };
  }),
  "url-origin": runner(({ url }: { url: string }) => ({ serialized: protocol.serializeOrigin(originOf(url)) })),
  site: runner(({ a, b }: { a: string; b: string }) => ({
    sameOrigin: protocol.isSameOrigin(originOf(a), originOf(b)),
    sameSite: protocol.isSameSite(originOf(a), originOf(b)),
    schemelesslySameSite: protocol.isSchemelesslySameSite(originOf(a), originOf(b)),
  })),
  "redirect-taint": runner(({ origin, urls }: { origin: string | null; urls: readonly string[] }) => {
    const request = { origin: originOf(origin), urlList: urls.map((url) => new URL(url)) };
    return { taint: protocol.redirectTaint(request), serializedOrigin: protocol.byteSerializeRequestOrigin(request) };
  }),
  redirect: runner(async ({ origin, credentialsMode, hops }: RedirectCase) => {
    const network = new FakeNetwork(({ url }) => {
      const index = hops.findIndex((hop) => hop.url === url.href);
      const next = hops[index + 1];
      const headers = hops[index]?.headers ?? [];
      return next === undefined ? { headers } : { status: 302, headers: [...headers, ["Location", next.url]] };
    });
    const { url = "" } = hops[0] ?? {};
    const { response, reason } = await network.fetch({ url, client: pageAt(origin), credentialsMode });
    const origins = network.header("Origin").map((value) => value ?? null);
    if (reason !== null) return { origins, shared: false, hop: reason.hop, code: reason.code };
    return { origins, shared: true, tainting: response.type };
  }),
  "cors-check": runner((given: protocol.CorsCheckRequest & Headers) => {
    const result = protocol.corsCheck(given, given.headers);
    return result.ok ? { passes: true } : { passes: false, code: result.code };
  }),
  "tao-check": runner(
    (
      given: Omit<protocol.TaoCheckRequest, "origin" | "urlList" | "currentUrl"> &
        Lines & { origin: string; urls: readonly string[] },
    ) => {
      const urlList = given.urls.map((url) => new URL(url));
      const currentUrl = urlList.at(-1) ?? new URL(given.origin);
      const request = { ...given, origin: originOf(given.origin), urlList, currentUrl };
      return { passes: protocol.taoCheck(request, headersOf("timing-allow-origin", given.lines)) };
    },
  ),
  "cross-origin-resource-policy": runner(
    (
      given: Lines & {
        origin: string | null;
        url: string;
        embedderPolicy: protocol.EmbedderPolicyValue;
        requestIncludesCredentials: boolean;
      },
    ) => {
      const headers = headersOf("cross-origin-resource-policy", given.lines);
      const response = {
        url: new URL(given.url),
        headers,
        requestIncludesCredentials: given.requestIncludesCredentials,
      };
      const result = protocol.crossOriginResourcePolicyCheck(originOf(given.origin), given.embedderPolicy, response);
      return result.ok ? { allowed: true } : { allowed: false, code: result.code };
    },
  ),
  "bad-port": runner(({ url }: { url: string }) => ({ blocked: protocol.isBlockedDueToABadPort(new URL(url)) })),
  "preflight-request": runner(({ method, headers }: Headers & { method: string }) => ({
    headers: protocol.corsPreflightRequestHeaders(method, headers),
  })),
  "preflight-response": runner(
    (given: {
      request: protocol.PreflightedRequest;
      response: protocol.PreflightResponse;
      profile: protocol.ProfileName;
    }) => {
      const judged = protocol.judgeCorsPreflightResponse(
        given.request,
        given.response,
        protocol.PROFILES[given.profile],
      );
      if (!judged.ok)
        return { granted: false, defects: judged.defects.map(({ code, subject }) => ({ code, subject })) };
      const { methods, headerNames, maxAgeSeconds } = judged;
      return { granted: true, grant: { methods, headerNames, maxAgeSeconds } };
    },
  ),
  "preflight-cache": runner((given: { profile: protocol.ProfileName; steps: readonly CacheStep[] }) => {
    let now = 0;
    const cache = new protocol.CorsPreflightCache({ now: () => now }, protocol.PROFILES[given.profile]);
    const hits: boolean[] = [];
    for (const step of given.steps) {
      now = step.at;
      const request = { ...step.request, currentUrl: new URL(step.request.url) };
      if (step.op === "store") cache.store(request, step.methods, step.headerNames, step.maxAgeSeconds);
      else if (step.op === "clear") cache.clear(request);
      else if (step.op === "match-method") hits.push(cache.hasMethodMatch(request, step.method));
      else hits.push(cache.hasHeaderNameMatch(request, step.headerName));
    }
    return { hits };
  }),
};

interface RedirectCase {
  readonly origin: string;
  readonly credentialsMode: protocol.CredentialsMode;
  readonly hops: readonly (Headers & { readonly url: string })[];
}

type CacheStep = {
  readonly at: number;
  readonly request: Omit<protocol.CacheRequest, "currentUrl"> & { readonly url: string };
} & (
  | {
      readonly op: "store";
      readonly methods: readonly string[];
      readonly headerNames: readonly string[];
      readonly maxAgeSeconds: number;
    }
  | { readonly op: "match-method"; readonly method: string }
  | { readonly op: "match-header-name"; readonly headerName: string }
  | { readonly op: "clear" }
);

test("no id is used twice", () => {
  const ids = files.flatMap(({ file }) => file.cases.map(({ id }) => id));
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("every subject has a file, and every file a subject", () => {
  expect(files.map(({ file }) => file.subject).toSorted()).toEqual(Object.keys(runners).toSorted());
});

describe.each(files)("$name", ({ name, file }) => {
  test("follows the schema", () => {
    const { subject } = file;
    expect(subject).toBe(basename(name, ".json"));
    const isValid = validate(file);
    expect(
      isValid ? [] : validate.errors?.filter(({ schemaPath }) => schemaPath.includes(`/$defs/${subject}/`)),
    ).toEqual([]);
    expect(isValid).toBe(true);
  });

  const titled = file.cases.map((each) => ({
    ...each,
    prefix: each.items === undefined ? "" : `${each.items.join(", ")}: `,
  }));
  test.each(titled)("$prefix$name ($id)", async ({ given, expect: expected }) => {
    expect(await runners[file.subject]?.(given)).toMatchObject(expected as object);
  });
});
