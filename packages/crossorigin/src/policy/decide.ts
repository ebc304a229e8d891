/**
 * Deciding: from a request to what the server answers, in the order of the standard's checks: origin, method, headers.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import { isCorsSafelistedMethod, isMethod, parseOrigin } from "../protocol/index.ts";
import type { DecisionParts } from "./decision-parts.ts";
import type { Decision, DecisionCode, DecisionRequest, HeaderLine } from "./decision.ts";
import { Policy } from "./policy.ts";

/**
 * Decides on one request. Never throws; the cost is bounded whatever the headers hold and does not grow with the number of origins.
 *
 * A preflight is OPTIONS with `Origin` and `Access-Control-Request-Method`; every other OPTIONS is an actual request.
 */
export function decide(policy: Policy, request: DecisionRequest): Decision {
  const parts = Policy.partsOf(policy);
  const { method, headers } = request;
  const origin = joinLines(headers.origin);
  if (origin === null) return parts.noOrigin;
  const requestedMethod = method === "OPTIONS" ? joinLines(headers["access-control-request-method"]) : null;
  const isPreflight = requestedMethod !== null;
  if (!isOriginGranted(parts, origin)) {
    // No origin holds a comma: several lines were joined.
    if (origin.includes(",")) return isPreflight ? parts.preflightMultiple : parts.actualMultiple;
    return isPreflight ? parts.preflightRefused : parts.actualRefused;
  }
  if (requestedMethod === null) {
    return parts.isStatic
      ? parts.actualGranted
      : granted("actual", null, withOrigin(origin, parts.actualHeaders), parts.actualVary);
  }
  return decidePreflight(parts, origin, requestedMethod, joinLines(headers["access-control-request-headers"]) ?? "");
}

function decidePreflight(parts: DecisionParts, origin: string, method: string, names: string): Decision {
  const isSafelisted = isCorsSafelistedMethod(method);
  const isMethodGranted = isSafelisted || (parts.methods === "*" ? isAnyMethod(method) : parts.methods.has(method));
  if (!isMethodGranted) return refused(parts, "decision/method-not-allowed", method);
  const check = parts.requestHeaders.check(names);
  if (check.kind === "not-allowed") return refused(parts, "decision/header-not-allowed", check.name);
  if (check.kind === "malformed") return refused(parts, "decision/headers-malformed", null);
  if (check.kind === "too-long") return refused(parts, "decision/headers-too-long", null);
  if (parts.preflightGranted !== null) return parts.preflightGranted;
  const headers = withOrigin(parts.isStatic ? "*" : origin, parts.preflightHeaders);
  if (parts.namesMethod && !isSafelisted) headers.push({ name: "Access-Control-Allow-Methods", value: method });
  if (parts.namesHeaders && names !== "") headers.push({ name: "Access-Control-Allow-Headers", value: names });
  return granted("preflight", 204, headers, parts.preflightVary);
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
  if (parts.reflectAnyOrigin) return parseOrigin(origin) !== null;
  return parts.matcher.matches(origin);
}

function refused({ preflightRefused }: DecisionParts, code: DecisionCode, subject: string | null): Decision {
  const { kind, granted, status, headers, vary } = preflightRefused;
  return { kind, granted, code, status, subject, headers, vary };
}

function granted(
  kind: "preflight" | "actual",
  status: 204 | null,
  headers: readonly HeaderLine[],
  vary: string | null,
): Decision {
  return { kind, granted: true, code: "decision/granted", status, subject: null, headers, vary };
}

function withOrigin(origin: string, others: readonly HeaderLine[]): HeaderLine[] {
  const headers: HeaderLine[] = [{ name: "Access-Control-Allow-Origin", value: origin }];
  // Spreading is slower.
  for (const line of others) headers.push(line);
  return headers;
}

/** Null if absent; several lines joined as HTTP joins them. */
function joinLines(value: string | readonly string[] | null | undefined): string | null {
  if (typeof value === "string") return value;
  return value === null || value === undefined || value.length === 0 ? null : value.join(", ");
}
