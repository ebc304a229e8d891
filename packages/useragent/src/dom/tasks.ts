/**
 * Timers and tasks, taken while they are Node.js's own: code under test may have its globals replaced.
 *
 * @module
 */

import type * as Timers from "node:timers";

const timers: typeof Timers = process.getBuiltinModule("node:timers");
export const setTimeout: typeof Timers.setTimeout = timers.setTimeout;
export const clearTimeout: typeof Timers.clearTimeout = timers.clearTimeout;

const { setImmediate } = timers;

/** Runs `step` in a task of its own, after those queued before. */
export function queueTask(step: () => void): void {
  setImmediate(step);
}

/** Resolves in a task of its own. */
export async function nextTask(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve));
}
