/**
 * Why a fetch ended in a network error: kept beside the error, never shown to page code.
 *
 * @see https://fetch.spec.whatwg.org/#concept-network-error
 * @module
 */

import type { CorpCode, CorsCheckCode, CorsPreflightCode, CorsPreflightDefect } from "../protocol/index.ts";

/**
 * Failures of the network itself, of what an embedder put in its place, and of what a page sends while it is made. The
 * transport tells which; none of them says anything about CORS.
 */
export type NetworkCode =
  | "network/name-not-resolved"
  | "network/connection-refused"
  | "network/unreachable"
  | "network/connection-reset"
  | "network/timeout"
  | "network/tls-certificate"
  | "network/tls-client-certificate"
  | "network/tls-protocol"
  | "network/http-malformed"
  | "network/headers-too-large"
  | "network/body-too-large"
  | "network/stream-needs-http2"
  | "network/request-body-failed"
  | "network/resolve-option-failed"
  | "network/client-closed"
  | "network/failed";

/** Rules of fetching that end in a network error before or beside the CORS checks. */
export type FetchRuleCode =
  | "main-fetch/url-not-local"
  | "main-fetch/bad-port"
  | "main-fetch/mixed-content"
  | "main-fetch/same-origin-mode"
  | "main-fetch/no-cors-redirect-mode"
  | "main-fetch/scheme-not-http"
  | "main-fetch/mime-type-blocked"
  | "main-fetch/nosniff"
  | "main-fetch/opaque-response-blocked"
  | "main-fetch/opaque-partial-content"
  | "main-fetch/integrity-mismatch"
  | "scheme-fetch/unsupported-scheme"
  | "scheme-fetch/data-url-invalid"
  | "scheme-fetch/blob-method-not-get"
  | "scheme-fetch/blob-url-unknown"
  | "scheme-fetch/blob-url-of-other-partition"
  | "scheme-fetch/blob-range-invalid"
  | "http-fetch/redirect-mode-error"
  | "http-redirect-fetch/location-invalid"
  | "http-redirect-fetch/scheme-not-http"
  | "http-redirect-fetch/too-many-redirects"
  | "http-redirect-fetch/location-with-credentials"
  | "http-redirect-fetch/body-not-replayable"
  | "http-network-or-cache-fetch/only-if-cached"
  | "http-network-or-cache-fetch/keepalive-quota"
  | "http-network-or-cache-fetch/proxy-authentication"
  | "local-network-access/insecure-context"
  | "local-network-access/permissions-policy"
  | "local-network-access/permission-denied"
  | "local-network-access/target-address-space-mismatch"
  | "fetch/aborted";

/** Rules of elements, of what they take and cannot use. Whoever loads for an element applies them, fetching does not. */
export type ElementLoadCode =
  /** The source is empty, or no URL. */
  | "element-load/url-invalid"
  /** A module script that is not JavaScript, or a style sheet that is not CSS, by its MIME type. */
  | "element-load/mime-type"
  /** A worker without an embedder policy, of a page that has one. */
  | "element-load/embedder-policy-missing"
  /** A status other than 200 to 299, where the element asks for one. */
  | "element-load/status"
  /** A body that is no image, font, media or text track. */
  | "element-load/not-decodable"
  /** A body longer than any that is read. */
  | "element-load/too-large";

/** Rules of event sources, of responses that are no event stream. Fetching does not apply them. */
export type EventSourceCode =
  | "event-source/status-not-200"
  | "event-source/mime-type"
  /** An event longer than any that is read. */
  | "event-source/event-too-long";

/** Rules of the handshake and the protocol of WebSockets. Fetching does not apply them. */
export type WebSocketCode =
  | "websocket/status-not-101"
  | "websocket/handshake-invalid"
  /** A frame that cannot be, after the handshake. */
  | "websocket/protocol-error";

export type FetchFailureCode =
  | NetworkCode
  | FetchRuleCode
  | ElementLoadCode
  | EventSourceCode
  | WebSocketCode
  | CorsCheckCode
  | CorsPreflightCode
  | CorpCode;

/** The reason of one network error. All strings that came from the wire are as they came, unescaped. */
export interface NetworkErrorReason {
  readonly code: FetchFailureCode;
  /** The algorithm and step that ended the fetch, such as `CORS check, step 4`; null for failures of the network. */
  readonly step: string | null;
  /** The URL that was being fetched, redirects included. */
  readonly url: string;
  /** 0 for the first URL, 1 after one redirect, and so on. */
  readonly hop: number;
  /** Was it the preflight that failed? Then the request itself was never sent. */
  readonly isPreflight: boolean;
  /** What the rule wanted to see, where that can be said in one value. */
  readonly expected: string | null;
  /** What it saw instead; null where the header is absent or there is nothing to show. */
  readonly received: string | null;
  /** The method or header name that was refused, or the network's own words. */
  readonly subject: string | null;
  /** All that is wrong with a refused preflight, `code` in front; empty for other failures. */
  readonly defects: readonly CorsPreflightDefect[];
}
