import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, codeOf, rejection, serve, serveRaw, until } from "./loopback.ts";

const HEAD = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n";

/** Writes `next()` again and again until the socket is closed. */
function pour(socket: Socket, next: () => string | Uint8Array): void {
  if (!socket.destroyed) socket.write(next(), () => setImmediate(() => pour(socket, next)));
}

/** One byte of `text` every `milliseconds`, then again from the start. */
function drip(socket: Socket, text: string, milliseconds: number): void {
  let index = 0;
  const timer = setInterval(() => socket.write(text.charAt(index++ % text.length)), milliseconds);
  socket.on("close", () => clearInterval(timer));
}

describe("a head", () => {
  test("that drips on for ever times out, however often a byte comes", async () => {
    const server = await serveRaw((socket) => drip(socket, `${HEAD}X-A: ${"a".repeat(1000)}`, 20));
    const { page } = agent({ timeoutMilliseconds: 500 });
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`))).toBe("network/timeout");
    await until(async () => (await server.openConnections()) === 0);
  });

  test("that never comes, after interim responses without end, is given up", async () => {
    const server = await serveRaw((socket) => pour(socket, () => "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"));
    const { page } = agent({ timeoutMilliseconds: 500 });
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`))).toMatch(
      /^network\/(?:timeout|headers-too-large)$/,
    );
    await until(async () => (await server.openConnections()) === 0);
  });

  test.each([
    ["one line without end", () => "a".repeat(8192)],
    ["lines without end", () => `X-A: ${"a".repeat(8000)}\r\n`],
    ["names without end", () => "X-A: 1\r\n".repeat(1000)],
  ])("of %s is too large", async (_, next) => {
    const server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, next);
    });
    const { page } = agent();
    expect(await codeOf(page.fetch(`http://bar.other:${server.port}/`))).toBe("network/headers-too-large");
    await until(async () => (await server.openConnections()) === 0);
  });

  test.each([
    "HTTP/1.1 20 OK",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 -20 OK",
    "HTTP/1.1 xyz OK",
    "HTTP/1.1",
    "HTTP/9.9 200 OK",
    "HTTQ/1.1 200 OK",
    "http/1.1 200 OK",
    "200 OK",
    "\u0000\u0001\u0002\u0003",
    "GET / HTTP/1.1",
    "<!doctype html><title>hello</title>",
  ])("with the status line %j is malformed", async (line) => {
    const server = await serveRaw((socket) => socket.end(`${line}\r\nAccess-Control-Allow-Origin: *\r\n\r\n`));
    const { page } = agent();
    const reason = networkErrorReason(await rejection(page.fetch(`http://bar.other:${server.port}/`)));
    expect(reason).toMatchObject({ code: "network/http-malformed", subject: `the status line is "${line}"` });
  });

  test.each([
    ["HTTP/1.1 000 OK\r\n", 'the status line is "HTTP/1.1 000 OK"'],
    ["HTTP/1.1 099 OK\r\n", 'the status line is "HTTP/1.1 099 OK"'],
    [`HTTP/1.1 100 Continue\r\n\r\n${HEAD}a b: c\r\n`, 'the header line "a b: c" is none'],
    [`${HEAD}X-A: 1\r\n folded\r\n`, 'the header line " folded" is none'],
    [`${HEAD}Content-Length: 3\r\nContent-Length: 3\r\n`, 'Content-Length is there 2 times: "3", "3"'],
    [`${HEAD}Content-Length: 3\r\nContent-Length: 4\r\n`, 'Content-Length is there 2 times: "3", "4"'],
    [`${HEAD}Content-Length: 3, 3\r\n`, 'Content-Length is a list: "3, 3"'],
    [`${HEAD}Content-Length: -1\r\n`, 'Content-Length is "-1"'],
    [`${HEAD}Content-Length: 99999999999999999999999\r\n`, 'Content-Length is "99999999999999999999999"'],
    [
      `${HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n`,
      "Content-Length: 3 stands beside Transfer-Encoding: chunked",
    ],
    [
      `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n`,
      "Content-Length: 3 stands beside Transfer-Encoding: chunked",
    ],
  ])("of the lines %j is malformed, and it is said where, also if it comes in pieces", async (head, subject) => {
    const { page } = agent();
    for (const middle of [head.length, 30]) {
      const server = await serveRaw((socket) => {
        socket.write(head.slice(0, middle));
        setTimeout(() => socket.end(`${head.slice(middle)}\r\n3\r\nabc\r\n0\r\n\r\n`), 20);
      });
      const reason = networkErrorReason(await rejection(page.fetch(`http://bar.other:${server.port}/`)));
      expect(reason).toMatchObject({ code: "network/http-malformed", subject });
    }
  });
});

