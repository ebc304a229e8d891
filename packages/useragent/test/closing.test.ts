import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, codeOf, listen, rejection, serve, serveRaw, until } from "./loopback.ts";

describe("closing a client", () => {
  test("its fetches fail as if the network had gone, bodies included, and others go on", async () => {
    const server = await serveRaw((socket, head) => {
      if (head.startsWith("GET /body"))
        socket.write("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 9\r\n\r\nhalf");
    });
    const { userAgent, page } = agent();
    const other = userAgent.client({ url: "http://foo.example/" });
    const url = `http://bar.other:${server.port}`;
    const response = await page.fetch(`${url}/body`);
    const staying = await other.fetch(`${url}/body`);
    const reading = rejection(response.text());
    const pending = rejection(page.fetch(`${url}/head`));
    await until(() => server.received().includes("/head"));
    await page.close();
    for (const error of [await reading, await pending]) {
      expect(error).toBeInstanceOf(TypeError);
      expect(networkErrorReason(error)?.code).toBe("network/client-closed");
    }
    expect(await codeOf(page.fetch(url))).toBe("network/client-closed");
    await until(async () => (await server.openConnections()) === 1);
    for (const socket of server.sockets) socket.write("-done");
    expect(await staying.text()).toBe("half-done");
    await page.close();
  });
});

describe("closing a page with an opaque origin", () => {
  test("closes its connections, which no other page could use, and no others", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const { userAgent, page } = agent();
    const url = `http://bar.other:${server.port}/`;
    const pages = Array.from({ length: 20 }, () =>
      userAgent.client({ url: "http://foo.example/", opaqueOrigin: true }),
    );
    for (const each of [page, ...pages]) await (await each.fetch(url)).text();
    for (const each of pages) await (await each.fetch(url, { credentials: "include", mode: "no-cors" })).text();
    await until(async () => (await server.openConnections()) === 41);
    await Promise.all(pages.map((each) => each.close()));
    await until(async () => (await server.openConnections()) === 1);
    expect(await (await page.fetch(url)).text()).toBe("x");
    expect(server.connectionCount()).toBe(41);
  });

  test("leaves the frames of other pages alone", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const { userAgent } = agent();
    const frame = { url: "http://foo.example/", opaqueOrigin: true, topLevelOrigin: "http://top.example" };
    const [first, second] = [userAgent.client(frame), userAgent.client(frame)];
    await (await first.fetch(`http://bar.other:${server.port}/`)).text();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.close();
    await (await second.fetch(`http://bar.other:${server.port}/`)).text();
    expect(server.connectionCount()).toBe(1);
  });

  test("leaves nothing behind of what was under way", async () => {
    const server = await serveRaw(() => {});
    const { userAgent } = agent();
    const page = userAgent.client({ url: "http://foo.example/", opaqueOrigin: true });
    const pending = rejection(page.fetch(`http://bar.other:${server.port}/`));
    const connecting = rejection(page.fetch(`https://bar.other:${server.port}/`));
    await until(async () => (await server.openConnections()) === 2);
    const last = rejection(page.fetch(`http://bar.other:${server.port}/last`));
    await page.close();
    for (const error of [await pending, await connecting, await last])
      expect(networkErrorReason(error)?.code).toBe("network/client-closed");
    await userAgent.close();
    await until(async () => (await server.openConnections()) === 0);
  });
});

test("a body that is being decoded fails with its page", async () => {
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Encoding: gzip\r\n\r\n");
    socket.write(gzipSync("half").subarray(0, 12));
  });
  const { page } = agent();
  const reading = rejection((await page.fetch(`http://bar.other:${server.port}/`)).text());
  await new Promise((resolve) => setTimeout(resolve, 20));
  await page.close();
  expect(networkErrorReason(await reading)?.code).toBe("network/client-closed");
  await until(async () => (await server.openConnections()) === 0);
});

describe("closing a user agent", () => {
  test("no socket is left, whatever its state, and nothing can be opened any more", async () => {
    const idle = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const silent = await serveRaw(() => {});
    const { userAgent, page } = agent();
    await (await page.fetch(`http://bar.other:${idle.port}/`)).text();
    const pending = [
      rejection(page.fetch(`http://bar.other:${silent.port}/`)),
      rejection(page.fetch(`https://bar.other:${silent.port}/`)),
      rejection(page.fetch(`http://bar.other:${silent.port}/`, { method: "PUT" })),
    ];
    await until(async () => (await silent.openConnections()) === 3);
    await userAgent.close();
    for (const error of await Promise.all(pending))
      expect(networkErrorReason(error)?.code).toBe("network/client-closed");
    await until(async () => (await idle.openConnections()) === 0 && (await silent.openConnections()) === 0);
    expect(await codeOf(page.fetch(`http://bar.other:${idle.port}/`))).toBe("network/client-closed");
    expect(() => userAgent.client({ url: "http://foo.example/" })).toThrow("closed");
    await userAgent.close();
  });

  test("a process ends by itself after close, and with idle connections even without", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const program = (isClosing: boolean): string => `
      import { createUserAgent } from "@crossorigin/useragent";
      const userAgent = createUserAgent({ resolve: () => "127.0.0.1" });
      const page = userAgent.client({ url: "http://foo.example/" });
      await (await page.fetch("http://bar.other:${server.port}/")).text();
      await page.fetch("http://bar.other:${server.port}/", { mode: "no-cors" });
      ${isClosing ? "await userAgent.close();" : ""}
      process.stdout.write(String(process.getActiveResourcesInfo().filter((name) => name.includes("TLS") || name.includes("TCP"))));
    `;
    for (const isClosing of [true, false]) {
      const started = Date.now();
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "--eval", program(isClosing)],
        { cwd: import.meta.dirname },
      );
      expect(stderr).toBe("");
      if (isClosing) expect(stdout).toBe("");
      expect(Date.now() - started).toBeLessThan(3000);
    }
  });

  test("a connection that is never established is given up at the timeout", async () => {
    const server = createServer();
    const port = await listen(server);
    // TLS that is never answered: established for TCP, not for us.
    const { page } = agent({ timeoutMilliseconds: 150 });
    expect(await codeOf(page.fetch(`https://bar.other:${port}/`))).toBe("network/timeout");
    server.close();
  });
});
