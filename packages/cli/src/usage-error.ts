/**
 * A mistake of the person at the keyboard: one line, no stack trace.
 *
 * @module
 */

import { escapeFromWire } from "crossorigin/diagnose";

/** The message names the input, the reason and the way out. It is printed after `crossorigin: `, and the exit status is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** An input in quotation marks, fit for a terminal, cut after 100 characters. */
export function quoted(input: string): string {
  return `"${escapeFromWire(input, 100)}"`;
}

/** The message without its inputs, as each may hold a secret: from the first quotation mark to the last, since inputs can hold some. */
export function withoutQuotations(message: string): string {
  return message.replace(/".*"/s, (quotation) => `[redacted, ${quotation.length} characters]`);
}

/** What the operating system says about a file or a port, without its stack, its path and its system call. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a directory";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "EADDRINUSE") return "another program uses it";
  return typeof code === "string" ? code : "an unknown reason";
}