test("redirects in a circle of 100 000, each with a preflight, end at the limit of 20", async () => {
  const server = await serve((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*").setHeader("Access-Control-Allow-Methods", "PUT");
    if (request.method === "OPTIONS") response.end();
    else response.writeHead(307, { Location: `/${(Number(request.url?.slice(1)) + 1) % 100_000}` }).end();
  });
  const { page } = agent();
  const error = await rejection(page.fetch(`http://bar.other:${server.port}/0`, { method: "PUT" }));
  expect(networkErrorReason(error)).toMatchObject({ code: "http-redirect-fetch/too-many-redirects", hop: 20 });
  expect(server.requests).toHaveLength(42);
});

describe("a connection that is reset after every possible byte", () => {
  const PREFLIGHT =
    "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\n\r\n";
  const RESPONSE = `${HEAD}Content-Length: 4\r\n\r\nbody`;
  const BOTH = PREFLIGHT + RESPONSE;

  test("is a network error that says so, in the preflight, in the head and in the body", async () => {
    const resetAt: number[] = [];
    const server = await serveRaw((socket, head) => {
      const index = Number(/^\w+ \/(\d+)/.exec(head)?.[1]);
      const isPreflight = head.startsWith("OPTIONS");
      const [text, count] = isPreflight ? [PREFLIGHT, index] : [RESPONSE, index - PREFLIGHT.length];
      if (count >= text.length) {
        socket.write(text);
        return;
      }
      resetAt.push(index);
      if (count === 0) socket.resetAndDestroy();
      else socket.write(text.slice(0, count), () => setTimeout(() => socket.resetAndDestroy(), 5));
    });
    const { userAgent, page } = agent();
    const outcomes = await Promise.all(
      Array.from({ length: BOTH.length }, async (_, index) => {
        const url = `http://bar.other:${server.port}/${index}`;
        const error = await rejection(page.fetch(url, { method: "PUT" }).then((response) => response.text()));
        const reason = networkErrorReason(error);
        expect(error).toBeInstanceOf(TypeError);
        return { index, code: reason?.code, isPreflight: reason?.isPreflight };
      }),
    );
    for (const { index, code, isPreflight } of outcomes)
      expect({ index, code, isPreflight }).toEqual({
        index,
        code: "network/connection-reset",
        isPreflight: index < PREFLIGHT.length,
      });
    expect(new Set(resetAt).size).toBe(BOTH.length);
    const whole = await page.fetch(`http://bar.other:${server.port}/${BOTH.length}`, { method: "PUT" });
    expect(await whole.text()).toBe("body");
    await userAgent.close();
    await until(async () => (await server.openConnections()) === 0);
  });
});

