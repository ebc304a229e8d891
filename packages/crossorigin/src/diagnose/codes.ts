/**
 * The registry of codes: every code this package can answer with, what it says, where the standard says it, and what browsers call it.
 *
 * @module
 */

import type { FetchFailureCode } from "../fetching/index.ts";
import type { DecisionCode, GuardCode, PolicyIssueCode, ServerProblemCode } from "../policy/index.ts";
import { CHECK_CODES } from "./check-codes.data.ts";
import type { CodeEntry, NoteCode } from "./code-entry.ts";
import { ELEMENT_LOAD_CODES } from "./element-load-codes.data.ts";
import { EVENT_SOURCE_CODES } from "./event-source-codes.data.ts";
import { FETCH_CODES } from "./fetch-codes.data.ts";
import { WEBSOCKET_CODES } from "./websocket-codes.data.ts";
import { DECISION_CODES, GUARD_CODES, POLICY_CODES, SERVER_CODES } from "./policy-codes.data.ts";

export type { CodeEntry, NoteCode };

export type Code = FetchFailureCode | PolicyIssueCode | DecisionCode | GuardCode | ServerProblemCode | NoteCode;

/** Every code. A missing one is a compile error. */
export const CODES: Readonly<Record<Code, CodeEntry>> = {
  ...FETCH_CODES,
  ...ELEMENT_LOAD_CODES,
  ...EVENT_SOURCE_CODES,
  ...WEBSOCKET_CODES,
  ...CHECK_CODES,
  ...POLICY_CODES,
  ...DECISION_CODES,
  ...GUARD_CODES,
  ...SERVER_CODES,
};

/** The full address of a code's anchor; null if it has none. */
export function anchorUrl(code: Code): string | null {
  const { anchor } = CODES[code];
  if (anchor === null) return null;
  return anchor.startsWith("#") ? `https://fetch.spec.whatwg.org/${anchor}` : anchor;
}

/** Fills a code's message in. `values` must be escaped already; a value that is missing is shown as `(nothing)`. */
export function renderMessage(code: Code, values: Readonly<Record<string, string | null>>): string {
  return CODES[code].message.replace(/\{([a-z]+)\}/g, (_placeholder, name: string) => values[name] ?? "(nothing)");
}
