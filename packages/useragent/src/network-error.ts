/**
 * What a page gets of a network error, and what the embedder gets.
 *
 * @see https://fetch.spec.whatwg.org/#concept-network-error
 * @module
 */

import type { NetworkErrorReason, TraceEvent } from "crossorigin/fetching";

/** Why a fetch failed, with all that was decided before. */
/** A reason with all that was decided on the way to it. */
export interface ExplainedNetworkError extends NetworkErrorReason {
  readonly trace: readonly TraceEvent[];
}

const reasons = new WeakMap<object, ExplainedNetworkError>();

/**
 * The reason of an error that a client's `fetch`, or a body that came from one, failed with; undefined for any other value.
 * Aborted fetches fail with what they were aborted with, and have no reason.
 */
export function networkErrorReason(error: unknown): ExplainedNetworkError | undefined {
  return typeof error === "object" && error !== null ? reasons.get(error) : undefined;
}

/** The bare error that page code sees; `reason` is kept beside it. */
export function createNetworkError(
  message: string,
  reason: NetworkErrorReason,
  trace: readonly TraceEvent[],
): TypeError {
  const error = new TypeError(message);
  reasons.set(error, { ...reason, trace: [...trace] });
  return error;
}
