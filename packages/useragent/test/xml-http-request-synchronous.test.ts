import { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Client, networkErrorReason } from "@crossorigin/useragent";
import { agent, until } from "./loopback.ts";
import { traced } from "./xml-http-request-trace.ts";

/** A server in a thread of its own, as the test's thread is blocked while it waits for the answer. */
const SERVER = `
  const { createServer } = require("node:http");
  const { parentPort } = require("node:worker_threads");
  const requests = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      requests.push({ line: method + " " + url, cookie: headers.cookie, type: headers["content-type"], body: Buffer.concat(chunks).toString() });
      if (url !== "/withheld") response.setHeader("Access-Control-Allow-Origin", headers.origin ?? "*");
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Allow-Methods", "PUT");
      response.setHeader("Access-Control-Allow-Headers", "content-type");
      response.setHeader("Access-Control-Max-Age", "600");
      if (url === "/break") { response.setHeader("Content-Length", 9); response.write("half"); setTimeout(() => response.destroy(), 20); return; }
      if (url.startsWith("/login/") && headers.authorization === undefined) { response.writeHead(401, { "WWW-Authenticate": "Basic realm=x" }).end(); return; }
      if (url === "/never") return;
      if (url === "/set") response.setHeader("Set-Cookie", "a=1; Path=/");
      if (url === "/redirect") response.writeHead(302, { Location: "/to#x" }).end();
      else response.end(method === "OPTIONS" ? "" : "hello");
    });
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
  parentPort.on("message", (asked) => {
    if (asked === "requests") parentPort.postMessage(requests);
    else server.getConnections((_, count) => parentPort.postMessage(count));
  });
`;

interface Recorded {
  readonly line: string;
  readonly cookie?: string;
  readonly type?: string;
  readonly body: string;
}

interface ThreadedServer {
  readonly port: number;
  readonly requests: () => Promise<Recorded[]>;
  readonly openConnections: () => Promise<number>;
}

