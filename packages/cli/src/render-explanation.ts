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

export interface ExplanationForm extends ExchangeForm {
  /** What is to be said of the body; empty for nothing. */
  readonly bodyRemark: string;
}

/** More exchanges than that are not all shown, unless all headers are. */
const MAX_SHOWN_EXCHANGES = 6;
const FIRST_EXCHANGES = 2;
const LAST_EXCHANGES = 2;

/** The whole explanation; ends without a line break. */
export function renderExplanation(explanation: Explanation, form: ExplanationForm, style: Style): string {
  const { fixes, notes, verdict } = explanation;
  return [
    ...renderPreflight(explanation, style),
    ...renderExchanges(explanation, form, style),
    "",
    ...renderVerdict(explanation, form.bodyRemark, style),
    ...renderFixes(fixes, verdict === "shared", style),
    ...renderNotes(notes, form.selection === "all", style),
  ].join("\n");
}

/** A loop of redirects says the same twenty times: its middle is counted. */
function renderExchanges({ exchanges }: Explanation, form: ExchangeForm, style: Style): string[] {
  const left = exchanges.length - FIRST_EXCHANGES - LAST_EXCHANGES;
  const isCut = form.selection !== "all" && exchanges.length > MAX_SHOWN_EXCHANGES;
  return exchanges.flatMap((exchange, index) => {
    if (isCut && index === FIRST_EXCHANGES)
      return ["", style.paint("quiet", `  … ${left} more exchanges, left out here; -v shows all`)];
    if (isCut && index > FIRST_EXCHANGES && index < FIRST_EXCHANGES + left) return [];
    return ["", ...renderExchange(exchange, [index + 1, exchanges.length], form, style)];
  });
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

function renderVerdict({ verdict, code, summary, visible }: Explanation, bodyRemark: string, style: Style): string[] {
  const mark =
    verdict === "shared" ? style.paint("good", `✔ ${VERDICTS[verdict]}`) : style.paint("bad", `✘ ${VERDICTS[verdict]}`);
  return [
    code === null ? mark : `${mark}  ${style.paint("code", code)}`,
    ...wrapped(summary, style.width - 2).map((line) => `  ${line}`),
    hanging("  The page sees ", 16, describeVisible(visible, bodyWords(verdict, bodyRemark)), style.width),
  ];
}

/** A network failure of which the page sees more than an error is one of the body. */
function bodyWords(verdict: Explanation["verdict"], remark: string): string {
  if (verdict === "network-failure") return "a body that fails when it is read";
  return remark === "" ? "the body" : `the body (${remark})`;
}

/** What page code sees, in words. */
function describeVisible({ type, status, headers }: VisibleResponse, body: string): string {
  if (type === "error") return "a TypeError without a reason.";
  if (type === "opaque" || type === "opaqueredirect") return `an empty response of type ${type} with status 0.`;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  return `status ${status} and ${body}, and ${names.size === 0 ? "no header" : `these headers: ${[...names].join(", ")}`}.`;
}
