import { describe, expect, test } from "vitest";
import type { Response } from "@crossorigin/useragent";
import { agent, rejection, serve } from "./loopback.ts";

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
