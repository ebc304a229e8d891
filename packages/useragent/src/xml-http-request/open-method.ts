/**
 * `open()` and what may be said about a request before it is sent.
 *
 * @see https://xhr.spec.whatwg.org/#the-open()-method
 * @module
 */

import { blobUrlEntryOf } from "crossorigin/fetching";
import {
  combineHeader,
  isForbiddenMethod,
  isForbiddenRequestHeader,
  isHeaderName,
  isHeaderValue,
  isMethod,
  normalizeHeaderValue,
  normalizeMethod,
} from "crossorigin/protocol";
import { show, toByteString, toUsvString } from "../byte-string.ts";
import { forgetNetworkError } from "../network-error.ts";
import { endFetch } from "./handle-errors.ts";
import { ReceivedBytes } from "./received-bytes.ts";
import { OPENED, type XmlHttpRequestState, invalidState } from "./xml-http-request-state.ts";
import { NodeEvent } from "../node-globals.ts";

/** The arguments of `open()`, before they are converted. */
export interface OpenArguments {
  readonly method: unknown;
  readonly url: unknown;
  readonly isAsync: boolean;
  readonly username: unknown;
  readonly password: unknown;
}

/** Throws a `SyntaxError`, `SecurityError` or `InvalidAccessError`. What is under way is ended without a word. */
export function open(state: XmlHttpRequestState, given: OpenArguments): void {
  const method = toByteString(given.method, "The method");
  const url = toUsvString(given.url, "The URL");
  const username = nullableString(given.username, "The user name");
  const password = nullableString(given.password, "The password");
  if (!isMethod(method)) throw new DOMException(`The method ${show(method)} is not a token.`, "SyntaxError"); // Step 2
  if (isForbiddenMethod(method)) throw new DOMException(`The method ${show(method)} is forbidden.`, "SecurityError"); // Step 3
  const { environment } = state.context.fetchContext;
  if (!URL.canParse(url, environment.url.href)) throw new DOMException(`${show(url)} is not a URL.`, "SyntaxError"); // Step 6
  const parsedUrl = new URL(url, environment.url); // Step 5
  if (parsedUrl.host !== "") {
    // Step 8
    if (username !== null) parsedUrl.username = username;
    if (password !== null) parsedUrl.password = password;
  }
  if (
    !given.isAsync &&
    environment.isWorker !== true &&
    (state.timeoutMilliseconds !== 0 || state.responseType !== "")
  ) {
    throw new DOMException(
      "A page's synchronous request can have neither a timeout nor a responseType.",
      "InvalidAccessError",
    ); // Step 9
  }
  state.fetch?.controller.terminate(); // Step 10
  endFetch(state);
  forgetNetworkError(state.target);
  // Step 11
  state.isSent = false;
  state.isUploadListenedTo = false;
  state.method = normalizeMethod(method); // Step 4
  state.url = parsedUrl;
  state.blobUrlEntry = blobUrlEntryOf(parsedUrl, environment);
  state.isSynchronous = !given.isAsync;
  state.headers.length = 0;
  state.response = null;
  state.received = new ReceivedBytes();
  state.responseObject = null;
  if (state.readyState === OPENED) return;
  // Step 12
  state.readyState = OPENED;
  state.target.dispatchEvent(new NodeEvent("readystatechange"));
}

function nullableString(value: unknown, what: string): string | null {
  return value === null || value === undefined ? null : toUsvString(value, what);
}

/** Throws an `InvalidStateError` or `SyntaxError`; forbidden headers are ignored. @see https://xhr.spec.whatwg.org/#the-setrequestheader()-method */
export function setRequestHeader(state: XmlHttpRequestState, name: unknown, value: unknown): void {
  const byteName = toByteString(name, "The header name");
  const normalized = normalizeHeaderValue(toByteString(value, "The header value")); // Step 3
  if (state.readyState !== OPENED) throw invalidState("Headers can be set only after open()."); // Step 1
  if (state.isSent) throw invalidState("Headers can be set only before send()."); // Step 2
  if (!isHeaderName(byteName))
    throw new DOMException(`The header name ${show(byteName)} is not a token.`, "SyntaxError"); // Step 4
  if (!isHeaderValue(normalized)) {
    throw new DOMException(`The header value ${show(normalized)} has a NUL, CR or LF in it.`, "SyntaxError");
  }
  if (isForbiddenRequestHeader(byteName, normalized)) return; // Step 5
  combineHeader(state.headers, byteName, normalized); // Step 6
}
