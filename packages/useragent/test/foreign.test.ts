/** Objects of other realms: Node's own, undici's, which is another realm to Node's, and look-alikes. */

import { FormData as UndiciFormData, Headers as UndiciHeaders, Request as UndiciRequest } from "undici";
import { describe, expect, test } from "vitest";
import { type BodyInit, type HeadersInit, type RequestInfo } from "@crossorigin/useragent";
import { type Loopback, agent, rejection, serve } from "./loopback.ts";

async function echo(): Promise<Loopback & { readonly url: string }> {
  const server = await serve((_, response) =>
    response
      .setHeader("Access-Control-Allow-Origin", "*")
      .setHeader("Access-Control-Allow-Headers", "x-a")
      .setHeader("Access-Control-Allow-Methods", "PUT")
      .end(),
  );
  return { ...server, url: `http://bar.other:${server.port}/path` };
}

describe.each([
  ["Node.js", globalThis.Request],
  ["undici", UndiciRequest as unknown as typeof globalThis.Request],
])("a Request of %s", (_, ForeignRequest) => {
  test("is sent as what it is", async () => {
    const server = await echo();
    const { page } = agent();
    const request = new ForeignRequest(server.url, { method: "PUT", headers: { "X-A": "1" }, body: "text" });
    await page.fetch(request);
    expect(server.requests.map(({ method }) => method)).toEqual(["OPTIONS", "PUT"]);
    expect(server.requests[1]).toMatchObject({
      url: "/path",
      body: "text",
      headers: { "x-a": "1", "content-length": "4" },
    });
    expect(request.bodyUsed).toBe(true);
    expect(await rejection(page.fetch(request))).toMatchObject({
      name: "TypeError",
      message: "The body of the input request was read or is being read.",
    });
  });

  test("keeps its members, and an init changes what it names", () => {
    const { page } = agent();
    const init = {
      credentials: "include",
      cache: "no-store",
      redirect: "manual",
      referrer: "",
      referrerPolicy: "origin",
      mode: "same-origin",
      keepalive: true,
    } as const;
    const request = new page.Request(new ForeignRequest("http://foo.example/x#y", init));
    expect(request).toMatchObject({ ...init, url: "http://foo.example/x#y", method: "GET" });
    const changed = new page.Request(new ForeignRequest("http://foo.example/", init), { credentials: "omit" });
    expect(changed).toMatchObject({ credentials: "omit", cache: "no-store", referrer: "about:client" });
    expect(new page.Request(new ForeignRequest("http://foo.example/")).referrer).toBe("about:client");
  });

  test("loses the headers that a page cannot set", () => {
    const { page } = agent();
    const headers = { Cookie: "a=1", Origin: "https://evil.example", "X-A": "1" };
    expect([...new page.Request(new ForeignRequest("http://foo.example/", { headers })).headers]).toEqual([
      ["x-a", "1"],
    ]);
  });

  test("hands its signal on", async () => {
    const { page } = agent();
    const controller = new AbortController();
    const request = new page.Request(new ForeignRequest("http://foo.example/", { signal: controller.signal }));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(request.signal.reason).toBe(reason);
    expect(await rejection(page.fetch(request))).toBe(reason);
  });

  test("that cannot be taken over is a TypeError that names page.Request", () => {
    const { page } = agent();
    const urlWithPassword = "http://u:p@foo.example/";
    const foreign = { url: urlWithPassword, method: "GET", headers: new Headers() } as Parameters<typeof page.fetch>[0];
    expect(() => new page.Request(foreign)).toThrow(/password.*page\.Request/);
  });
});

describe("what looks like a request", () => {
  const bytes = async (): Promise<ArrayBuffer> => Promise.resolve(new TextEncoder().encode("abc").buffer);

  test.each([
    ["a stream of Node.js", { body: new Blob(["abc"]).stream() }],
    ["an async iterable", { body: (async function* abc() { yield new Uint8Array(await bytes()); })() }], // prettier-ignore
    ["a hidden stream", { arrayBuffer: bytes }],
  ])("is adopted with %s as body", async (_, members) => {
    const server = await echo();
    const { page } = agent();
    const request = { url: server.url, method: "POST", headers: new Map([["X-A", "1"]]), ...members };
    await page.fetch(request as unknown as RequestInfo);
    expect(server.requests.at(-1)).toMatchObject({ method: "POST", body: "abc", headers: { "x-a": "1" } });
  });

  test.each([
    ["no headers", { url: "https://a.example/", method: "GET" }],
    ["headers that hide", { url: "https://a.example/", method: "GET", headers: {} }],
    ["a body that is none", { url: "https://a.example/", method: "POST", headers: [], body: "text" }],
    ["an unknown mode", { url: "https://a.example/", method: "GET", headers: [], mode: "x" }],
    ["no members at all", {}],
    ["only a name", { [Symbol.toStringTag]: "Request" }],
  ])("with %s is a TypeError that names page.Request", async (_, input) => {
    const { page } = agent();
    const error = await rejection(page.fetch(input as unknown as RequestInfo));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("page.Request");
  });

  test("what its toString() throws is thrown", async () => {
    const { page } = agent();
    const thrown = new Error("mine");
    const throwing = {
      toString: (): string => {
        throw thrown;
      },
    };
    expect(await rejection(page.fetch(throwing as unknown as RequestInfo))).toBe(thrown);
    expect(await rejection(page.fetch(Object.create(null) as RequestInfo))).toBeInstanceOf(TypeError);
  });

  test("but turns into a URL is a URL", () => {
    const { page } = agent();
    class Location {
      toString(): string {
        return "http://foo.example/there";
      }
    }
    expect(new page.Request(new Location() as unknown as RequestInfo).url).toBe("http://foo.example/there");
  });
});