async function serveInThread(): Promise<ThreadedServer> {
  const worker = new Worker(SERVER, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  const next = <T>(): Promise<T> => new Promise((resolve) => void worker.once("message", resolve));
  const ask = <T>(question: string): Promise<T> => {
    const answer = next<T>();
    worker.postMessage(question, []);
    return answer;
  };
  const port = await next<number>();
  return { port, requests: () => ask("requests"), openConnections: () => ask("connections") };
}

describe("a synchronous request", () => {
  test("25.14: has its response when send() returns, and only the events of the end", async () => {
    const { port } = await serveInThread();
    const { page, trace } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${port}/redirect`, false);
    xhr.send();
    expect([xhr.readyState, xhr.status, xhr.responseText, xhr.responseURL]).toEqual([
      4,
      200,
      "hello",
      `http://bar.other:${port}/to`,
    ]);
    expect(events.seen).toEqual(["readystatechange 1", "readystatechange 4", "load 4 5/5", "loadend 4 5/5"]);
    expect(trace.filter(({ type }) => type === "request" || type === "redirect")).toHaveLength(3);
  });

  test("25.08: throws a NetworkError when the response is withheld, and tells no event of it", async () => {
    const { port } = await serveInThread();
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${port}/withheld`, false);
    let thrown: unknown;
    try {
      xhr.send();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(DOMException);
    expect(thrown).toHaveProperty("name", "NetworkError");
    expect(networkErrorReason(thrown)?.code).toBe("cors-check/allow-origin-missing");
    expect(networkErrorReason(xhr)?.trace.at(-1)?.type).toBe("network-error");
    expect(events.seen).toEqual(["readystatechange 1"]);
    expect([xhr.readyState, xhr.status, xhr.responseText]).toEqual([4, 0, ""]);
  });

  test("throws when the body breaks off, and can be sent again", async () => {
    const { port } = await serveInThread();
    const { page } = agent();
    const { xhr } = traced(page);
    xhr.open("GET", `http://bar.other:${port}/break`, false);
    expect(() => xhr.send()).toThrow("The synchronous request failed.");
    expect(networkErrorReason(xhr)?.code).toBe("network/connection-reset");
    xhr.open("GET", `http://bar.other:${port}/`, false);
    xhr.send();
    expect(xhr.responseText).toBe("hello");
  });

  test("21.02: shares what answered a challenge with the page's other requests", async () => {
    const { port, requests } = await serveInThread();
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${port}/` });
    const status = (path: string, user: string | null): number => {
      const { xhr } = traced(page);
      xhr.open("GET", path, false, user, user);
      xhr.send();
      return xhr.status;
    };
    expect([status("/login/a", null), status("/login/a", "u"), status("/login/b", null)]).toEqual([401, 200, 200]);
    expect((await page.fetch("/login/c")).status).toBe(200);
    userAgent.clearAuthenticationEntries();
    expect((await page.fetch("/login/x/")).status).toBe(401);
    expect([status("/login/x/y/", "u"), (await page.fetch("/login/")).status, status("/login/", null)]).toEqual([
      200, 200, 200,
    ]);
    expect((await requests()).map(({ line }) => line)).toHaveLength(11);
  });

  test("shares cookies and preflights with the page's other requests", async () => {
    const { port, requests } = await serveInThread();
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${port}/` });
    const send = (method: string, url: string, isAsync: boolean): Promise<void> => {
      const { xhr, events } = traced(page);
      const end = isAsync ? events.end() : Promise.resolve();
      xhr.open(method, url, isAsync);
      xhr.send(method === "PUT" ? new Blob(["blob"], { type: "text/x" }) : null);
      return end;
    };
    await send("GET", "/set", false);
    expect(page.cookies.get()).toBe("a=1");
    page.cookies.set("b=2");
    await send("GET", "/get", false);
    await send("PUT", `http://bar.other:${port}/sync-first`, false);
    await send("PUT", `http://bar.other:${port}/sync-first`, true);
    await send("PUT", `http://bar.other:${port}/async-first`, true);
    await send("PUT", `http://bar.other:${port}/async-first`, false);
    const recorded = await requests();
    expect(recorded[1]?.cookie).toBe("a=1; b=2");
    expect(recorded.slice(2).map(({ line, body }) => `${line} ${body}`)).toEqual([
      "OPTIONS /sync-first ",
      "PUT /sync-first blob",
      "PUT /sync-first blob",
      "OPTIONS /async-first ",
      "PUT /async-first blob",
      "PUT /async-first blob",
    ]);
  });

  test("asks the resolve option, which must answer at once", async () => {
    const { port } = await serveInThread();
    const asked: string[] = [];
    const { page } = agent({
      resolve: (hostname) => {
        asked.push(hostname);
        return hostname === "bar.other" ? "127.0.0.1" : Promise.resolve("127.0.0.1");
      },
    });
    const { xhr } = traced(page);
    xhr.open("GET", `http://bar.other:${port}/`, false);
    xhr.send();
    expect(xhr.status).toBe(200);
    xhr.open("GET", `http://baz.other:${port}/`, false);
    expect(() => xhr.send()).toThrow("failed");
    expect(networkErrorReason(xhr)).toMatchObject({ code: "network/resolve-option-failed" });
    expect(networkErrorReason(xhr)?.subject).toContain("a promise, which cannot be waited for");
    expect(asked).toEqual(["bar.other", "baz.other"]);
  });

  test("cannot be sent from what it asks itself, and survives answers that cannot be passed on", async () => {
    const { port } = await serveInThread();
    let answer = (): unknown => "127.0.0.1";
    const { page } = agent({ resolve: () => answer() as string });
    const send = (): string => {
      const { xhr } = traced(page);
      xhr.open("GET", `http://bar.other:${port}/${Math.random()}`, false);
      try {
        xhr.send();
      } catch {
        return networkErrorReason(xhr)?.subject ?? "";
      }
      return xhr.responseText;
    };
    let nested = "";
    answer = () => {
      nested = send();
      return "127.0.0.1";
    };
    expect(send()).toBe("hello");
    expect(nested).toContain("another synchronous request is under way");
    const { xhr } = traced(page);
    answer = () => () => {};
    xhr.open("GET", `http://baz.other:${port}/`, false);
    expect(() => xhr.send()).toThrow("failed");
    expect(networkErrorReason(xhr)?.subject).toContain("DataCloneError");
    answer = () => "127.0.0.1";
    expect(send()).toBe("hello");
  });

  test("in a page has neither a timeout nor a responseType", () => {
    const { page } = agent();
    const { xhr } = traced(page);
    xhr.timeout = 1;
    expect(() => xhr.open("GET", "/", false)).toThrow(expect.objectContaining({ name: "InvalidAccessError" }));
    xhr.timeout = 0;
    xhr.open("GET", "/", false);
    expect(() => (xhr.timeout = 1)).toThrow(expect.objectContaining({ name: "InvalidAccessError" }));
    expect(() => (xhr.responseType = "json")).toThrow(expect.objectContaining({ name: "InvalidAccessError" }));
  });

  test("in a worker may have a responseType", async () => {
    const { port } = await serveInThread();
    const { userAgent } = agent();
    const { xhr } = traced(userAgent.client({ url: "http://foo.example/worker.js", worker: true }));
    xhr.responseType = "arraybuffer";
    xhr.responseType = "document"; // ignored
    expect(xhr.responseType).toBe("arraybuffer");
    xhr.open("GET", `http://bar.other:${port}/`, false);
    xhr.send();
    expect(new TextDecoder().decode(xhr.response as ArrayBuffer)).toBe("hello");
  });

  test("in a worker may have a timeout, after which it throws a TimeoutError", async () => {
    const { port, openConnections } = await serveInThread();
    const { userAgent } = agent();
    const { xhr, events } = traced(userAgent.client({ url: "http://foo.example/worker.js", worker: true }));
    xhr.open("GET", `http://bar.other:${port}/never`, false);
    xhr.timeout = 50;
    expect(() => xhr.send()).toThrow(expect.objectContaining({ name: "TimeoutError" }));
    expect(networkErrorReason(xhr)).toMatchObject({
      code: "network/timeout",
      subject: "the request's timeout of 50 ms has passed",
    });
    expect([xhr.readyState, events.seen]).toEqual([4, ["readystatechange 1"]]);
    await until(async () => (await openConnections()) === 0);
    xhr.timeout = 0;
    xhr.open("GET", `http://bar.other:${port}/`, false);
    xhr.send();
    expect(xhr.responseText).toBe("hello");
  });

  test("of a page with an opaque origin leaves no connection that no other could use", async () => {
    const { port, openConnections } = await serveInThread();
    const { page, userAgent } = agent();
    const opaque = userAgent.client({ url: "http://foo.example/", opaqueOrigin: true });
    const send = ({ XMLHttpRequest }: Client): void => {
      const xhr = new XMLHttpRequest();
      xhr.open("GET", `http://bar.other:${port}/`, false);
      xhr.send();
      expect(xhr.status).toBe(200);
    };
    for (let count = 0; count < 3; count++) send(opaque);
    send(page);
    await until(async () => (await openConnections()) === 1);
  });

  test("of a page with an opaque origin keeps its preflights to itself", async () => {
    const { port, requests } = await serveInThread();
    const { userAgent } = agent();
    for (let count = 0; count < 2; count++) {
      const page = userAgent.client({ url: "http://foo.example/", opaqueOrigin: true });
      for (let time = 0; time < 2; time++) {
        const { xhr } = traced(page);
        xhr.open("PUT", `http://bar.other:${port}/`, false);
        xhr.send();
      }
    }
    const lines = (await requests()).map(({ line }) => line);
    expect(lines).toEqual(["OPTIONS /", "PUT /", "PUT /", "OPTIONS /", "PUT /", "PUT /"]);
  });

  test("fails when the page is closed", async () => {
    const { page } = agent();
    await page.close();
    const { xhr } = traced(page);
    xhr.open("GET", "/", false);
    expect(() => xhr.send()).toThrow("failed");
    expect(networkErrorReason(xhr)?.code).toBe("network/client-closed");
  });
});
