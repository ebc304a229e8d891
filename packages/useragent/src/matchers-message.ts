/**
 * What a failed assertion prints: the explanation, in words. All text from the wire is escaped in it already.
 *
 * @module
 */

import type { ExplainedExchange, Explanation, Fix, VisibleResponse } from "crossorigin/diagnose";
import { byteLowercase } from "crossorigin/protocol";

/** Colours, if the runner wants them. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

export const PLAIN: Paint = { good: String, bad: String };

const PLACES: Readonly<Record<NonNullable<Fix["on"]>, string>> = {
  preflight: "on the response to the preflight",
  response: "on the response",
  "preflight-and-response": "on both the response to the preflight and the response",
};

/** A loop of redirects says the same twenty times. */
const MAX_SHOWN_EXCHANGES = 6;

/** Without a line break at the end. */
export function explanationText(explanation: Explanation, paint: Paint): string {
  const { verdict, code, summary, page, preflight, exchanges, visible, fixes, notes } = explanation;
  const shown = exchanges.slice(-MAX_SHOWN_EXCHANGES);
  const left = exchanges.length - shown.length;
  return [
    code === null ? summary : `${paint.bad(code)}: ${summary}`,
    "",
    `  page       ${page.origin}`,
    `  request    ${page.method} ${page.url} (mode ${page.mode}, credentials ${page.credentials})`,
    `  preflight  ${preflight.needed ? (preflight.sent ? "needed, and sent" : "needed, and not sent") : "not needed"}`,
    ...preflight.because.map((cause) => `    - ${cause}`),
    ...(verdict === "shared" ? [`  page reads ${visibleText(visible)}`] : []),
    ...(left > 0 ? ["", `  (${left} more exchanges before)`] : []),
    ...shown.flatMap((exchange) => ["", ...exchangeLines(exchange, paint)]),
    ...fixLines("Fix on the server", fixes.server, paint),
    ...fixLines("Fix in the page", fixes.client, paint),
    ...(notes.length === 0
      ? []
      : ["", "Worth knowing", ...notes.slice(0, 5).map((note) => `  - ${note.text} [${note.code}]`)]),
  ].join("\n");
}

/** Names of headers only, as values may be secret. */
function visibleText({ type, status, headers }: VisibleResponse): string {
  const names = [...new Set(headers.map(([name]) => byteLowercase(name)))];
  return `a response of type ${type}, status ${status}, with ${names.length === 0 ? "no header" : `these headers: ${names.join(", ")}`}`;
}

function exchangeLines({ purpose, request, response, rules }: ExplainedExchange, paint: Paint): string[] {
  const sent = request.headers.filter(([name]) => /^(?:origin|access-control-)/i.test(name));
  const received = (response?.headers ?? []).filter(([name]) =>
    /^(?:access-control-|cross-origin-resource-policy$|location$|vary$)/i.test(name),
  );
  return [
    `  ${purpose === "preflight" ? "preflight" : "request"}: ${request.method} ${request.url}`,
    ...sent.map(([name, value]) => `    > ${name}: ${value}`),
    response === null ? "    < no response" : `    < ${`${response.status} ${response.statusMessage}`.trim()}`,
    ...received.map(([name, value]) => `    < ${name}: ${value}`),
    ...rules.map(({ ok, text }) => (ok ? `    ${paint.good("ok")}  ${text}` : `    ${paint.bad("no")}  ${text}`)),
  ];
}

function fixLines(title: string, fixes: readonly Fix[], paint: Paint): string[] {
  if (fixes.length === 0) return [];
  return [
    "",
    title,
    ...fixes.flatMap(({ text, headers, on, policy }, index) => [
      `  ${index + 1}. ${text}`,
      ...(on === null || headers.length === 0 ? [] : [`     ${PLACES[on]}:`]),
      ...headers.map((line) => `       ${paint.good(line)}`),
      ...(policy === null ? [] : [`     as a crossorigin policy: ${paint.good(JSON.stringify(policy))}`]),
    ]),
  ];
}