describe("a body", () => {
  const LIMIT = 1_000_000;
  const bomb = gzipSync(Buffer.alloc(50_000_000));

  async function endless(): Promise<string> {
    const server = await serveRaw((socket) => {
      socket.write(`${HEAD}\r\n`);
      pour(socket, () => "a".repeat(65_536));
    });
    return `http://bar.other:${server.port}/`;
  }

  async function exploding(): Promise<string> {
    const server = await serve((_, response) =>
      response.setHeader("Access-Control-Allow-Origin", "*").setHeader("Content-Encoding", "gzip").end(bomb),
    );
    return `http://bar.other:${server.port}/`;
  }

  describe.each([
    ["without end", endless],
    ["that decodes to a thousand times its size", exploding],
  ])("%s", (_, start) => {
    test.each(["text", "json", "arrayBuffer", "bytes", "blob", "formData"] as const)(
      "is given up by %s(), with a reason, and its connection is closed",
      async (read) => {
        const { page } = agent({ maxBodyBytes: LIMIT });
        const response = await page.fetch(await start());
        const error = await rejection(response[read]());
        expect(error).toBeInstanceOf(TypeError);
        expect(networkErrorReason(error)).toMatchObject({
          code: "network/body-too-large",
          subject: `more than ${LIMIT} bytes`,
        });
        expect(response.bodyUsed).toBe(true);
      },
    );

    test("is given up by a copy of the response and by what was copied, each for itself", async () => {
      const { page } = agent({ maxBodyBytes: LIMIT });
      const response = await page.fetch(await start());
      const copies = [response.clone().clone(), response.clone(), response];
      for (const copy of copies) {
        const error = await rejection(copy.text());
        expect(networkErrorReason(error)?.code).toBe("network/body-too-large");
        expect(copy.bodyUsed).toBe(true);
      }
    });

    test("is given up after its stream was looked at", async () => {
      const { page } = agent({ maxBodyBytes: LIMIT });
      const response = await page.fetch(await start());
      expect(response.body?.locked).toBe(false);
      expect(await codeOf(response.arrayBuffer())).toBe("network/body-too-large");
    });

    test("is given up by XMLHttpRequest", async () => {
      const { page } = agent({ maxBodyBytes: LIMIT });
      const xhr = new page.XMLHttpRequest();
      xhr.open("GET", await start());
      const ended = new Promise((resolve) => xhr.addEventListener("loadend", resolve));
      xhr.send();
      await ended;
      expect([xhr.status, xhr.responseText]).toEqual([0, ""]);
      expect(networkErrorReason(xhr)?.code).toBe("network/body-too-large");
    });

    test("is given up where its digest is asked for", async () => {
      const { page } = agent({ maxBodyBytes: LIMIT });
      expect(await codeOf(page.fetch(await start(), { integrity: `sha256-${"A".repeat(43)}=` }))).toBe(
        "network/body-too-large",
      );
    });

    test("can be read as a stream, as far as the page likes", async () => {
      const { page } = agent({ maxBodyBytes: LIMIT });
      const { body } = await page.fetch(await start());
      if (body === null) throw new Error("There is no body.");
      let length = 0;
      for await (const chunk of body) {
        length += chunk.byteLength;
        if (length > 2 * LIMIT) break;
      }
      expect(length).toBeGreaterThan(2 * LIMIT);
    });
  });

  test("that drips on for ever is read as long as the page likes, and not a moment longer", async () => {
    const server = await serveRaw((socket) => {
      socket.write(`${HEAD}\r\n`);
      drip(socket, "a", 20);
    });
    const { page } = agent({ timeoutMilliseconds: 200 });
    const response = await page.fetch(`http://bar.other:${server.port}/`, { signal: AbortSignal.timeout(600) });
    const error = await rejection(response.text());
    expect((error as Error).name).toBe("TimeoutError");
    await until(async () => (await server.openConnections()) === 0);
  });
});

test("a body that is no UTF-8 is text with U+FFFD, a SyntaxError as JSON, and its own bytes", async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xc3, 0x28, 0xf0, 0x9f]);
  const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end(bytes));
  const { page } = agent();
  const url = `http://bar.other:${server.port}/`;
  expect(await (await page.fetch(url)).text()).toBe("{\ufffd\ufffd(\ufffd");
  await expect((await page.fetch(url)).json()).rejects.toThrow(SyntaxError);
  expect(Buffer.from(await (await page.fetch(url)).arrayBuffer())).toEqual(bytes);
});
