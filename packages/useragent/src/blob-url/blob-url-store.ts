/**
 * The blob URL store of a user agent: what its pages have made URLs of.
 *
 * @see https://w3c.github.io/FileAPI/#BlobURLStore
 * @module
 */

import {
  type BlobLike,
  type BlobUrlEntry,
  type Environment,
  type BlobUrlStore as FetchBlobUrlStore,
  isAuthorizedForBlobUrl,
} from "crossorigin/fetching";
import { serializeOrigin } from "crossorigin/protocol";

export class BlobUrlStore implements FetchBlobUrlStore {
  /** By URL without fragment. */
  readonly #entries = new Map<string, BlobUrlEntry>();

  /** A new URL for the blob, which is kept until the URL is revoked or the page closed. @see https://w3c.github.io/FileAPI/#add-an-entry */
  add(blob: BlobLike, environment: Environment): string {
    const { randomUUID } = process.getBuiltinModule("node:crypto");
    const url = `blob:${serializeOrigin(environment.origin)}/${randomUUID()}`;
    this.#entries.set(url, { blob, environment });
    return url;
  }

  /** URLs of other pages stay, and so does one that is given with a fragment. @see https://w3c.github.io/FileAPI/#dfn-revokeObjectURL */
  remove(url: string, environment: Environment): void {
    const entry = this.#entries.get(url);
    if (entry !== undefined && isAuthorizedForBlobUrl(entry, environment)) this.#entries.delete(url);
  }

  /** For a page that is closed. @see https://w3c.github.io/FileAPI/#lifeTime */
  removeAllOf(environment: Environment): void {
    for (const [url, entry] of this.#entries) if (entry.environment === environment) this.#entries.delete(url);
  }

  resolve(url: URL): BlobUrlEntry | null {
    return this.#entries.get(url.href.replace(/#.*$/s, "")) ?? null;
  }
}
