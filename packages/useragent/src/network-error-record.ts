/**
 * The reasons behind bare TypeErrors, kept where page code cannot see them.
 *
 * @module
 */

import type { NetworkErrorReason, TraceEvent } from "crossorigin/fetching";

/** A reason with everything that was decided on the way to it. */
export interface ExplainedNetworkError extends NetworkErrorReason {
  readonly trace: readonly TraceEvent[];
}

const reasons = new WeakMap<object, ExplainedNetworkError>();

/** The reason why `fetch` rejected with `error`; undefined for every other value. */
export function networkErrorReason(error: unknown): ExplainedNetworkError | undefined {
  return typeof error === "object" && error !== null ? reasons.get(error) : undefined;
}

/** The error that page code gets: the same for every reason. */
export function bareTypeError(reason: NetworkErrorReason, trace: readonly TraceEvent[]): TypeError {
  const error = new TypeError("Failed to fetch");
  reasons.set(error, { ...reason, trace });
  return error;
}
