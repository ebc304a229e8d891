import { describe, expect, test } from "vitest";
import { Headers, createUserAgent } from "@crossorigin/useragent";

const page = createUserAgent().client({ url: "https://app.example/" });

describe("construction", () => {
  test("headers are made from objects, pairs, maps and headers, ours and Node's", () => {
    const expected = [
      ["a", "1"],
      ["b", "2"],
    ];
    expect([...new Headers({ B: "2", A: "1" })]).toEqual(expected);
    expect([
      ...new Headers([
        ["B", "2"],
        ["A", "1"],
      ]),
    ]).toEqual(expected);
    expect([
      ...new Headers(
        new Map([
          ["B", "2"],
          ["A", "1"],
        ]),
      ),
    ]).toEqual(expected);
    expect([...new Headers(new Headers({ B: "2", A: "1" }))]).toEqual(expected);
    expect([...new Headers(new globalThis.Headers({ B: "2", A: "1" }))]).toEqual(expected);
    expect([...new Headers()]).toEqual([]);
    expect([...new Headers(undefined)]).toEqual([]);
  });

  test("values are converted to strings", () => {
    expect([...new Headers({ A: 1 as unknown as string, B: null as unknown as string })]).toEqual([
      ["a", "1"],
      ["b", "null"],
    ]);
  });

  test.each([
    [null, "Headers cannot be made from null"],
    ["text", 'Headers cannot be made from "text"'],
    [[["a"]], "1 items"],
    [[["a", "b", "c"]], "3 items"],
    [["ab"], 'not "ab"'],
    [{ "a b": "1" }, 'The header name "a b" is not a token'],
    [{ "": "1" }, 'The header name "" is not a token'],
    [{ a: "x\u0000" }, "has a NUL, CR or LF"],
    [{ a: "x\r\ny" }, String.raw`"x\x0d\x0ay"`],
    [{ a: "€" }, "U+20AC"],
    [{ "ä\u0100": "1" }, "U+0100"],
    [{ [Symbol("a")]: "1" }, "symbol"],
  ])("%j is a TypeError that says what is wrong", (init, message) => {
    expect(() => new Headers(init as never)).toThrow(TypeError);
    expect(() => new Headers(init as never)).toThrow(message);
  });
});

describe("reading", () => {
  test("3.09: iteration is sorted, lower-cased and joined, with set-cookie one by one", () => {
    const headers = new Headers([
      ["X-B", "1"],
      ["Set-Cookie", "a=1"],
      ["x-a", "2"],
      ["x-b", "3"],
      ["set-cookie", "b=2"],
    ]);
    expect([...headers.entries()]).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["x-a", "2"],
      ["x-b", "1, 3"],
    ]);
    expect([...headers.keys()]).toEqual(["set-cookie", "set-cookie", "x-a", "x-b"]);
    expect([...headers.values()]).toEqual(["a=1", "b=2", "2", "1, 3"]);
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(headers.get("SET-COOKIE")).toBe("a=1, b=2");
    const seen: string[] = [];
    headers.forEach((value, name, self) => seen.push(`${name}:${value}:${self === headers}`));
    expect(seen[3]).toBe("x-b:1, 3:true");
  });

  test("an iteration sees what is added on the way", () => {
    const headers = new Headers({ a: "1", b: "2" });
    const names: string[] = [];
    for (const [name] of headers) {
      names.push(name);
      if (name === "a") headers.set("c", "3");
    }
    expect(names).toEqual(["a", "b", "c"]);
  });

  test("get and has are without case, and refuse what is no name", () => {
    const headers = new Headers({ "X-A": " 1\t" });
    expect([headers.get("x-a"), headers.get("x-b"), headers.has("X-A"), headers.has("x-b")]).toEqual([
      "1",
      null,
      true,
      false,
    ]);
    expect(() => headers.get("a b")).toThrow(TypeError);
    expect(() => headers.has("€")).toThrow(TypeError);
    expect(() => headers.get(...([] as unknown as [string]))).toThrow(TypeError);
    expect(() => headers.append(...(["a"] as unknown as [string, string]))).toThrow(TypeError);
    expect(() => Headers.prototype.get.call({} as Headers, "a")).toThrow("Illegal invocation");
    expect(Object.prototype.toString.call(headers)).toBe("[object Headers]");
  });

  test("3.04, 3.05: append keeps, set replaces, delete removes", () => {
    const headers = new Headers();
    headers.append("a", "1");
    headers.append("A", "2");
    expect(headers.get("a")).toBe("1, 2");
    headers.set("a", "3");
    expect([...headers]).toEqual([["a", "3"]]);
    headers.delete("A");
    headers.delete("none");
    expect([...headers]).toEqual([]);
  });
});

describe("guards", () => {
  test("3.32, 6.01, 6.02: a request drops forbidden headers without a word", () => {
    const names = [
      "Accept-Encoding",
      "Cookie",
      "Host",
      "Origin",
      "Referer",
      "Sec-Fetch-Mode",
      "Proxy-Authorization",
      "Content-Length",
      "Set-Cookie",
      "DNT",
      "TE",
      "Via",
    ];
    const { headers } = new page.Request("/", {
      headers: [...names.map((name): [string, string] => [name, "x"]), ["User-Agent", "mine"]],
    });
    expect([...headers]).toEqual([["user-agent", "mine"]]);
    headers.set("X-HTTP-Method-Override", "GET, track");
    headers.append("Cookie", "a=1");
    headers.delete("Cookie");
    expect([...headers.keys()]).toEqual(["user-agent"]);
    headers.set("X-HTTP-Method-Override", "PATCH");
    expect(headers.get("x-http-method-override")).toBe("PATCH");
  });

  test("6.01, 6.03, 6.04, 3.30: a no-cors request takes four safelisted names and their safelisted values", () => {
    const { headers } = new page.Request("/", {
      mode: "no-cors",
      headers: {
        Accept: "text/plain",
        "Content-Type": "application/json",
        "X-A": "1",
        Range: "bytes=0-",
        "Accept-Language": "en_US",
        "Content-Language": "en",
      },
    });
    expect([...headers]).toEqual([
      ["accept", "text/plain"],
      ["content-language", "en"],
    ]);
    headers.append("Accept", "a".repeat(116));
    expect(headers.get("accept")).toHaveLength(128);
    headers.append("Accept", "b");
    expect(headers.get("accept")).toHaveLength(128);
    headers.set("Content-Type", "text/plain");
    headers.set("Content-Type", "text/html");
    expect(headers.get("content-type")).toBe("text/plain");
    headers.delete("Content-Language");
    headers.delete("X-A");
    expect([...headers.keys()]).toEqual(["accept", "content-type"]);
  });

  test("6.11: a no-cors request sends no Content-Type for a JSON Blob", () => {
    const { headers } = new page.Request("/", {
      mode: "no-cors",
      method: "POST",
      body: new Blob(["{}"], { type: "application/json" }),
    });
    expect([...headers]).toEqual([]);
  });

  test("6.01, 6.02: a response made by the page drops Set-Cookie; an error is immutable", () => {
    const response = new page.Response(null, { headers: { "Set-Cookie": "a=1", "X-A": "1" } });
    expect([...response.headers]).toEqual([["x-a", "1"]]);
    const { headers } = page.Response.error();
    expect(() => headers.set("a", "1")).toThrow("immutable");
    expect(() => headers.append("a", "1")).toThrow(TypeError);
    expect(() => headers.delete("a")).toThrow(TypeError);
  });
});
