/** What a fetch handler may answer with, and what becomes of it. */

import { createServer } from "node:http";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type FetchCorsOptions, withCors } from "../../src/adapters/fetch.ts";
import { cors } from "../../src/adapters/hono.ts";
import type { PolicyConfig } from "../../src/index.ts";
import { listen } from "../contract/servers/listening.ts";

const APP = "https://app.example";
const policy: PolicyConfig = { origins: [APP], credentials: true };

const ask = (origin: string = APP): Request => new Request("https://api.example/x", { headers: { Origin: origin } });

interface Upstream {
  readonly port: number;
  readonly close: () => Promise<unknown>;
}
let upstream: Upstream;
beforeAll(async () => {
  const headers = { "Access-Control-Allow-Origin": "*", "Set-Cookie": ["a=1", "b=2"], Vary: "Accept" };
  upstream = await listen(createServer((_request, response) => response.writeHead(203, headers).end("upstream")));
});
afterAll(() => upstream.close());

const forward = (): Promise<Response> => fetch(`http://127.0.0.1:${upstream.port}/`);

describe.each<[string, (options: FetchCorsOptions, handler: () => Promise<Response>) => Promise<Response>]>([
  ["withCors", async (options, handler) => withCors(policy, handler, options)(ask())],
  [
    "Hono",
    async (options, handler) => {
      const app = new Hono();
      app.use(cors(policy, options));
      app.get("/x", handler);
      return app.fetch(ask());
    },
  ],
])("an answer that comes from upstream and cannot be changed, by %s", (_by, answer) => {
  test("gets the policy's grant and keeps everything else", async () => {
    const response = await answer({ onProblem: () => {} }, forward);
    expect([response.status, await response.text(), response.headers.getSetCookie()]).toEqual([
      203,
      "upstream",
      ["a=1", "b=2"],
    ]);
    expect([response.headers.get("Access-Control-Allow-Origin"), response.headers.get("Vary")]).toEqual([
      APP,
      "Accept, Origin",
    ]);
  });

  test("is reported once for the line that gives way", async () => {
    const codes: string[] = [];
    await answer({ onProblem: ({ code }) => void codes.push(code) }, forward);
    expect(codes).toEqual(["server/grant-already-set"]);
  });
});

describe("an error that a handler throws", () => {
  const failing = (error: unknown, options: FetchCorsOptions = {}): Promise<Response> =>
    Promise.resolve(
      withCors(
        policy,
        () => {
          throw error;
        },
        options,
      )(ask()),
    );

  test("becomes the answer that the server chooses, with the grant", async () => {
    const response = await failing(new Error("oh"), {
      onError: (error) => new Response((error as Error).message, { status: 418 }),
    });
    expect([response.status, await response.text(), response.headers.get("Access-Control-Allow-Origin")]).toEqual([
      418,
      "oh",
      APP,
    ]);
  });

  test("is an empty 500 by default, with the grant, and goes to the console", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    const error = new Error("oh");
    const response = await failing(error);
    expect([response.status, await response.text(), response.headers.get("Access-Control-Allow-Origin")]).toEqual([
      500,
      "",
      APP,
    ]);
    expect(printed.mock.calls).toEqual([[error]]);
  });

  test("goes to where the platform wants errors reported, if it has that", async () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    onTestFinished(() => void vi.unstubAllGlobals());
    const error = new Error("oh");
    expect((await failing(error)).status).toBe(500);
    expect(reported).toEqual([error]);
  });

  test("is the answer if it is a response", async () => {
    const response = await failing(new Response("thrown", { status: 403 }));
    expect([response.status, response.headers.get("Access-Control-Allow-Origin")]).toEqual([403, APP]);
  });

  test.each([
    ["an error that steers a framework", Object.assign(new Error("steer"), { digest: "NEXT_REDIRECT" })],
    ["no error", "text"],
  ])("is thrown on if it is %s", async (_what, error) => {
    await expect(failing(error)).rejects.toBe(error);
  });
});

test("a network error stays one", async () => {
  const response = await withCors(policy, () => Response.error())(ask());
  expect(response.type).toBe("error");
});

describe("a response that is used again", () => {
  test("while the answer before is on its way has the grant of each request on its own", async () => {
    const shared = new Response(null, { status: 204 });
    const handler = withCors({ origins: [APP, "https://other.example"], exposeTiming: true }, async () => shared);
    const answers = await Promise.all(
      [APP, "https://other.example", "https://evil.test"].map(async (origin) => handler(ask(origin))),
    );
    expect(
      answers.map(({ headers }) => [headers.get("Access-Control-Allow-Origin"), headers.get("Timing-Allow-Origin")]),
    ).toEqual([
      [APP, APP],
      ["https://other.example", "https://other.example"],
      [null, null],
    ]);
  });

  test("behind two policies has the inner one's decision each time", async () => {
    const shared = new Response(null, { status: 204 });
    const codes: string[] = [];
    const options = { onProblem: ({ code }: { code: string }) => void codes.push(code) };
    const inner = withCors({ origins: ["https://other.example"] }, () => shared, options);
    const handler = withCors(policy, inner, options);
    for (const origin of ["https://other.example", APP, "https://other.example"]) {
      const { headers } = await handler(ask(origin));
      expect(headers.get("Access-Control-Allow-Origin")).toBe(origin === APP ? null : origin);
    }
    expect(codes).toEqual(Array.from({ length: 3 }, () => "server/mounted-twice"));
  });
});
