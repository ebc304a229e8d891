/**
 * `Vary`, added to and never overwritten.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-vary
 * @module
 */

/** `existing` (lines joined, empty for none) with the names of `added` that it lacks; `*` says it all already. */
export function mergedVary(existing: string, added: string): string {
  if (existing === "") return added;
  const names = existing.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*")) return existing;
  const missing = added.split(", ").filter((name) => !names.includes(name.toLowerCase()));
  return [existing, ...missing].join(", ");
}
