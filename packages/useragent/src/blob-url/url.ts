/**
 * `URL.createObjectURL` and `revokeObjectURL` of a page.
 *
 * @see https://w3c.github.io/FileAPI/#creating-revoking
 * @module
 */

import type { BlobLike, Environment } from "crossorigin/fetching";
import { defineLength, makeMembersEnumerable } from "../dom/interface.ts";
import { show, toUsvString } from "../byte-string.ts";
import { adoptBlob } from "../foreign-body.ts";
import type { BlobUrlStore } from "./blob-url-store.ts";

/** Node.js's `URL`, with `blob:` URLs of the page. */
export interface UrlConstructor {
  new (url: string | URL, base?: string | URL): URL;
  readonly prototype: URL;
  canParse(url: string | URL, base?: string | URL): boolean;
  parse(url: string | URL, base?: string | URL): URL | null;
  /** A URL that pages of the origin can fetch until it is revoked or this page is closed. Throws a `TypeError` for what is no `Blob`. */
  createObjectURL(this: void, blob: Blob): string;
  /** What is no URL of the page's origin is ignored without a word. */
  revokeObjectURL(this: void, url: string): void;
}

/** A page's own `URL`. Every URL is an instance of it, and its instances are URLs. */
export function createUrlClass(environment: Environment, store: BlobUrlStore): UrlConstructor {
  return class extends URL {
    static {
      Object.defineProperty(this, "name", { value: "URL" });
      defineLength(this, 1);
      makeMembersEnumerable(this, ["length", "name", "prototype"]);
    }

    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof URL;
    }

    static override createObjectURL(this: void, blob: Blob): string {
      const adopted: BlobLike | null = adoptBlob(blob);
      if (adopted === null) throw new TypeError(`URL.createObjectURL needs a Blob, not ${show(blob)}.`);
      return store.add(adopted, environment);
    }

    static override revokeObjectURL(this: void, url: string): void {
      const given = toUsvString(url, "The URL");
      if (URL.canParse(given)) store.remove(new URL(given).href, environment);
    }
  };
}
