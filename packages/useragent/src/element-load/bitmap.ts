/**
 * What a canvas knows of the images and videos that a page has loaded: never shown to page code.
 *
 * @see https://html.spec.whatwg.org/multipage/canvas.html#the-image-argument-is-not-origin-clean
 * @module
 */

import type { LoadElement } from "./element-settings.ts";

export interface Bitmap {
  readonly state: "complete" | "broken";
  /** False for what came by an opaque response, even if its last URL was the page's own. */
  readonly isOriginClean: boolean;
  /** What the embedder's decoder made; null without one, and for videos. */
  readonly picture: object | null;
}

const bitmaps = new WeakMap<object, Bitmap>();

const DRAWABLE: ReadonlySet<LoadElement> = new Set(["img", "svg-image", "video"]);

/** Only images, those in SVG too, and videos can be drawn. */
export function rememberBitmap(handle: object, element: LoadElement, bitmap: Bitmap): void {
  if (DRAWABLE.has(element)) bitmaps.set(handle, bitmap);
}

/** Undefined for what did not come from a load. */
export function bitmapOf(value: object): Bitmap | undefined {
  return bitmaps.get(value);
}
