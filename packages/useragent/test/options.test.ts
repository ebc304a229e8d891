import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type ClientOptions, type UserAgentOptions, createUserAgent } from "@crossorigin/useragent";
import { rootCertificates } from "node:tls";
import { agent, serve } from "./loopback.ts";

const GARBAGE = "-----BEGIN CERTIFICATE-----\ngarbage\n-----END CERTIFICATE-----";

describe("options of a user agent", () => {
  const wrong: readonly (readonly [option: string, value: unknown, shown: string])[] = [
    ["resolve", { "a.example": "127.0.0.1" }, "an object"],
    ["ca", "/etc/ca.pem", '"/etc/ca.pem"'],
    ["ca", ["x"], "an array"],
    ["ca", GARBAGE, String.raw`"-----BEGIN CERTIFICATE-----\x0agarbage\x0a-----END CERTIFICATE-----"`],
    ["clock", () => 0, "a function"],
    ["clock", { now: () => 0, schedule: 5 }, "an object"],
    ["httpCache", "on", '"on"'],
    ["httpCache", null, "null"],
    ["http2", "yes", '"yes"'],
    ["profile", "chrome", '"chrome"'],
    ["profile", "toString", '"toString"'],
    ["onTrace", true, "true"],
    ["userAgent", "a\nb", String.raw`"a\x0ab"`],
    ["userAgent", "", '""'],
    ["acceptLanguage", "en_US", '"en_US"'],
    ["timeoutMilliseconds", 0, "0"],
    ["timeoutMilliseconds", Number.POSITIVE_INFINITY, "Infinity"],
    ["timeoutMilliseconds", "5", '"5"'],
    ["maxHeaderBytes", 1.5, "1.5"],
  ];

  test.each(wrong)("a wrong %s is a TypeError that names option, value and fix", (option, value, shown) => {
    const create = (): unknown => createUserAgent({ [option]: value });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`The option ${option} is ${shown}: pass `);
  });

  test("several certificates may be given, and one that is none is refused among them", () => {
    const certificates = rootCertificates.slice(0, 2).join("\n");
    expect(() => createUserAgent({ ca: certificates })).not.toThrow();
    expect(() => createUserAgent({ ca: `${certificates}\n${GARBAGE}` })).toThrow(/^The option ca is .*: pass cert/);
  });

  test("an array is a TypeError", () => {
    expect(() => createUserAgent([] as UserAgentOptions)).toThrow(
      "The user agent's options are an array: pass an object",
    );
    const userAgent = createUserAgent();
    onTestFinished(() => userAgent.close());
    const create = (): unknown => userAgent.client([] as unknown as ClientOptions);
    expect(create).toThrow("The client's options are an array: pass an object");
  });

  test("an unknown option is a TypeError that lists those that exist", () => {
    expect(() => createUserAgent({ timeout: 5 } as UserAgentOptions)).toThrow(
      'There is no option "timeout": the options are resolve,',
    );
    expect(() => createUserAgent("x" as UserAgentOptions)).toThrow(TypeError);
  });

  test.each([
    ["time", "timeoutMilliseconds"],
    ["resolver", "resolve"],
    ["ontrace", "onTrace"],
    ["porfile", "profile"],
  ])("for %s the nearest option is named", (given, meant) => {
    expect(() => createUserAgent({ [given]: 5 })).toThrow(`. Did you mean ${meant}?`);
  });

  test.each(["x", "x".repeat(1000), "colour"])("nothing is near %s", (given) => {
    expect(() => createUserAgent({ [given]: 5 })).toThrow(/ are resolve, .*\bmaxHeaderBytes\b[^?]*\.$/);
  });

  test("the limits of the HTTP cache are checked alike", () => {
    expect(() => createUserAgent({ httpCache: { maxEntries: 0 } })).toThrow(
      "The option httpCache.maxEntries is 0: pass ",
    );
    expect(() => createUserAgent({ httpCache: { maxBytes: 0.5 } })).toThrow(
      "The option httpCache.maxBytes is 0.5: pass ",
    );
    expect(() => createUserAgent({ httpCache: { size: 5 } as object })).toThrow(
      'There is no option "size": the options are maxEntries, maxBytes.',
    );
    expect(() => createUserAgent({ httpCache: { maxEntries: undefined, maxBytes: 1 } })).not.toThrow();
    expect(() => createUserAgent({ httpCache: true })).not.toThrow();
  });

  test("undefined is as if the option were not there", () => {
    expect(() => createUserAgent({ resolve: undefined, ca: undefined, profile: undefined })).not.toThrow();
  });

  test("7.03, 11.05: User-Agent and Accept-Language are what the options say, on the preflight too", async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "PUT" }).end(),
    );
    const { page } = agent({ userAgent: "Mine/1", acceptLanguage: "" });
    await page.fetch(`http://bar.other:${server.port}/`, { method: "PUT" });
    expect(server.requests.map(({ headers }) => [headers["user-agent"], headers["accept-language"]])).toEqual([
      ["Mine/1", undefined],
      ["Mine/1", undefined],
    ]);
    await page.fetch(`http://bar.other:${server.port}/`, { headers: { "Accept-Language": "de" } });
    expect(server.requests.at(-1)?.headers["accept-language"]).toBe("de");
  });

  test("profiles differ in what * covers", async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" }).end(),
    );
    const fetched = async (profile: "standard" | "chromium"): Promise<boolean> => {
      const { page } = agent({ profile });
      return page.fetch(`http://bar.other:${server.port}/`, { headers: { Authorization: "x" } }).then(
        () => true,
        () => false,
      );
    };
    expect([await fetched("standard"), await fetched("chromium")]).toEqual([false, true]);
  });

  test("events carry the number of their fetch", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end());
    const seen: [string, number][] = [];
    const { page } = agent({ onTrace: ({ type }, fetchId) => seen.push([type, fetchId]) });
    await page.fetch(`http://bar.other:${server.port}/`);
    await page.fetch(`http://bar.other:${server.port}/`);
    expect(seen.filter(([type]) => type === "fetch" || type === "done")).toEqual([
      ["fetch", 0],
      ["done", 0],
      ["fetch", 1],
      ["done", 1],
    ]);
  });
});

