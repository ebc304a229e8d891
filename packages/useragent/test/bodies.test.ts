import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Client, networkErrorReason } from "@crossorigin/useragent";
import { type RawLoopback, agent, codeOf, rejection, serve, serveRaw, until } from "./loopback.ts";

const HEAD = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n";

/** Writes without end, as fast as the other side reads. */
async function serveEndless(): Promise<RawLoopback> {
  return serveRaw((socket) => {
    socket.write(`${HEAD}\r\n`);
    const more = (): void => {
      if (!socket.destroyed)
        socket.write(Buffer.alloc(65_536, "a"), (error) => (error ? undefined : setImmediate(more)));
    };
    more();
  });
}

describe("reading", () => {
  test("a body is read lazily: what the page does not read stays on the server", async () => {
    let written = 0;
    const server = await serveRaw((socket) => {
      socket.write(`${HEAD}\r\n`);
      const more = (): void => {
        if (socket.destroyed) return;
        written += 65_536;
        socket.write(Buffer.alloc(65_536, "a"), (error) => (error ? undefined : setImmediate(more)));
      };
      more();
    });
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(written).toBe(before);
    const reader = response.body?.getReader();
    for (let count = 0; count < 200; count++) await reader?.read();
    expect(written).toBeGreaterThan(before);
    await reader?.cancel();
    await until(async () => (await server.openConnections()) === 0);
  });

  test("text, json, bytes, arrayBuffer, blob and formData read a body once", async () => {
    const server = await serve((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      const isForm = request.url === "/form";
      response
        .setHeader("Content-Type", isForm ? "application/x-www-form-urlencoded" : "application/json")
        .end(isForm ? "a=1" : '{"ü":1}');
    });
    const { page } = agent();
    const get = (path = "/"): ReturnType<Client["fetch"]> => page.fetch(`http://bar.other:${server.port}${path}`);
    expect(await (await get()).text()).toBe('{"ü":1}');
    expect(await (await get()).json()).toEqual({ ü: 1 });
    expect((await (await get()).bytes()).byteLength).toBe(8);
    expect((await (await get()).arrayBuffer()).byteLength).toBe(8);
    expect((await (await get()).blob()).type).toBe("application/json");
    expect((await (await get("/form")).formData()).get("a")).toBe("1");
    const response = await get();
    expect(response.bodyUsed).toBe(false);
    await response.text();
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect(() => response.clone()).toThrow(TypeError);
  });

  test("6.14: a clone is read on its own", async () => {
    const server = await serve((_, response) =>
      response.setHeader("Access-Control-Allow-Origin", "*").end("x".repeat(300_000)),
    );
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    const copy = response.clone();
    expect([copy.type, copy.url]).toEqual([response.type, response.url]);
    const [first, second] = await Promise.all([response.text(), copy.text()]);
    expect(first).toHaveLength(300_000);
    expect(second).toBe(first);
  });

  test("a body can be read with a buffer of the page's own", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("abcdef"));
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    const reader = response.body?.getReader({ mode: "byob" });
    const first = await reader?.read(new Uint8Array(4));
    expect(Buffer.from(first?.value ?? []).toString()).toBe("abcd");
    expect(Buffer.from((await reader?.read(new Uint8Array(4)))?.value ?? []).toString()).toBe("ef");
    expect((await reader?.read(new Uint8Array(4)))?.done).toBe(true);
  });
});

/** Node.js has Zstandard from 22.15 on. */
const hasZstd = typeof zlib.zstdCompressSync === "function";

describe("content codings", () => {
  const text = "Donaudampfschifffahrt ".repeat(5000);
  const codings: readonly (readonly [string, Buffer])[] = [
    ["gzip", zlib.gzipSync(text)],
    ["X-GZIP", zlib.gzipSync(text)],
    ["deflate", zlib.deflateSync(text)],
    ["deflate", zlib.deflateRawSync(text)],
    ["br", zlib.brotliCompressSync(text)],
    // Without it, it is one of those that nobody offers and nobody takes off.
    ["zstd", hasZstd ? zlib.zstdCompressSync(text) : Buffer.from(text)],
    ["gzip, br", zlib.brotliCompressSync(zlib.gzipSync(text))],
    ["identity", Buffer.from(text)],
    ["none-such", Buffer.from(text)],
    ["", Buffer.from(text)],
  ];

  test.each(codings)("4.07: %j is taken off", async (coding, body) => {
    const server = await serve((_, response) =>
      response
        .writeHead(200, {
          "Access-Control-Allow-Origin": "*",
          "Content-Encoding": coding,
          "Content-Length": body.length,
        })
        .end(body),
    );
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    expect(await response.text()).toBe(text);
    expect(response.headers.get("content-length")).toBe(String(body.length));
  });

  test("4.07: a body that does not decode fails after the headers", async () => {
    const server = await serve((request, response) =>
      response
        .writeHead(200, { "Access-Control-Allow-Origin": "*", "Content-Encoding": String(request.url).slice(1) })
        .end("no such thing"),
    );
    const { page } = agent();
    for (const coding of ["gzip", "deflate", "br", ...(hasZstd ? ["zstd"] : [])]) {
      const response = await page.fetch(`http://bar.other:${server.port}/${coding}`);
      expect(response.status).toBe(200);
      const error = await rejection(response.text());
      expect(error).toBeInstanceOf(TypeError);
      expect(networkErrorReason(error)?.code).toBe("network/http-malformed");
    }
  });

  test("an empty body with a coding is empty, also to HEAD", async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Content-Encoding": "gzip" }).end(),
    );
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    expect((await page.fetch(url, { method: "HEAD" })).body).toBeNull();
    expect(await (await page.fetch(url)).text()).toBe("");
  });

  test("a compressed body without end is not decoded ahead of the reader, and cancel stops it", async () => {
    const chunk = zlib.gzipSync(Buffer.alloc(10_000_000));
    let written = 0;
    const server = await serveRaw((socket) => {
      socket.write(`${HEAD}Content-Encoding: gzip\r\n\r\n`);
      const more = (): void => {
        written += chunk.length;
        if (!socket.destroyed) socket.write(chunk, (error) => (error ? undefined : setImmediate(more)));
      };
      more();
    });
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    const reader = response.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    expect(written).toBeGreaterThan(0);
    await reader?.cancel();
    await until(async () => (await server.openConnections()) === 0);
  });
});

