/**
 * Which headers each filtered response shows.
 *
 * @see https://fetch.spec.whatwg.org/#concept-filtered-response
 * @module
 */

import { isReadable } from "./cors-exposed-header-names.ts";
import { isForbiddenResponseHeaderName } from "./forbidden-header.ts";
import type { Header, HeaderList } from "./header-list.ts";
import { byteLowercase } from "./header-value.ts";

/** All but `Set-Cookie` and `Set-Cookie2`. @see https://fetch.spec.whatwg.org/#concept-filtered-response-basic */
export function basicFilteredHeaders(headers: readonly Header[]): HeaderList {
  return headers.filter(([name]) => !isForbiddenResponseHeaderName(name));
}

/** The safelisted and the exposed. `Set-Cookie` never, even if exposed. @see https://fetch.spec.whatwg.org/#concept-filtered-response-cors */
export function corsFilteredHeaders(
  headers: readonly Header[],
  corsExposedHeaderNameList: readonly string[],
): HeaderList {
  const exposed = new Set(corsExposedHeaderNameList.map(byteLowercase));
  return headers.filter(([name]) => isReadable(byteLowercase(name), exposed));
}
