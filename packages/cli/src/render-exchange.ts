/**
 * One exchange as text: the request, the response, and the rules that were applied to it.
 *
 * @module
 */

import type { ExplainedExchange, ExplainedRule } from "crossorigin/diagnose";
import type { Header } from "crossorigin/protocol";
import { type HeaderSelection, shownRequestHeaders, shownResponseHeaders } from "./shown-headers.ts";
import { type Style, UNBREAKABLE, hanging } from "./style.ts";

export interface ExchangeForm {
  readonly selection: HeaderSelection;
  /** As on an HTTP/1.1 wire and in the guides; else with arrows and the whole URL. */
  readonly isWire: boolean;
}

/** The lines of the exchange that is number `position` of `count`. */
export function renderExchange(
  exchange: ExplainedExchange,
  [position, count]: readonly [number, number],
  form: ExchangeForm,
  style: Style,
): string[] {
  const purpose = exchange.purpose === "preflight" ? "preflight" : "request";
  const heading = style.paint("title", `Exchange ${position} of ${count}: ${purpose}`);
  const wire = form.isWire ? wireLines(exchange, form, style) : arrowLines(exchange, form, style);
  return [
    heading,
    ...wire.map((line) => (line === "" ? "" : `  ${line}`)),
    ...exchange.rules.map((rule) => renderRule(rule, style)),
  ];
}

function arrowLines({ request, response }: ExplainedExchange, { selection }: ExchangeForm, style: Style): string[] {
  const sent = shownRequestHeaders(request.headers, selection);
  const there = style.paint("quiet", ">");
  const back = style.paint("quiet", "<");
  const lines = [
    `${there} ${style.paint("title", request.method)} ${request.url}`,
    ...headerLines(sent, style).map((line) => `${there} ${line}`),
  ];
  if (response === null) return [...lines, `${back} ${style.paint("bad", "no response")}`];
  const received = shownResponseHeaders(response.headers, selection);
  lines.push(
    `${back} ${statusLine(response.status, response.statusMessage, style)}`,
    ...headerLines(received, style).map((line) => `${back} ${line}`),
  );
  const hidden = response.headers.length - received.length;
  if (hidden > 0)
    lines.push(
      `${back} ${style.paint("quiet", `(${hidden} more header ${hidden === 1 ? "line" : "lines"}; -v shows all)`)}`,
    );
  return lines;
}

function wireLines({ request, response }: ExplainedExchange, { selection }: ExchangeForm, style: Style): string[] {
  const { path, host } = splitUrl(request.url);
  const lines = [
    `${style.paint("title", request.method)} ${path} HTTP/1.1`,
    ...headerLines([["Host", host], ...shownRequestHeaders(request.headers, selection)], style),
    "",
  ];
  if (response === null) return [...lines, style.paint("bad", "(no response)")];
  const received = shownResponseHeaders(response.headers, selection);
  return [
    ...lines,
    `HTTP/1.1 ${statusLine(response.status, response.statusMessage, style)}`,
    ...headerLines(received, style),
    "",
  ];
}

/** Takes a URL apart as text; it is escaped already and need not parse any more. */
function splitUrl(url: string): { host: string; path: string } {
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^#]*)/i.exec(url);
  return { host: match?.[1] ?? "", path: match?.[2] ?? url };
}

function statusLine(status: number, statusMessage: string, style: Style): string {
  return style.paint("title", statusMessage === "" ? String(status) : `${status} ${statusMessage}`);
}

function headerLines(headers: readonly Header[], style: Style): string[] {
  return headers.map(([name, value]) => `${style.paint("name", name)}: ${value}`);
}

function renderRule({ rule, ok, step, text }: ExplainedRule, style: Style): string {
  const mark = ok ? style.paint("good", "✔") : style.paint("bad", "✘");
  const name = step === null ? rule : `${rule},${UNBREAKABLE}step${UNBREAKABLE}${step}`;
  return hanging(`  ${mark} `, 4, `${text} [${name}]`, style.width);
}
