/**
 * An explanation as text for a terminal or a pipe. All text from the wire is escaped in it already; no rule is applied here.
 *
 * @module
 */

import type { Explanation, VisibleResponse } from "crossorigin/diagnose";
import { type ExchangeForm, renderExchange } from "./render-exchange.ts";
import { renderFixes, renderNotes } from "./render-fixes.ts";
import { type Style, hanging, wrapped } from "./style.ts";

const VERDICTS: Readonly<Record<Explanation["verdict"], string>> = {
  shared: "SHARED",
  withheld: "WITHHELD",
  "network-failure": "NETWORK FAILURE",
};

/** The whole explanation; ends without a line break. */
export function renderExplanation(explanation: Explanation, form: ExchangeForm, style: Style): string {
  const { exchanges, fixes, notes, verdict } = explanation;
  return [
    ...renderPreflight(explanation, style),
    ...exchanges.flatMap((exchange, index) => [
      "",
      ...renderExchange(exchange, [index + 1, exchanges.length], form, style),
    ]),
    "",
    ...renderVerdict(explanation, style),
    ...renderFixes(fixes, verdict === "shared", style),
    ...renderNotes(notes, style),
  ].join("\n");
}

/** What was asked for, in one line. */
export function renderPage({ page }: Explanation): string {
  const options = [
    page.mode === "cors" ? "" : `mode ${page.mode}`,
    page.credentials === "same-origin" ? "" : `credentials ${page.credentials}`,
    page.redirect === "follow" ? "" : `redirect ${page.redirect}`,
  ].filter((option) => option !== "");
  return `${page.method} ${page.url}${options.length === 0 ? "" : ` (${options.join(", ")})`}`;
}

function renderPreflight({ preflight, exchanges }: Explanation, style: Style): string[] {
  const title = style.paint("title", "Preflight");
  if (!preflight.needed) return [`${title}  not needed: any page may send such a request without asking first`];
  const unsent = exchanges.length > 0 ? "the preflight cache holds the consent" : "the request failed before";
  const sent = preflight.sent ? "needed, and sent" : `needed, and not sent: ${unsent}`;
  return [`${title}  ${sent}`, ...preflight.because.map((cause) => hanging("  - ", 4, cause, style.width))];
}

function renderVerdict({ verdict, code, summary, visible }: Explanation, style: Style): string[] {
  const mark =
    verdict === "shared" ? style.paint("good", `✔ ${VERDICTS[verdict]}`) : style.paint("bad", `✘ ${VERDICTS[verdict]}`);
  return [
    code === null ? mark : `${mark}  ${style.paint("code", code)}`,
    ...wrapped(summary, style.width - 2).map((line) => `  ${line}`),
    hanging("  The page sees ", 16, describeVisible(visible), style.width),
  ];
}

/** What page code sees, in words. */
function describeVisible({ type, status, headers }: VisibleResponse): string {
  if (type === "error") return "a TypeError without a reason.";
  if (type === "opaque" || type === "opaqueredirect") return `an empty response of type ${type} with status 0.`;
  const names = headers.map(([name]) => name.toLowerCase());
  return `status ${status} and the ${names.length === 0 ? "body, and no header" : `body, and these headers: ${[...new Set(names)].join(", ")}`}.`;
}