describe("an onTrace that fails", () => {
  const fail = (): never => {
    throw new RangeError("not today");
  };

  test.each<[how: string, onTrace: () => unknown]>([
    ["throws", fail],
    ["rejects", async (): Promise<never> => Promise.resolve().then(fail)],
  ])("because it %s is a process warning, once", async (_, onTrace) => {
    const server = await serve((_request, response) => response.setHeader("Access-Control-Allow-Origin", "*").end());
    const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => emitWarning.mockRestore());
    const { page } = agent({ onTrace });
    for (let count = 0; count < 2; count++) await page.fetch(`http://bar.other:${server.port}/`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringContaining("onTrace of a user agent failed, and is not told of again: RangeError: not today"),
        {
          type: "CrossoriginWarning",
          code: "CROSSORIGIN_ON_TRACE",
          detail: expect.stringContaining("options.test.ts"),
        },
      ],
    ]);
  });
});

describe("options of a client", () => {
  const userAgent = createUserAgent();

  test.each([
    ["url", { url: "file:///etc/passwd" }, '"file:///etc/passwd"'],
    ["url", { url: "app.example" }, '"app.example"'],
    ["url", { url: undefined }, "undefined"],
    ["opaqueOrigin", { url: "https://a.example", opaqueOrigin: 1 }, "1"],
    ["worker", { url: "https://a.example", worker: "yes" }, '"yes"'],
    ["referrerPolicy", { url: "https://a.example", referrerPolicy: "none" }, '"none"'],
    ["embedderPolicy", { url: "https://a.example", embedderPolicy: "none" as "unsafe-none" }, '"none"'],
    ["topLevelOrigin", { url: "https://a.example", topLevelOrigin: "null" }, '"null"'],
  ])("a wrong %s is a TypeError that names option, value and fix", (option, options, shown) => {
    const create = (): unknown => userAgent.client(options as unknown as ClientOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`The option ${option} is ${shown}: pass `);
  });

  test.each([
    ["orign", "opaqueOrigin, worker, topLevelOrigin, referrerPolicy, embedderPolicy, "],
    ["toplevelOrigin", "Did you mean topLevelOrigin?"],
    ["refererPolicy", "Did you mean referrerPolicy?"],
  ])("an unknown option such as %s is a TypeError", (given, end) => {
    const create = (): unknown => userAgent.client({ url: "https://a.example", [given]: "x" });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`There is no option "${given}": the options are url, `);
    expect(create).toThrow(end);
  });

  test("1.01: a client has the URL and the origin of its page", () => {
    const page = userAgent.client({ url: new URL("https://APP.example:443/a#b") });
    expect([page.url, page.origin]).toEqual(["https://app.example/a#b", "https://app.example"]);
    expect(() => userAgent.client("https://a.example" as unknown as ClientOptions)).toThrow(TypeError);
  });

  test("a worker has no elements, cookies or beacons", async () => {
    const server = await serve((_, response) => response.end("x"));
    const worker = agent().userAgent.client({ url: `http://foo.example:${server.port}/worker.js`, worker: true });
    await expect(worker.load({ element: "img", src: "/" })).rejects.toThrow(
      new TypeError(
        'The option element is "img": in a worker, pass one of module, worker, module-worker, import-scripts, font.',
      ),
    );
    expect(() => worker.cookies.get()).toThrow("a worker has no document");
    expect(() => worker.cookies.set("a=1")).toThrow("a worker has no document");
    expect(() => worker.sendBeacon("/")).toThrow("Only a page has sendBeacon");
    expect("responseXML" in worker.XMLHttpRequest.prototype).toBe(false);
    expect("responseXML" in agent().page.XMLHttpRequest.prototype).toBe(true);
    expect(await (await worker.fetch("/")).text()).toBe("x");
  });

  test("fetch and close can be taken off their client", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const { fetch, Request, close } = agent().page;
    expect(await (await fetch(new Request(`http://bar.other:${server.port}/`))).text()).toBe("x");
    await close();
    await expect(fetch(`http://bar.other:${server.port}/`)).rejects.toThrow("Failed to fetch");
  });
});
