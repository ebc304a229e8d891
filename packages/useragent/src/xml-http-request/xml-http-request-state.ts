/**
 * What an `XMLHttpRequest` has associated with it, out of reach of page code.
 *
 * @see https://xhr.spec.whatwg.org/#interface-xmlhttprequest
 * @module
 */

import type {
  BlobUrlEntry,
  FetchController,
  FilteredResponse,
  NetworkErrorReason,
  TraceEvent,
} from "crossorigin/fetching";
import type { HeaderList, MimeType } from "crossorigin/protocol";
import type { FetchContext } from "../fetch-method.ts";
import type { UserAgentClock } from "../user-agent-clock.ts";
import { ReceivedBytes } from "./received-bytes.ts";
import type { SynchronousFetcher } from "./synchronous/synchronous-fetcher.ts";
import type { XMLHttpRequestUpload } from "./xml-http-request-event-target.ts";

export const UNSENT = 0;
export const OPENED = 1;
export const HEADERS_RECEIVED = 2;
export const LOADING = 3;
export const DONE = 4;

type ReadyState = typeof UNSENT | typeof OPENED | typeof HEADERS_RECEIVED | typeof LOADING | typeof DONE;

export const RESPONSE_TYPES = ["", "arraybuffer", "blob", "document", "json", "text"] as const;

export type XMLHttpRequestResponseType = (typeof RESPONSE_TYPES)[number];

/** What a page's requests act through. */
export interface XmlHttpRequestContext {
  readonly fetchContext: FetchContext;
  readonly clock: UserAgentClock;
  readonly synchronousFetcher: SynchronousFetcher;
}

/** One asynchronous fetch, from `send()` until the last event or what ended it before. */
export interface OngoingFetch {
  readonly controller: FetchController;
  readonly trace: TraceEvent[];
  /** When `send()` was called, by the clock. */
  readonly startedAtMilliseconds: number;
  /** Null if there is no timeout. */
  unscheduleTimeout: (() => void) | null;
  /** Bytes that the last `progress` event of the response told; null if there was none. */
  toldBytes: number | null;
  toldAtMilliseconds: number;
  reason: NetworkErrorReason | null;
}

/** Named as in the standard, flags as booleans. */
export interface XmlHttpRequestState {
  readonly context: XmlHttpRequestContext;
  readonly target: EventTarget;
  readonly upload: XMLHttpRequestUpload;
  readyState: ReadyState;
  /** The send() flag. */
  isSent: boolean;
  /** 0 for none. */
  timeoutMilliseconds: number;
  withCredentials: boolean;
  method: string;
  url: URL;
  /** What the URL stood for when it was opened. */
  blobUrlEntry: BlobUrlEntry | null;
  readonly headers: HeaderList;
  isSynchronous: boolean;
  isUploadComplete: boolean;
  /** The upload listener flag. */
  isUploadListenedTo: boolean;
  isTimedOut: boolean;
  /** Null stands for a network error. */
  response: FilteredResponse | null;
  received: ReceivedBytes;
  responseType: XMLHttpRequestResponseType;
  /** Null until somebody asks for it. */
  responseObject: { readonly value: unknown } | null;
  overrideMimeType: MimeType | null;
  /** What the fetch controller belongs to; null when no fetch may have a say any more. */
  fetch: OngoingFetch | null;
}

export function createState(
  context: XmlHttpRequestContext,
  target: EventTarget,
  upload: XMLHttpRequestUpload,
): XmlHttpRequestState {
  return {
    context,
    target,
    upload,
    readyState: UNSENT,
    isSent: false,
    timeoutMilliseconds: 0,
    withCredentials: false,
    method: "",
    url: context.fetchContext.environment.url,
    blobUrlEntry: null,
    headers: [],
    isSynchronous: false,
    isUploadComplete: false,
    isUploadListenedTo: false,
    isTimedOut: false,
    response: null,
    received: new ReceivedBytes(),
    responseType: "",
    responseObject: null,
    overrideMimeType: null,
    fetch: null,
  };
}

export function invalidState(message: string): DOMException {
  return new DOMException(message, "InvalidStateError");
}