describe("members of other realms", () => {
  test("Headers are taken over; those that cannot be read are a TypeError", () => {
    const { page } = agent();
    for (const Foreign of [globalThis.Headers, UndiciHeaders]) {
      const headers = new Foreign({ "X-A": "1", "X-B": "2" }) as HeadersInit;
      expect([...new page.Headers(headers)]).toEqual([["x-a", "1"], ["x-b", "2"]]); // prettier-ignore
    }
    expect(() => new page.Headers({ [Symbol.toStringTag]: "Headers" } as unknown as HeadersInit)).toThrow(TypeError);
  });

  class Blob {
    readonly size = 4;
    readonly type = "text/x";
    async arrayBuffer(): Promise<ArrayBuffer> {
      return Promise.resolve(new TextEncoder().encode("blob").buffer);
    }
    get [Symbol.toStringTag](): string {
      return "Blob";
    }
  }

  const stream = (chunks: readonly unknown[]): object => {
    const rest = [...chunks];
    return {
      getReader: () => ({
        read: async () => Promise.resolve({ done: rest.length === 0, value: rest.shift() }),
        cancel: async () => Promise.resolve(),
      }),
      [Symbol.toStringTag]: "ReadableStream",
    };
  };

  test.each([
    ["Blob of Node.js", new globalThis.Blob(["blob"], { type: "text/x" }), "text/x", "blob"],
    ["Blob of another realm", new Blob(), "text/x", "blob"],
    [
      "URLSearchParams of Node.js",
      new URLSearchParams("a=1"),
      "application/x-www-form-urlencoded;charset=UTF-8",
      "a=1",
    ],
    [
      "URLSearchParams of another realm",
      { toString: (): string => "a=1", [Symbol.toStringTag]: "URLSearchParams" },
      "application/x-www-form-urlencoded;charset=UTF-8",
      "a=1",
    ],
    ["ReadableStream of another realm", stream([Buffer.from("st"), Buffer.from("ream")]), null, "stream"],
  ])("a %s is a body", async (_, body, type, text) => {
    const { page } = agent();
    const response = new page.Response(body as BodyInit);
    expect(response.headers.get("Content-Type")).toBe(type);
    expect(await response.text()).toBe(text);
  });

  test("a ReadableStream of another realm is a streamed body, as one of Node.js is", () => {
    const { page } = agent();
    expect(() => new page.Request("/", { method: "POST", body: stream([]) as BodyInit })).toThrow('duplex: "half"');
  });

  test.each([
    ["Node.js", globalThis.FormData],
    ["undici", UndiciFormData as unknown as typeof globalThis.FormData],
  ])("a FormData of %s is a body", async (_, ForeignFormData) => {
    const { page } = agent();
    const form = new ForeignFormData();
    form.append('a"\n', "1\n2");
    form.append("file", new File(["content"], 'n"ame.txt', { type: "text/x" }));
    form.append("blob", new globalThis.Blob(["b"]));
    const read = await new page.Response(form).formData();
    expect([...read.keys()]).toEqual(['a"\r\n', "file", "blob"]);
    expect(read.get('a"\r\n')).toBe("1\r\n2");
    const file = read.get("file");
    expect(file).toMatchObject({ name: 'n"ame.txt', type: "text/x" });
    expect(await (file as File).text()).toBe("content");
    expect(read.get("blob")).toMatchObject({ name: "blob", type: "application/octet-stream" });
  });

  test.each(["ReadableStream", "FormData"])("what only calls itself a %s is a TypeError", (name) => {
    const { page } = agent();
    expect(() => new page.Response({ [Symbol.toStringTag]: name } as unknown as BodyInit)).toThrow(TypeError);
  });

  test("an AbortSignal of another realm is followed", () => {
    const { page } = agent();
    const target = new EventTarget();
    const signal = Object.assign(target, { aborted: false, reason: undefined });
    const request = new page.Request("/", { signal: signal as unknown as AbortSignal });
    expect(request.signal.aborted).toBe(false);
    Object.assign(signal, { aborted: true, reason: "stop" });
    signal.dispatchEvent(new Event("abort"));
    expect(request.signal.reason).toBe("stop");
    const late = new page.Request("/", { signal: signal as unknown as AbortSignal });
    expect(late.signal.reason).toBe("stop");
    expect(() => new page.Request("/", { signal: {} as AbortSignal })).toThrow("not an AbortSignal");
  });
});
