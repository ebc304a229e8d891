import { expect, test } from "vitest";
import { startDemoServers } from "../src/demo/demo-servers.ts";
import { judgeOutcome } from "../src/demo/outcome.ts";
import { playScenarios } from "../src/demo/play.ts";
import { renderOutcome, renderSummary } from "../src/demo/render-outcome.ts";
import { SCENARIOS } from "../src/demo/scenarios.data.ts";
import { styleFor } from "../src/style.ts";
import { runCommand } from "./run-command.ts";

test("prints every scenario with its exchange and a table, and exits 0", async () => {
  const { status, stdout, stderr } = await runCommand(["demo"]);
  expect(stderr).toBe("");
  for (const { title } of SCENARIOS) expect(stdout.split(title).length).toBeGreaterThanOrEqual(3);
  expect(stdout).toContain("  OPTIONS /resources/post-here/ HTTP/1.1\n  Host: bar.other:");
  expect(stdout).toContain("  X-PINGOTHER: pingpong\n");
  expect(stdout).toContain("  Cookie: pageAccess=1\n");
  expect(stdout).toContain(`All ${SCENARIOS.length} scenarios ended as expected.`);
  expect(stdout).toMatch(/\n\nAsk your own server: npx node [^\n]+\n$/);
  expect(status).toBe(0);
});

test("prints the same every time but for the ports", async () => {
  const normalized = async (): Promise<string> =>
    (await runCommand(["demo"])).stdout.replaceAll(/:[0-9]{4,5}\b/g, ":PORT").replaceAll(/[ ─]+\n/g, "\n");
  // Lines may break elsewhere when a port has fewer digits.
  const words = (text: string): string[] => text.split(/\s+/);
  expect(words(await normalized())).toEqual(words(await normalized()));
});

test("shows at least four failures, each with another reason", () => {
  const codes = new Set(SCENARIOS.map(({ expected }) => expected.code).filter((code) => code !== null));
  expect(codes.size).toBeGreaterThan(4);
});

test("a scenario that ends otherwise is printed as such", async () => {
  const servers = await startDemoServers(0, 0);
  const style = styleFor({ write: () => {} }, {});
  try {
    const [first] = SCENARIOS;
    if (first === undefined) throw new Error("There is no scenario.");
    for await (const played of playScenarios([first], servers)) {
      const wrong = judgeOutcome(
        { ...first, expected: { ...first.expected, verdict: "withheld", body: null } },
        played,
      );
      expect(wrong.differences).toEqual([
        'verdict: expected "withheld", got "shared"',
        'body: expected null, got "public data\\n"',
      ]);
      expect(renderOutcome(wrong, [1, 1], servers.ports, style)).toContain("NOT as expected");
      expect(renderSummary([wrong], style)).toContain("1 of 1 scenarios did not end as expected.");
    }
  } finally {
    await servers.close();
  }
});

test("--serve keeps the servers up until it is interrupted", async () => {
  const interruption = new AbortController();
  let pageStatus = 0;
  let paths: unknown[] = [];
  const visit = async (text: string): Promise<void> => {
    const port = /http:\/\/foo\.example:([0-9]+)\/$/m.exec(text)?.[1];
    const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
    pageStatus = (await get("/")).status;
    paths = await Promise.all(
      ["/page.js?x", "/page.css", "/scenarios.json", "/log.json", "/../package.json", "/none"].map(
        async (path) => (await get(path)).status,
      ),
    );
    interruption.abort();
  };
  const { status, stdout } = await runCommand(["demo", "--serve"], {
    signal: interruption.signal,
    onOutput: (text) => {
      if (text.includes("Ctrl+C")) void visit(text);
    },
  });
  expect(stdout).toContain('--host-resolver-rules="MAP foo.example 127.0.0.1');
  expect(pageStatus).toBe(200);
  expect(paths).toEqual([200, 200, 200, 200, 404, 404]);
  expect(status).toBe(0);
});
