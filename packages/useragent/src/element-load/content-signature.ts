/**
 * Signatures of images, fonts, media and text tracks: what stands in for the decoders that a browser has.
 *
 * @see https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
 * @module
 */

import {
  type MimeTypePattern,
  PATTERN_BYTES,
  isImageTypePattern,
  isMediaTypePattern,
  matchesMimeTypePattern,
} from "crossorigin/protocol";
import { isomorphicDecode } from "../byte-string.ts";

/** No signature needs more bytes. */
export const SIGNATURE_BYTES: number = PATTERN_BYTES;

const SVG = /^(?:\u00ef\u00bb\u00bf)?\s*<(?:svg|!|\?xml)/i;

const FONTS: readonly MimeTypePattern[] = ["\u0000\u0001\u0000\u0000", "OTTO", "true", "ttcf", "wOFF", "wOF2"].map(
  (bytes): MimeTypePattern => [[0, bytes]],
);

const TEXT_TRACK = /^(?:\u00ef\u00bb\u00bf)?WEBVTT(?:[\t\n\r ]|$)/;

/** SVG is the one image that its MIME type tells. */
export function isImage(bytes: Uint8Array, essence: string | null): boolean {
  const head = headOf(bytes);
  return isImageTypePattern(head) || (essence === "image/svg+xml" && SVG.test(head));
}

/** @see https://mimesniff.spec.whatwg.org/#matching-a-font-type-pattern */
export function isFont(bytes: Uint8Array): boolean {
  return matchesMimeTypePattern(FONTS, headOf(bytes));
}

/** @see https://mimesniff.spec.whatwg.org/#matching-an-audio-or-video-type-pattern */
export function isMedia(bytes: Uint8Array): boolean {
  return isMediaTypePattern(headOf(bytes));
}

/** @see https://w3c.github.io/webvtt/#webvtt-parser-algorithm */
export function isTextTrack(bytes: Uint8Array): boolean {
  return TEXT_TRACK.test(headOf(bytes));
}

function headOf(bytes: Uint8Array): string {
  return isomorphicDecode(bytes.subarray(0, SIGNATURE_BYTES));
}
