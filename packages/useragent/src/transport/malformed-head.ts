/**
 * What is wrong with the head of a response that the parser refused; its own words name a rule, not the line.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-message-format
 * @module
 */

const STATUS_LINE = /^HTTP\/1\.[01] [1-9][0-9]{2}(?: |$)/;
const FIELD_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\0\n\r]*$/;
/** What may still become one, or the end of the head. */
const BEGUN_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*(?::[^\0\n\r]*)?\r?$/;
/** The parser counts in 64 bits. */
const MAX_CONTENT_LENGTH = 2 ** 64 - 1;
const MAX_SHOWN_LENGTH = 120;

/** The fault in the first bytes of an answer, as it came; null if none is seen in them. */
export function faultInHead(bytes: Buffer): string | null {
  const text = bytes.toString("latin1");
  const [head = ""] = text.split("\r\n\r\n", 1);
  const [statusLine = "", ...lines] = head.split("\r\n");
  if (!STATUS_LINE.test(statusLine)) return `the status line is ${quoted(statusLine)}`;
  const isWhole = head.length < text.length;
  const bad = lines.find((line, index) => !(isWhole || index < lines.length - 1 ? FIELD_LINE : BEGUN_LINE).test(line));
  return bad === undefined ? faultInFraming(lines) : `the header line ${quoted(bad)} is none`;
}

/**
 * Deviation: the parser refuses a Content-Length that is repeated, also with equal values, and one beside Transfer-Encoding.
 * RFC 9112 lets a client take equal values for one, and read by Transfer-Encoding where both are there.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length
 */
function faultInFraming(lines: readonly string[]): string | null {
  const lengths = valuesOf(lines, "content-length");
  const [length] = lengths;
  const [coding] = valuesOf(lines, "transfer-encoding");
  if (length === undefined) return null;
  if (lengths.length > 1) return `Content-Length is there ${lengths.length} times: ${lengths.map(quoted).join(", ")}`;
  if (length.includes(",")) return `Content-Length is a list: ${quoted(length)}`;
  if (!/^[0-9]+$/.test(length) || Number(length) > MAX_CONTENT_LENGTH) return `Content-Length is ${quoted(length)}`;
  return coding === undefined ? null : `Content-Length: ${length} stands beside Transfer-Encoding: ${coding}`;
}

function valuesOf(lines: readonly string[], name: string): string[] {
  return lines
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

function quoted(text: string): string {
  return `"${text.slice(0, MAX_SHOWN_LENGTH)}"`;
}
