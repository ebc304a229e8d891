/**
 * The CORS-preflight: what it asks, and whether the answer grants it. Sending it is `fetching/cors-preflight-fetch.ts`.
 *
 * @see https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
 * @module
 */

import { type CorsCheckFault, type CorsCheckResult, corsCheck } from "./cors-check.ts";
import { isCorsNonWildcardRequestHeaderName } from "./cors-safelisted-request-header.ts";
import { corsUnsafeRequestHeaderNames, corsUnsafeRequestHeaders } from "./cors-unsafe-request-header-names.ts";
import {
  type ExtractedDeltaSeconds,
  type ExtractedTokens,
  extractDeltaSeconds,
  extractTokenList,
} from "./extract-header-list-values.ts";
import { type Header, type HeaderList, containsHeader } from "./header-list.ts";
import { byteLowercase } from "./header-value.ts";
import { isCorsSafelistedMethod } from "./method.ts";
import type { Profile } from "./profile.ts";
import { PROFILES } from "./profiles.ts";
import type { CredentialsMode } from "./request-concepts.ts";
import { isOkStatus, isRedirectStatus } from "./status.ts";

/** Seconds that a preflight's answer is kept when the server does not say. */
export const DEFAULT_MAX_AGE_SECONDS = 5;

/** The request that the preflight is sent for. */
export interface PreflightedRequest {
  readonly method: string;
  readonly headers: readonly Header[];
  /** The byte-serialized request origin, possibly the four letters `null`. */
  readonly serializedOrigin: string;
  readonly credentialsMode: CredentialsMode;
  readonly useCorsPreflight: boolean;
  /** Did redirects bring the request back to the page's own origin? Absent: they did not. */
  readonly isToOwnOrigin?: boolean;
}

export interface PreflightResponse {
  readonly status: number;
  readonly headers: readonly Header[];
}

/** What can be wrong with the answer beyond the CORS check. */
export type CorsPreflightFault =
  | CorsCheckFault
  | "redirect"
  | "status-not-ok"
  | "allow-methods-invalid"
  | "allow-headers-invalid"
  | "method-not-allowed"
  | "authorization-not-allowed"
  | "header-not-allowed";

export type CorsPreflightCode = `cors-preflight/${CorsPreflightFault}`;

/** One independent defect. `subject`: the method or header name refused; `received`: the header value or status that failed, null if absent. */
export interface CorsPreflightDefect {
  readonly code: CorsPreflightCode;
  /** The standard's step, such as `7.5`. */
  readonly step: string;
  readonly subject: string | null;
  readonly received: string | null;
}

/** What a granted preflight allows and for how long; the lists are the server's, `*` included. */
export interface PreflightGrant {
  readonly ok: true;
  readonly methods: readonly string[];
  readonly headerNames: readonly string[];
  readonly maxAgeSeconds: number;
  /** True if `Authorization` passed only because the profile lets `*` cover it, against the standard. */
  readonly authorizationUnderWildcard: boolean;
}

/** All defects at once, the one to mend first in front. A browser stops at the first that it happens to test. */
export interface PreflightRefusal {
  readonly ok: false;
  readonly code: CorsPreflightCode;
  readonly defects: readonly [CorsPreflightDefect, ...CorsPreflightDefect[]];
}

/** What an answer allows, whatever was asked, and for how long. */
export type PreflightOffer = Pick<PreflightGrant, "methods" | "headerNames" | "maxAgeSeconds">;

/** The preflight's header list as far as CORS sets it: `Accept`, `Access-Control-Request-Method` and `-Headers`. `Origin` is appended later. */
export function corsPreflightRequestHeaders(
  method: string,
  headers: readonly Header[],
  profile: Profile = PROFILES.standard,
): HeaderList {
  const list: HeaderList = [
    ["Accept", "*/*"], // Step 2
    ["Access-Control-Request-Method", method], // Step 3
  ];
  // Step 4
  const names = profile.requestHeaderNamesRepeated
    ? corsUnsafeRequestHeaders(headers, profile)
        .map(({ name }) => name)
        .toSorted()
    : corsUnsafeRequestHeaderNames(headers, profile);
  // Step 5 — a comma without space; no line at all if there is nothing to ask for.
  if (names.length > 0) list.push(["Access-Control-Request-Headers", names.join(",")]);
  return list;
}

