/** Runs the command in this process with streams of its own. */

import { Readable } from "node:stream";
import { run } from "../src/run.ts";

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly stdin?: string | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Hears what is written to standard output. */
  readonly onOutput?: (text: string) => void;
}

export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const written = { stdout: "", stderr: "" };
  const output = (name: "stdout" | "stderr") => ({
    isTTY: options.isTTY ?? false,
    columns: options.columns ?? 80,
    write: (text: string): void => {
      written[name] += text;
      if (name === "stdout") options.onOutput?.(text);
    },
  });
  const { stdin = "" } = options;
  const status = await run(args, {
    stdin: typeof stdin === "string" ? Readable.from([Buffer.from(stdin)]) : stdin,
    stdout: output("stdout"),
    stderr: output("stderr"),
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
  });
  return { status, ...written };
}
