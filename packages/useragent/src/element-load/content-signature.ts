/**
 * Signatures of images, fonts, media and text tracks: what stands in for the decoders that a browser has.
 *
 * @see https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
 * @module
 */

import { isomorphicDecode } from "../byte-string.ts";

/** No signature needs more bytes. */
export const SIGNATURE_BYTES = 512;

/** Bytes as latin-1 text, each at its offset; all of them must be there. */
type Signature = readonly (readonly [offset: number, bytes: string])[];

const IMAGES: readonly Signature[] = [
  [[0, "\u0000\u0000\u0001\u0000"]],
  [[0, "\u0000\u0000\u0002\u0000"]],
  [[0, "BM"]],
  [[0, "GIF87a"]],
  [[0, "GIF89a"]],
  [
    [0, "RIFF"],
    [8, "WEBPVP"],
  ],
  [[0, "\u0089PNG\r\n\u001A\n"]],
  [[0, "\u00FF\u00D8\u00FF"]],
  [[4, "ftypavif"]],
  [[4, "ftypavis"]],
  [[4, "ftypmif1"]],
];

const SVG = /^(?:\u00ef\u00bb\u00bf)?\s*<(?:svg|!|\?xml)/i;

const FONTS: readonly Signature[] = ["\u0000\u0001\u0000\u0000", "OTTO", "true", "ttcf", "wOFF", "wOF2"].map(
  (bytes): Signature => [[0, bytes]],
);

const MEDIA: readonly Signature[] = [
  [[4, "ftyp"]],
  [[0, "\u001A\u0045\u00DF\u00A3"]],
  [[0, "OggS\u0000"]],
  [[0, "fLaC"]],
  [[0, "ID3"]],
  [
    [0, "RIFF"],
    [8, "WAVE"],
  ],
  [
    [0, "RIFF"],
    [8, "AVI "],
  ],
  [
    [0, "FORM"],
    [8, "AIFF"],
  ],
  [[0, "MThd\u0000\u0000\u0000\u0006"]],
];

/** A frame of MPEG audio, without a tag before it. */
const MPEG_FRAME = /^\u00ff[\u00e0-\u00ff]/;

const TEXT_TRACK = /^(?:\u00ef\u00bb\u00bf)?WEBVTT(?:[\t\n\r ]|$)/;

/** SVG is the one image that its MIME type tells. */
export function isImage(bytes: Uint8Array, essence: string | null): boolean {
  const head = headOf(bytes);
  return matchesAny(IMAGES, head) || (essence === "image/svg+xml" && SVG.test(head));
}

/** @see https://mimesniff.spec.whatwg.org/#matching-a-font-type-pattern */
export function isFont(bytes: Uint8Array): boolean {
  return matchesAny(FONTS, headOf(bytes));
}

/** @see https://mimesniff.spec.whatwg.org/#matching-an-audio-or-video-type-pattern */
export function isMedia(bytes: Uint8Array): boolean {
  const head = headOf(bytes);
  return matchesAny(MEDIA, head) || MPEG_FRAME.test(head);
}

/** @see https://w3c.github.io/webvtt/#webvtt-parser-algorithm */
export function isTextTrack(bytes: Uint8Array): boolean {
  return TEXT_TRACK.test(headOf(bytes));
}

function matchesAny(signatures: readonly Signature[], head: string): boolean {
  return signatures.some((parts) => parts.every(([offset, bytes]) => head.startsWith(bytes, offset)));
}

function headOf(bytes: Uint8Array): string {
  return isomorphicDecode(bytes.subarray(0, SIGNATURE_BYTES));
}
