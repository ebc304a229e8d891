/**
 * What the command takes from its process, as one argument: tests pass their own.
 *
 * @module
 */

import type { Readable } from "node:stream";

/** Something to write text to. */
export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Columns of the terminal. */
  readonly columns?: number;
}

export interface Surroundings {
  readonly stdin: Readable;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the person interrupts the command. */
  readonly signal: AbortSignal;
}

/** Those of this process. */
export function surroundingsOfProcess(signal: AbortSignal): Surroundings {
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, signal };
}