/** Does the answer grant the request? Linear in the size of both header lists. Follows the standard's step 7. */
export function judgeCorsPreflightResponse(
  request: PreflightedRequest,
  response: PreflightResponse,
  profile: Profile,
): PreflightGrant | PreflightRefusal {
  const check = corsCheck(request, response.headers); // Step 7 — with the original request's credentials mode
  const methods = methodsOf(request, response, profile); // Steps 7.1 and 7.4
  const headerNames = extractTokenList(response.headers, "Access-Control-Allow-Headers"); // Step 7.2
  const [first, ...others] = [
    ...statusDefects(response.status),
    ...(isChecked(request, profile) ? checkDefects(check) : []),
    ...listDefects(methods, headerNames),
    ...methodDefects(request, methods),
    ...headerDefects(request, headerNames, profile),
  ];
  if (first !== undefined) return { ok: false, code: first.code, defects: [first, ...others] };
  return {
    ok: true,
    methods: listOf(methods),
    headerNames: listOf(headerNames),
    maxAgeSeconds: preflightMaxAgeSeconds(response.headers, profile),
    authorizationUnderWildcard: hasAuthorization(request) && !isListed(listOf(headerNames), "authorization"),
  };
}

/** Steps 7.8 to 7.10: for how many seconds the answer may be kept. Never negative, finite. */
export function preflightMaxAgeSeconds(responseHeaders: readonly Header[], profile: Profile): number {
  const seconds = uncappedMaxAgeSeconds(extractDeltaSeconds(responseHeaders, "Access-Control-Max-Age"), profile);
  return profile.preflightMaxAgeCapSeconds === null ? seconds : Math.min(seconds, profile.preflightMaxAgeCapSeconds); // Step 7.10
}

/** What the answer to a refused preflight would allow other requests; null if its status, its CORS check or its lists refuse all. */
export function corsPreflightOffer(
  request: PreflightedRequest,
  response: PreflightResponse,
  profile: Profile,
): PreflightOffer | null {
  const methods = methodsOf(request, response, profile);
  const headerNames = extractTokenList(response.headers, "Access-Control-Allow-Headers");
  const isWithheld = isChecked(request, profile) && !corsCheck(request, response.headers).ok;
  const isRefused = listDefects(methods, headerNames).length > 0 || isWithheld;
  if (isRefused || !isOkStatus(response.status)) return null;
  const maxAgeSeconds = preflightMaxAgeSeconds(response.headers, profile);
  return { methods: listOf(methods), headerNames: listOf(headerNames), maxAgeSeconds };
}

/** Does the profile ask the CORS check of the answer? */
function isChecked({ isToOwnOrigin = false }: PreflightedRequest, profile: Profile): boolean {
  return !isToOwnOrigin || profile.preflightToOwnOriginChecked;
}

function uncappedMaxAgeSeconds(extracted: ExtractedDeltaSeconds, profile: Profile): number {
  if (extracted.kind === "absent") return DEFAULT_MAX_AGE_SECONDS; // Step 7.9
  const isInt64 = profile.maxAgeSyntax === "int64";
  if (extracted.kind === "seconds") {
    return isInt64 && !fitsInt64(extracted.value) ? profile.unparsableMaxAgeSeconds : extracted.seconds;
  }
  if (extracted.value === "") return DEFAULT_MAX_AGE_SECONDS;
  // Deviation: a negative number is no delta-seconds and would count as 5; every engine and the shared tests take it as "do not keep".
  if (/^-[0-9]+$/.test(extracted.value)) return 0;
  if (!isInt64 || !/^\+[0-9]{1,18}$/.test(extracted.value)) return profile.unparsableMaxAgeSeconds;
  return Number(extracted.value);
}

const LARGEST_INT64 = String(2n ** 63n - 1n);

