/**
 * The trace: what the algorithms decided and why, as data. Emitted only when somebody listens.
 *
 * @module
 */

import type {
  CredentialsMode,
  Header,
  RedirectMode,
  RedirectTaint,
  RequestDestination,
  RequestMode,
  ResponseTainting,
  UnsafeRequestHeader,
} from "../protocol/index.ts";
import type { FetchFailureCode, NetworkErrorReason } from "./network-error-reason.ts";

/** One reason why a request needs the server's consent first. */
export type PreflightCause =
  | { readonly kind: "method"; readonly method: string }
  | { readonly kind: "header"; readonly header: UnsafeRequestHeader }
  /** Something other than method and headers asks for it: an upload listener, or a streamed body. */
  | { readonly kind: "use-cors-preflight" }
  /** It needed one before it was redirected, and the profile does not forget that. */
  | { readonly kind: "redirected" };

/** Where main fetch sends a request; `preloaded`: nowhere, as the response is there. @see https://fetch.spec.whatwg.org/#concept-main-fetch */
export type MainFetchBranch = "preloaded" | "basic" | "no-cors" | "cors" | "cors-with-preflight";

/** A check that was applied to a response. */
export type RuleName = "cors-check" | "cors-preflight" | "cross-origin-resource-policy" | "local-network-access";

/** `hop` counts URLs from 0, `exchange` counts requests on the wire, and answers of the HTTP cache, from 0. Strings from the wire are unescaped. */
export type TraceEvent =
  | {
      readonly type: "fetch";
      readonly method: string;
      readonly url: string;
      readonly origin: string;
      readonly mode: RequestMode;
      readonly credentialsMode: CredentialsMode;
      readonly redirectMode: RedirectMode;
      /** Empty for what scripts ask for; otherwise what kind of element, or use of a URL in CSS, wants it. */
      readonly destination: RequestDestination;
    }
  | {
      readonly type: "main-fetch";
      readonly hop: number;
      readonly url: string;
      readonly branch: MainFetchBranch;
      readonly responseTainting: ResponseTainting;
      /** The request's origin as this hop will see it. */
      readonly serializedOrigin: string;
      readonly redirectTaint: RedirectTaint;
    }
  | {
      /** The current URL's scheme was changed to https before anything was sent. */
      readonly type: "upgrade";
      readonly hop: number;
      readonly from: string;
      readonly to: string;
    }
  | {
      /** Was consent needed, and did the cache have it? Sent if `because` is not empty and `isCached` is false. */
      readonly type: "preflight-decision";
      readonly hop: number;
      readonly because: readonly PreflightCause[];
      readonly isCached: boolean;
    }
  | {
      readonly type: "request";
      readonly exchange: number;
      readonly hop: number;
      readonly isPreflight: boolean;
      readonly method: string;
      readonly url: string;
      readonly headers: readonly Header[];
      readonly includeCredentials: boolean;
      /** Bytes of the body; null if there is none or its length is not known. */
      readonly bodyBytes: number | null;
    }
  | {
      readonly type: "response";
      readonly exchange: number;
      readonly status: number;
      readonly statusMessage: string;
      readonly headers: readonly Header[];
    }
  | {
      readonly type: "cookies";
      readonly exchange: number;
      readonly stored: readonly string[];
      readonly refused: readonly string[];
      /** `Set-Cookie` values that were not looked at, as credentials were not included. */
      readonly ignored: readonly string[];
    }
  | {
      readonly type: "rule";
      readonly exchange: number;
      readonly rule: RuleName;
      readonly ok: boolean;
      readonly step: string;
      readonly code: FetchFailureCode | null;
      readonly subject: string | null;
      readonly expected: string | null;
      readonly received: string | null;
    }
  | {
      readonly type: "preflight-cache";
      readonly action: "stored" | "not-stored" | "cleared";
      readonly url: string;
      readonly methods: readonly string[];
      readonly headerNames: readonly string[];
      readonly maxAgeSeconds: number;
      /** Granted only because the profile lets `*` cover `Authorization`, against the standard. */
      readonly authorizationUnderWildcard: boolean;
    }
  | {
      /** The HTTP cache had the response; `exchange` is one of its own unless the server was asked. */
      readonly type: "http-cache";
      readonly exchange: number;
      readonly hop: number;
      /** `answered`: nothing was sent. `answered-stale`: nor for this fetch, but a request renews what is stored. `revalidated`: the server said 304. */
      readonly action: "answered" | "answered-stale" | "revalidated";
      readonly method: string;
      readonly url: string;
      readonly requestHeaders: readonly Header[];
      readonly includeCredentials: boolean;
      /** Of the response that the checks see: the stored one, freshened if it was revalidated. */
      readonly status: number;
      readonly statusMessage: string;
      readonly headers: readonly Header[];
    }
  | {
      readonly type: "redirect";
      readonly exchange: number;
      readonly status: number;
      readonly from: string;
      readonly to: string;
      readonly methodBefore: string;
      readonly methodAfter: string;
      readonly isAuthorizationRemoved: boolean;
    }
  | {
      /** The last event of every fetch that ended in a network error; after `done`, what kept the response from being used. */
      readonly type: "network-error";
      readonly reason: NetworkErrorReason;
    }
  | {
      /** The last event of every fetch that did not end in a network error: what the page sees. */
      readonly type: "done";
      readonly responseType: "basic" | "cors" | "opaque" | "opaqueredirect";
      readonly status: number;
      readonly statusMessage: string;
      /** Empty where the page does not see it. */
      readonly url: string;
      readonly headers: readonly Header[];
      /** May the page have the response's timing? False as soon as one of the chain's responses forbids it. */
      readonly timingAllowPassed: boolean;
      readonly redirectTaint: RedirectTaint;
    };
