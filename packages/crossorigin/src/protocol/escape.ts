/**
 * The one place where text from the wire is made fit for a person or a terminal.
 *
 * @module
 */

/** Longer texts are cut in the middle of an explanation; in characters. */
export const MAX_SHOWN_LENGTH = 500;

/**
 * Prints ASCII as it is and everything else as `\xNN` or `\u{N}`: no control sequence, line break or bidirectional mark gets through.
 * Cuts after `maxLength` characters and says how many there were. Linear in the smaller of both lengths.
 */
export function escapeFromWire(text: string, maxLength: number = MAX_SHOWN_LENGTH): string {
  const shown = text.slice(0, maxLength).replace(/[^\x20-\x7e]/gu, escapeCharacter);
  return text.length > maxLength ? `${shown}… (${text.length} characters)` : shown;
}

/** A URL as it goes over the wire, without its fragment, escaped. */
export function shownUrl(url: string): string {
  return escapeFromWire(url.replace(/#.*$/s, ""));
}

function escapeCharacter(character: string): string {
  const codePoint = Number(character.codePointAt(0));
  if (codePoint <= 0xff) return `\\x${codePoint.toString(16).padStart(2, "0")}`;
  return `\\u{${codePoint.toString(16)}}`;
}
