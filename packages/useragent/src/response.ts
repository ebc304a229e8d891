/**
 * `Response`: what a page sees of an answer.
 *
 * @see https://fetch.spec.whatwg.org/#response-class
 * @module
 */

import {
  type ResponseType,
  containsHeader,
  isNullBodyStatus,
  isOkStatus,
  isRedirectStatus,
} from "crossorigin/protocol";
import { Body, type BodyInit, cloneBody, extractBody, setBody } from "./body.ts";
import { show, toUsvString } from "./byte-string.ts";
import { type Headers, createHeaders, fillHeaders, headerListOf } from "./headers.ts";
import { createPageInterface, finishInterface } from "./dom/interface.ts";
import { createInternalSlot } from "./internal-slot.ts";
import {
  type ConvertedResponseInit,
  type ResponseInit,
  convertResponseInit,
  toUnsignedShort,
} from "./response-init.ts";
import type { WholeBody } from "./whole-body.ts";

/** What a response shows. The response that the network gave stays behind, out of reach. */
export interface ResponseState {
  readonly type: ResponseType;
  /** Every URL of the chain; empty if the page does not see them. */
  readonly urlList: readonly URL[];
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

const states = createInternalSlot<ResponseState>();

export class Response extends Body {
  /** Throws a `RangeError` for a status outside 200 to 599, a `TypeError` for anything else that is wrong. */
  constructor(body: BodyInit | null = null, init: ResponseInit = {}) {
    super();
    initialize(this, convertResponseInit(init), body === null ? null : extractBody(body));
  }

  get type(): ResponseType {
    return stateOf(this).type;
  }

  /** Without fragment; empty if the page does not see it. */
  get url(): string {
    return stateOf(this).urlList.at(-1)?.href.replace(/#.*$/s, "") ?? "";
  }

  get redirected(): boolean {
    return stateOf(this).urlList.length > 1;
  }

  get status(): number {
    return stateOf(this).status;
  }

  get ok(): boolean {
    return isOkStatus(this.status);
  }

  get statusText(): string {
    return stateOf(this).statusText;
  }

  get headers(): Headers {
    return stateOf(this).headers;
  }

  /** Of the same type, with the same filter. Throws a `TypeError` if the body was read. @see https://fetch.spec.whatwg.org/#dom-response-clone */
  clone(): Response {
    const state = stateOf(this);
    const holder = cloneBody(this);
    const guard = state.type === "default" ? "response" : "immutable";
    const headers = createHeaders([...headerListOf(state.headers)], guard);
    return createResponse({ ...state, headers }, holder, Object.getPrototypeOf(this) as Response);
  }
}

finishInterface(Response, 0);

/** Creates a response with this state, for the page that the prototype is of. @see https://fetch.spec.whatwg.org/#response-create */
export function createResponse(state: ResponseState, holder: WholeBody | null, prototype: Response): Response {
  const response = Object.create(prototype) as Response;
  states.set(response, state);
  setBody(response, holder);
  return response;
}

/** The `Response` class of one page. */
export interface ResponseConstructor {
  new (body?: BodyInit | null, init?: ResponseInit): Response;
  readonly prototype: Response;
  /** A network error, as a service worker may answer with. */
  error(): Response;
  /** Throws a `TypeError` for data that is no JSON. */
  json(data: unknown, init?: ResponseInit): Response;
  /** Resolves `url` against the page; `status` is 301, 302, 303, 307 or 308. */
  redirect(url: URL | string, status?: number): Response;
}

/** A page's own `Response` class. */
export function createResponseClass(base: URL): ResponseConstructor {
  const page = createPageInterface(Response, null, (given) => given) as ResponseConstructor;
  const { prototype } = page;
  const statics = {
    error(): Response {
      const headers = createHeaders([], "immutable");
      return createResponse({ type: "error", urlList: [], status: 0, statusText: "", headers }, null, prototype);
    },
    json(data: unknown, init: ResponseInit = {}): Response {
      const text: unknown = JSON.stringify(data);
      if (typeof text !== "string") throw new TypeError(`${show(data)} is not JSON.`);
      const response = Object.create(prototype) as Response;
      initialize(response, convertResponseInit(init), { ...extractBody(text), type: "application/json" });
      return response;
    },
    /** @see https://fetch.spec.whatwg.org/#dom-response-redirect */
    redirect(url: URL | string, status: number = 302): Response {
      const string = toUsvString(url, "The URL");
      if (!URL.canParse(string, base.href)) throw new TypeError(`${show(string)} is not a URL.`); // Step 2
      const code = toUnsignedShort(status);
      if (!isRedirectStatus(code)) throw new RangeError(`The status ${code} is none of 301, 302, 303, 307 and 308.`); // Step 3
      const headers = createHeaders([["Location", new URL(string, base).href]], "immutable"); // Steps 4 to 7
      return createResponse({ type: "default", urlList: [], status: code, statusText: "", headers }, null, prototype);
    },
  };
  Object.defineProperties(page, Object.getOwnPropertyDescriptors(statics));
  return page;
}

/** @see https://fetch.spec.whatwg.org/#initialize-a-response */
function initialize(
  response: Response,
  init: ConvertedResponseInit,
  body: { readonly holder: WholeBody; readonly type: string | null } | null,
): void {
  const { status, statusText } = init;
  const headers = createHeaders([], "response");
  if (init.headers !== undefined) fillHeaders(headers, init.headers); // Step 5
  if (body !== null) {
    // Step 6
    if (isNullBodyStatus(status)) throw new TypeError(`A response with status ${status} cannot have a body.`);
    if (body.type !== null && !containsHeader(headerListOf(headers), "Content-Type"))
      headers.append("Content-Type", body.type);
  }
  states.set(response, { type: "default", urlList: [], status, statusText, headers });
  setBody(response, body?.holder ?? null);
}

function stateOf(response: Response): ResponseState {
  const state = states.get(response);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not a Response object.");
  return state;
}
