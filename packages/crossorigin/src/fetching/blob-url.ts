/**
 * `blob:` URLs: names that a page gives to bytes it has.
 *
 * @see https://w3c.github.io/FileAPI/#url-model
 * @module
 */

import { isSameOrigin } from "../protocol/index.ts";
import { type Environment, networkPartitionKey } from "./environment.ts";

/** What a response needs of a blob, which never changes. Reading it may fail. */
export interface BlobLike {
  readonly size: number;
  /** Lower case; empty for none. */
  readonly type: string;
  slice(start: number, end: number, type: string): BlobLike;
  stream(): AsyncIterable<Uint8Array>;
}

/** @see https://w3c.github.io/FileAPI/#blob-url-entry */
export interface BlobUrlEntry {
  readonly blob: BlobLike;
  /** Of the page that made the URL. */
  readonly environment: Environment;
}

/** The `blob:` URLs of a user agent. @see https://w3c.github.io/FileAPI/#BlobURLStore */
export interface BlobUrlStore {
  /** The entry of a URL, whose fragment does not count; null if there is none any more. */
  resolve(url: URL): BlobUrlEntry | null;
}

/**
 * May the environment have the blob? Not if it is of another origin, or framed in another site.
 *
 * @see https://w3c.github.io/FileAPI/#check-for-same-partition-blob-url-usage
 */
export function isAuthorizedForBlobUrl({ environment: owner }: BlobUrlEntry, environment: Environment): boolean {
  return (
    isSameOrigin(owner.origin, environment.origin) && networkPartitionKey(owner) === networkPartitionKey(environment)
  );
}
