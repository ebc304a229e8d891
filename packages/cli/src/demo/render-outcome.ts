/**
 * A played scenario as text: the script, the exchange as the guides show it, the explanation.
 *
 * @module
 */

import { renderExplanation } from "../render-explanation.ts";
import { type Style, wrapped } from "../style.ts";
import { type Outcome, preflightOf } from "./outcome.ts";
import { type DemoPorts, type Scenario, pageOrigin, resourceOrigin, scenarioUrl } from "./scenario.ts";

/** What is about to happen. */
export function renderIntroduction(ports: DemoPorts, style: Style): string {
  return [
    style.paint("title", "crossorigin demo: a page, a server of another origin, and what a browser makes of it"),
    "",
    `  the page's origin   ${style.paint("name", pageOrigin(ports))}`,
    `  the resources       ${style.paint("name", resourceOrigin("resource", ports))}`,
    `  the same server     ${style.paint("name", resourceOrigin("sameSite", ports))}  (the page's site, for cookies)`,
    "",
    "Real servers on loopback. Most resources are guarded by crossorigin policies, some are broken on purpose.",
  ].join("\n");
}

/** One scenario from its script to its verdict. */
export function renderOutcome(
  { scenario, explanation, body, differences }: Outcome,
  [position, count]: readonly [number, number],
  ports: DemoPorts,
  style: Style,
): string {
  const title = `${position}/${count}  ${scenario.title}`;
  const verdict =
    differences.length === 0
      ? style.paint("good", "as expected")
      : [style.paint("bad", "NOT as expected"), ...differences.map((difference) => `  ${difference}`)].join("\n");
  return [
    style.paint("title", `${"─".repeat(4)} ${title} ${"─".repeat(Math.max(4, style.width - title.length - 6))}`),
    ...wrapped(scenario.story, style.width),
    "",
    ...scriptLines(scenario, ports).map((line) => `  ${style.paint("name", line)}`),
    "",
    renderExplanation(explanation, { selection: "guide", isWire: true, bodyRemark: "", use: null }, style),
    "",
    body === null ? verdict : `The script read ${JSON.stringify(body)}: ${verdict}`,
  ].join("\n");
}

/** What the page's script does. */
function scriptLines(scenario: Scenario, ports: DemoPorts): string[] {
  const { method, headers, body, credentials, mode } = scenario.request;
  const init = Object.entries({ method, mode, credentials, headers, body }).filter(([, value]) => value !== undefined);
  const url = JSON.stringify(scenarioUrl(scenario, ports));
  if (init.length === 0) return [`await fetch(${url});`];
  return [`await fetch(${url}, {`, ...init.map(([name, value]) => `  ${name}: ${literal(value)},`), "});"];
}

function literal(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, item]) => `${JSON.stringify(name)}: ${JSON.stringify(item)}`)
    .join(", ")} }`;
}

/** All outcomes in one table, and their sum. */
export function renderSummary(outcomes: readonly Outcome[], style: Style): string {
  const rows = outcomes.map(({ scenario, explanation, differences }) => ({
    cells: [scenario.title, explanation.verdict, explanation.code ?? "-", preflightOf(explanation)],
    isExpected: differences.length === 0,
  }));
  const head = ["scenario", "verdict", "code", "preflight"];
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  const failed = rows.filter(({ isExpected }) => !isExpected).length;
  return [
    style.paint("title", `${line(head)}  as expected`),
    ...rows.map(
      ({ cells, isExpected }) =>
        `${line(cells)}  ${isExpected ? style.paint("good", "✔ yes") : style.paint("bad", "✘ NO")}`,
    ),
    "",
    failed === 0
      ? style.paint("good", `All ${rows.length} scenarios ended as expected.`)
      : style.paint("bad", `${failed} of ${rows.length} scenarios did not end as expected.`),
  ].join("\n");
}

/** What to do next, under the name that the command has here: in a clone nothing puts it on the `PATH`. */
export function renderHint(style: Style): string {
  const command = import.meta.url.includes("/node_modules/") ? "crossorigin" : "npx node packages/cli/dist/bin.js";
  return style.paint(
    "quiet",
    `Ask your own server: ${command} check https://api.example/items --origin https://app.example`,
  );
}
