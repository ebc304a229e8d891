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
  | "decision/headers-too-long";

/** `append` adds to what the application has set, as for `Vary`; `set` replaces it. */
export interface HeaderEdit {
  readonly op: "set" | "append";
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
  readonly status: 204 | 403 | null;
  /** The method or header name that was refused, as it came from the wire. */
  readonly subject: string | null;
  readonly headers: readonly HeaderEdit[];
}

/** The names that a decision can ask for. */
export type DecisionHeaderName = "origin" | "access-control-request-method" | "access-control-request-headers";

/** What a decision reads of a request. `header` gives all lines joined with `, `, or one string a line. */
export interface DecisionRequest {
  readonly method: string;
  header(name: DecisionHeaderName): string | readonly string[] | null | undefined;
}
