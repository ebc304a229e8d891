/**
 * An explanation as text for a terminal or a pipe. All text from the wire is escaped in it already; no rule is applied here.
 *
 * @module
 */

import type { VisibleResponse } from "crossorigin/diagnose";
import { CONSUMERS } from "./consumers.data.ts";
import type { ConsumerExplanation, ConsumerVerdict, PageUse } from "./page-use.ts";
import { type ExchangeForm, renderExchange } from "./render-exchange.ts";
import { renderFixes, renderNotes } from "./render-fixes.ts";
import { type Style, hanging, wrapped } from "./style.ts";

const VERDICTS: Readonly<Record<ConsumerVerdict, string>> = {
  shared: "SHARED",
  opaque: "USED WITHOUT BEING SHARED",
  withheld: "WITHHELD",
  "network-failure": "NETWORK FAILURE",
};

export interface ExplanationForm extends ExchangeForm {
  /** What is to be said of the body; empty for nothing. */
  readonly bodyRemark: string;
  /** Null for a plain `fetch`. */
  readonly use: PageUse | null;
}

/** More exchanges than that are not all shown, unless all headers are. */
const MAX_SHOWN_EXCHANGES = 6;
const FIRST_EXCHANGES = 2;
const LAST_EXCHANGES = 2;

/** The whole explanation; ends without a line break. */
export function renderExplanation(explanation: ConsumerExplanation, form: ExplanationForm, style: Style): string {
  const { fixes, notes, verdict } = explanation;
  return [
    ...renderPreflight(explanation, style),
    ...renderExchanges(explanation, form, style),
    "",
    ...renderVerdict(explanation, form, style),
    ...renderFixes(fixes, verdict === "shared" || verdict === "opaque", style),
    ...renderNotes(notes, form.selection === "all", style),
  ].join("\n");
}

/** A loop of redirects says the same twenty times: its middle is counted. */
function renderExchanges({ exchanges }: ConsumerExplanation, form: ExchangeForm, style: Style): string[] {
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
export function renderPage({ page }: ConsumerExplanation, use: PageUse | null): string {
  const isPlain = use === null || use.as === "fetch";
  const options = [
    use === null || use.crossorigin === null ? "" : `crossorigin ${use.crossorigin}`,
    page.mode === "cors" ? "" : `mode ${page.mode}`,
    page.credentials === "same-origin" ? "" : `credentials ${page.credentials}`,
    page.redirect === "follow" ? "" : `redirect ${page.redirect}`,
  ].filter((option) => option !== "");
  return `${page.method} ${page.url}${isPlain ? "" : ` as ${use.as}`}${options.length === 0 ? "" : ` (${options.join(", ")})`}`;
}

function renderPreflight({ preflight, exchanges }: ConsumerExplanation, style: Style): string[] {
  const title = style.paint("title", "Preflight");
  if (!preflight.needed) return [`${title}  not needed: any page may send such a request without asking first`];
  const unsent = exchanges.length > 0 ? "the preflight cache holds the consent" : "the request failed before";
  const sent = preflight.sent ? "needed, and sent" : `needed, and not sent: ${unsent}`;
  return [`${title}  ${sent}`, ...preflight.because.map((cause) => hanging("  - ", 4, cause, style.width))];
}

function renderVerdict(explanation: ConsumerExplanation, form: ExplanationForm, style: Style): string[] {
  const { verdict, code, summary } = explanation;
  const isGood = verdict === "shared" || verdict === "opaque";
  const mark = style.paint(isGood ? "good" : "bad", `${isGood ? "✔" : "✘"} ${VERDICTS[verdict]}`);
  return [
    code === null ? mark : `${mark}  ${style.paint("code", code)}`,
    ...wrapped(summary, style.width - 2).map((line) => `  ${line}`),
    ...renderUse(explanation, form, style),
  ];
}

/** What page code sees, and what it may do with it. */
function renderUse(
  { verdict, code, visible }: ConsumerExplanation,
  { use, bodyRemark }: ExplanationForm,
  style: Style,
): string[] {
  const consumer = CONSUMERS[use?.as ?? "fetch"];
  const sees = (text: string): string[] => [hanging("  The page sees ", 16, text, style.width)];
  if (consumer.abilities[0]?.ability === "read-response")
    return sees(
      visible.type === "error"
        ? `${consumer.failure}.`
        : describeVisible(visible, bodyWords(verdict, code, bodyRemark)),
    );
  const abilities = use?.abilities ?? [];
  if (!abilities.some(({ allowed }) => allowed)) return sees(`${consumer.failure}.`);
  return [
    "  The page",
    ...abilities.map(({ allowed, text }) => {
      const mark = allowed ? style.paint("good", "✔") : style.paint("bad", "✘");
      return hanging(`    ${mark} `, 6, `${allowed ? "may" : "may not"} ${text}`, style.width);
    }),
  ];
}

/** A network failure of which the page sees more than an error is one of the body. */
function bodyWords(verdict: ConsumerVerdict, code: string | null, remark: string): string {
  if (verdict === "network-failure")
    return code === "network/timeout" ? "a body that does not come to its end" : "a body that fails when it is read";
  return remark === "" ? "the body" : `the body (${remark})`;
}

/** What page code sees, in words. */
function describeVisible({ type, status, headers }: VisibleResponse, body: string): string {
  if (type === "opaque" || type === "opaqueredirect") return `an empty response of type ${type} with status 0.`;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  return `status ${status} and ${body}, and ${names.size === 0 ? "no header" : `these headers: ${[...names].join(", ")}`}.`;
}
