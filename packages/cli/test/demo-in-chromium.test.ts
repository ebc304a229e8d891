import { beforeAll, describe, expect, test } from "vitest";
import { type DemoServers, startDemoServers } from "../src/demo/demo-servers.ts";
import type { Outcome } from "../src/demo/outcome.ts";
import { pageHandler } from "../src/demo/page-handler.ts";
import { playScenarios } from "../src/demo/play.ts";
import { hostResolverRules } from "../src/demo/render-serving.ts";
import { type Scenario, pageOrigin } from "../src/demo/scenario.ts";
import { SCENARIOS } from "../src/demo/scenarios.data.ts";
import { withChromium } from "./chromium.ts";

/** What `page/page.js` leaves behind. */
interface SeenInPage {
  readonly id: string;
  readonly saw:
    | {
        readonly kind: "response";
        readonly type: string;
        readonly status: number;
        readonly body: string;
        readonly headers: string[];
      }
    | { readonly kind: "error"; readonly name: string };
  readonly wire: readonly string[];
  readonly differences: readonly string[];
}

async function seenInChromium(servers: DemoServers): Promise<SeenInPage[]> {
  return withChromium(hostResolverRules(), async (browser) => {
    const page = await browser.newPage();
    await page.setViewport({ width: 1100, height: 900 });
    await page.goto(`${pageOrigin(servers.ports)}/`);
    await page.waitForSelector('html[data-state="done"]', { timeout: 30_000 });
    const screenshot = process.env["CROSSORIGIN_SCREENSHOT"];
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
    return (await page.evaluate("crossoriginDemo")) as SeenInPage[];
  });
}

describe("the demonstration in Chromium", () => {
  const ours = new Map<string, Outcome>();
  const theirs = new Map<string, SeenInPage>();

  beforeAll(async () => {
    // One after the other, so that each has the server's log to itself; both start with empty caches and cookies.
    const servers = await startDemoServers(0, 0);
    try {
      for await (const outcome of playScenarios(SCENARIOS, servers)) ours.set(outcome.scenario.id, outcome);
      servers.serveThePage(pageHandler([...ours.values()], servers));
      for (const seen of await seenInChromium(servers)) theirs.set(seen.id, seen);
    } finally {
      await servers.close();
    }
  }, 90_000);

  test.each(SCENARIOS.map((scenario): [string, Scenario] => [scenario.title, scenario]))(
    "ends as in our user agent: %s",
    (_title, scenario) => {
      const seen = theirs.get(scenario.id);
      const outcome = ours.get(scenario.id);
      if (seen === undefined || outcome === undefined) throw new Error("This scenario was not played.");
      const { explanation, body, wire } = outcome;

      expect(outcome.differences).toEqual([]);
      expect(seen.differences).toEqual([]);
      expect(seen.wire).toEqual(wire);
      if (explanation.visible.type === "error") {
        expect(seen.saw).toEqual({ kind: "error", name: "TypeError" });
      } else {
        const { type, status, headers } = explanation.visible;
        expect(seen.saw).toEqual({
          kind: "response",
          type,
          status,
          body: body ?? "",
          headers: headers.map(([name]) => name.toLowerCase()).toSorted(),
        });
      }
    },
  );
});
