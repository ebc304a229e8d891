/**
 * The fields of a policy for a person: what each wants, and which one is meant by a name that is none.
 *
 * @module
 */

import type { AnyOriginConfig, ListedOriginsConfig, ReflectedOriginsConfig } from "crossorigin";

type PolicyField = keyof AnyOriginConfig | keyof ListedOriginsConfig | keyof ReflectedOriginsConfig;

const BOOLEAN = "true or false";

const WANTED: Readonly<Record<PolicyField, string> & Record<string, string>> = {
  origins: '"*" or a list of strings',
  credentials: BOOLEAN,
  methods: '"*" or a list of strings',
  requestHeaders: '"*" or a list of strings',
  exposedHeaders: '"*" or a list of strings',
  maxAgeSeconds: "a whole number",
  preflightAnswer: '"full" or "requested"',
  exposeTiming: BOOLEAN,
  crossOriginResourcePolicy: '"same-origin", "same-site" or "cross-origin"',
  dangerouslyAllowNullOrigin: BOOLEAN,
  dangerouslyAllowInsecureOrigins: BOOLEAN,
  dangerouslyAllowPublicSuffixWildcards: BOOLEAN,
  dangerouslyAllowPrivateNetwork: BOOLEAN,
  dangerouslyReflectAnyOrigin: BOOLEAN,
};

/** The type that a place in a policy wants; null for a place that is none. */
export function wantedType([field, index]: readonly (string | number)[]): string | null {
  if (typeof index === "number") return "a string";
  return (typeof field === "string" && Object.hasOwn(WANTED, field) ? WANTED[field] : null) ?? null;
}

/** The field whose name differs by a typing error or two; null if there is none. */
export function nearestField(name: string): string | null {
  const near = Object.keys(WANTED)
    .map((field) => ({ field, edits: editDistance(name.slice(0, 64).toLowerCase(), field.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits)[0];
  return near !== undefined && near.edits <= Math.max(2, near.field.length / 5) ? near.field : null;
}

/** Letters to insert, take out or replace. Quadratic: both are short. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
