/**
 * Which response headers a page may read.
 *
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
 * @module
 */

import { extractTokenList } from "./extract-header-list-values.ts";
import { isForbiddenResponseHeaderName } from "./forbidden-header.ts";
import { type Header, convertHeaderNamesToASortedLowercaseSet } from "./header-list.ts";
import { byteLowercase } from "./header-value.ts";
import type { CredentialsMode } from "./request-concepts.ts";

const SAFELISTED: ReadonlySet<string> = new Set([
  "cache-control",
  "content-language",
  "content-length",
  "content-type",
  "expires",
  "last-modified",
  "pragma",
]);

/** Readable without `Access-Control-Expose-Headers`? `Date`, `ETag`, `Location`, `Server` and `Vary` are not. */
export function isCorsSafelistedResponseHeaderName(
  name: string,
  corsExposedHeaderNameList: readonly string[],
): boolean {
  const exposed = new Set(corsExposedHeaderNameList.map(byteLowercase));
  return isReadable(byteLowercase(name), exposed);
}

/** {@link isCorsSafelistedResponseHeaderName} of names that are lower-cased already. One look-up, however many names are exposed. */
export function isReadable(lowercasedName: string, exposed: ReadonlySet<string>): boolean {
  if (SAFELISTED.has(lowercasedName)) return true;
  return exposed.has(lowercasedName) && !isForbiddenResponseHeaderName(lowercasedName);
}

/**
 * A response's CORS-exposed header-name list, from its `Access-Control-Expose-Headers`.
 * `*` stands for all names unless credentials are included; then it is a name like any other.
 *
 * Choice: the standard assigns failure to the list; we expose nothing, as all engines do.
 *
 * @see https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list
 */
export function corsExposedHeaderNameList(
  headers: readonly Header[],
  credentialsMode: CredentialsMode,
): readonly string[] {
  const extracted = extractTokenList(headers, "Access-Control-Expose-Headers"); // Main fetch, step 14.1.1
  if (extracted.kind !== "list") return [];
  if (credentialsMode !== "include" && extracted.values.includes("*")) {
    return convertHeaderNamesToASortedLowercaseSet(headers.map(([name]) => name)); // Step 14.1.2
  }
  return extracted.values; // Step 14.1.3
}
