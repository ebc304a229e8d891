/**
 * What every adapter of the origin guard takes.
 *
 * @module
 */

import type { GuardDecision, GuardOptions, GuardRequest } from "../policy/index.ts";
import type { ObservedRequest, ServerRequest } from "./policy-source.ts";

export type {
  GuardCode,
  GuardDecision,
  GuardOptions,
  GuardPassCode,
  GuardRefusalCode,
  GuardRequest,
} from "../policy/index.ts";
export type { ObservedRequest, PolicyResolver, PolicySource, RoutedRequest, ServerRequest } from "./policy-source.ts";

/** Node's `IncomingMessage`, or a likeness of it. */
export interface GuardedRequest extends ServerRequest {
  readonly headers: GuardRequest["headers"];
}

/** What was decided on one request. Text in it comes from the wire: escape it before a person or a terminal sees it. */
export interface GuardEvent {
  readonly request: ObservedRequest;
  readonly decision: GuardDecision;
  /** Why the look-up failed; undefined if it did not. */
  readonly error: unknown;
}

export interface OriginGuardOptions extends GuardOptions {
  /** Gets every decision. What it throws becomes a warning of the process. */
  readonly onDecision?: (event: GuardEvent) => void;
}
