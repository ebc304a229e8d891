import { createServer } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { answer } from "./element-load-server.ts";
import { listen } from "./loopback.ts";
import { PRELOAD_CASES, type PreloadCase } from "./preload-cases.ts";

/** Runs in the browser's page. */
async function preloadInPage({ as, crossorigin, consumers }: PreloadCase, src: string): Promise<void> {
  const load = async (tag: string, attributes: Readonly<Record<string, string | undefined>>): Promise<void> => {
    const target = document.createElement(tag);
    const ended = new Promise<void>((resolve, reject) => {
      target.addEventListener("load", () => resolve(), { once: true });
      target.addEventListener("error", () => reject(new Error(`${tag} failed`)), { once: true });
    });
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) target.setAttribute(name, value);
    document.head.append(target);
    await ended;
  };
  await load("link", { rel: "preload", as, crossorigin, href: src });
  for (const { by, crossorigin: attribute, init } of consumers) {
    if (by === "fetch") await (await fetch(src, init)).text();
    else if (by === "font") await new FontFace("tested", `url(${JSON.stringify(src)})`).load();
    else if (by === "link-stylesheet") await load("link", { rel: "stylesheet", crossorigin: attribute, href: src });
    else await load(by, { crossorigin: attribute, src });
  }
}

describe("preloads in Chromium", () => {
  let theirs: readonly number[] = [];

  beforeAll(async () => {
    const counts = new Map<string, number>();
    const server = createServer((request, response) => {
      const url = request.url ?? "";
      counts.set(url, (counts.get(url) ?? 0) + 1);
      answer(request, response);
    });
    const port = await listen(server);
    try {
      theirs = await withChromium("MAP app.example 127.0.0.1, MAP api.other 127.0.0.1", async (browser) => {
        const page = await browser.newPage();
        const seen: number[] = [];
        for (const [index, one] of PRELOAD_CASES.entries()) {
          await page.goto(`http://app.example:${port}/page`);
          const path = `${one.file}&case=${index}`;
          const src = JSON.stringify(`http://api.other:${port}${path}`);
          await page.evaluate(`(${preloadInPage.toString()})(${JSON.stringify(one)}, ${src})`);
          seen.push(counts.get(path) ?? 0);
        }
        return seen;
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }, 90_000);

  test.each(PRELOAD_CASES.map((one, index) => ({ ...one, index })))(
    "7.04, 7.12: as $as, crossorigin $crossorigin, then $consumers: $requests, as here",
    ({ requests, chromium = requests, index }) => {
      expect(theirs[index]).toBe(chromium);
    },
  );
});
