/**
 * The clock of a user agent: what time it is, and what is to happen later.
 *
 * @module
 */

import type { Clock } from "crossorigin/protocol";
import { clearTimeout, setTimeout } from "./dom/tasks.ts";

export interface UserAgentClock extends Clock {
  /** Calls `step` once, after so many milliseconds, and returns what takes that back. */
  schedule(step: () => void, milliseconds: number): () => void;
}

/** Longer delays overflow a timer. */
const MAX_DELAY_MILLISECONDS = 2_147_483_647;

/** The machine's timers, as they were when this was loaded. */
export function scheduleByTimer(step: () => void, milliseconds: number): () => void {
  const timer = setTimeout(step, Math.min(Math.max(milliseconds, 0), MAX_DELAY_MILLISECONDS));
  return () => clearTimeout(timer);
}
