/**
 * Refusing options that do not exist, so that a misspelled one is not ignored.
 *
 * @module
 */

import { show } from "./byte-string.ts";

/** Throws a `TypeError` for the first own key of `options` that is not in `names`, with the name that was meant if one is near. */
export function refuseUnknownOptions(options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    const question = near === null ? "" : ` Did you mean ${near}?`;
    throw new TypeError(`There is no option ${show(name)}: the options are ${names.join(", ")}.${question}`);
  }
}

/** The name with the fewest edits; null if it takes more than a third of its letters. Longer words than any name are not looked at. */
function nearestName(word: string, names: readonly string[]): string | null {
  const longest = Math.max(...names.map(({ length }) => length));
  if (word.length > longest * 2) return null;
  const lower = word.toLowerCase();
  const [best] = names
    .map((name) => ({ name, distance: editDistance(lower, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)) || isAbbreviation(lower, name))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.name ?? null;
}

/** `timeout` for `timeoutMilliseconds`. */
function isAbbreviation(lower: string, name: string): boolean {
  return lower.length >= 3 && name.toLowerCase().startsWith(lower);
}

/** Insertions, deletions, replacements, and letters that changed places. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + cost,
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}
