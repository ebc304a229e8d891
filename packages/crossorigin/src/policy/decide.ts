/**
 * Deciding: from a request to what the server answers, in the order of the standard's checks: origin, method, headers.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import { isCorsSafelistedMethod, isMethod } from "../protocol/method.ts";
import type { DecisionParts } from "./decision-parts.ts";
import type { Decision, DecisionCode, DecisionRequest, HeaderLine } from "./decision.ts";
import { Policy } from "./policy.ts";
import { parseRequestOrigin } from "./request-origin.ts";

export interface DecideOptions {
  /** Lets a refused preflight carry the grants that did hold, so that the browser's console names the stage that failed. */
  readonly debug?: boolean;
}

/**
 * Decides on one request. Never throws; the cost is bounded whatever the headers hold and does not grow with the number of origins.
 *
 * A preflight is OPTIONS with `Origin` and `Access-Control-Request-Method`; every other OPTIONS is an actual request.
 */
export function decide(policy: Policy, request: DecisionRequest, options?: DecideOptions): Decision {
  const parts = Policy.partsOf(policy);
  const origin = joinLines(request.headers.origin);
  if (origin === null) return parts.noOrigin;
  return decideForOrigin(parts, request, origin, isOriginGranted(parts, origin), options?.debug ?? false);
}

/** Decides once it is known whether the origin is granted. `origin` is the value of `Origin`. */
export function decideForOrigin(
  parts: DecisionParts,
  request: DecisionRequest,
  origin: string,
  isGranted: boolean,
  debug: boolean,
): Decision {
  const requestedMethod = requestedMethodOf(request);
  const isPreflight = requestedMethod !== null;
  if (!isGranted) {
    // No origin holds a comma: several lines were joined.
    if (origin.includes(",")) return isPreflight ? parts.preflightMultiple : parts.actualMultiple;
    return isPreflight ? parts.preflightRefused : parts.actualRefused;
  }
  if (requestedMethod === null) {
    if (parts.actualGranted !== null) return parts.actualGranted;
    const lines = withOrigin(origin, parts.actualHeaders);
    if (parts.namesTiming) lines.push({ name: "Timing-Allow-Origin", value: origin });
    return granted("actual", null, lines, parts.actualVary);
  }
  return decidePreflight(parts, request, parts.isStatic ? "*" : origin, requestedMethod, debug);
}

function decidePreflight(
  parts: DecisionParts,
  { headers }: DecisionRequest,
  allowOrigin: string,
  method: string,
  debug: boolean,
): Decision {
  const isSafelisted = isCorsSafelistedMethod(method);
  const isMethodGranted = isSafelisted || (parts.methods === "*" ? isAnyMethod(method) : parts.methods.has(method));
  if (!isMethodGranted) return refused(parts, "decision/method-not-allowed", method, debug ? allowOrigin : null);
  const names = joinLines(headers["access-control-request-headers"]) ?? "";
  const check = parts.requestHeaders.check(names);
  if (check.code !== null) return refused(parts, check.code, check.name, debug ? allowOrigin : null);
  if (parts.preflightGranted !== null) return parts.preflightGranted;
  const lines = withOrigin(allowOrigin, parts.preflightHeaders);
  if (parts.namesMethod && !isSafelisted) lines.push({ name: "Access-Control-Allow-Methods", value: method });
  if (parts.namesHeaders && names !== "") lines.push({ name: "Access-Control-Allow-Headers", value: names });
  if (parts.allowPrivateNetwork && joinLines(headers["access-control-request-private-network"]) === "true")
    lines.push({ name: "Access-Control-Allow-Private-Network", value: "true" });
  return granted("preflight", 204, lines, parts.preflightVary);
}

/** The longest method, in characters, that a wildcard grants. */
const MAX_METHOD_LENGTH = 64;

/** Attack: the method may be answered by name, so nothing but a method of bounded length is. */
function isAnyMethod(method: string): boolean {
  return method.length <= MAX_METHOD_LENGTH && isMethod(method);
}

function isOriginGranted(parts: DecisionParts, origin: string): boolean {
  if (parts.isStatic) return true;
  if (origin === "null") return parts.allowNullOrigin;
  // Attack: only an origin is reflected, so that no other bytes reach the response.
  if (parts.reflectAnyOrigin) return parseRequestOrigin(origin) !== null;
  return parts.matcher.matches(origin);
}

const NO_LINES: readonly HeaderLine[] = Object.freeze([]);

/** `allowOrigin` is null unless the grants that did hold are to be shown. */
function refused(
  parts: DecisionParts,
  code: DecisionCode,
  subject: string | null,
  allowOrigin: string | null,
): Decision {
  const { vary } = parts.preflightRefused;
  const headers = allowOrigin === null ? NO_LINES : linesThatHeld(parts, code, allowOrigin);
  const status = allowOrigin === null ? 403 : 204;
  return { kind: "preflight", granted: false, code, status, subject, headers, vary };
}

function granted(
  kind: "preflight" | "actual",
  status: 204 | null,
  headers: readonly HeaderLine[],
  vary: string | null,
): Decision {
  return { kind, granted: true, code: "decision/granted", status, subject: null, headers, vary };
}

/** Without a line that would grant what is refused: a list that was not read to its end, or a method that no wildcard is meant for. */
function linesThatHeld(parts: DecisionParts, code: DecisionCode, allowOrigin: string): HeaderLine[] {
  const isMethod = code === "decision/method-not-allowed";
  const misleading = isMethod ? parts.methods === "*" : code !== "decision/header-not-allowed";
  const name = isMethod ? "Access-Control-Allow-Methods" : "Access-Control-Allow-Headers";
  return withOrigin(allowOrigin, parts.preflightHeaders).filter((line) => !misleading || line.name !== name);
}

/** `template` has the line of the origin first. */
function withOrigin(origin: string, template: readonly HeaderLine[]): HeaderLine[] {
  // A copy of the right size is made faster than a list is spread or grown.
  const headers = template.slice();
  headers[0] = { name: "Access-Control-Allow-Origin", value: origin };
  return headers;
}

/** Of a preflight, the method it asks for; null of every other request. */
export function requestedMethodOf({ method, headers }: DecisionRequest): string | null {
  if (method !== "OPTIONS" || joinLines(headers.origin) === null) return null;
  return joinLines(headers["access-control-request-method"]);
}

/** Null if absent; several lines joined as HTTP joins them. */
export function joinLines(value: string | readonly string[] | null | undefined): string | null {
  if (typeof value === "string") return value;
  return value === null || value === undefined || value.length === 0 ? null : value.join(", ");
}
