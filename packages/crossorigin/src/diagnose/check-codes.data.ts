/**
 * Codes of the CORS check and of the preflight, and of what a response shows.
 *
 * @module
 */

import type { CorsCheckCode, CorsPreflightCode } from "../protocol/index.ts";
import type { CodeEntry, NoteCode } from "./code-entry.ts";

type CheckNote = Exclude<
  NoteCode,
  `redirect/${string}` | `exposure/opaque-${string}` | `cookies/${string}` | `local-network-access/${string}`
>;

export const CHECK_CODES: Readonly<Record<CorsCheckCode | CorsPreflightCode | CheckNote, CodeEntry>> = {
  "cors-check/allow-origin-missing": {
    anchor: "#concept-cors-check",
    message: "The response of {url} has no Access-Control-Allow-Origin, so it is not shared with {origin}.",
    chromium: ["MissingAllowOriginHeader"],
    firefox: ["CORSMissingAllowOrigin2"],
    webkit: "origin is not allowed by Access-Control-Allow-Origin",
  },
  "cors-check/wildcard-with-credentials": {
    anchor: "#concept-cors-check",
    message: "The response of {url} says Access-Control-Allow-Origin: *, which never counts for a request with credentials; it must name {expected}.",
    chromium: ["WildcardOriginNotAllowed"],
    firefox: ["CORSNotSupportingCredentials"],
    webkit: "cannot use wildcard when credentials flag is true",
  },
  "cors-check/allow-origin-multiple": {
    anchor: "#concept-cors-check",
    message: "Access-Control-Allow-Origin of the response of {url} holds more than one value ({received}); it must be exactly {expected}.",
    chromium: ["MultipleAllowOriginValues"],
    firefox: ["CORSMultipleAllowOriginNotAllowed"],
    webkit: "cannot contain more than one origin",
  },
  "cors-check/allow-origin-invalid": {
    anchor: "#concept-cors-check",
    message: "Access-Control-Allow-Origin of the response of {url} is {received}, which is no origin and can match nobody; it must be {expected}.",
    chromium: ["InvalidAllowOriginValue"],
    firefox: ["CORSAllowOriginNotMatchingOrigin"],
    webkit: "origin is not allowed by Access-Control-Allow-Origin",
  },
  "cors-check/allow-origin-mismatch": {
    anchor: "#concept-cors-check",
    message: "Access-Control-Allow-Origin of the response of {url} is {received}, and the request comes from {expected}.",
    chromium: ["AllowOriginMismatch"],
    firefox: ["CORSAllowOriginNotMatchingOrigin"],
    webkit: "origin is not allowed by Access-Control-Allow-Origin",
  },
  "cors-check/allow-credentials-missing": {
    anchor: "#concept-cors-check",
    message: "The request includes credentials, and the response of {url} has no Access-Control-Allow-Credentials: true.",
    chromium: ["InvalidAllowCredentials"],
    firefox: ["CORSMissingAllowCredentials"],
    webkit: 'credentials flag is true, but Access-Control-Allow-Credentials is not "true"',
  },
  "cors-check/allow-credentials-not-true": {
    anchor: "#concept-cors-check",
    message: "Access-Control-Allow-Credentials of the response of {url} is {received}; only the lower-case word true counts.",
    chromium: ["InvalidAllowCredentials"],
    firefox: ["CORSMissingAllowCredentials"],
    webkit: 'credentials flag is true, but Access-Control-Allow-Credentials is not "true"',
  },
  "cors-preflight/allow-origin-missing": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight response of {url} has no Access-Control-Allow-Origin, so it is not shared with {origin}.",
    chromium: ["PreflightMissingAllowOriginHeader"],
    firefox: ["CORSMissingAllowOrigin2"],
    webkit: "origin is not allowed by Access-Control-Allow-Origin",
  },
  "cors-preflight/wildcard-with-credentials": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight response of {url} says Access-Control-Allow-Origin: *, which never counts for a request with credentials; it must name {expected}.",
    chromium: ["PreflightWildcardOriginNotAllowed"],
    firefox: ["CORSNotSupportingCredentials"],
    webkit: "cannot use wildcard when credentials flag is true",
  },
  "cors-preflight/allow-origin-multiple": {
    anchor: "#cors-preflight-fetch-0",
    message: "Access-Control-Allow-Origin of the preflight response of {url} holds more than one value ({received}); it must be exactly {expected}.",
    chromium: ["PreflightMultipleAllowOriginValues"],
    firefox: ["CORSMultipleAllowOriginNotAllowed"],
    webkit: "cannot contain more than one origin",
  },
  "cors-preflight/allow-origin-invalid": {
    anchor: "#cors-preflight-fetch-0",
    message: "Access-Control-Allow-Origin of the preflight response of {url} is {received}, which is no origin and can match nobody; it must be {expected}.",
    chromium: ["PreflightInvalidAllowOriginValue"],
    firefox: ["CORSAllowOriginNotMatchingOrigin"],
    webkit: "origin is not allowed by Access-Control-Allow-Origin",
  },
  "cors-preflight/allow-origin-mismatch": {
    anchor: "#cors-preflight-fetch-0",
    message: "Access-Control-Allow-Origin of the preflight response of {url} is {received}, and the request comes from {expected}.",
    chromium: ["PreflightAllowOriginMismatch"],
    firefox: ["CORSAllowOriginNotMatchingOrigin"],
    webkit: "origin is not allowed by Access-Control-Allow-Origin",
  },
  "cors-preflight/allow-credentials-missing": {
    anchor: "#cors-preflight-fetch-0",
    message: "The request includes credentials, and the preflight response of {url} has no Access-Control-Allow-Credentials: true.",
    chromium: ["PreflightInvalidAllowCredentials"],
    firefox: ["CORSMissingAllowCredentials"],
    webkit: 'credentials flag is true, but Access-Control-Allow-Credentials is not "true"',
  },
  "cors-preflight/allow-credentials-not-true": {
    anchor: "#cors-preflight-fetch-0",
    message: "Access-Control-Allow-Credentials of the preflight response of {url} is {received}; only the lower-case word true counts.",
    chromium: ["PreflightInvalidAllowCredentials"],
    firefox: ["CORSMissingAllowCredentials"],
    webkit: 'credentials flag is true, but Access-Control-Allow-Credentials is not "true"',
  },
  "cors-preflight/redirect": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight to {url} was answered with a redirect (status {received}); preflights are never redirected.",
    chromium: ["PreflightDisallowedRedirect"],
    firefox: ["CORSPreflightDidNotSucceed3"],
    webkit: "preflight response is not successful",
  },
  "cors-preflight/status-not-ok": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight to {url} was answered with status {received}; only 200 to 299 grant anything.",
    chromium: ["PreflightInvalidStatus"],
    firefox: ["CORSPreflightDidNotSucceed3"],
    webkit: "preflight response is not successful",
  },
  "cors-preflight/allow-methods-invalid": {
    anchor: "#cors-preflight-fetch-0",
    message: "Access-Control-Allow-Methods of {url} is no list of methods, which spoils the whole preflight: {received}",
    chromium: ["InvalidAllowMethodsPreflightResponse"],
    firefox: ["CORSInvalidAllowMethod"],
    webkit: "invalid value of Access-Control-Allow-Methods",
  },
  "cors-preflight/allow-headers-invalid": {
    anchor: "#cors-preflight-fetch-0",
    message: "Access-Control-Allow-Headers of {url} is no list of header names, which spoils the whole preflight: {received}",
    chromium: ["InvalidAllowHeadersPreflightResponse"],
    firefox: ["CORSInvalidAllowHeader"],
    webkit: "invalid value of Access-Control-Allow-Headers",
  },
  "cors-preflight/method-not-allowed": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight to {url} does not allow the method {subject} (Access-Control-Allow-Methods: {received}).",
    chromium: ["MethodDisallowedByPreflightResponse"],
    firefox: ["CORSMethodNotFound"],
    webkit: "method is not allowed by Access-Control-Allow-Methods",
  },
  "cors-preflight/authorization-not-allowed": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight to {url} does not name Authorization in Access-Control-Allow-Headers ({received}); a wildcard does not cover it.",
    chromium: ["HeaderDisallowedByPreflightResponse"],
    firefox: ["CORSMissingAllowHeaderFromPreflight2"],
    webkit: "request header field is not allowed by Access-Control-Allow-Headers",
  },
  "cors-preflight/header-not-allowed": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight to {url} does not allow the request header {subject} (Access-Control-Allow-Headers: {received}).",
    chromium: ["HeaderDisallowedByPreflightResponse"],
    firefox: ["CORSMissingAllowHeaderFromPreflight2"],
    webkit: "request header field is not allowed by Access-Control-Allow-Headers",
  },
  "exposure/header-not-exposed": {
    anchor: "#cors-safelisted-response-header-name",
    message: "Page code cannot read these headers, as Access-Control-Expose-Headers does not name them: {subject}",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "exposure/expose-wildcard-with-credentials": {
    anchor: "#cors-safelisted-response-header-name",
    message: "Access-Control-Expose-Headers: * exposes nothing to a request with credentials; the names must be spelled out.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "cors-preflight/authorization-under-wildcard": {
    anchor: "#cors-non-wildcard-request-header-name",
    message: "Authorization passed under Access-Control-Allow-Headers: *, as today's browsers allow and the standard forbids; name it before they stop.",
    chromium: ["AuthorizationCoveredByWildcard"],
    firefox: ["CORSAllowHeaderFromPreflightDeprecation"],
    webkit: null,
  },
  "caching/vary-origin-missing": {
    anchor: "#cors-protocol-and-http-caches",
    message: "The response names one origin and has no Vary: Origin, so a cache may give it to pages of another origin, which then fail.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "cors-check/credentials-with-wildcard": {
    anchor: "#cors-protocol-and-credentials",
    message: "The response says both Access-Control-Allow-Origin: * and Access-Control-Allow-Credentials: true; requests with credentials fail all the same.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "cors-preflight/answered-by-something-else": {
    anchor: "#cors-preflight-fetch-0",
    message: "The preflight's status {received} suggests that it never reached the code that answers {url}: {subject}",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "cors-check/error-response-without-grant": {
    anchor: "#http-responses",
    message: "The response is an error (status {received}) without the grant, so the page cannot see that error: {subject}",
    chromium: [],
    firefox: [],
    webkit: null,
  },
};
