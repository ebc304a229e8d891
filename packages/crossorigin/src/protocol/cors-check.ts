/**
 * The CORS check: may this response be shared with the requesting origin?
 *
 * @see https://fetch.spec.whatwg.org/#concept-cors-check
 * @module
 */

import { type Header, getHeader } from "./header-list.ts";
import type { CredentialsMode } from "./request-concepts.ts";

/** What the check needs of a request. */
export interface CorsCheckRequest {
  /** The byte-serialized request origin, possibly the four letters `null`. */
  readonly serializedOrigin: string;
  readonly credentialsMode: CredentialsMode;
}

/** What is wrong, without the stage it went wrong in. */
export type CorsCheckFault =
  | "allow-origin-missing"
  | "wildcard-with-credentials"
  | "allow-origin-multiple"
  | "allow-origin-invalid"
  | "allow-origin-mismatch"
  | "allow-credentials-missing"
  | "allow-credentials-not-true";

export type CorsCheckCode = `cors-check/${CorsCheckFault}`;

/** `step` is the step of the standard that settled it. `received` is the header value that failed, null if absent. */
export type CorsCheckResult =
  | { readonly ok: true; readonly step: 3 | 5 | 7; readonly allowOrigin: string }
  | {
      readonly ok: false;
      readonly code: CorsCheckCode;
      readonly fault: CorsCheckFault;
      readonly step: 2 | 4 | 8;
      readonly expected: string;
      readonly received: string | null;
    };

/** Compares bytes: no trimming, no case folding, no default ports, no lists. Time linear in the header list; allocates only the joined values. */
export function corsCheck(request: CorsCheckRequest, responseHeaders: readonly Header[]): CorsCheckResult {
  const { serializedOrigin, credentialsMode } = request;
  const allowOrigin = getHeader(responseHeaders, "Access-Control-Allow-Origin"); // Step 1
  // Step 2 — absent. Absent is not the value `null`.
  if (allowOrigin === null) return failure("allow-origin-missing", 2, serializedOrigin, null);
  // Step 3 — the wildcard only counts when credentials are not included.
  if (credentialsMode !== "include" && allowOrigin === "*") return { ok: true, step: 3, allowOrigin };
  // Step 4 — byte for byte.
  if (allowOrigin !== serializedOrigin) return failure(allowOriginFault(allowOrigin), 4, serializedOrigin, allowOrigin);
  if (credentialsMode !== "include") return { ok: true, step: 5, allowOrigin }; // Step 5
  const allowCredentials = getHeader(responseHeaders, "Access-Control-Allow-Credentials"); // Step 6
  if (allowCredentials === "true") return { ok: true, step: 7, allowOrigin }; // Step 7
  // Step 8
  const fault = allowCredentials === null ? "allow-credentials-missing" : "allow-credentials-not-true";
  return failure(fault, 8, "true", allowCredentials);
}

/** Which kind of wrong a value of `Access-Control-Allow-Origin` is. The classes are the ones engines tell apart. */
function allowOriginFault(allowOrigin: string): CorsCheckFault {
  if (allowOrigin === "*") return "wildcard-with-credentials";
  if (allowOrigin.includes(",") || allowOrigin.includes(" ")) return "allow-origin-multiple";
  // Anything that reads as a URL may be somebody's origin, be it misspelled (a trailing slash, upper case); the rest can be nobody's.
  const isOriginLike = allowOrigin === "null" || /^[a-z][a-z0-9+.-]*:\/\/[^*]+$/i.test(allowOrigin);
  return isOriginLike ? "allow-origin-mismatch" : "allow-origin-invalid";
}

function failure(
  fault: CorsCheckFault,
  step: 2 | 4 | 8,
  expected: string,
  received: string | null,
): Extract<CorsCheckResult, { ok: false }> {
  return { ok: false, code: `cors-check/${fault}`, fault, step, expected, received };
}
