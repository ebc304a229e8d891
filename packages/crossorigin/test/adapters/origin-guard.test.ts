import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import http2 from "node:http2";
import { type AddressInfo, connect } from "node:net";
import express from "express";
import { afterEach, describe, expect, test } from "vitest";
import { cors } from "../../src/adapters/node.ts";
import { LivePolicy, createDynamicPolicy } from "../../src/adapters/dynamic.ts";
import { withCors } from "../../src/adapters/fetch.ts";
import {
  type GuardEvent,
  type OriginGuardOptions,
  type PolicySource,
  originGuard,
  withOriginGuard,
} from "../../src/adapters/origin-guard.ts";
import { PolicyError, createPolicy } from "../../src/index.ts";

const APP = "https://app.example";
const policy = createPolicy({ origins: [APP] });

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

async function exchange(handler: Handler, lines: readonly string[]): Promise<string> {
  const server = createServer(handler);
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.end(`${lines.join("\r\n")}\r\nHost: api.example\r\nConnection: close\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

function guardedHandler(source: PolicySource, options?: OriginGuardOptions): Handler {
  const guard = originGuard(source, options);
  return (request, response) => guard(request, response, () => response.end("written"));
}

const post = (...lines: string[]): string[] => ["POST / HTTP/1.1", "Content-Length: 0", ...lines];

describe("middleware for Node's servers", () => {
  test("lets own pages, listed origins, programs and reads pass, as they are", async () => {
    for (const lines of [
      post("Sec-Fetch-Site: same-origin", "Origin: https://api.example"),
      post("Origin: https://api.example"),
      post("Sec-Fetch-Site: cross-site", `Origin: ${APP}`),
      post(),
      ["GET / HTTP/1.1", "Sec-Fetch-Site: cross-site", "Origin: https://evil.test"],
    ]) {
      const answer = await exchange(guardedHandler(policy), lines);
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer).toMatch(/written$/);
      expect(answer).not.toContain("Vary");
    }
  });

  test("answers everything else with a few words, which say nothing of policy and request", async () => {
    const answer = await exchange(
      guardedHandler(policy),
      post("Sec-Fetch-Site: cross-site", "Origin: https://evil.test"),
    );
    const [head = "", body] = answer.split("\r\n\r\n");
    expect(head.split("\r\n").filter((line) => !/^(?:Date|Connection):/.test(line))).toEqual([
      "HTTP/1.1 403 Forbidden",
      "Content-Type: text/plain; charset=utf-8",
      "Vary: Origin, Sec-Fetch-Site",
      "Content-Length: 63",
    ]);
    expect(body).toBe("This request comes from another origin, which may not make it.\n");
  });

  test("refuses two lines of Origin, on the wire, too", async () => {
    expect(await exchange(guardedHandler(policy), post(`Origin: ${APP}`, `Origin: ${APP}`))).toContain(" 403 ");
    expect(
      await exchange(guardedHandler(policy), post("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site")),
    ).toContain(" 403 ");
  });

  test("guards handshakes that come by as requests", async () => {
    const lines = ["GET / HTTP/1.1", "Upgrade: websocket", "Origin: https://evil.test"];
    expect(await exchange(guardedHandler(policy), lines)).toContain(" 403 ");
  });

  test("adds to Vary", async () => {
    for (const vary of ["Accept", ["Accept", "origin"]]) {
      const guard = originGuard(policy);
      const answer = await exchange(
        (request, response) => guard(request, response.setHeader("Vary", vary), () => response.end()),
        post("Origin: null"),
      );
      expect(answer).toMatch(/Vary: Accept, origin, Sec-Fetch-Site\r\n/i);
    }
  });

  test("goes behind CORS, which then lets a granted page read the refusal of a null one", async () => {
    const guard = originGuard({ origins: "*" });
    const shared = cors({ origins: "*" });
    const answer = await exchange(
      (request, response) => shared(request, response, () => guard(request, response, () => response.end())),
      post("Sec-Fetch-Site: cross-site", `Origin: ${APP}`),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain("Access-Control-Allow-Origin: *");
    expect(answer).toContain("Vary: Origin, Sec-Fetch-Site");
  });

  test("takes every kind of policy", async () => {
    const dynamic = createDynamicPolicy({ origins: (origin) => Promise.resolve(origin === APP) });
    const sources: PolicySource[] = [
      { origins: [APP] },
      new LivePolicy(policy),
      dynamic,
      () => policy,
      ({ path }) => Promise.resolve(path === "/" ? dynamic : null),
    ];
    for (const source of sources) {
      expect(await exchange(guardedHandler(source), post(`Origin: ${APP}`))).toContain(" 200 ");
      expect(await exchange(guardedHandler(source), post("Origin: https://evil.test"))).toContain(" 403 ");
    }
    expect(
      await exchange(
        guardedHandler(() => null),
        post(`Origin: ${APP}`),
      ),
    ).toContain(" 403 ");
  });

  test("answers 503 if nobody can say, and tells why", async () => {
    const down = new Error("down: password is secret");
    const sources: PolicySource[] = [
      createDynamicPolicy({ origins: () => Promise.reject(down) }),
      () => Promise.reject(down),
      () => {
        throw down;
      },
    ];
    for (const source of sources) {
      const events: GuardEvent[] = [];
      const answer = await exchange(
        guardedHandler(source, { onDecision: (event) => events.push(event) }),
        post(`Origin: ${APP}`),
      );
      expect(answer).toMatch(/^HTTP\/1\.1 503 /);
      expect(answer).toContain("Vary: Origin, Sec-Fetch-Site");
      expect(answer).not.toContain("secret");
      expect(events).toMatchObject([{ decision: { code: "guard/lookup-failed" }, error: down }]);
    }
  });

  test("does not look for a policy that has no say", async () => {
    const source = (): never => expect.unreachable();
    expect(await exchange(guardedHandler(source), post("Origin: https://api.example"))).toContain(" 200 ");
    expect(await exchange(guardedHandler(source), post(`Origin: ${APP}, ${APP}`))).toContain(" 403 ");
  });

  test("tells every decision, and is not stopped by who listens", async () => {
    const events: GuardEvent[] = [];
    const handler = guardedHandler(policy, {
      onDecision: (event) => {
        events.push(event);
        throw new Error("observer");
      },
    });
    expect(await exchange(handler, post(`Origin: ${APP}`))).toContain(" 200 ");
    expect(events).toEqual([
      {
        request: { method: "POST", requestedMethod: "POST", path: "/", origin: APP },
        decision: { passes: true, code: "guard/origin-granted", status: null },
        error: undefined,
      },
    ]);
  });

  test("leaves a response alone that was answered meanwhile", async () => {
    const guard = originGuard(createDynamicPolicy({ origins: () => Promise.resolve(false) }));
    let guarding: unknown;
    const answer = await exchange(
      (request, response) => {
        guarding = guard(request, response, () => expect.unreachable());
        response.end("timed out");
      },
      post(`Origin: ${APP}`),
    );
    expect(answer).toMatch(/timed out$/);
    expect(await guarding).toBeUndefined();
  });

  test("knows a page of its own over HTTP/2", async () => {
    const guard = originGuard(policy);
    const server = http2.createServer((request, response) => guard(request, response, () => response.end("written")));
    closing.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const session = http2.connect(`http://127.0.0.1:${port}`);
    closing.push(() => session.close());
    const ask = (origin: string): Promise<unknown> =>
      new Promise((resolve) => {
        const stream = session.request({ ":method": "POST", origin });
        stream.on("response", (headers) => resolve(headers[":status"]));
        stream.resume().end();
      });
    expect(await ask(`http://127.0.0.1:${port}`)).toBe(200);
    expect(await ask("https://evil.test")).toBe(403);
  });

  test("is Express's middleware, with the path as the client sent it", async () => {
    const paths: string[] = [];
    const app = express();
    app.use("/api", originGuard(policy, { onDecision: ({ request }) => void paths.push(request.path) }));
    app.post("/api/items", (_request, response) => void response.send("written"));
    const handler = (request: IncomingMessage, response: ServerResponse): unknown => app(request, response);
    const lines = (origin: string): string[] => [
      "POST /api/items?x HTTP/1.1",
      "Content-Length: 0",
      `Origin: ${origin}`,
    ];
    expect(await exchange(handler, lines(APP))).toMatch(/written$/);
    expect(await exchange(handler, lines("https://evil.test"))).toContain(" 403 ");
    expect(paths).toEqual(["/api/items", "/api/items"]);
  });

  test("is refused when it is built if its policy or options are", () => {
    expect(() => originGuard({ origins: [] })).toThrow(PolicyError);
    expect(() => originGuard(policy, { ownOrigins: ["app.example"] })).toThrow("https://app.example");
  });
});

