import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, codeOf, rejection, serve, serveRaw, until } from "./loopback.ts";

const OK = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n";

describe("what goes over the wire", () => {
  test("1.11, 12.05: header names keep their case, values their bytes, and methods their spelling", async () => {
    const server = await serveRaw((socket, head) => {
      const grant = "Access-Control-Allow-Methods: patch\r\nAccess-Control-Allow-Headers: x-mixed-case\r\n";
      socket.write(`${OK}${head.startsWith("OPTIONS") ? grant : ""}Content-Length: 0\r\n\r\n`);
    });
    const { page } = agent();
    await page.fetch(`http://bar.other:${server.port}/p?q=ü`, {
      method: "patch",
      headers: { "X-MiXed-Case": "caf\u00e9\u00ff" },
    });
    const lines = server.received().split("\r\n");
    expect(lines).toContain("patch /p?q=%C3%BC HTTP/1.1");
    expect(lines).toContain("X-MiXed-Case: caf\u00e9\u00ff");
    expect(lines).toContain("Access-Control-Request-Headers: x-mixed-case");
    expect(lines.filter((line) => /^host:/i.test(line))).toEqual(
      Array.from({ length: 2 }, () => `host: bar.other:${server.port}`),
    );
  });

  test("1.11: what a server sends reaches the page byte for byte", async () => {
    const server = await serveRaw((socket) => {
      socket.end(
        Buffer.from(
          `HTTP/1.1 299 Gr\u00c3\u00bc\u00c3\u009fe\r\naccess-control-allow-origin: *\r\nAccess-Control-Expose-Headers: x-a, x-b\r\nX-A:  caf\u00c3\u00a9\u00ff \t\r\nx-a: 2\r\nX-B:\r\nContent-Length: 0\r\n\r\n`,
          "latin1",
        ),
      );
    });
    const { page, trace } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    expect(response.statusText).toBe("Gr\u00c3\u00bc\u00c3\u009fe");
    expect(response.headers.get("x-a")).toBe("caf\u00c3\u00a9\u00ff, 2");
    expect(response.headers.get("x-b")).toBe("");
    const seen = trace.find((event) => event.type === "response");
    expect(seen?.headers.map(([name]) => name).slice(2, 4)).toEqual(["X-A", "x-a"]);
  });

  test("3.06, 16.02: two Access-Control-Allow-Origin lines are one value, and never match", async () => {
    const server = await serveRaw((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Origin: *\r\n\r\n`),
    );
    const { page } = agent();
    expect(networkErrorReason(await rejection(page.fetch(`http://bar.other:${server.port}/`)))).toMatchObject({
      code: "cors-check/allow-origin-multiple",
      received: "*, *",
    });
  });

  test("3.02: a control byte in a header value cannot be sent", async () => {
    const server = await serve((_, response) => response.end());
    const { userAgent } = agent();
    const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
    expect(await codeOf(page.fetch("/", { headers: { "X-A": "a\u0001b" } }))).toBe("network/failed");
  });

  test.each([
    ["100 (Continue)", "HTTP/1.1 100 Continue\r\n\r\n"],
    [
      "102, 103 and 100",
      "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nAccess-Control-Allow-Origin: no\r\n\r\nHTTP/1.1 100 Continue\r\nX: y\r\n\r\n",
    ],
  ])("%s in front of the response is skipped", async (_, interim) => {
    const server = await serveRaw((socket) => socket.write(`${interim}${OK}Content-Length: 4\r\n\r\nHTTP`));
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    for (let count = 0; count < 2; count++)
      expect(await (await page.fetch(url, { method: "POST", body: "x" })).text()).toBe("HTTP");
  });

  test("2.06: 100 (Continue) in pieces is skipped, and one in a body is left alone", async () => {
    const text = `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 25\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n`;
    const server = await serveRaw((socket) => {
      void (async () => {
        for (const character of text) {
          socket.write(character);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
    });
    const { page } = agent();
    expect(await (await page.fetch(`http://bar.other:${server.port}/`)).text()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  });

  test("an upgrade that nobody asked for is malformed", async () => {
    const server = await serveRaw((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
    );
    const { page } = agent();
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`))).toBe("network/http-malformed");
  });

  test.each([
    ["two lengths", `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ["a length that is no number", `${OK}Content-Length: x\r\n\r\n`],
    ["a space in a header name", `${OK}A b: c\r\n\r\n`],
    ["another protocol", "SIP/2.0 200 OK\r\n\r\n"],
  ])("%s is malformed", async (_, text) => {
    const server = await serveRaw((socket) => socket.end(text));
    const { page } = agent();
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`))).toBe("network/http-malformed");
  });

  test("a reset in the middle of the headers is a reset", async () => {
    const server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nAccess-Contr");
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const { page } = agent();
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`))).toBe("network/connection-reset");
  });

  test("11.12, 21.05, 21.06: 407 is a network error, and 421 is asked again once on a fresh connection", async () => {
    const server = await serve((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      const isFirst = server.requests.filter(({ url }) => url === request.url).length === 1;
      response.writeHead(request.url === "/407" ? 407 : isFirst || request.url === "/always" ? 421 : 200).end();
    });
    const { page } = agent();
    const url = `http://bar.other:${server.port}`;
    expect(await codeOf(page.fetch(`${url}/407`))).toBe("http-network-or-cache-fetch/proxy-authentication");
    expect((await page.fetch(`${url}/once`, { method: "POST", body: "again" })).status).toBe(200);
    expect(server.requests.slice(-2).map(({ body }) => body)).toEqual(["again", "again"]);
    expect(new Set(server.requests.slice(-2).map(({ port }) => port)).size).toBe(2);
    expect((await page.fetch(`${url}/always`)).status).toBe(421);
    expect(server.requests.filter(({ url: path }) => path === "/always")).toHaveLength(2);
  });
});

describe("connections", () => {
  test("1.09, 12.01, 23.02: requests one after another use connections again, but never one of another partition or credentials", async () => {
    const server = await serve((_, response) =>
      response
        .setHeader("Access-Control-Allow-Origin", "http://foo.example")
        .setHeader("Access-Control-Allow-Credentials", "true")
        .end("x"),
    );
    const { page, userAgent } = agent();
    const framed = userAgent.client({ url: "http://foo.example/", topLevelOrigin: "http://third.test" });
    const sibling = userAgent.client({ url: "http://foo.example/" });
    const portsOf = async (client: typeof page, credentials: "omit" | "include"): Promise<number[]> => {
      const before = server.requests.length;
      for (let count = 0; count < 6; count++)
        await (await client.fetch(`http://bar.other:${server.port}/`, { credentials })).text();
      return [...new Set(server.requests.slice(before).map(({ port }) => port))];
    };
    const sets = [
      await portsOf(page, "omit"),
      await portsOf(page, "include"),
      await portsOf(framed, "omit"),
      await portsOf(framed, "include"),
    ];
    for (const ports of sets) expect(ports.length).toBeLessThanOrEqual(2);
    expect(new Set(sets.flat()).size).toBe(sets.flat().length);
    const again = await portsOf(sibling, "omit");
    expect(sets[0]).toEqual(expect.arrayContaining(again));
  });

  test("200 fetches at once all arrive", async () => {
    const server = await serve((request, response) => {
      setTimeout(() => response.setHeader("Access-Control-Allow-Origin", "*").end(request.url), 5);
    });
    const { page, userAgent } = agent();
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const texts = await Promise.all(
      numbers.map(async (number) => (await page.fetch(`http://bar.other:${server.port}/${number}`)).text()),
    );
    expect(texts).toEqual(numbers.map((number) => `/${number}`));
    await userAgent.close();
    await until(async () => (await server.openConnections()) === 0);
  });

  test("5.11: localhost and names below it do not go to DNS", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("here"));
    const { page } = agent({ resolve: () => undefined });
    expect(await (await page.fetch(`http://localhost:${server.port}/`)).text()).toBe("here");
    expect(await (await page.fetch(`http://deep.down.localhost:${server.port}/`)).text()).toBe("here");
    expect(server.requests.map(({ headers }) => headers["sec-fetch-site"])).toEqual(["cross-site", "cross-site"]);
  });

  test("a process that is busy while it connects to localhost does not give up", async () => {
    const { port } = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("body"));
    const { page } = agent({ resolve: () => undefined });
    const fetching = page.fetch(`http://localhost:${port}/`);
    await new Promise<void>((resolve) => {
      const blockWhileConnecting = (): void => {
        if (!process.getActiveResourcesInfo().includes("TCPSocketWrap")) {
          process.nextTick(blockWhileConnecting);
          return;
        }
        // Longer than Node.js gives the first of several addresses.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
        resolve();
      };
      blockWhileConnecting();
    });
    expect(await (await fetching).text()).toBe("body");
  });

  test("resolve is asked with name and port, and the name stays in Host", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end());
    const asked: [string, number][] = [];
    const { page } = agent({
      resolve: (hostname, port) => {
        asked.push([hostname, port]);
        return "127.0.0.1";
      },
    });
    await page.fetch(`http://bar.other:${server.port}/`);
    expect(asked).toEqual([["bar.other", server.port]]);
    expect(server.requests[0]?.headers.host).toBe(`bar.other:${server.port}`);
  });

  test("a name that cannot be resolved is a network error", async () => {
    const { page } = agent();
    expect(await codeOf(page.fetch("http://nowhere.invalid/"))).toBe("network/name-not-resolved");
  });
});

