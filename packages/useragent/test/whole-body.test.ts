import { describe, expect, test } from "vitest";
import type { BodyInit, Response } from "@crossorigin/useragent";
import { agent, rejection, serve } from "./loopback.ts";

const ILLEGAL = "Illegal invocation: this is neither a Request nor a Response object.";

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

describe("a body that is read whole", () => {
  const fetchIt = async (body: Buffer | string): Promise<Response> => {
    const { port } = await serve((_, response) =>
      response.setHeader("Access-Control-Allow-Origin", "*").setHeader("Content-Type", "text/x-own").end(body),
    );
    const { page } = agent();
    return page.fetch(`http://api.example:${port}/`);
  };

  test("is used from the first reading on, and cannot be read again, cloned or streamed", async () => {
    const response = await fetchIt("body");
    expect(response.bodyUsed).toBe(false);
    const reading = response.text();
    expect(response.bodyUsed).toBe(true);
    expect(response.body?.locked).toBe(true);
    expect(response.body).toBe(response.body);
    expect(await reading).toBe("body");
    for (const again of [
      response.text(),
      response.json(),
      response.arrayBuffer(),
      response.blob(),
      response.formData(),
    ])
      expect(await rejection(again)).toBeInstanceOf(TypeError);
    expect(() => response.clone()).toThrow(TypeError);
    expect(response.body?.locked).toBe(true);
  });

  test("can be read whole after its stream was looked at, and not after that was locked", async () => {
    const response = await fetchIt("body");
    expect(response.body?.locked).toBe(false);
    expect(await response.text()).toBe("body");
    const locked = await fetchIt("body");
    locked.body?.getReader();
    expect(locked.bodyUsed).toBe(false);
    expect(await rejection(locked.text())).toBeInstanceOf(TypeError);
  });

  test("loses its byte order mark as text and as JSON, not as bytes, and bytes that are no UTF-8 are replaced", async () => {
    expect(await (await fetchIt(Buffer.concat([BOM, Buffer.from("x")]))).text()).toBe("x");
    expect(await (await fetchIt(Buffer.concat([BOM, Buffer.from("[1]")]))).json()).toEqual([1]);
    expect((await (await fetchIt(BOM)).bytes()).byteLength).toBe(3);
    expect(await (await fetchIt(Buffer.from([0x61, 0xff]))).text()).toBe("a\uFFFD");
  });

  test("is a SyntaxError as JSON that is none", async () => {
    expect(await rejection((await fetchIt("{")).json())).toBeInstanceOf(SyntaxError);
  });

  test("has memory of its own, of its own length", async () => {
    const buffer = await (await fetchIt("body")).arrayBuffer();
    expect(buffer.byteLength).toBe(4);
    expect((await (await fetchIt("body")).blob()).type).toBe("text/x-own");
  });

  test("fails with the signal's reason when aborted before the reading, and while it waits", async () => {
    const { port } = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("body"));
    const own = agent().page;
    const early = new AbortController();
    const first = await own.fetch(`http://api.example:${port}/`, { signal: early.signal });
    early.abort(new Error("early"));
    expect(await rejection(first.text())).toMatchObject({ message: "early" });
    const late = new AbortController();
    const second = await own.fetch(`http://api.example:${port}/`, { signal: late.signal });
    const reading = second.text();
    late.abort(new Error("late"));
    expect(await rejection(reading)).toMatchObject({ message: "late" });
    const streamed = new AbortController();
    const third = await own.fetch(`http://api.example:${port}/`, { signal: streamed.signal });
    streamed.abort(new Error("streamed"));
    const reader = third.body?.getReader();
    expect(await rejection(reader?.read() ?? Promise.resolve())).toMatchObject({ message: "streamed" });
  });
});

describe("a string as body", () => {
  test("is sent as UTF-8, and again after a redirect", async () => {
    const { port, requests } = await serve((request, response) => {
      if (request.url === "/") response.writeHead(307, { Location: "/other" });
      response.end();
    });
    const { page } = agent({}, `http://api.example:${port}/page`);
    await page.fetch("/", { method: "POST", body: "\u20AC" });
    expect(requests.map(({ url, body, headers }) => [url, body, headers["content-type"]])).toEqual([
      ["/", "\xE2\x82\xAC", "text/plain;charset=UTF-8"],
      ["/other", "\xE2\x82\xAC", "text/plain;charset=UTF-8"],
    ]);
  });

  test("can be cloned, streamed and moved with its request", async () => {
    const { page } = agent();
    const request = new page.Request("/", { method: "POST", body: "body" });
    const copy = request.clone();
    const moved = new page.Request(request);
    expect(request.bodyUsed).toBe(true);
    expect(await copy.text()).toBe("body");
    expect(await moved.text()).toBe("body");
    expect(await new page.Response("body").blob()).toMatchObject({ size: 4, type: "text/plain;charset=utf-8" });
  });
});

