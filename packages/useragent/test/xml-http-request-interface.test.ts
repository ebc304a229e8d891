import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, serve } from "./loopback.ts";
import { traced } from "./xml-http-request-trace.ts";

describe("the classes of a page", () => {
  test("are bound to it, can be taken off and be derived from", async () => {
    const server = await serve((_, response) => response.end("hello"));
    const { userAgent } = agent();
    const { XMLHttpRequest } = userAgent.client({ url: `http://foo.example:${server.port}/dir/` });
    class Derived extends XMLHttpRequest {}
    const xhr = new Derived();
    const loaded = new Promise((resolve) => {
      xhr.onloadend = resolve;
    });
    xhr.open("GET", "file");
    xhr.send();
    await loaded;
    expect(xhr.responseURL).toBe(`http://foo.example:${server.port}/dir/file`);
    expect(xhr).toBeInstanceOf(XMLHttpRequest);
  });

  test("are constructed where page code may construct them only", () => {
    const { page } = agent();
    const { XMLHttpRequestUpload: Upload, XMLHttpRequestEventTarget: Target, XMLHttpRequest: Xhr } = page;
    expect(() => Reflect.construct(Upload, [])).toThrow(new TypeError("Illegal constructor"));
    expect(() => Reflect.construct(Target, [])).toThrow(new TypeError("Illegal constructor"));
    expect(() => Reflect.apply(Xhr, undefined, [])).toThrow(TypeError);
    expect(() => Xhr.prototype.abort()).toThrow("Illegal invocation");
    expect(new Xhr().upload).toBeInstanceOf(Upload);
    expect(new Xhr()).toBeInstanceOf(Target);
  });

  test("make progress events of what they are given", () => {
    const { ProgressEvent } = agent().page;
    const { type, loaded, total, lengthComputable, bubbles } = new ProgressEvent("x", { loaded: 1.5, total: 3 });
    expect([type, loaded, total, lengthComputable, bubbles]).toEqual(["x", 1.5, 3, false, false]);
    expect(Object.prototype.toString.call(new ProgressEvent("x", { lengthComputable: true }))).toBe(
      "[object ProgressEvent]",
    );
    expect(() => new ProgressEvent("x", { loaded: Number.NaN })).toThrow(TypeError);
    expect(() => Reflect.construct(ProgressEvent, [])).toThrow(TypeError);
    expect(() => ProgressEvent.prototype.loaded).toThrow("Illegal invocation");
  });
});

describe("bodies", () => {
  test.each([
    ["a blob", `new Blob(["é"], { type: "text/x" })`, "text/x", "\u00c3\u00a9"],
    ["bytes", `new Uint8Array([1, 2, 3]).subarray(1)`, undefined, "\u0002\u0003"],
    ["a buffer", `new Uint8Array([1, 2]).buffer`, undefined, "\u0001\u0002"],
    ["search params", `new URLSearchParams("a=%C3%A9")`, "application/x-www-form-urlencoded;charset=UTF-8", "a=%C3%A9"],
  ])("of another realm are sent as what they are: %s", async (_, source, type, body) => {
    const server = await serve((_request, response) => response.end());
    const { userAgent } = agent();
    const { xhr, events } = traced(userAgent.client({ url: `http://foo.example:${server.port}/` }));
    // What has no constructor in a bare realm keeps that of this one.
    const value: unknown = runInNewContext(source, { Blob, URLSearchParams });
    xhr.open("POST", "/");
    xhr.send(value as Blob);
    await events.end();
    expect(server.requests[0]?.headers["content-type"]).toBe(type);
    expect(server.requests[0]?.body).toBe(body);
  });

  test("that cannot be read are an error, with its words as the reason", async () => {
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("POST", "http://bar.other/");
    const arrayBuffer = (): Promise<ArrayBuffer> => Promise.reject(new Error("the file is gone"));
    xhr.send({ [Symbol.toStringTag]: "Blob", size: 5, type: "", arrayBuffer });
    await events.end();
    expect(events.seen.slice(2)).toEqual(["readystatechange 4", "error 4 0/0", "loadend 4 0/0"]);
    expect(networkErrorReason(xhr)).toMatchObject({ code: "network/failed", subject: "the file is gone" });
  });

  test("that cannot go to another thread make a synchronous request fail, and no other", () => {
    const { page } = agent();
    const { xhr } = traced(page);
    xhr.open("POST", "http://bar.other:22/", false);
    const arrayBuffer = (): Promise<ArrayBuffer> => Promise.resolve(new ArrayBuffer(5));
    expect(() => xhr.send({ [Symbol.toStringTag]: "Blob", size: 5, type: "", arrayBuffer })).toThrow("failed");
    expect(networkErrorReason(xhr)?.subject).toContain("DataCloneError");
    xhr.open("POST", "http://bar.other:22/", false);
    expect(() => xhr.send()).toThrow("failed");
    expect(networkErrorReason(xhr)?.code).toBe("main-fetch/bad-port");
  });

  test.each([
    ["a document", { [Symbol.toStringTag]: "HTMLDocument" }, "serialize it"],
    ["what only is called a blob", { [Symbol.toStringTag]: "Blob" }, "cannot be read"],
  ])("that cannot be sent are a TypeError: %s", (_, value, message) => {
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("POST", "http://bar.other/");
    expect(() => xhr.send(value)).toThrow(TypeError);
    expect(() => xhr.send(value)).toThrow(message);
    expect(events.seen).toEqual(["readystatechange 1"]);
  });
});
