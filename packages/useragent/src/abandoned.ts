/**
 * Bodies that nobody holds any more.
 *
 * Attack: a body that nobody reads must not hold its socket for ever; when it is collected, it is let go.
 *
 * @module
 */

import { queueTask } from "./dom/tasks.ts";

/** A body or a stream, until the registry knows it or nobody has to; and whether the registry does. */
interface Watched {
  target: object | null;
  readonly release: () => void;
  isRegistered: boolean;
}

const registry = new FinalizationRegistry<() => void>((release) => release());

/** What came in this task. */
let recent: Watched[] = [];

/**
 * Calls `release` when `target` is collected. It must not refer to it. Returns what ends the watch.
 *
 * A registry is costly: what it knows survives every small garbage collection. Most bodies are read at once, so that only
 * those that are not, by the next task, get into it.
 */
export function watchForAbandonment(target: object, release: () => void): () => void {
  const watched: Watched = { target, release, isRegistered: false };
  if (recent.length === 0) queueTask(registerRecent);
  recent.push(watched);
  return () => {
    watched.target = null;
    if (watched.isRegistered) registry.unregister(watched);
  };
}

function registerRecent(): void {
  const unregistered = recent;
  recent = [];
  for (const watched of unregistered) {
    if (watched.target === null) continue;
    registry.register(watched.target, watched.release, watched);
    watched.isRegistered = true;
    watched.target = null;
  }
}
