/**
 * The questions that tests ask. A question has three answers: a fetch that failed for another reason than CORS proves
 * neither that it is allowed nor that it is refused.
 *
 * @module
 */

import { CODES, type Code, escapeFromWire } from "crossorigin/diagnose";
import { byteLowercase, isHeaderName } from "crossorigin/protocol";
import { show } from "./byte-string.ts";
import { type Observation, type Unshared, observe } from "./matchers-observation.ts";
import { type Paint, explanationText, responseText } from "./matchers-message.ts";
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
      return { holds: seen.outcome === "shared", message: () => resolvedText(seen) };
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
    const isRefused = seen.outcome === "opaque" && (code === undefined || code === seen.code);
    return { holds: isRefused, message: () => resolvedText(seen) };
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
  if (seen.outcome === "opaque") return { holds: "undecided", message: () => resolvedText(seen) };
  if (seen.outcome === "refused")
    return {
      holds: "undecided",
      message: (paint) =>
        `The page reads nothing of the response, so no header.\n\n${explanationText(seen.explanation, paint)}`,
    };
  if (seen.outcome !== "shared") return undecided(seen);
  const { headers, type } = seen.response;
  const advice =
    headers.has(name) || type !== "cors"
      ? ""
      : `\n\nEither the server does not send it, or does not expose it. Fix on the server, on the response:\n  Access-Control-Expose-Headers: ${escapeFromWire(byteLowercase(name))}`;
  return { holds: headers.has(name), message: () => resolvedText(seen) + advice };
}

function resolvedText(seen: Exclude<Observation, Unshared>): string {
  if (seen.outcome === "shared") return responseText(seen.response);
  return `${seen.code}: ${CODES[seen.code].message}`;
}

function undecided({ outcome, explanation }: Unshared): Answer {
  const why =
    outcome === "network-failure"
      ? "This is no matter of CORS: no answer came, so nothing is proven, neither that it is allowed nor that it is refused. Is the server running, and under this address?"
      : "This is no matter of the server's CORS answer, so neither that it is allowed nor that it is refused is proven. If this is what you expect, pass its code to the assertion of a refusal.";
  return { holds: "undecided", message: (paint) => `${why}\n\n${explanationText(explanation, paint)}` };
}