describe("aborting", () => {
  test("6.12: a signal that was aborted before keeps the fetch from starting", async () => {
    const server = await serve((_, response) => response.end());
    const { page } = agent();
    const reason = new Error("before");
    expect(await rejection(page.fetch(`http://bar.other:${server.port}/`, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    expect(server.connectionCount()).toBe(0);
  });

  test("an abort before the headers rejects with the reason and closes the connection", async () => {
    const server = await serveRaw(() => {});
    const { page, trace } = agent();
    const controller = new AbortController();
    const pending = page.fetch(`http://bar.other:${server.port}/`, { signal: controller.signal });
    await until(() => server.received().includes("\r\n\r\n"));
    controller.abort();
    const error = await rejection(pending);
    expect(error).toMatchObject({ name: "AbortError" });
    expect(networkErrorReason(error)).toBeUndefined();
    await until(async () => (await server.openConnections()) === 0);
    expect(trace.at(-1)).toMatchObject({ type: "network-error", reason: { code: "fetch/aborted" } });
  });

  test("an abort while the connection is made sends nothing", async () => {
    const server = await serveRaw(() => {});
    const { page } = agent();
    const controller = new AbortController();
    const pending = page.fetch(`http://bar.other:${server.port}/`, { signal: controller.signal });
    queueMicrotask(() => controller.abort());
    expect(await rejection(pending)).toMatchObject({ name: "AbortError" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.received()).toBe("");
  });

  test("17.16: an abort during the preflight reaches the server's socket, and the cache learns nothing", async () => {
    const server = await serveRaw(() => {});
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    const pending = page.fetch(url, { method: "PUT", signal: AbortSignal.timeout(50) });
    expect(await rejection(pending)).toMatchObject({ name: "TimeoutError" });
    await until(async () => (await server.openConnections()) === 0);
    expect(server.received()).toMatch(/^OPTIONS /);
    expect(server.received()).not.toContain("PUT /");
  });

  test("an abort cancels a stream that was to be sent", async () => {
    const server = await serveRaw(() => {});
    const { page } = agent();
    let canceledWith: unknown;
    const body = new ReadableStream<Uint8Array>({
      cancel: (reason) => {
        canceledWith = reason;
      },
    });
    const controller = new AbortController();
    const pending = page.fetch(`http://bar.other:${server.port}/`, {
      method: "POST",
      body,
      duplex: "half",
      signal: controller.signal,
    });
    await until(() => server.received().startsWith("OPTIONS "));
    controller.abort("why");
    expect(await rejection(pending)).toBe("why");
    await until(() => canceledWith === "why");
  });
});
