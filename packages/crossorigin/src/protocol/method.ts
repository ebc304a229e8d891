/**
 * Methods: syntax, normalization, and the two lists that CORS and `fetch` draw from them.
 *
 * @see https://fetch.spec.whatwg.org/#methods
 * @module
 */

import { byteUppercase } from "./header-value.ts";
import { isToken } from "./token.ts";

const NORMALIZED: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

/** Is `value` a method, that is a token? `*` alone is one. */
export function isMethod(value: string): boolean {
  return isToken(value);
}

/**
 * Is `method` one that never needs a preflight? Case-sensitive: normalize first.
 *
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-method
 */
export function isCorsSafelistedMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "POST";
}

/**
 * Is `method` one that page code may not use (CONNECT, TRACE, TRACK in any case)?
 *
 * @see https://fetch.spec.whatwg.org/#forbidden-method
 */
export function isForbiddenMethod(method: string): boolean {
  if (method.length < 5 || method.length > 7) return false;
  const upper = byteUppercase(method);
  return upper === "CONNECT" || upper === "TRACE" || upper === "TRACK";
}

/**
 * Upper-cases the six methods the standard names and no others: `patch` stays `patch`.
 *
 * @see https://fetch.spec.whatwg.org/#concept-method-normalize
 */
export function normalizeMethod(method: string): string {
  const upper = byteUppercase(method);
  return NORMALIZED.has(upper) ? upper : method;
}
