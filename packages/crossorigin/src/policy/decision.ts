/**
 * Decisions: what a server answers, as data.
 *
 * @module
 */

export type DecisionCode =
  | "decision/granted"
  | "decision/no-origin"
  | "decision/origin-not-allowed"
  | "decision/origin-multiple"
  | "decision/method-not-allowed"
  | "decision/header-not-allowed"
  | "decision/headers-malformed"
  | "decision/headers-too-long"
  | "decision/lookup-failed";

/** A response header line. */
export interface HeaderLine {
  readonly name: string;
  readonly value: string;
}

/** Frozen, or made anew for each request: no handler can change another's. */
export interface Decision {
  /** `preflight`: answer it here, with `status`, and let it go no further. `not-cors`: the request has no `Origin`. */
  readonly kind: "preflight" | "actual" | "not-cors";
  /** Is the page granted what it asks for? An actual request goes on to the application either way. */
  readonly granted: boolean;
  readonly code: DecisionCode;
  /** Of the preflight's answer; null for other requests. */
  readonly status: 204 | 403 | 503 | null;
  /** The method or header name that was refused, as it came from the wire. */
  readonly subject: string | null;
  /** To set on the response, in place of any line of the same name. */
  readonly headers: readonly HeaderLine[];
  /** The names to add to the response's `Vary`; null for none. */
  readonly vary: string | null;
}

/** The names that a decision asks for. */
export type DecisionHeaderName =
  | "origin"
  | "access-control-request-method"
  | "access-control-request-headers"
  | "access-control-request-private-network";

/** What a decision reads of a request, such as Node's `IncomingMessage`: header names in lower case, lines joined with `, ` or one string a line. */
export interface DecisionRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Partial<Record<DecisionHeaderName, string | readonly string[] | null | undefined>>>;
}