describe("a stream as body", () => {
  const bytes = new TextEncoder().encode("body");

  test("counts as used once somebody reads it, wherever", async () => {
    const { page } = agent();
    const stream = new Blob(["body"]).stream();
    const response = new page.Response(stream);
    expect([response.body, response.bodyUsed]).toEqual([stream, false]);
    const copy = response.clone();
    expect(await copy.text()).toBe("body");
    expect(response.bodyUsed).toBe(false);
    await response.body?.getReader().read();
    expect(response.bodyUsed).toBe(true);
    expect(await rejection(response.text())).toBeInstanceOf(TypeError);
  });

  test("is a TypeError if it was read, or is being read", async () => {
    const { page } = agent();
    const read = new Blob(["body"]).stream();
    await read.cancel();
    const locked = new Blob(["body"]).stream();
    locked.getReader();
    for (const stream of [read, locked]) expect(() => new page.Response(stream)).toThrow("was read or is being read");
  });

  test("may be an iterable, and is a TypeError when read if it is not of bytes", async () => {
    const { page } = agent();
    async function* generate<Chunk>(chunk: Chunk): AsyncGenerator<Chunk> {
      yield await Promise.resolve(chunk);
    }
    expect(await new page.Response(generate(bytes) as unknown as BodyInit).text()).toBe("body");
    const strings = generate("body") as unknown as BodyInit;
    expect(await rejection(new page.Response(strings).text())).toBeInstanceOf(TypeError);
  });

  test.each([
    ["a string", "body"],
    ["bytes", bytes],
    ["a Blob", new Blob(["bo", "dy"])],
  ])("can be read with a buffer of the page's own if it is of %s", async (_, body) => {
    const { page } = agent();
    const reader = new page.Response(body).body?.getReader({ mode: "byob" });
    const first = await reader?.read(new Uint8Array(3));
    expect(Buffer.from(first?.value ?? []).toString()).toBe("bod");
    expect(Buffer.from((await reader?.read(new Uint8Array(3)))?.value ?? []).toString()).toBe("y");
    expect((await reader?.read(new Uint8Array(3)))?.done).toBe(true);
    const empty = new page.Response("").body?.getReader({ mode: "byob" });
    expect((await empty?.read(new Uint8Array(3)))?.done).toBe(true);
  });
});

test("a form is read, and has the classes of Node.js, whatever the global Response is", async () => {
  const former = globalThis.Response;
  const { page } = agent();
  globalThis.Response = page.Response;
  try {
    const form = await new globalThis.Response(new URLSearchParams("a=1")).formData();
    expect(form).toBeInstanceOf(FormData);
    expect(form.get("a")).toBe("1");
    expect(await rejection(new globalThis.Response("a=1").formData())).toBeInstanceOf(TypeError);
  } finally {
    globalThis.Response = former;
  }
});

test("a detached buffer has no bytes", async () => {
  const { page } = agent();
  const detached = (): ArrayBuffer => {
    const buffer = new ArrayBuffer(3);
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  };
  expect(await new page.Response(detached()).text()).toBe("");
  const bytes = new Uint8Array(3);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  expect(await new page.Request("/", { method: "POST", body: bytes }).text()).toBe("");
});

test("a body's members are those of a request or a response", async () => {
  const { page } = agent();
  const { prototype } = page.Response;
  const method = (name: "arrayBuffer" | "bytes" | "json" | "text" | "blob" | "formData"): Promise<unknown> =>
    Reflect.apply(prototype[name], {}, []);
  for (const name of ["arrayBuffer", "bytes", "json", "text", "blob", "formData"] as const)
    await expect(method(name)).rejects.toThrow(new TypeError(ILLEGAL));
  expect(() => prototype.body).toThrow(ILLEGAL);
  expect(() => prototype.bodyUsed).toThrow(ILLEGAL);
  expect(() => page.Request.prototype.duplex).toThrow(
    new TypeError("Illegal invocation: this is not a Request object."),
  );
});

test("a request that nobody can abort has a signal that is the same every time, and a clone has its own", () => {
  const { page } = agent();
  const request = new page.Request("/");
  expect(request.signal.aborted).toBe(false);
  expect(request.signal).toBe(request.signal);
  expect(request.clone().signal).not.toBe(request.signal);
  const controller = new AbortController();
  const followed = new page.Request(new page.Request("/", { signal: controller.signal })).clone();
  controller.abort("why");
  expect(followed.signal.reason).toBe("why");
});
