/**
 * `send()`: the request that is made of it all, and the first events.
 *
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 * @module
 */

import { FetchController, type Request, createRequest } from "crossorigin/fetching";
import { byteLowercase, getHeader, parseMimeType, serializeMimeType, setHeader } from "crossorigin/protocol";
import { startFetch } from "./fetch-response.ts";
import { tagOf } from "../foreign-body.ts";
import { type SendableBody, toSendableBody } from "../sendable-body.ts";
import { createProgressEvent } from "./progress-event.ts";
import { sendSynchronously } from "./synchronous/send-synchronously.ts";
import { hasListener } from "./xml-http-request-event-target.ts";
import { OPENED, type OngoingFetch, type XmlHttpRequestState, invalidState } from "./xml-http-request-state.ts";

/** Throws an `InvalidStateError`; a `NetworkError` if a synchronous request fails; a `TypeError` for what cannot be sent. */
export function send(state: XmlHttpRequestState, given: unknown): void {
  if (state.readyState !== OPENED) throw invalidState("send() is possible only after open()."); // Step 1
  if (state.isSent) throw invalidState("send() was called before; call open() first."); // Step 2
  const hasBody = state.method !== "GET" && state.method !== "HEAD" && given !== null && given !== undefined; // Step 3
  if (hasBody) refuseDocument(given);
  const body = hasBody ? toSendableBody(given) : null; // Step 4
  const hasTypeOfBody = body !== null && setContentType(state, body);
  if (hasListener(state.upload)) state.isUploadListenedTo = true; // Step 5
  const request = createXmlHttpRequest(state, hasTypeOfBody); // Step 6
  state.isUploadComplete = body === null; // Steps 7 and 9
  state.isTimedOut = false; // Step 8
  state.isSent = true; // Step 10
  if (state.isSynchronous) sendSynchronously(state, request, body);
  else sendAsynchronously(state, request, body);
}

/** Deviation: documents are not serialized, as there is no DOM; their text `[object HTMLDocument]` is what nobody wants. */
function refuseDocument(given: unknown): void {
  if (/^(?:HTML|XML)?Document$/.test(tagOf(given)))
    throw new TypeError("A document cannot be sent: serialize it, and send the string.");
}

/** Steps 4.4 to 4.6: an author's `Content-Type` stays, but text is UTF-8. True if the body's was taken. */
function setContentType({ headers }: XmlHttpRequestState, body: SendableBody): boolean {
  const original = getHeader(headers, "Content-Type");
  if (original === null) {
    if (body.type !== null) setHeader(headers, "Content-Type", body.type);
    return body.type !== null;
  }
  const mimeType = body.isText ? parseMimeType(original) : null;
  const charset = mimeType?.parameters.get("charset");
  if (mimeType === null || charset === undefined || byteLowercase(charset) === "utf-8") return false;
  const parameters = new Map([...mimeType.parameters, ["charset", "UTF-8"]]);
  setHeader(headers, "Content-Type", serializeMimeType({ ...mimeType, parameters }));
  return false;
}

function createXmlHttpRequest(state: XmlHttpRequestState, hasTypeOfBody: boolean): Request {
  return createRequest({
    url: state.url,
    blobUrlEntry: state.blobUrlEntry,
    client: state.context.fetchContext.environment,
    method: state.method,
    headers: state.headers,
    mode: "cors",
    credentialsMode: state.withCredentials ? "include" : "same-origin",
    useUrlCredentials: true,
    unsafeRequest: true,
    initiatorType: "xmlhttprequest",
    hasTypeOfBody,
    useCorsPreflight: state.isUploadListenedTo,
  });
}

/** Step 11. */
function sendAsynchronously(state: XmlHttpRequestState, request: Request, body: SendableBody | null): void {
  const { target, upload, context } = state;
  const fetch: OngoingFetch = {
    controller: new FetchController(),
    trace: [],
    startedAtMilliseconds: context.clock.now(),
    unscheduleTimeout: null,
    toldBytes: null,
    toldAtMilliseconds: 0,
    reason: null,
  };
  state.fetch = fetch;
  target.dispatchEvent(createProgressEvent("loadstart", 0, 0)); // Step 11.1
  // Step 11.5
  if (!state.isUploadComplete && state.isUploadListenedTo)
    upload.dispatchEvent(createProgressEvent("loadstart", 0, body?.byteLength ?? 0));
  if (state.fetch !== fetch) return; // Step 11.6
  startFetch(state, fetch, request, body); // Steps 11.7 to 11.12
}
