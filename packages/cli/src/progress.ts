/**
 * What is being waited for, on a terminal only, and gone when the answer is printed.
 *
 * @module
 */

import type { TextOutput } from "./surroundings.ts";

export interface Progress {
  /** Shows another text from now on. */
  say(text: string): void;
  /** Takes it off the screen, for good. */
  end(): void;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const FRAME_MILLISECONDS = 100;
/** An answer that comes sooner needs no progress. */
const DELAY_MILLISECONDS = 200;
const CLEAR_LINE = "\r\u{1b}[K";

/** A line that is longer would not be cleared as a whole. A terminal that does not know its width says 0. */
function columnsOf({ columns = 0 }: TextOutput): number {
  return columns > 0 ? columns : 80;
}

/** Writes to `output`, which should be standard error. Silent if that is no terminal. */
export function startProgress(output: TextOutput, text: string): Progress {
  if (output.isTTY !== true) return { say: () => {}, end: () => {} };
  const startedAt = performance.now();
  let shown = text;
  let frame = 0;
  const draw = (): void => {
    const waited = performance.now() - startedAt;
    if (waited < DELAY_MILLISECONDS) return;
    const line = `${FRAMES[frame++ % FRAMES.length] ?? ""} ${shown} (${Math.floor(waited / 1000)} s)`;
    output.write(CLEAR_LINE + line.slice(0, columnsOf(output) - 1));
  };
  const timer = setInterval(draw, FRAME_MILLISECONDS);
  return {
    say: (next) => {
      shown = next;
    },
    end: () => {
      clearInterval(timer);
      output.write(CLEAR_LINE);
    },
  };
}
