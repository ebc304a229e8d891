/**
 * Keeping the answers of a function that decides on origins.
 *
 * @module
 */

import type { DecisionRequest, OriginLookup } from "../policy/index.ts";
import { inTime } from "./in-time.ts";

export interface CachedOriginLookupOptions {
  /** How long an answer is kept, granted or not. */
  readonly timeToLiveMilliseconds: number;
  /** The answers used longest ago go first; as many may be on the way, and more fail. Default: 10 000. */
  readonly maxEntries?: number;
  /** How long the function may take; then the grant is withheld, and the next request asks again. Default: 5000. */
  readonly timeLimitMilliseconds?: number;
  /** Default: the platform's `performance`. */
  readonly clock?: { now(): number };
}

interface Entry {
  readonly isGranted: boolean;
  readonly expires: number;
}

export interface CachedOriginLookup {
  (origin: string, request: DecisionRequest): boolean | Promise<boolean>;
  /** Forgets the answer for one origin, or all answers; answers on the way are not kept either. */
  readonly forget: (origin?: string) => void;
}

/**
 * Asks `lookup` once for each origin and keeps the answer. Requests that come while the answer is on the way wait for the same one. A failure is
 * kept by nobody: the next request asks again. The answer must not depend on anything but the origin.
 *
 * @throws RangeError for a time or a number that is no positive one
 */
export function cachedOriginLookup(lookup: OriginLookup, options: CachedOriginLookupOptions): CachedOriginLookup {
  const { timeToLiveMilliseconds, maxEntries = 10_000, timeLimitMilliseconds = 5000, clock = performance } = options;
  if (!(timeToLiveMilliseconds > 0))
    throw new RangeError(`timeToLiveMilliseconds has to be above 0, not ${timeToLiveMilliseconds}.`);
  if (!(timeLimitMilliseconds > 0))
    throw new RangeError(`timeLimitMilliseconds has to be above 0, not ${timeLimitMilliseconds}.`);
  if (!Number.isInteger(maxEntries) || maxEntries < 1)
    throw new RangeError(`maxEntries has to be a whole number above 0, not ${maxEntries}.`);
  const entries = new Map<string, Entry>();
  const flights = new Map<string, Promise<boolean>>();

  const keep = (origin: string, isGranted: boolean): boolean => {
    entries.delete(origin);
    entries.set(origin, { isGranted, expires: clock.now() + timeToLiveMilliseconds });
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break;
      entries.delete(oldest);
    }
    return isGranted;
  };

  const ask = (origin: string, request: DecisionRequest): boolean | Promise<boolean> => {
    // Attack: strangers' origins are as many as they like, and each may take its time.
    if (flights.size >= maxEntries) throw new Error(`More than ${maxEntries} origins are looked up at the same time.`);
    const answer = lookup(origin, request);
    if (typeof answer === "boolean") return keep(origin, answer);
    const flight: Promise<boolean> = inTime(answer, timeLimitMilliseconds).then(
      (isGranted) => {
        // Forgotten meanwhile: the answer may be out of date.
        if (flights.get(origin) !== flight) return isGranted;
        flights.delete(origin);
        return typeof isGranted === "boolean" ? keep(origin, isGranted) : isGranted;
      },
      (error: unknown) => {
        if (flights.get(origin) === flight) flights.delete(origin);
        throw error;
      },
    );
    flights.set(origin, flight);
    return flight;
  };

  const cached = (origin: string, request: DecisionRequest): boolean | Promise<boolean> => {
    const entry = entries.get(origin);
    if (entry === undefined || entry.expires <= clock.now()) return flights.get(origin) ?? ask(origin, request);
    // The youngest comes last.
    entries.delete(origin);
    entries.set(origin, entry);
    return entry.isGranted;
  };
  const forget = (origin?: string): void => {
    for (const map of [entries, flights]) {
      if (origin === undefined) map.clear();
      else map.delete(origin);
    }
  };
  return Object.assign(cached, { forget });
}
