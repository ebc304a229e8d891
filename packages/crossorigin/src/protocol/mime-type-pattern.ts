/**
 * MIME type patterns: what the first bytes of images and of media tell.
 *
 * @see https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern
 * @module
 */

/** No pattern needs more bytes. */
export const PATTERN_BYTES = 512;

/** Bytes as latin-1 text, each at its offset; all of them must be there. */
export type MimeTypePattern = readonly (readonly [offset: number, bytes: string])[];

const IMAGES: readonly MimeTypePattern[] = [
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

const MEDIA: readonly MimeTypePattern[] = [
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

/** Does `head`, bytes as latin-1 text, begin as one of the patterns does? */
export function matchesMimeTypePattern(patterns: readonly MimeTypePattern[], head: string): boolean {
  return patterns.some((parts) => parts.every(([offset, bytes]) => head.startsWith(bytes, offset)));
}

/** Choice: AVIF and HEIF, too, which browsers know by their bytes. @see https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern */
export function isImageTypePattern(head: string): boolean {
  return matchesMimeTypePattern(IMAGES, head);
}

/** Choice: FLAC, too, and MPEG audio by two bytes of a frame. @see https://mimesniff.spec.whatwg.org/#matching-an-audio-or-video-type-pattern */
export function isMediaTypePattern(head: string): boolean {
  return matchesMimeTypePattern(MEDIA, head) || MPEG_FRAME.test(head);
}
