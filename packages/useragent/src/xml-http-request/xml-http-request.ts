/**
 * `XMLHttpRequest`, over the same algorithms as `fetch`.
 *
 * @see https://xhr.spec.whatwg.org/#interface-xmlhttprequest
 * @module
 */

import { createInternalSlot } from "../internal-slot.ts";
import { byteUppercase, getHeader, sortAndCombine } from "crossorigin/protocol";
import { toByteString, toDomString } from "../byte-string.ts";
import { type EventHandler, defineEventHandlers } from "../dom/event-handler.ts";
import { endFetch, requestErrorSteps } from "./handle-errors.ts";
import { scheduleTimeout } from "./fetch-response.ts";
import { open, setRequestHeader } from "./open-method.ts";
import type { XMLHttpRequestBodyInit } from "../sendable-body.ts";
import { parseOverrideMimeType, responseOf, responseTextOf } from "./response-object.ts";
import { send } from "./send-method.ts";
import { createPageInterface, defineConstants, finishInterface } from "../dom/interface.ts";
import { needArguments, toBoolean, toUnsignedLong } from "../dom/web-idl.ts";
import { INTERNAL, XMLHttpRequestEventTarget, XMLHttpRequestUpload } from "./xml-http-request-event-target.ts";
import {
  DONE,
  HEADERS_RECEIVED,
  LOADING,
  OPENED,
  RESPONSE_TYPES,
  UNSENT,
  type XMLHttpRequestResponseType,
  type XmlHttpRequestContext,
  type XmlHttpRequestState,
  createState,
  invalidState,
} from "./xml-http-request-state.ts";

const states = createInternalSlot<XmlHttpRequestState>();

/** Pages have a class of their own: see {@link createXmlHttpRequestClass}. */
export class XMLHttpRequest extends XMLHttpRequestEventTarget {
  declare static readonly UNSENT: 0;
  declare static readonly OPENED: 1;
  declare static readonly HEADERS_RECEIVED: 2;
  declare static readonly LOADING: 3;
  declare static readonly DONE: 4;
  declare readonly UNSENT: 0;
  declare readonly OPENED: 1;
  declare readonly HEADERS_RECEIVED: 2;
  declare readonly LOADING: 3;
  declare readonly DONE: 4;
  declare onreadystatechange: EventHandler;

  /** @param context - the page; page code cannot pass one, as its class takes no arguments */
  constructor(context: XmlHttpRequestContext) {
    super(INTERNAL);
    states.set(this, createState(context, this, new XMLHttpRequestUpload(INTERNAL)));
  }

  get readyState(): number {
    return stateOf(this).readyState;
  }

  /** Throws a `SyntaxError`, `SecurityError` or `InvalidAccessError` `DOMException`. */
  open(method: string, url: string | URL, async?: boolean, username?: string | null, password?: string | null): void;
  open(...given: unknown[]): void {
    needArguments("XMLHttpRequest.open", given.length, 2);
    const [method, url, isAsync, username, password] = given;
    // An argument that is left out is true; an undefined one is false.
    open(stateOf(this), { method, url, isAsync: given.length < 3 || toBoolean(isAsync), username, password });
  }

  /** Joins values of one name. Forbidden headers are ignored. Throws an `InvalidStateError` or `SyntaxError`. */
  setRequestHeader(name: string, value: string): void {
    needArguments("XMLHttpRequest.setRequestHeader", arguments.length, 2);
    setRequestHeader(stateOf(this), name, value);
  }

  /** In milliseconds since `send()`, 0 for none; can be set while the request is under way. */
  get timeout(): number {
    return stateOf(this).timeoutMilliseconds;
  }

  /** @see https://xhr.spec.whatwg.org/#the-timeout-attribute */
  set timeout(milliseconds: number) {
    const state = stateOf(this);
    const converted = toUnsignedLong(milliseconds);
    if (isHeldToWindow(state)) throw synchronousAccess("timeout"); // Step 1
    state.timeoutMilliseconds = converted;
    scheduleTimeout(state);
  }

  get withCredentials(): boolean {
    return stateOf(this).withCredentials;
  }

  /** @see https://xhr.spec.whatwg.org/#the-withcredentials-attribute */
  set withCredentials(value: boolean) {
    const state = stateOf(this);
    if (state.readyState > OPENED || state.isSent) throw invalidState("withCredentials can be set only before send().");
    state.withCredentials = toBoolean(value);
  }

  get upload(): XMLHttpRequestUpload {
    return stateOf(this).upload;
  }

  /** Other objects are sent as their text; documents, which the DOM's declarations allow, are a `TypeError`. Throws an `InvalidStateError` `DOMException`. */
  send(body?: XMLHttpRequestBodyInit | object | null): void {
    send(stateOf(this), body);
  }

  /** @see https://xhr.spec.whatwg.org/#the-abort()-method */
  abort(): void {
    const state = stateOf(this);
    state.fetch?.controller.abort(new DOMException("The request was aborted.", "AbortError")); // Step 1
    endFetch(state);
    const { readyState } = state;
    const isUnderWay =
      (readyState === OPENED && state.isSent) || readyState === HEADERS_RECEIVED || readyState === LOADING;
    if (isUnderWay) requestErrorSteps(state, "abort", null); // Step 2
    resetIfDone(state); // Step 3
  }

