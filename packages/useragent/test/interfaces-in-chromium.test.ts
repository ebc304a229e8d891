import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { INTERFACE_NAMES, type InterfaceSurface, type Surface, collectSurface } from "./interface-surface.ts";
import { listen } from "./loopback.ts";

const { surface, ours } = JSON.parse(readFileSync(new URL("./interface-surface.json", import.meta.url), "utf8")) as {
  readonly surface: Surface;
  /** `Interface.member` of the prototype that Chromium does not have, and why we do. */
  readonly ours: Readonly<Record<string, string>>;
};

/** Without what is ours alone. */
function expected(name: string, { prototype, ...rest }: InterfaceSurface): InterfaceSurface {
  const shared = Object.entries(prototype).filter(([member]) => ours[`${name}.${member}`] === undefined);
  return { ...rest, prototype: Object.fromEntries(shared) };
}

describe("interfaces in Chromium", () => {
  let theirs: Surface = {};

  beforeAll(async () => {
    const server = createServer((_, response) => void response.setHeader("Content-Type", "text/html").end());
    const port = await listen(server);
    try {
      theirs = await withChromium("MAP app.example 127.0.0.1", async (browser) => {
        const page = await browser.newPage();
        await page.goto(`http://app.example:${port}/`);
        const names = JSON.stringify(INTERFACE_NAMES);
        const members = `Object.fromEntries(${names}.map((name) => [name, globalThis[name] ?? navigator[name]]))`;
        return (await page.evaluate(`(${collectSurface.toString()})(${members}, ${names})`)) as Surface;
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }, 90_000);

  // A newer Chromium may have more; what is here must be there, and the same.
  test.each(INTERFACE_NAMES)("%s has the same properties as here", (name) => {
    const recorded = surface[name];
    if (typeof recorded === "object") expect(theirs[name]).toMatchObject(expected(name, recorded));
    else expect(theirs[name]).toBe(recorded);
  });
});
