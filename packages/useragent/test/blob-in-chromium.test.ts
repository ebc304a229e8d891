import { createServer } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { createUserAgent } from "@crossorigin/useragent";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { BLOB_SCRIPTS, createBlobTools } from "./blob-scripts.ts";
import { listen } from "./loopback.ts";

const SCRIPTS = Object.entries(BLOB_SCRIPTS);

/** Where Chromium leaves the standard, and we do not follow. */
const DIFFERENT: ReadonlyMap<string, { readonly ours: unknown; readonly chromium: unknown }> = new Map<
  string,
  { readonly ours: unknown; readonly chromium: unknown }
>([["about:blank without CORS", { ours: ["opaque", 0, "", null, null, null, ""], chromium: "TypeError" }]]);

/** Chromium's responses of status 206 say "OK". */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null).replaceAll("Partial Content", "OK"));
}

describe("scripts with URLs of memory in Chromium and in our user agent", () => {
  const ours = new Map<string, unknown>();
  const theirs = new Map<string, unknown>();

  beforeAll(async () => {
    await playHere();
    await playInChromium();
  }, 90_000);

  test.each(SCRIPTS.map(([name]) => name).filter((name) => !DIFFERENT.has(name)))("see the same: %s", (name) => {
    expect(ours.get(name)).toBeDefined();
    expect(comparable(ours.get(name))).toEqual(comparable(theirs.get(name)));
  });

  test.each([...DIFFERENT])("differ where Chromium leaves the standard: %s", (name, { ours: here, chromium }) => {
    expect(ours.get(name)).toEqual(here);
    expect(theirs.get(name)).toEqual(chromium);
  });

  async function playHere(): Promise<void> {
    const userAgent = createUserAgent({ profile: "chromium" });
    const page = userAgent.client({ url: "http://app.example/" });
    try {
      for (const [name, script] of SCRIPTS) ours.set(name, await script(createBlobTools(page)));
    } finally {
      await userAgent.close();
    }
  }

  async function playInChromium(): Promise<void> {
    const server = createServer((_, response) =>
      response.setHeader("Content-Type", "text/html").end("<!doctype html>"),
    );
    const port = await listen(server);
    await withChromium("MAP app.example 127.0.0.1", async (browser) => {
      const tab = await browser.newPage();
      await tab.goto(`http://app.example:${port}/`);
      for (const [name, script] of SCRIPTS) {
        const globals = "{ fetch: fetch.bind(window), XMLHttpRequest, Request, URL }";
        const source = `(${script.toString()})((${createBlobTools.toString()})(${globals}))`;
        const late = `new Promise((resolve) => setTimeout(() => resolve("no end within 3 s"), 3000))`;
        theirs.set(name, await tab.evaluate(`Promise.race([${source}, ${late}])`));
      }
    });
    await new Promise((resolve) => server.close(resolve));
  }
});