  /** Final URL, without fragment. */
  get responseURL(): string {
    return stateOf(this).response?.urlList.at(-1)?.href.replace(/#.*$/s, "") ?? "";
  }

  get status(): number {
    return stateOf(this).response?.status ?? 0;
  }

  get statusText(): string {
    return stateOf(this).response?.statusMessage ?? "";
  }

  /** Null if there is none, or if it is not exposed. */
  getResponseHeader(name: string): string | null {
    needArguments("XMLHttpRequest.getResponseHeader", arguments.length, 1);
    return getHeader(stateOf(this).response?.headers ?? [], toByteString(name, "The header name"));
  }

  /** @see https://xhr.spec.whatwg.org/#the-getallresponseheaders()-method */
  getAllResponseHeaders(): string {
    const initialHeaders = sortAndCombine(stateOf(this).response?.headers ?? []); // Step 2
    // Step 3 — by upper-cased names, as `_` is after the letters then.
    const headers = initialHeaders.toSorted(([a], [b]) => (byteUppercase(a) < byteUppercase(b) ? -1 : 1));
    return headers.map(([name, value]) => `${name}: ${value}\r\n`).join(""); // Steps 4 and 5
  }

  /** Throws an `InvalidStateError` `DOMException` once there is something of the response to see. */
  overrideMimeType(mime: string): void {
    needArguments("XMLHttpRequest.overrideMimeType", arguments.length, 1);
    const state = stateOf(this);
    const string = toDomString(mime, "The MIME type");
    if (state.readyState >= LOADING)
      throw invalidState("The MIME type can be overridden only before the body is there.");
    state.overrideMimeType = parseOverrideMimeType(string);
  }

  get responseType(): XMLHttpRequestResponseType {
    return stateOf(this).responseType;
  }

  /** @see https://xhr.spec.whatwg.org/#the-responsetype-attribute */
  set responseType(value: XMLHttpRequestResponseType) {
    const state = stateOf(this);
    const string = toDomString(value, "The responseType");
    const type = RESPONSE_TYPES.find((known) => known === string);
    if (type === undefined || (type === "document" && isInWorker(state))) return; // Step 1
    if (state.readyState >= LOADING) throw invalidState("responseType can be set only before the body is there.");
    if (isHeldToWindow(state)) throw synchronousAccess("responseType"); // Step 3
    state.responseType = type;
  }

  /** Text, `ArrayBuffer`, `Blob` or what the JSON says, by `responseType`; else null. */
  get response(): unknown {
    return responseOf(stateOf(this));
  }

  /** Throws an `InvalidStateError` unless `responseType` is `text` or empty. */
  get responseText(): string {
    const state = stateOf(this);
    if (state.responseType !== "" && state.responseType !== "text")
      throw invalidState(`There is no responseText, as responseType is "${state.responseType}".`);
    return responseTextOf(state);
  }

  /** Deviation: always null, as there is no parser and no DOM. */
  get responseXML(): null {
    const state = stateOf(this);
    if (state.responseType !== "" && state.responseType !== "document")
      throw invalidState(`There is no responseXML, as responseType is "${state.responseType}".`);
    return null;
  }
}

defineEventHandlers(XMLHttpRequest.prototype, ["readystatechange"]);
finishInterface(XMLHttpRequest, 0, { open: 2, send: 0 });
defineConstants(XMLHttpRequest, { UNSENT, OPENED, HEADERS_RECEIVED, LOADING, DONE });

/** The `XMLHttpRequest` class of one page. */
export interface XMLHttpRequestConstructor {
  new (): XMLHttpRequest;
  readonly prototype: XMLHttpRequest;
  readonly UNSENT: 0;
  readonly OPENED: 1;
  readonly HEADERS_RECEIVED: 2;
  readonly LOADING: 3;
  readonly DONE: 4;
}

/** A page's own class, bound to where the page is. */
export function createXmlHttpRequestClass(context: XmlHttpRequestContext): XMLHttpRequestConstructor {
  const created = createPageInterface(XMLHttpRequest, XMLHttpRequestEventTarget, () => [context]);
  const constructor = created as XMLHttpRequestConstructor;
  if (context.fetchContext.environment.isWorker === true) Reflect.deleteProperty(constructor.prototype, "responseXML");
  return constructor;
}

/** A handler of the error steps may have opened the request again. */
function resetIfDone(state: XmlHttpRequestState): void {
  if (state.readyState !== DONE) return;
  state.readyState = UNSENT;
  state.response = null;
}

/** Only in a page does a synchronous request have neither a timeout nor a response type. */
function isHeldToWindow(state: XmlHttpRequestState): boolean {
  return state.isSynchronous && !isInWorker(state);
}

function isInWorker({ context }: XmlHttpRequestState): boolean {
  return context.fetchContext.environment.isWorker === true;
}

function synchronousAccess(name: string): DOMException {
  return new DOMException(`${name} cannot be set for a page's synchronous request.`, "InvalidAccessError");
}

function stateOf(request: XMLHttpRequest): XmlHttpRequestState {
  const state = states.get(request);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not an XMLHttpRequest object.");
  return state;
}
