import { afterEach, expect, test, vi } from "vitest";
import { cachedOriginLookup, createDynamicPolicy } from "../../src/adapters/dynamic.ts";
import { cors as forExpress } from "../../src/adapters/express.ts";
import { cors as forFastify } from "../../src/adapters/fastify.ts";
import { type ServerProblem, withCors } from "../../src/adapters/fetch.ts";
import { type DecisionEvent, cors } from "../../src/adapters/node.ts";
import { createPolicy } from "../../src/index.ts";

const APP = "https://app.example";
const EVIL = "https://evil.example";
const open = createPolicy({ origins: "*" });
const account = createPolicy({ origins: [APP], credentials: true });

function from(origin: string, path = "/"): Request {
  return new Request(`https://api.example${path}`, { headers: { origin } });
}

function grantOf(response: Response): string | null {
  return response.headers.get("access-control-allow-origin");
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a response that is kept takes no grant to a route that has no policy", async () => {
  const kept = new Response(null, { status: 404 });
  const handler = withCors(
    ({ path }) => (path.startsWith("/public/") ? open : null),
    () => kept,
  );
  expect(grantOf(await handler(from(EVIL, "/public/")))).toBe("*");
  expect(grantOf(await handler(from(EVIL, "/internal")))).toBeNull();
  expect(grantOf(await handler(from(APP, "/internal")))).toBeNull();
});

test("the inner policy decides although the response is copied on its way out", async () => {
  const problems: ServerProblem[] = [];
  const inner = withCors(account, () => new Response("x"));
  const copying = async (request: Request): Promise<Response> => {
    const response = await inner(request);
    return new Response(response.body, response);
  };
  const outer = withCors(open, copying, { onProblem: (problem) => problems.push(problem) });
  expect(grantOf(await outer(from(EVIL)))).toBeNull();
  expect(grantOf(await outer(from(APP)))).toBe(APP);
  expect(problems.map(({ code }) => code)).toEqual(["server/mounted-twice", "server/mounted-twice"]);
});

test("a handler that answers nothing is left to the runtime", async () => {
  for (const policy of [open, () => null])
    for (const nothing of [null, undefined])
      expect(await withCors(policy, () => nothing as never)(from(APP))).toBe(nothing);
});

test("a resolver that answers with no policy is reported, and nothing is granted", async () => {
  const problems: ServerProblem[] = [];
  const resolver = (() => undefined) as never;
  const handler = withCors(resolver, () => new Response("x"), { onProblem: (problem) => problems.push(problem) });
  expect(grantOf(await handler(from(APP)))).toBeNull();
  expect(problems.map(({ code }) => code)).toEqual(["server/lookup-failed"]);
  expect(problems[0]?.message).toContain("createPolicy");
});

test("a shadow that never answers keeps no decision from its observer", async () => {
  vi.stubGlobal("setTimeout", (callback: () => void) => {
    queueMicrotask(callback);
    return 0;
  });
  const events: DecisionEvent[] = [];
  const shadow = createDynamicPolicy({ origins: () => new Promise(() => {}) });
  const handler = withCors(account, () => new Response("x"), { shadow, onDecision: (event) => events.push(event) });
  expect(grantOf(await handler(from(APP)))).toBe(APP);
  await vi.waitFor(() => expect(events).toMatchObject([{ decision: { granted: true }, shadowDecision: null }]));
});

test("look-ups on their way are bounded, and more of them fail", async () => {
  const lookup = cachedOriginLookup(() => new Promise(() => {}), { timeToLiveMilliseconds: 1000, maxEntries: 2 });
  void Promise.allSettled([lookup(APP, { headers: {} }), lookup(EVIL, { headers: {} })]);
  expect(() => lookup("https://third.example", { headers: {} })).toThrow("More than 2 origins");
});

test("a resolver sees one spelling of a path", async () => {
  const paths: string[] = [];
  const handler = withCors(
    ({ path }) => {
      paths.push(path);
      return null;
    },
    () => new Response("x"),
  );
  for (const path of ["/a%7Cb", "/admin%3Ausers/", "/%2fa%5c%25", "/%c3%a9", "/x?y=/z"]) await handler(from(APP, path));
  expect(paths).toEqual(["/a|b", "/admin:users/", "/%2Fa%5C%25", "/%C3%A9", "/x"]);
});

test.each([
  ["requireAuth", true],
  ["jwtGuard", true],
  ["rate_limiter", true],
  ["oracle", false],
  ["authorLog", false],
  ["delimiter", false],
])("before CORS, %s is a guard: %s", (name, isGuard) => {
  const problems: ServerProblem[] = [];
  const middleware = forExpress(open, { onProblem: (problem) => problems.push(problem) });
  const handle = Object.defineProperty((): void => {}, "name", { value: name });
  const app = { _router: { stack: [{ handle }, { handle: middleware }] } };
  const response = { statusCode: 200, getHeader: () => "", setHeader: () => "", removeHeader: () => "", end: () => "" };
  void middleware({ method: "GET", url: "/", headers: {}, app }, response, () => "");
  expect(problems.map(({ code }) => code)).toEqual(isGuard ? ["server/mounted-behind-guard"] : []);
});

test("Fastify's plugin taken for the function that makes it says how to mount it", () => {
  expect(() => forFastify({ addHook: () => {} } as never)).toThrow("app.register(cors(policy))");
});

test("connect's middleware without a policy says so at once", () => {
  expect(() => cors(undefined as never)).toThrow();
});
