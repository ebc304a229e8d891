/**
 * The questions that tests ask. A question has three answers: a fetch that failed for another reason than CORS proves
 * neither that it is allowed nor that it is refused.
 *
 * @module
 */

import { CODES, type Code, type Explanation, escapeFromWire } from "crossorigin/diagnose";
import { byteLowercase, containsHeader, isForbiddenResponseHeaderName, isHeaderName } from "crossorigin/protocol";
import { show } from "./byte-string.ts";
import { type Observation, type Unshared, observe } from "./matchers-observation.ts";
import { type Paint, explanationText } from "./matchers-message.ts";
import { preflightNeed } from "./matchers-preflight.ts";
import type { RequestInfo } from "./request.ts";
import type { RequestInit } from "./request-init.ts";

/** `undecided` fails an assertion and its opposite. */
export interface Answer {
  readonly holds: boolean | "undecided";
  /** What was seen; ends without a line break. */
  message(paint: Paint): string;
}

type Init = RequestInit | null | undefined;

/** May the page read the response? */
export async function checkAllowed(page: unknown, url: RequestInfo, init: Init, showSecrets: boolean): Promise<Answer> {
  const seen = await observe(page, url, init, showSecrets);
  switch (seen.outcome) {
    case "shared":
    case "opaque":
      return { holds: seen.outcome === "shared", message: (paint) => resolvedText(seen, paint) };
    case "refused":
      return { holds: false, message: (paint) => explanationText(seen.explanation, paint) };
    default:
      return undecided(seen);
  }
}

/** Is the response kept from the page by what the server answered; if `code` is given, for that reason? */
export async function checkRefused(
  page: unknown,
  url: RequestInfo,
  init: Init,
  code: Code | undefined,
  showSecrets: boolean,
): Promise<Answer> {
  if (code !== undefined && (!Object.hasOwn(CODES, code) || code.startsWith("network/")))
    throw new TypeError(
      `${show(code)} is no code that a response is refused with: pass one such as "cors-check/allow-origin-missing".`,
    );
  const seen = await observe(page, url, init, showSecrets);
  if (seen.outcome === "shared" || seen.outcome === "opaque") {
    const isRefused = seen.outcome === "opaque" && (code === undefined || code === seen.explanation.code);
    return { holds: isRefused, message: (paint) => resolvedText(seen, paint) };
  }
  const received = seen.explanation.code;
  if (code === undefined ? seen.outcome !== "refused" : seen.outcome === "network-failure") return undecided(seen);
  const isOther = code !== undefined && code !== received;
  const expected = isOther ? `It is refused for another reason than ${code}.\n\n` : "";
  return { holds: !isOther, message: (paint) => expected + explanationText(seen.explanation, paint) };
}

/** Would a browser ask with a preflight, had it asked nothing before? Nothing is sent. */
export async function checkPreflight(
  page: unknown,
  url: RequestInfo,
  init: Init,
  showSecrets: boolean,
): Promise<Answer> {
  const need = await preflightNeed(page, url, init, showSecrets);
  if (typeof need === "string")
    return { holds: "undecided", message: () => `The request ends before that is asked. ${need}` };
  const text = need.needed
    ? ["The request needs a preflight:", ...need.because.map((cause) => `  - ${cause}`)].join("\n")
    : "The request needs no preflight: any page may send it without asking first.";
  return { holds: need.needed, message: () => text };
}

/** Can the page read the header `name` of the response? Undecided if it can read nothing of it. */
export async function checkExposed(
  page: unknown,
  url: RequestInfo,
  name: string,
  init: Init,
  showSecrets: boolean,
): Promise<Answer> {
  if (typeof name !== "string" || !isHeaderName(name)) throw new TypeError(`${show(name)} is no name of a header.`);
  const seen = await observe(page, url, init, showSecrets);
  if (seen.outcome === "opaque") return { holds: "undecided", message: (paint) => resolvedText(seen, paint) };
  if (seen.outcome === "refused")
    return {
      holds: "undecided",
      message: (paint) =>
        `The page reads nothing of the response, so no header.\n\n${explanationText(seen.explanation, paint)}`,
    };
  if (seen.outcome !== "shared") return undecided(seen);
  const { response, explanation } = seen;
  const isExposed = response.headers.has(name);
  const advice = isExposed || response.type !== "cors" ? "" : `\n\n${exposureAdvice(name, explanation)}`;
  return { holds: isExposed, message: (paint) => sharedText(explanation, paint) + advice };
}

/** Why the page of another origin does not see the header `name`. */
function exposureAdvice(name: string, { exchanges, notes }: Explanation): string {
  const shown = escapeFromWire(byteLowercase(name));
  const sent = exchanges.at(-1)?.response?.headers ?? [];
  if (!containsHeader(sent, name)) return `The server does not send the header ${shown}.`;
  if (isForbiddenResponseHeaderName(name)) return `The server sends ${shown}, and no page may ever read it.`;
  const asterisk = notes.find(({ code }) => code === "exposure/expose-wildcard-with-credentials")?.text;
  const why = asterisk === undefined ? "" : ` ${asterisk}`;
  return `The server sends ${shown}, and does not expose it.${why} Fix on the server, on the response:\n  Access-Control-Expose-Headers: ${shown}`;
}

function resolvedText({ outcome, explanation }: Exclude<Observation, Unshared>, paint: Paint): string {
  return outcome === "shared" ? sharedText(explanation, paint) : explanationText(explanation, paint);
}

/** Nothing is to be mended, and which headers the page does not see is another question. */
function sharedText(explanation: Explanation, paint: Paint): string {
  const notes = explanation.notes.filter(({ code }) => !code.startsWith("exposure/"));
  return explanationText({ ...explanation, fixes: { server: [], client: [] }, notes }, paint);
}

function undecided({ outcome, explanation }: Unshared): Answer {
  const why =
    outcome === "network-failure"
      ? "This is no matter of CORS: no answer came, so nothing is proven, neither that it is allowed nor that it is refused. Is the server running, and under this address?"
      : "This is no matter of the server's CORS answer, so neither that it is allowed nor that it is refused is proven. If this is what you expect, pass its code to the assertion of a refusal.";
  return { holds: "undecided", message: (paint) => `${why}\n\n${explanationText(explanation, paint)}` };
}
