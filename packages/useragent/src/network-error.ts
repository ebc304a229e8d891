/**
 * What a page gets of a network error, and what the embedder gets.
 *
 * @see https://fetch.spec.whatwg.org/#concept-network-error
 * @module
 */

import type { NetworkErrorReason, TraceEvent } from "crossorigin/fetching";

/** A reason with all that was decided on the way to it: a trace that ends in it, as `explain` takes it. */
export interface ExplainedNetworkError extends NetworkErrorReason {
  readonly trace: readonly TraceEvent[];
}

const reasons = new WeakMap<object, ExplainedNetworkError>();

/**
 * The reason of an error that a client's `fetch`, or a body that came from one, failed with; of an `error` or `timeout`
 * event of an `XMLHttpRequest`, or of the request itself while it is not opened again; of an `error` event of an
 * `EventSource`, or of the source itself while it is not open again; of an `error` or `close` event of a `WebSocket`, or
 * of the socket itself; undefined for any other value.
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
  explainNetworkError(error, reason, trace);
  return error;
}

/** Keeps the reason beside `target`: an error, an event, or a request that failed. */
export function explainNetworkError(target: object, reason: NetworkErrorReason, trace: readonly TraceEvent[]): void {
  const isTold = trace.at(-1)?.type === "network-error";
  reasons.set(target, { ...reason, trace: isTold ? [...trace] : [...trace, { type: "network-error", reason }] });
}

/** For a request that is used again. */
export function forgetNetworkError(target: object): void {
  reasons.delete(target);
}
