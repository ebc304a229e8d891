import { describe, expect, test } from "vitest";
import { createUserAgent } from "@crossorigin/useragent";

const { Response } = createUserAgent().client({ url: "https://app.example/dir/" });

describe("responses that a page makes", () => {
  test("they have defaults, and the type of their body", async () => {
    const response = new Response("text");
    expect([
      response.type,
      response.url,
      response.redirected,
      response.status,
      response.ok,
      response.statusText,
    ]).toEqual(["default", "", false, 200, true, ""]);
    expect(response.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
    expect(await response.text()).toBe("text");
    expect(new Response().body).toBeNull();
    expect(await new Response().text()).toBe("");
    expect(Object.prototype.toString.call(response)).toBe("[object Response]");
    expect(response).toBeInstanceOf(Response);
    expect(Response.name).toBe("Response");
  });

  test("status, statusText and headers are taken over", () => {
    const response = new Response(null, { status: 404, statusText: "N\u00f6", headers: { "Content-Type": "x/y" } });
    expect([response.status, response.ok, response.statusText, response.headers.get("content-type")]).toEqual([
      404,
      false,
      "N\u00f6",
      "x/y",
    ]);
  });

  test.each([199, 600, 0, 1000])("status %i is a RangeError", (status) => {
    expect(() => new Response(null, { status })).toThrow(RangeError);
  });

  test.each([204, 205, 304])("status %i cannot have a body", (status) => {
    expect(() => new Response("x", { status })).toThrow(TypeError);
    expect(new Response(null, { status }).body).toBeNull();
  });

  test("a statusText with control characters, or beyond bytes, is a TypeError", () => {
    expect(() => new Response(null, { statusText: "a\nb" })).toThrow(TypeError);
    expect(() => new Response(null, { statusText: "€" })).toThrow(TypeError);
    expect(() => new Response(null, 7 as never)).toThrow(TypeError);
  });

  test("error, json and redirect", async () => {
    const error = Response.error();
    expect([error.type, error.status, error.body]).toEqual(["error", 0, null]);
    const json = Response.json({ a: 1 }, { status: 201 });
    expect([json.status, json.headers.get("content-type"), await json.json()]).toEqual([
      201,
      "application/json",
      { a: 1 },
    ]);
    expect(() => Response.json(undefined)).toThrow(TypeError);
    expect(() => Response.json(1n)).toThrow(TypeError);
    const redirect = Response.redirect("../up", 307);
    expect([redirect.status, redirect.headers.get("location")]).toEqual([307, "https://app.example/up"]);
    expect(Response.redirect("/").status).toBe(302);
    expect(() => Response.redirect("/", 200)).toThrow(RangeError);
    expect(() => Response.redirect("http://:x")).toThrow(TypeError);
    expect(() => redirect.headers.set("a", "1")).toThrow(TypeError);
    expect(json).toBeInstanceOf(Response);
  });

  test("6.14: a clone can be changed on its own, and is of the same kind", async () => {
    const response = new Response("text", { headers: { "X-A": "1" } });
    const copy = response.clone();
    copy.headers.set("X-A", "2");
    expect(response.headers.get("x-a")).toBe("1");
    expect(copy).toBeInstanceOf(Response);
    expect([await response.text(), await copy.text()]).toEqual(["text", "text"]);
    expect(() => response.clone()).toThrow(TypeError);
  });

  test("a stream that is locked cannot be a body", () => {
    const stream = new Blob(["x"]).stream();
    stream.getReader();
    expect(() => new Response(stream)).toThrow(TypeError);
  });

  test("members need a response", () => {
    expect(() => Reflect.get(Response.prototype, "status", {})).toThrow("Illegal invocation");
    expect({} instanceof Response).toBe(false);
  });
});