/** Linear: digits are compared as they are. */
function fitsInt64(digits: string): boolean {
  const significant = digits.replace(/^0+/, "");
  const { length } = LARGEST_INT64;
  return significant.length < length || (significant.length === length && significant <= LARGEST_INT64);
}

/** What the answer allows. Nothing said to a preflight that the flag forced: the method it was sent for, which is then cached. */
function methodsOf(
  { method, useCorsPreflight }: PreflightedRequest,
  response: PreflightResponse,
  profile: Profile,
): ExtractedTokens {
  const extracted = extractTokenList(response.headers, "Access-Control-Allow-Methods"); // Step 7.1
  const isAssumed = extracted.kind === "absent" && useCorsPreflight && profile.flaggedMethodGranted;
  return isAssumed ? { kind: "list", values: [method] } : extracted; // Step 7.4
}

function statusDefects(status: number): CorsPreflightDefect[] {
  if (isOkStatus(status)) return [];
  return [defect(isRedirectStatus(status) ? "redirect" : "status-not-ok", "7", null, String(status))];
}

function checkDefects(check: CorsCheckResult): CorsPreflightDefect[] {
  return check.ok ? [] : [defect(check.fault, `7, CORS check ${check.step}`, null, check.received)];
}

/** Step 7.3 — either list unparsable fails the preflight, whatever was asked for. */
function listDefects(methods: ExtractedTokens, headerNames: ExtractedTokens): CorsPreflightDefect[] {
  const defects: CorsPreflightDefect[] = [];
  if (methods.kind === "failure") defects.push(defect("allow-methods-invalid", "7.3", null, methods.value));
  if (headerNames.kind === "failure") defects.push(defect("allow-headers-invalid", "7.3", null, headerNames.value));
  return defects;
}

/** Step 7.5 — case-sensitive; safelisted methods pass unlisted; `*` only without credentials. */
function methodDefects(
  { method, credentialsMode }: PreflightedRequest,
  extracted: ExtractedTokens,
): CorsPreflightDefect[] {
  if (extracted.kind === "failure" || isCorsSafelistedMethod(method)) return [];
  const methods = listOf(extracted);
  if (methods.includes(method) || (credentialsMode !== "include" && methods.includes("*"))) return [];
  return [defect("method-not-allowed", "7.5", method, receivedList(extracted))];
}

/** Steps 7.6 and 7.7 — names without case; `*` only without credentials, and never for `Authorization`. */
function headerDefects(
  request: PreflightedRequest,
  extracted: ExtractedTokens,
  profile: Profile,
): CorsPreflightDefect[] {
  if (extracted.kind === "failure") return [];
  const names = new Set(listOf(extracted).map(byteLowercase));
  const isCoveredByWildcard = request.credentialsMode !== "include" && names.has("*");
  const defects: CorsPreflightDefect[] = [];
  for (const name of corsUnsafeRequestHeaderNames(request.headers, profile)) {
    if (names.has(name)) continue;
    if (!isCorsNonWildcardRequestHeaderName(name)) {
      if (!isCoveredByWildcard) defects.push(defect("header-not-allowed", "7.7", name, receivedList(extracted)));
    } else if (!isCoveredByWildcard || !profile.authorizationCoveredByWildcard) {
      // `Authorization` is unsafe, so it is always among the names, and step 7.6 comes first.
      defects.push(defect("authorization-not-allowed", "7.6", name, receivedList(extracted)));
    }
  }
  return defects;
}

function hasAuthorization(request: PreflightedRequest): boolean {
  return containsHeader(request.headers, "Authorization");
}

function isListed(names: readonly string[], lowercasedName: string): boolean {
  return names.some((name) => byteLowercase(name) === lowercasedName);
}

/** An absent header counts as an empty list. */
function listOf(extracted: ExtractedTokens): readonly string[] {
  return extracted.kind === "list" ? extracted.values : [];
}

function receivedList(extracted: ExtractedTokens): string | null {
  return extracted.kind === "list" ? extracted.values.join(", ") : null;
}

function defect(
  fault: CorsPreflightFault,
  step: string,
  subject: string | null,
  received: string | null,
): CorsPreflightDefect {
  return { code: `cors-preflight/${fault}`, step, subject, received };
}