describe("bodies that end badly", () => {
  test("a reset in the middle of a body fails the reading, with a reason", async () => {
    const server = await serveRaw((socket) => {
      socket.write(`${HEAD}Content-Length: 100\r\n\r\nhalf`);
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    const error = await rejection(response.text());
    expect(error).toBeInstanceOf(TypeError);
    expect(networkErrorReason(error)).toMatchObject({
      code: "network/connection-reset",
      url: `http://bar.other:${server.port}/`,
    });
  });

  test.each([
    ["a body shorter than its Content-Length", `${HEAD}Content-Length: 100\r\n\r\nhalf`],
    ["a chunk that is not finished", `${HEAD}Transfer-Encoding: chunked\r\n\r\n64\r\nhalf`],
    ["chunks without the last one", `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
  ])("%s fails", async (_, text) => {
    const server = await serveRaw((socket) => socket.end(text));
    const { page } = agent();
    const error = await rejection(page.fetch(`http://bar.other:${server.port}/`).then((response) => response.text()));
    expect(networkErrorReason(error)?.code).toBe("network/connection-reset");
  });

  test("a chunk size that is none is malformed", async () => {
    const server = await serveRaw((socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`));
    const { page } = agent();
    const error = await rejection(page.fetch(`http://bar.other:${server.port}/`).then((response) => response.text()));
    expect(networkErrorReason(error)?.code).toBe("network/http-malformed");
  });

  test("a body that stops coming times out", async () => {
    const server = await serveRaw((socket) => socket.write(`${HEAD}Content-Length: 100\r\n\r\nhalf`));
    const { page } = agent({ timeoutMilliseconds: 200 });
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    expect(networkErrorReason(await rejection(response.text()))?.code).toBe("network/timeout");
  });

  test("a response that ends with the connection is whole", async () => {
    const server = await serveRaw((socket) => socket.end(`${HEAD}\r\nall of it`));
    const { page } = agent();
    expect(await (await page.fetch(`http://bar.other:${server.port}/`)).text()).toBe("all of it");
  });
});

describe("letting go", () => {
  test("cancel closes the connection of a long body", async () => {
    const server = await serveEndless();
    const { page } = agent();
    const response = await page.fetch(`http://bar.other:${server.port}/`);
    await response.body?.cancel();
    await until(async () => (await server.openConnections()) === 0);
  });

  test("an abort while a body is read fails it with the signal's reason", async () => {
    const server = await serveEndless();
    const { page } = agent();
    const controller = new AbortController();
    const response = await page.fetch(`http://bar.other:${server.port}/`, { signal: controller.signal });
    const reading = response.text();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 20);
    expect(await rejection(reading)).toBe(reason);
    await until(async () => (await server.openConnections()) === 0);
  });

  test("an abort between headers and reading fails the body too", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("small"));
    const { page } = agent();
    const controller = new AbortController();
    const response = await page.fetch(`http://bar.other:${server.port}/`, { signal: controller.signal });
    controller.abort();
    expect(await rejection(response.text())).toMatchObject({ name: "AbortError" });
  });

  test("opaque responses, refused ones and redirects keep no connection", async () => {
    const server = await serveRaw((socket, head) => {
      const isRedirect = head.startsWith("GET /redirect");
      socket.write(
        isRedirect
          ? "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /\r\n\r\n"
          : "HTTP/1.1 200 OK\r\n\r\n",
      );
      const more = (): void => {
        if (!socket.destroyed)
          socket.write(Buffer.alloc(65_536, "a"), (error) => (error ? undefined : setImmediate(more)));
      };
      more();
    });
    const { page } = agent();
    const url = `http://bar.other:${server.port}`;
    await page.fetch(url, { mode: "no-cors" });
    expect(await codeOf(page.fetch(`${url}/redirect`))).toBe("cors-check/allow-origin-missing");
    expect((await page.fetch(`${url}/redirect`, { redirect: "manual" })).type).toBe("opaqueredirect");
    await until(async () => (await server.openConnections()) === 0);
  });

  test("a response that is forgotten gives its connection back", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const server = await serveEndless();
    const { page } = agent();
    await (async () => {
      await page.fetch(`http://bar.other:${server.port}/`);
      await page.fetch(`http://bar.other:${server.port}/`, { signal: new AbortController().signal });
    })();
    expect(await server.openConnections()).toBe(2);
    await until(async () => {
      collect();
      return (await server.openConnections()) === 0;
    });
  });
});
