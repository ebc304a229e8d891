/**
 * The encoding of forms: what stands before and after the value of each entry.
 *
 * @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
 * @module
 */

/** A file of an entry, and what of it the encoding shows. */
export interface FormFile {
  readonly name: string;
  /** Empty if there is none. */
  readonly type: string;
}

/** What no value holds, as nobody can guess it. */
export function createBoundary(): string {
  return `----formdata-${process.getBuiltinModule("node:crypto").randomUUID()}`;
}

/** All that comes before a file's bytes, which a line break follows. */
export function fileHead(boundary: string, entryName: string, { name, type }: FormFile): string {
  const disposition = `${dispositionOf(boundary, entryName)}; filename="${escapeName(name)}"`;
  return `${disposition}\r\nContent-Type: ${type || "application/octet-stream"}\r\n\r\n`;
}

/** A whole entry that is no file. */
export function textEntry(boundary: string, entryName: string, value: string): string {
  return `${dispositionOf(boundary, entryName)}\r\n\r\n${withCrlf(value)}\r\n`;
}

function dispositionOf(boundary: string, entryName: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(withCrlf(entryName))}"`;
}

function withCrlf(value: string): string {
  return value.replaceAll(/\r\n?|\n/g, "\r\n");
}

function escapeName(value: string): string {
  return value.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll('"', "%22");
}
