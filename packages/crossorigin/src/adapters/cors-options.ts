/**
 * What every adapter takes.
 *
 * @module
 */

import type { DecisionEvent, ServerProblem } from "./observation.ts";
import type { PolicySource } from "./policy-source.ts";

export type { Decision, ServerProblemCode } from "../policy/index.ts";
export type { DecisionEvent, ServerProblem } from "./observation.ts";
export type { ObservedRequest, PolicyResolver, PolicySource, RoutedRequest, ServerRequest } from "./policy-source.ts";

/** Options of every adapter. */
export interface CorsOptions {
  /** Gets every decision. What it throws becomes a warning of the process. */
  readonly onDecision?: (event: DecisionEvent) => void;
  /** Gets every mistake in how the server is put together. Without it, each kind is printed once as a warning of the process. */
  readonly onProblem?: (problem: ServerProblem) => void;
  /** Decided beside the policy and told to observers, never enforced. */
  readonly shadow?: PolicySource;
  /** Lets refused preflights carry the grants that did hold, so that the browser's console names the stage that failed. */
  readonly debug?: boolean;
  /** Lets preflights reach the application, which then chooses the status. */
  readonly passPreflights?: boolean;
}
