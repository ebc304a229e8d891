import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { explain } from "crossorigin/diagnose";
import { describe, expect, test } from "vitest";
import type { LoadOptions } from "@crossorigin/useragent";
import { type Answer, answer, pathOf } from "./element-load-server.ts";
import { type Agent, type Loopback, agent, rejection, serve } from "./loopback.ts";

interface Stage extends Agent {
  readonly server: Loopback;
  /** The page's own origin, another one, and a third. */
  readonly same: string;
  readonly other: string;
  readonly third: string;
}

async function stage(): Promise<Stage> {
  const server = await serve(answer);
  const same = `http://foo.example:${server.port}`;
  const { port } = server;
  return {
    server,
    same,
    other: `http://bar.other:${port}`,
    third: `http://baz.third:${port}`,
    ...agent({}, `${same}/dir/page`),
  };
}

describe("an img", () => {
  test("of the page's own origin has pixels that can be read", async () => {
    const { page, same } = await stage();
    const image = await page.load({ element: "img", src: "/png" });
    expect(image).toMatchObject({ outcome: "load", responseType: "basic", pixels: "readable", url: `${same}/png` });
    expect(image.reason()).toBeNull();
  });

  test("26.03, 27.01: of another origin loads without CORS, with cookies, and is tainted", async () => {
    const here = await stage();
    const { page, other, server } = here;
    await page.fetch(`${other}${pathOf("/png", { cookie: "c=1" })}`, { mode: "no-cors", credentials: "include" });
    const image = await page.load({ element: "img", src: `${other}/png` });
    expect(image).toMatchObject({ outcome: "load", responseType: "opaque", pixels: "tainted" });
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
    expect(server.requests[1]?.headers).toMatchObject({ cookie: "c=1", accept: expect.stringMatching(/^image\//) });
    expect(server.requests[1]?.headers.origin).toBeUndefined();
  });

  test("with crossorigin has pixels that can be read if the server allows it", async () => {
    const here = await stage();
    const { page, other, same } = here;
    const src = `${other}${pathOf("/png", { allow: same })}`;
    const image = await page.load({ element: "img", crossorigin: "anonymous", src });
    expect(image).toMatchObject({ outcome: "load", responseType: "cors", pixels: "readable" });
    expect(here.server.requests[0]?.headers).toMatchObject({ origin: same });
  });

  test("with crossorigin does not load if the server does not allow it, and the handle tells why", async () => {
    const { page, other } = await stage();
    const image = await page.load({ element: "img", crossorigin: "anonymous", src: `${other}/png` });
    expect(image).toMatchObject({ outcome: "error", responseType: "error" });
    expect(image).not.toHaveProperty("pixels");
    expect(image.reason()).toMatchObject({ code: "cors-check/allow-origin-missing", url: `${other}/png`, hop: 0 });
    expect(image.reason()?.trace.at(-1)).toMatchObject({ type: "network-error" });
  });

  test.each([
    ["", "cors-check/allow-origin-mismatch", "same-origin"],
    ["nonsense", "cors-check/allow-origin-mismatch", "same-origin"],
    ["USE-CREDENTIALS", "cors-check/allow-origin-mismatch", "include"],
  ])("takes the attribute %j as HTML does", async (crossorigin, code, credentialsMode) => {
    const { page, other, trace } = await stage();
    const src = `${other}${pathOf("/png", { allow: "http://x.example" })}`;
    const image = await page.load({ element: "img", crossorigin: crossorigin as "", src });
    expect(image.reason()?.code).toBe(code);
    expect(trace[0]).toMatchObject({ mode: "cors", credentialsMode });
  });

  test("with crossorigin=use-credentials needs Access-Control-Allow-Credentials", async () => {
    const { page, other, same } = await stage();
    const load = async (answer: Answer) =>
      page.load({ element: "img", crossorigin: "use-credentials", src: `${other}${pathOf("/png", answer)}` });
    expect((await load({ allow: same, credentials: "true" })).outcome).toBe("load");
    expect((await load({ allow: same })).reason()?.code).toMatch(/^cors-check\/.*credentials/);
    expect((await load({ allow: "*", credentials: "true" })).outcome).toBe("error");
  });

  test("27.02: that a foreign server redirects back to the page's origin stays tainted", async () => {
    const { page, other, same } = await stage();
    const src = `${same}${pathOf("/x", { location: `${other}${pathOf("/x", { location: `${same}/png` })}` })}`;
    expect(await page.load({ element: "img", src })).toMatchObject({ pixels: "tainted", url: src });
  });

  test("that is redirected from one foreign origin to another must be allowed to the origin null", async () => {
    const { page, other, third } = await stage();
    const load = async (allow: string) => {
      const location = `${third}${pathOf("/png", { allow })}`;
      const src = `${other}${pathOf("/x", { allow: "*", location })}`;
      return page.load({ element: "img", crossorigin: "anonymous", src });
    };
    expect((await load("null")).outcome).toBe("load");
    expect((await load("http://foo.example")).reason()).toMatchObject({
      code: "cors-check/allow-origin-mismatch",
      hop: 1,
    });
  });

  test("9.06, 16.06, 16.07: with a resource policy against other sites does not load without crossorigin", async () => {
    const { page, other } = await stage();
    const image = await page.load({ element: "img", src: `${other}${pathOf("/png", { corp: "same-site" })}` });
    expect(image.reason()?.code).toMatch(/^cross-origin-resource-policy\//);
  });

  test("loads whatever its status and Content-Type are, if its bytes are an image", async () => {
    const { page } = await stage();
    expect(
      (await page.load({ element: "img", src: pathOf("/png", { status: "404", type: "text/html" }) })).outcome,
    ).toBe("load");
    expect((await page.load({ element: "img", src: "/svg" })).outcome).toBe("load");
    expect((await page.load({ element: "img", src: pathOf("/svg", { type: "text/plain" }) })).outcome).toBe("error");
    const html = await page.load({ element: "img", src: pathOf("/page", { type: "image/png" }) });
    expect(html.reason()).toMatchObject({ code: "element-load/not-decodable", received: "image/png" });
  });

  test("is decoded by the embedder's decoder, which has the last word", async () => {
    const { page } = await stage();
    const seen: number[] = [];
    const decode = (bytes: Uint8Array): object => {
      seen.push(bytes.byteLength);
      if (bytes.byteLength < 20) throw new Error("no picture");
      return {};
    };
    expect((await page.load({ element: "img", src: "/page", decode })).outcome).toBe("load");
    const refused = await page.load({ element: "img", src: "/nothing", decode });
    expect(refused.reason()).toMatchObject({ code: "element-load/not-decodable", subject: "Error: no picture" });
    expect(seen).toEqual([49, 0]);
  });

  test("without a source, or with one that is no URL, does not load and asks nobody", async () => {
    const { page, server } = await stage();
    for (const src of ["", "http://:bad"]) {
      const image = await page.load({ element: "img", src });
      expect([image.outcome, image.url, image.reason()?.code]).toEqual(["error", src, "element-load/url-invalid"]);
    }
    expect(server.requests).toEqual([]);
  });

  test("of a data: URL is the page's own", async () => {
    const { page } = await stage();
    const src = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
    expect(await page.load({ element: "img", src })).toMatchObject({ responseType: "basic", pixels: "readable" });
  });

  test("7.07: of an http URL in an https page is asked for over https; a script is blocked", async () => {
    const { other, userAgent, trace } = await stage();
    const page = userAgent.client({ url: "https://foo.example/" });
    // The server speaks no TLS.
    expect((await page.load({ element: "img", src: `${other}/png` })).reason()?.code).toBe("network/tls-protocol");
    expect(trace.find(({ type }) => type === "upgrade")).toMatchObject({ from: `${other}/png` });
    const [exchange] = explain(trace).exchanges;
    expect(exchange?.rules).toMatchObject([{ rule: "upgrade", ok: true }]);
    expect(exchange?.rules[0]?.text).toContain(`Upgraded to https from ${other}/png`);
    const script = await page.load({ element: "script", src: `${other}/script` });
    expect(script.reason()?.code).toBe("main-fetch/mixed-content");
  });

  test("sends the referrer that its policy allows", async () => {
    const { page, other, same, server } = await stage();
    await page.load({ element: "img", src: `${other}/png` });
    await page.load({ element: "img", src: `${other}/png`, referrerPolicy: "no-referrer" });
    await page.load({ element: "img", src: `${other}/png`, referrerPolicy: "unsafe-url" });
    expect(server.requests.map(({ headers }) => headers.referer)).toEqual([`${same}/`, undefined, `${same}/dir/page`]);
  });
});

describe("what each element asks for", () => {
  test.each<[LoadOptions["element"], string, string, string, Partial<LoadOptions>?]>([
    ["img", "no-cors", "include", "image"],
    ["background-image", "no-cors", "include", "image"],
    ["shape-outside", "cors", "same-origin", "image"],
    ["mask-image", "cors", "same-origin", "image"],
    ["script", "no-cors", "include", "script"],
    ["script", "cors", "same-origin", "script", { crossorigin: "anonymous" }],
    ["module", "cors", "same-origin", "script"],
    ["module", "cors", "same-origin", "script", { crossorigin: "anonymous" }],
    ["module", "cors", "include", "script", { crossorigin: "use-credentials" }],
    ["link-stylesheet", "no-cors", "include", "style"],
    ["link-stylesheet", "cors", "include", "style", { crossorigin: "use-credentials" }],
    ["font", "cors", "same-origin", "font"],
    ["video", "no-cors", "include", "video"],
    ["audio", "cors", "same-origin", "audio", { crossorigin: "" }],
    ["track", "same-origin", "include", "track"],
    ["track", "cors", "same-origin", "track", { crossorigin: "anonymous" }],
    ["link-preload", "no-cors", "include", "font", { as: "font" }],
    ["link-preload", "cors", "same-origin", "empty", { as: "fetch", crossorigin: "anonymous" }],
    ["link-preload", "no-cors", "include", "style", { as: "style" }],
    ["svg-image", "no-cors", "include", "image"],
    ["svg-image", "cors", "same-origin", "image", { crossorigin: "anonymous" }],
    ["svg-fe-image", "no-cors", "include", "image"],
    ["svg-fe-image", "cors", "include", "image", { crossorigin: "use-credentials" }],
    ["input-image", "no-cors", "include", "image"],
    ["video-poster", "no-cors", "include", "image"],
    ["worker", "same-origin", "same-origin", "worker"],
    ["module-worker", "same-origin", "same-origin", "worker"],
    ["module-worker", "same-origin", "omit", "worker", { credentials: "omit" }],
    ["import-scripts", "no-cors", "include", "script"],
    ["css-import", "no-cors", "include", "style"],
    ["link-prefetch", "no-cors", "include", "empty"],
    ["link-prefetch", "cors", "same-origin", "empty", { crossorigin: "anonymous" }],
    ["link-icon", "no-cors", "include", "image"],
    ["link-icon", "cors", "same-origin", "image", { crossorigin: "" }],
    ["link-manifest", "cors", "same-origin", "manifest"],
    ["link-manifest", "cors", "include", "manifest", { crossorigin: "use-credentials" }],
  ])(
    "1.04, 26.03, 26.04, 26.05, 26.06, 26.07, 26.09, 26.11, 26.13, 26.14, 26.16, 26.17, 26.18, 26.20, 26.21, 26.22, 26.23: %s: mode %s, credentials %s, destination %s",
    async (element, mode, credentialsMode, destination, more = {}) => {
      const server = await serve(answer);
      const { page, trace } = agent({}, `http://localhost:${server.port}/`);
      await page.load({ element, src: "/x", ...more } as LoadOptions);
      expect(trace[0]).toMatchObject({ mode, credentialsMode });
      expect(server.requests[0]?.headers).toMatchObject({ "sec-fetch-mode": mode, "sec-fetch-dest": destination });
    },
  );

  test("3.30, 26.23: media ask for a range, which no server must allow first", async () => {
    const { page, other, server } = await stage();
    const src = `${other}${pathOf("/sound", { allow: "*" })}`;
    expect(await page.load({ element: "audio", crossorigin: "anonymous", src })).toMatchObject({ samples: "readable" });
    expect(server.requests.map(({ method, headers }) => [method, headers.range, headers["accept-encoding"]])).toEqual([
      ["GET", "bytes=0-", "identity"],
    ]);
  });
});

describe("where profiles leave the standard", () => {
  test.each([
    ["standard", undefined],
    ["chromium", "own"],
    ["firefox", undefined],
    ["webkit", "own"],
  ] as const)("with crossorigin, the page's own server hears Origin in %s: %s", async (profile, expected) => {
    const server = await serve(answer);
    const origin = `http://localhost:${server.port}`;
    const { page } = agent({ profile }, `${origin}/`);
    for (const crossorigin of ["anonymous", null] as const)
      await page.load({ element: "img", src: "/png", crossorigin });
    await page.fetch("/png");
    const heard = server.requests.map(({ headers }) => headers.origin);
    expect(heard).toEqual([expected === "own" ? origin : undefined, undefined, undefined]);
  });

  test.each([
    ["standard", "font", "cors", "same-origin"],
    ["webkit", "font", "no-cors", "include"],
    ["chromium", "track", "same-origin", "include"],
    ["webkit", "track", "no-cors", "include"],
  ] as const)("in %s a %s is fetched with mode %s, credentials %s", async (profile, element, mode, credentialsMode) => {
    const server = await serve(answer);
    const { page, trace } = agent({ profile }, `http://localhost:${server.port}/`);
    await page.load({ element, src: "/font" });
    expect(trace[0]).toMatchObject({ mode, credentialsMode });
  });
});

describe("errors of a script without CORS", () => {
  test.each([
    ["chromium", "muted"],
    ["firefox", "reported"],
    ["webkit", "muted"],
  ] as const)("are, in %s, %s", async (profile, errors) => {
    const server = await serve(answer);
    const { page } = agent({ profile }, `http://foo.example:${server.port}/`);
    const script = await page.load({ element: "script", src: `http://bar.other:${server.port}/throws` });
    expect(script).toMatchObject({ outcome: "load", errors });
  });
});

describe("a classic script", () => {
  test("26.06, 27.08: of another origin runs, and its errors are muted unless CORS allows them", async () => {
    const { page, other } = await stage();
    const src = `${other}${pathOf("/throws", { allow: "*" })}`;
    expect(await page.load({ element: "script", src })).toMatchObject({ responseType: "opaque", errors: "muted" });
    expect(await page.load({ element: "script", src, crossorigin: "anonymous" })).toMatchObject({ errors: "reported" });
    expect(await page.load({ element: "script", src: "/throws" })).toMatchObject({ errors: "reported" });
  });

  test("20.01, 20.02: runs with any MIME type but those of images, videos, sound and CSV; with nosniff it must be JavaScript", async () => {
    const { page, other } = await stage();
    const codeOf = async (answer: Answer) =>
      (await page.load({ element: "script", src: `${other}${pathOf("/script", answer)}` })).reason()?.code;
    expect(await codeOf({ type: "text/html" })).toBeUndefined();
    expect(await codeOf({ type: "" })).toBeUndefined();
    expect(await codeOf({ type: "image/png" })).toBe("main-fetch/mime-type-blocked");
    expect(await codeOf({ type: "text/csv; charset=utf-8" })).toBe("main-fetch/mime-type-blocked");
    expect(await codeOf({ type: "text/plain", nosniff: "nosniff" })).toBe("main-fetch/nosniff");
    expect(await codeOf({ type: "", nosniff: "nosniff" })).toBe("main-fetch/nosniff");
    expect(await codeOf({ type: "application/x-javascript", nosniff: "nosniff" })).toBeUndefined();
  });

  test("does not run with a status other than 2xx", async () => {
    const { page } = await stage();
    const script = await page.load({ element: "script", src: pathOf("/script", { status: "404" }) });
    expect(script.reason()).toMatchObject({ code: "element-load/status", received: "404" });
  });

  test("20.03: with integrity must be one that the page may see", async () => {
    const { page, other } = await stage();
    const src = `${other}${pathOf("/script", { allow: "*" })}`;
    const integrity = "sha256-bU1l3hvI2vn+qFZ64kFT8IhR6YZ4bNdQF8ZPAfq0h7g=";
    const code = "main-fetch/integrity-mismatch";
    expect((await page.load({ element: "script", src, integrity })).reason()?.code).toBe(code);
    const seen = await page.load({ element: "script", src, integrity, crossorigin: "anonymous" });
    expect(seen.reason()?.code).toBe(code);
    const right = `sha256-${createHash("sha256").update("globalThis.hasRun = true;").digest("base64")}`;
    const load = await page.load({ element: "script", src, integrity: right, crossorigin: "anonymous" });
    expect(load.outcome).toBe("load");
    expect((await page.load({ element: "script", src, integrity: right })).outcome).toBe("error");
  });
});

describe("a module script", () => {
  test("26.07: of another origin needs CORS even without the attribute", async () => {
    const { page, other } = await stage();
    expect((await page.load({ element: "module", src: `${other}/script` })).reason()?.code).toBe(
      "cors-check/allow-origin-missing",
    );
    const src = `${other}${pathOf("/script", { allow: "*" })}`;
    expect(await page.load({ element: "module", src })).toMatchObject({ responseType: "cors", errors: "reported" });
  });

  test("20.04: must have a JavaScript MIME type", async () => {
    const { page } = await stage();
    for (const type of ["text/plain", "application/json", ""]) {
      const module = await page.load({ element: "module", src: pathOf("/script", { type }) });
      expect(module.reason()).toMatchObject({ code: "element-load/mime-type", expected: "text/javascript" });
    }
    const src = pathOf("/script", { type: "Text/ECMAScript;charset=x" });
    expect((await page.load({ element: "module", src })).outcome).toBe("load");
  });
});

describe("a style sheet", () => {
  test("26.13, 27.09: of another origin applies, and its rules can be read if CORS allows it", async () => {
    const { page, other } = await stage();
    const src = `${other}${pathOf("/style", { allow: "*" })}`;
    expect(await page.load({ element: "link-stylesheet", src })).toMatchObject({ cssRules: "opaque" });
    const shared = await page.load({ element: "link-stylesheet", src, crossorigin: "anonymous" });
    expect(shared).toMatchObject({ responseType: "cors", cssRules: "readable" });
  });

  test("7.25, 20.02: must be CSS by its MIME type, if it has one, and of status 2xx", async () => {
    const { page } = await stage();
    const codeOf = async (answer: Answer) =>
      (await page.load({ element: "link-stylesheet", src: pathOf("/style", answer) })).reason()?.code;
    expect(await codeOf({ type: "" })).toBeUndefined();
    expect(await codeOf({ type: "text/plain" })).toBe("element-load/mime-type");
    expect(await codeOf({ type: "", nosniff: "nosniff" })).toBe("main-fetch/nosniff");
    expect(await codeOf({ status: "500" })).toBe("element-load/status");
  });
});

describe("fonts and images in CSS", () => {
  test("26.15: a font of another origin is refused without CORS, and usable with it, whatever its MIME type", async () => {
    const { page, other } = await stage();
    const refused = await page.load({ element: "font", src: `${other}/font` });
    expect(refused).toMatchObject({ outcome: "error", font: "refused" });
    expect(refused.reason()?.code).toBe("cors-check/allow-origin-missing");
    const src = `${other}${pathOf("/font", { allow: "*", type: "text/plain" })}`;
    expect(await page.load({ element: "font", src })).toMatchObject({ outcome: "load", font: "usable" });
    expect((await page.load({ element: "font", src: "/png" })).reason()?.code).toBe("element-load/not-decodable");
  });

  test.each(["shape-outside", "mask-image"] as const)(
    "%s of another origin is ignored without CORS",
    async (element) => {
      const { page, other } = await stage();
      expect(await page.load({ element, src: `${other}/png` })).toMatchObject({ outcome: "error", image: "ignored" });
      const src = `${other}${pathOf("/png", { allow: "*" })}`;
      expect(await page.load({ element, src })).toMatchObject({ outcome: "load", image: "used" });
    },
  );

  test("26.16: a background image of another origin is used without CORS", async () => {
    const { page, other } = await stage();
    const image = await page.load({ element: "background-image", src: `${other}/png` });
    expect(image).toMatchObject({ responseType: "opaque", image: "used" });
  });
});

describe("images outside HTML's img", () => {
  test.each(["svg-image", "svg-fe-image"] as const)(
    "26.04: an %s of another origin is tainted without crossorigin, and readable with it",
    async (element) => {
      const { page, other } = await stage();
      const src = `${other}${pathOf("/png", { allow: "*" })}`;
      expect(await page.load({ element, src })).toMatchObject({ responseType: "opaque", pixels: "tainted" });
      expect(await page.load({ element, src, crossorigin: "anonymous" })).toMatchObject({ pixels: "readable" });
      const refused = await page.load({ element, src: `${other}/png`, crossorigin: "anonymous" });
      expect(refused.reason()?.code).toBe("cors-check/allow-origin-missing");
    },
  );

  test.each(["input-image", "video-poster"] as const)(
    "26.05: an %s of another origin is shown without CORS, whatever its status, and has no crossorigin",
    async (element) => {
      const { page, other, server } = await stage();
      const src = `${other}${pathOf("/png", { status: "404" })}`;
      expect(await page.load({ element, src })).toMatchObject({ responseType: "opaque", image: "used" });
      expect(server.requests[0]?.headers.origin).toBeUndefined();
      expect(await page.load({ element, src: "/page" })).toMatchObject({ outcome: "error", image: "ignored" });
      const options = { element, src, crossorigin: "anonymous" } as unknown as LoadOptions;
      await expect(page.load(options)).rejects.toThrow(/no option "crossorigin"/);
    },
  );

  test("26.21: an icon of another origin is shown without CORS, if its status is 2xx", async () => {
    const { page, other } = await stage();
    const load = async (answer: Answer) =>
      page.load({ element: "link-icon", src: `${other}${pathOf("/png", answer)}` });
    expect(await load({})).toMatchObject({ responseType: "opaque", image: "used" });
    expect(await load({ status: "404" })).toMatchObject({ outcome: "error", image: "ignored" });
  });
});

describe("workers", () => {
  test.each(["worker", "module-worker"] as const)(
    "26.09: a %s is of the page's own origin, and so are redirects on the way to it, whatever CORS allows",
    async (element) => {
      const { page, other, same } = await stage();
      expect(await page.load({ element, src: "/script" })).toMatchObject({ responseType: "basic", errors: "reported" });
      const own = `${same}/script`;
      expect((await page.load({ element, src: pathOf("/x", { location: own }) })).outcome).toBe("load");
      const foreign = `${other}${pathOf("/script", { allow: "*" })}`;
      for (const src of [foreign, pathOf("/x", { location: foreign })]) {
        const refused = await page.load({ element, src });
        expect(refused.reason()?.code).toBe("main-fetch/same-origin-mode");
        const fixes = explain(refused.reason()?.trace ?? []).fixes.client;
        expect(fixes[0]?.text).toContain("Serve the worker's script from the page's own origin");
      }
    },
  );

  test.each(["worker", "module-worker", "import-scripts"] as const)(
    "20.04, 26.09, 26.11: a script of %s must have a JavaScript MIME type and a status of 2xx",
    async (element) => {
      const { page } = await stage();
      const codeOf = async (answer: Answer) =>
        (await page.load({ element, src: pathOf("/script", answer) })).reason()?.code;
      expect(await codeOf({})).toBeUndefined();
      expect(await codeOf({ type: "text/plain" })).toBe("element-load/mime-type");
      expect(await codeOf({ type: "" })).toBe("element-load/mime-type");
      expect(await codeOf({ type: "image/png" })).toBe("main-fetch/mime-type-blocked");
      expect(await codeOf({ status: "404" })).toBe("element-load/status");
    },
  );

  test("26.09: a data: or blob: URL of any MIME type makes a classic worker; a module must be JavaScript there, too", async () => {
    const { page } = await stage();
    const outcomeOf = async (element: "worker" | "module-worker" | "import-scripts", src: string) =>
      (await page.load({ element, src })).outcome;
    const blob = page.URL.createObjectURL(new Blob(["1"], { type: "text/plain" }));
    for (const src of ["data:text/plain,1", blob]) {
      expect(await outcomeOf("worker", src)).toBe("load");
      expect(await outcomeOf("module-worker", src)).toBe("error");
      expect(await outcomeOf("import-scripts", src)).toBe("error");
    }
    expect(await outcomeOf("module-worker", "data:text/javascript,1")).toBe("load");
  });

  test.each([
    ["standard", undefined, "element-load/embedder-policy-missing"],
    ["standard", "unsafe-none", "element-load/embedder-policy-missing"],
    ["standard", "require-corp", undefined],
    ["standard", 'require-corp; report-to="x"', undefined],
    ["standard", "require-corp, require-corp", "element-load/embedder-policy-missing"],
    ["standard", "credentialless", undefined],
    ["webkit", "credentialless", "element-load/embedder-policy-missing"],
  ] as const)("%s: a page that requires CORP starts a worker with the embedder policy %s: %s", async (...given) => {
    const [profile, value, code] = given;
    const server = await serve((_, response) => {
      if (value !== undefined) response.setHeader("Cross-Origin-Embedder-Policy", value);
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("1");
    });
    const { userAgent } = agent({ profile });
    const url = `http://foo.example:${server.port}/`;
    for (const element of ["worker", "module-worker"] as const) {
      const load = await userAgent.client({ url, embedderPolicy: "require-corp" }).load({ element, src: "/w" });
      expect(load.reason()?.code).toBe(code);
      expect((await userAgent.client({ url }).load({ element, src: "/w" })).outcome).toBe("load");
    }
  });

  test("26.09: the cookies of a module worker are for its option to choose", async () => {
    const { page, server } = await stage();
    await page.fetch(pathOf("/png", { cookie: "c=1" }));
    for (const credentials of [undefined, "omit", "include"] as const)
      await page.load({ element: "module-worker", src: "/script", credentials });
    expect(server.requests.slice(1).map(({ headers }) => headers.cookie)).toEqual(["c=1", undefined, "c=1"]);
  });

  test("26.11: importScripts() takes scripts of other origins, with cookies, and mutes their errors whatever CORS allows", async () => {
    const { page, other, server } = await stage();
    await page.fetch(`${other}${pathOf("/png", { cookie: "c=1" })}`, { mode: "no-cors", credentials: "include" });
    const src = `${other}${pathOf("/throws", { allow: "*" })}`;
    expect(await page.load({ element: "import-scripts", src })).toMatchObject({
      responseType: "opaque",
      errors: "muted",
    });
    expect(server.requests[1]?.headers).toMatchObject({ cookie: "c=1" });
    expect(server.requests[1]?.headers.origin).toBeUndefined();
    expect(await page.load({ element: "import-scripts", src: "/throws" })).toMatchObject({ errors: "reported" });
  });
});

describe("an @import in CSS", () => {
  test("26.14: of another origin applies, opaque whatever CORS allows, and must be CSS", async () => {
    const { page, other } = await stage();
    const load = async (src: string) => page.load({ element: "css-import", src });
    expect(await load(`${other}${pathOf("/style", { allow: "*" })}`)).toMatchObject({ cssRules: "opaque" });
    expect(await load("/style")).toMatchObject({ responseType: "basic", cssRules: "readable" });
    expect((await load(pathOf("/style", { type: "text/plain" }))).reason()?.code).toBe("element-load/mime-type");
  });
});

describe("what a module or a style sheet imports", () => {
  test.each(["module", "css-import"] as const)("%s: what imports is the referrer", async (element) => {
    const { page, other, same, server } = await stage();
    const src = `${other}${pathOf("/style", { allow: "*" })}`;
    await page.load({ element, src, importedBy: "/importing?a#b", referrerPolicy: "unsafe-url" });
    await page.load({ element, src, importedBy: `${other}/importing`, referrerPolicy: "same-origin" });
    expect(server.requests.map(({ headers }) => headers.referer)).toEqual([
      `${same}/importing?a`,
      `${other}/importing`,
    ]);
  });

  test("webkit: the page is the referrer of imports, too", async () => {
    const server = await serve(answer);
    const same = `http://foo.example:${server.port}`;
    const { page } = agent({ profile: "webkit" }, `${same}/page`);
    await page.load({ element: "module", src: "/script", importedBy: "/importing" });
    expect(server.requests[0]?.headers.referer).toBe(`${same}/page`);
  });

  test("a module tells where redirects led, which is the base of its imports", async () => {
    const { page, other } = await stage();
    const end = `${other}${pathOf("/script", { allow: "*" })}`;
    expect(await page.load({ element: "module", src: pathOf("/x", { location: end }) })).toMatchObject({
      baseUrl: end,
    });
  });

  test("a module of a worker imports from everywhere, with CORS, as the destination worker", async () => {
    const { page, trace, other } = await stage();
    const src = `${other}${pathOf("/script", { allow: "*" })}`;
    const load = await page.load({ element: "module-worker", src, importedBy: "/worker", credentials: "omit" });
    expect(load.outcome).toBe("load");
    expect(trace[0]).toMatchObject({ mode: "cors", credentialsMode: "omit", destination: "worker" });
  });

  test("what cannot be a URL is a TypeError", async () => {
    const { page } = await stage();
    const load = page.load({ element: "module", src: "/x", importedBy: "http://:0" });
    await expect(load).rejects.toThrow(/importedBy is "http:\/\/:0"/);
  });
});

describe("links that are no style sheets", () => {
  test("15.08, 26.20: a prefetch says so to the server, takes what a document could be, and any status", async () => {
    const { page, other, server } = await stage();
    const src = `${other}${pathOf("/page", { status: "404" })}`;
    expect(await page.load({ element: "link-prefetch", src })).toMatchObject({ outcome: "load" });
    await page.load({ element: "link-preload", as: "fetch", src });
    expect(server.requests.map(({ headers }) => headers["sec-purpose"])).toEqual(["prefetch", undefined]);
    expect(server.requests[0]?.headers.accept).toMatch(/^text\/html,/);
  });

  test("15.08: a prefetch says so after a redirect, too", async () => {
    const { page, other, same, server } = await stage();
    await page.load({ element: "link-prefetch", src: `${other}${pathOf("/x", { location: `${same}/page` })}` });
    expect(server.requests.map(({ headers }) => headers["sec-purpose"])).toEqual(["prefetch", "prefetch"]);
  });

  test("chromium: a manifest is asked for without cookies, and without Origin where it is the page's own", async () => {
    const server = await serve(answer);
    const { page } = agent({ profile: "chromium" }, `http://foo.example:${server.port}/`);
    page.cookies.set("a=1");
    await page.load({ element: "link-manifest", src: "/manifest" });
    await page.load({ element: "link-manifest", src: "/manifest", crossorigin: "use-credentials" });
    expect(server.requests.map(({ headers }) => [headers.origin, headers.cookie])).toEqual([
      [undefined, undefined],
      [undefined, "a=1"],
    ]);
  });

  test("26.22: a manifest needs CORS without the attribute, too, and a JSON MIME type", async () => {
    const { page, other } = await stage();
    const load = async (answer: Answer) =>
      page.load({ element: "link-manifest", src: `${other}${pathOf("/manifest", answer)}` });
    expect(await load({ allow: "*" })).toMatchObject({ responseType: "cors", manifest: "used" });
    expect(await load({ allow: "*", type: "application/json; charset=utf-8" })).toMatchObject({ manifest: "used" });
    for (const type of ["text/plain", "", "application/jsonp"]) {
      const refused = await load({ allow: "*", type });
      expect(refused).toMatchObject({ outcome: "error", manifest: "ignored" });
      expect(refused.reason()).toMatchObject({ code: "element-load/mime-type", expected: "application/json" });
    }
    expect((await load({})).reason()?.code).toBe("cors-check/allow-origin-missing");
  });
});

describe("media and text tracks", () => {
  test("26.23, 27.06: media of another origin play, tainted; and need to be media, with a status of 2xx", async () => {
    const { page, other } = await stage();
    expect(await page.load({ element: "video", src: `${other}/sound` })).toMatchObject({ pixels: "tainted" });
    expect(await page.load({ element: "audio", src: `${other}/sound` })).toMatchObject({ samples: "silent" });
    expect((await page.load({ element: "audio", src: "/page" })).reason()?.code).toBe("element-load/not-decodable");
    expect((await page.load({ element: "audio", src: pathOf("/sound", { status: "404" }) })).outcome).toBe("error");
  });

  test("of media without an end only the beginning is read", async () => {
    const server = await serve(
      (_, response) => void response.write(Buffer.concat([Buffer.from("OggS\0"), Buffer.alloc(2000)])),
    );
    const { page } = agent();
    const media = await page.load({ element: "video", src: `http://bar.other:${server.port}/` });
    expect(media.outcome).toBe("load");
    await expect.poll(() => server.openConnections()).toBe(0);
  });

  test("26.24: a text track of another origin needs the media element's crossorigin", async () => {
    const { page, other } = await stage();
    const src = `${other}${pathOf("/text-track", { allow: "*" })}`;
    expect((await page.load({ element: "track", src })).reason()?.code).toBe("main-fetch/same-origin-mode");
    expect(await page.load({ element: "track", src, crossorigin: "anonymous" })).toMatchObject({ cues: "readable" });
    expect((await page.load({ element: "track", src: "/text-track" })).outcome).toBe("load");
    expect((await page.load({ element: "track", src: "/style" })).outcome).toBe("error");
  });
});

describe("a preload", () => {
  test("26.19: takes what there is, of any status, and is blocked as its consumer would be", async () => {
    const { page, other } = await stage();
    const notFound = `${other}${pathOf("/png", { status: "404" })}`;
    expect((await page.load({ element: "link-preload", as: "image", src: notFound })).outcome).toBe("load");
    const script = `${other}${pathOf("/png", {})}`;
    const blocked = await page.load({ element: "link-preload", as: "script", src: script });
    expect(blocked.reason()?.code).toBe("main-fetch/mime-type-blocked");
  });
});

describe("an explanation", () => {
  test("can be made of every failure's trace, which ends in its reason", async () => {
    const { page, other } = await stage();
    const failures = [
      await page.load({ element: "img", src: "" }),
      await page.load({ element: "img", src: `${other}/page` }),
      await page.load({ element: "script", src: pathOf("/script", { type: "text/plain", nosniff: "nosniff" }) }),
      await page.load({ element: "script", src: pathOf("/script", { type: "image/png" }) }),
      await page.load({ element: "script", src: pathOf("/script", { status: "204" }) }),
      await page.load({ element: "module", src: pathOf("/script", { type: "text/plain" }) }),
      await page.load({ element: "font", src: `${other}/font` }),
    ];
    const explanations = failures.map((load) => explain(load.reason()?.trace ?? []));
    expect(explanations.map(({ verdict }) => verdict)).toEqual(failures.map(() => "withheld"));
    expect(explanations.map(({ code }) => code)).toEqual(failures.map((load) => load.reason()?.code));
    expect(explanations.map(({ visible }) => visible.type)).toEqual(failures.map(() => "error"));
    expect(explanations.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/is no URL, so nothing was asked for: \(nothing\)$/),
      expect.stringMatching(/\/page cannot be decoded as what this element takes \(image\).*text\/html/),
      expect.stringMatching(/nosniff, and its Content-Type is text\/plain instead of text\/javascript/),
      expect.stringMatching(/Content-Type image\/png, which no script may have/),
      expect.stringMatching(/status 204, and this element needs a body/),
      expect.stringMatching(/Content-Type text\/plain, and this element takes text\/javascript only/),
      expect.stringMatching(/no Access-Control-Allow-Origin/),
    ]);
  });

  test("is heard as it is made", async () => {
    const { page, trace } = await stage();
    await page.load({ element: "module", src: pathOf("/script", { status: "404" }) });
    expect(trace.slice(-2)).toMatchObject([
      { type: "done", status: 404 },
      { type: "network-error", reason: { code: "element-load/status", expected: "a status from 200 to 299" } },
    ]);
  });
});

describe("options", () => {
  test.each<[unknown, RegExp]>([
    [null, /options are null/],
    [[], /options are an array: pass an object such as/],
    [{ element: "blink", src: "/" }, /element is "blink": pass one of img, /],
    [{ element: "toString", src: "/" }, /element is "toString"/],
    [{ element: "img" }, /src is undefined/],
    [{ element: "img", src: "/", crossOrigin: "anonymous" }, /Did you mean crossorigin\?/],
    [{ element: "img", src: "/", integrity: "sha256-x" }, /no option "integrity"/],
    [{ element: "font", src: "/", crossorigin: "anonymous" }, /no option "crossorigin"/],
    [{ element: "img", src: "/", referrerPolicy: "none" }, /referrerPolicy is "none"/],
    [{ element: "img", src: "/", decode: true }, /decode is true/],
    [{ element: "link-preload", src: "/" }, /as is undefined: pass one of fetch, /],
    [{ element: "worker", src: "/", credentials: "omit" }, /no option "credentials"/],
    [{ element: "module-worker", src: "/", credentials: "all" }, /credentials is "all": pass omit, same-origin or /],
  ])("%j is a TypeError that says what to pass instead", async (options, message) => {
    const { page } = agent();
    const error = await rejection(page.load(options as LoadOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toMatch(message);
  });
});

describe("the end of a page", () => {
  test("is the end of its loads", async () => {
    const server = await serve((_, response) => void response.write("GIF89a"));
    const { page } = agent();
    const load = page.load({ element: "img", src: `http://bar.other:${server.port}/` });
    await expect.poll(() => server.requests.length).toBe(1);
    await page.close();
    expect((await load).reason()?.code).toBe("network/client-closed");
    expect((await page.load({ element: "img", src: "/" })).reason()?.code).toBe("network/client-closed");
  });

  test("a body that unfolds to more than any is read fails, and little of it is kept", async () => {
    const megabyte = gzipSync(Buffer.alloc(1024 * 1024));
    const server = await serve((_, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" });
      response.end(Buffer.concat(Array.from({ length: 257 }, () => megabyte)));
    });
    const { page } = agent();
    const script = await page.load({ element: "script", src: `http://bar.other:${server.port}/` });
    expect(script.reason()).toMatchObject({ code: "element-load/too-large", expected: "268435456" });
  });

  test("a body that breaks off is a failure of the network", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "Content-Length": "100" }).write("GIF89a");
      setTimeout(() => response.destroy(), 20);
    });
    const { page } = agent();
    const image = await page.load({ element: "img", src: `http://bar.other:${server.port}/` });
    expect(image.reason()?.code).toBe("network/connection-reset");
  });
});

describe("16.08: a page with an embedder policy", () => {
  test("that asks for a resource policy loads nothing foreign without one", async () => {
    const { userAgent, same, other } = await stage();
    const page = userAgent.client({ url: same, embedderPolicy: "require-corp" });
    const codeOf = async (src: string) => (await page.load({ element: "img", src })).reason()?.code;
    expect(await codeOf(`${other}/png`)).toBe("cross-origin-resource-policy/embedder-policy");
    expect(await codeOf(`${other}${pathOf("/png", { corp: "cross-origin" })}`)).toBeUndefined();
    expect(await codeOf(`${same}/png`)).toBeUndefined();
  });

  test("that is credentialless loads it without cookies", async () => {
    const { userAgent, same, other, server } = await stage();
    const page = userAgent.client({ url: same, embedderPolicy: "credentialless" });
    await page.fetch(`${other}${pathOf("/png", { cookie: "c=1", allow: same, credentials: "true" })}`, {
      credentials: "include",
    });
    expect((await page.load({ element: "img", src: `${other}/png` })).outcome).toBe("load");
    expect(server.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });
});