describe("the wrapper of fetch handlers", () => {
  const ask = (
    headers: Readonly<Record<string, string>>,
    source: PolicySource = policy,
    method: string = "POST",
  ): Response | Promise<Response> =>
    withOriginGuard(source, () => new Response("written"))(new Request("https://api.example/x", { method, headers }));

  test("lets pass and refuses as the middleware does", async () => {
    const status = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).status;
    expect(await status({ Origin: APP, "Sec-Fetch-Site": "cross-site" })).toBe(200);
    expect(await status({ Origin: "https://api.example" })).toBe(200);
    expect(await status({ Origin: "https://api.example", Host: "other.example" })).toBe(403);
    expect(await status({ Origin: "https://evil.test" }, policy, "GET")).toBe(200);
    expect(await status({ Origin: "https://evil.test", Upgrade: "websocket" }, policy, "GET")).toBe(403);
    expect(await status({ Origin: APP }, () => Promise.reject(new Error("down")))).toBe(503);
    const dynamic = createDynamicPolicy({ origins: (origin) => Promise.resolve(origin === APP) });
    expect(await status({ Origin: APP }, dynamic)).toBe(200);
    expect(await status({ Origin: APP }, ({ path }) => (path === "/x" ? policy : null))).toBe(200);
  });

  test("answers a refused request itself", async () => {
    const response = await ask({ Origin: "https://evil.test" });
    expect([response.status, ...response.headers]).toEqual([
      403,
      ["content-type", "text/plain; charset=utf-8"],
      ["vary", "Origin, Sec-Fetch-Site"],
    ]);
    expect(await response.text()).toMatch(/^[A-Z][a-z, ]+\.\n$/);
  });

  test("goes within that of CORS, which answers preflights", async () => {
    const handler = withCors(
      { origins: [APP], methods: ["PUT"] },
      withOriginGuard(policy, (request: Request) => new Response(request.method)),
    );
    const request = new Request("https://api.example/", { method: "PUT", headers: { Origin: APP } });
    expect(await (await handler(request)).text()).toBe("PUT");
  });

  test("hands further arguments on", async () => {
    const handler = withOriginGuard(policy, (_request: Request, { name }: { name: string }) => new Response(name));
    expect(await (await handler(new Request("https://api.example/"), { name: "env" })).text()).toBe("env");
  });

  test("needs a handler", () => {
    expect(() => withOriginGuard(policy, undefined as never)).toThrow(TypeError);
  });
});
