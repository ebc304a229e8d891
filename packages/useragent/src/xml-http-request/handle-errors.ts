/**
 * How a request ends: in an error, in an abort, or at the end of its response.
 *
 * @see https://xhr.spec.whatwg.org/#handle-errors
 * @module
 */

import { failureReason } from "../failure-reason.ts";
import type { FilteredResponse, NetworkErrorReason } from "crossorigin/fetching";
import { containsHeader, getHeaderValues } from "crossorigin/protocol";
import { explainNetworkError } from "../network-error.ts";
import { createProgressEvent } from "./progress-event.ts";
import { DONE, type OngoingFetch, type XmlHttpRequestState } from "./xml-http-request-state.ts";
import { NodeEvent } from "../node-globals.ts";

/** A request that is not under way has no errors any more. */
export function handleErrors(state: XmlHttpRequestState, fetch: OngoingFetch): void {
  if (!state.isSent) return; // Step 1
  // Not applicable: step 3, as `abort()` itself ends what it aborts.
  if (state.isTimedOut) requestErrorSteps(state, "timeout", fetch);
  else if (state.response === null) requestErrorSteps(state, "error", fetch);
}

/**
 * Tells page code, in this order: `readystatechange`, the upload's events, the request's own. Handlers may open the
 * request again; that does not stop the events.
 *
 * Not applicable: step 4; synchronous requests throw for themselves.
 *
 * @param fetch - what failed, with its reason; null for an abort, which has none
 * @see https://xhr.spec.whatwg.org/#request-error-steps
 */
export function requestErrorSteps(
  state: XmlHttpRequestState,
  type: "abort" | "error" | "timeout",
  fetch: OngoingFetch | null,
): void {
  const { target, upload } = state;
  endFetch(state);
  state.readyState = DONE; // Step 1
  state.isSent = false; // Step 2
  state.response = null; // Step 3
  const reason = fetch?.reason ?? null;
  const fire = (at: EventTarget, name: string): void => {
    const event = createProgressEvent(name, 0, 0);
    if (fetch !== null && reason !== null) explainNetworkError(event, reason, fetch.trace);
    at.dispatchEvent(event);
  };
  if (fetch !== null && reason !== null) explainNetworkError(target, reason, fetch.trace);
  target.dispatchEvent(new NodeEvent("readystatechange")); // Step 5
  if (!state.isUploadComplete) {
    // Step 6
    state.isUploadComplete = true;
    if (state.isUploadListenedTo) {
      fire(upload, type);
      fire(upload, "loadend");
    }
  }
  fire(target, type); // Step 7
  fire(target, "loadend"); // Step 8
}

/**
 * Tells page code that all is there.
 *
 * Deviation: a handler that aborts the request, or opens it again, hears no more of this response, as in Chromium; the
 * standard goes on.
 *
 * @see https://xhr.spec.whatwg.org/#handle-response-end-of-body
 */
export function handleResponseEndOfBody(state: XmlHttpRequestState, fetch: OngoingFetch): void {
  handleErrors(state, fetch); // Step 1
  if (state.response === null) return; // Step 2
  const { target } = state;
  const transmitted = state.received.byteLength; // Step 3
  const length = lengthOf(state.response); // Steps 4 and 5
  // Deviation: the standard may say the last progress twice; Chromium says it once.
  if (fetch.toldBytes !== transmitted) target.dispatchEvent(createProgressEvent("progress", transmitted, length)); // Step 6
  if (state.fetch !== fetch) return;
  fetch.unscheduleTimeout?.();
  state.readyState = DONE; // Step 7
  state.isSent = false; // Step 8
  target.dispatchEvent(new NodeEvent("readystatechange")); // Step 9
  if (state.fetch !== fetch) return;
  endFetch(state);
  target.dispatchEvent(createProgressEvent("load", transmitted, length)); // Step 10
  target.dispatchEvent(createProgressEvent("loadend", transmitted, length)); // Step 11
}

/** No callback of the present fetch may touch the request any more. */
export function endFetch(state: XmlHttpRequestState): void {
  state.fetch?.unscheduleTimeout?.();
  state.fetch = null;
}

/**
 * The length of the body by its header; 0 if the values are not one number.
 *
 * Deviation: 0 for a body with a content coding, too, as in Chromium; what is transmitted is counted without the coding.
 *
 * @see https://fetch.spec.whatwg.org/#header-list-extract-a-length
 */
export function lengthOf({ headers, internalResponse }: FilteredResponse): number {
  if (containsHeader(internalResponse.headers, "Content-Encoding")) return 0;
  const values = getHeaderValues(headers, "Content-Length").flatMap((value) =>
    value.split(",").map((item) => item.replaceAll(/^[\t ]+|[\t ]+$/g, "")),
  );
  const [first = ""] = values;
  const length = /^\d+$/.test(first) && values.every((value) => value === first) ? Number(first) : 0;
  // Attack: a number that is none any more must not get into an event.
  return Number.isSafeInteger(length) ? length : 0;
}

/** Why the page's own limit ended the fetch. */
export function timeoutReason(state: XmlHttpRequestState): NetworkErrorReason {
  const subject = `the request's timeout of ${state.timeoutMilliseconds} ms has passed`;
  return failureReason([state.url], "network/timeout", { subject });
}
