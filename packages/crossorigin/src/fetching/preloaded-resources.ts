/**
 * What a page has preloaded, and which of its requests gets it.
 *
 * @see https://html.spec.whatwg.org/multipage/links.html#map-of-preloaded-resources
 * @module
 */

import { isHttpScheme } from "../protocol/index.ts";
import { isSameIntegrity } from "./integrity.ts";
import type { Request } from "./request.ts";
import type { FilteredResponse, NetworkError } from "./response.ts";

/** @see https://html.spec.whatwg.org/multipage/links.html#preload-entry */
export interface PreloadEntry {
  readonly integrityMetadata: string;
  /** With all of its body in memory. Never rejects; a preload that is under way is waited for. */
  readonly response: Promise<FilteredResponse | NetworkError>;
}

/** What a request must have in common with a preload. @see https://html.spec.whatwg.org/multipage/links.html#preload-key */
export function preloadKey({ urlList, destination, mode, credentialsMode }: Request): string {
  return [mode, credentialsMode, destination, urlList[0].href].join(" ");
}

/** Of one page. Each entry serves once; what nobody asks for stays until {@link PreloadedResources.clear}. */
export class PreloadedResources {
  readonly #entries = new Map<string, PreloadEntry>();

  /** Takes the place of an earlier entry with this key, which is that of the preload's request before it is fetched. */
  store(key: string, entry: PreloadEntry): void {
    this.#entries.set(key, entry);
  }

  /**
   * The response for `request`, which is not in the map any more then; null if there is none for it.
   *
   * @see https://fetch.spec.whatwg.org/#concept-fetch
   * @see https://html.spec.whatwg.org/multipage/links.html#consume-a-preloaded-resource
   */
  consume(request: Request): PreloadEntry["response"] | null {
    if (this.#entries.size === 0 || !isPreloadable(request)) return null;
    const key = preloadKey(request); // Step 1
    const entry = this.#entries.get(key); // Step 4
    if (entry === undefined) return null; // Step 3
    if (!isSameIntegrity(request.integrityMetadata, entry.integrityMetadata)) return null; // Steps 5 to 7
    this.#entries.delete(key); // Step 8
    return entry.response; // Steps 9 and 10
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Fetch, step 10. Every environment here is that of a window. */
function isPreloadable({ urlList, mode, method, unsafeRequest, headers }: Request): boolean {
  if (!isHttpScheme(urlList[0]) || (mode !== "same-origin" && mode !== "cors" && mode !== "no-cors")) return false;
  return method === "GET" && (!unsafeRequest || headers.length === 0);
}
