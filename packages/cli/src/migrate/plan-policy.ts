/**
 * The nearest policy that can be built: what the old configuration says, mended until `parsePolicy` accepts it.
 *
 * @module
 */

import { type PolicyConfig, type PolicyIssueCode, createPolicy, parsePolicy } from "crossorigin";
import type { OldCors, OldNames } from "./old-cors.ts";
import { readRegExp } from "./regexp-patterns.ts";

/** Stands where only a person can know the origins. Names under `.example` belong to nobody. */
export const PLACEHOLDER_ORIGIN = "https://replace-me.example";

/** What had to be spelled otherwise or left out. */
export interface Change {
  readonly field: string;
  readonly received: unknown;
  /** Null if it was left out. */
  readonly replacedBy: string | number | null;
  readonly code: PolicyIssueCode;
}

export interface Plan {
  /** Null if nothing was granted: then there is nothing to migrate. */
  readonly config: PolicyConfig | null;
  readonly changes: readonly Change[];
  /** Must somebody write the origins by hand? */
  readonly hasPlaceholder: boolean;
  /** Expressions of which no pattern could be made. */
  readonly unreadableRegExps: readonly RegExp[];
}

type Draft = Record<string, unknown>;

/** Never throws; what comes out parses. */
export function planPolicy(old: OldCors): Plan {
  if (old.origin.kind === "off") return { config: null, changes: [], hasPlaceholder: false, unreadableRegExps: [] };
  if (old.isDelegated)
    return { config: { origins: [PLACEHOLDER_ORIGIN] }, changes: [], hasPlaceholder: true, unreadableRegExps: [] };
  const unreadableRegExps: RegExp[] = [];
  const draft: Draft = { origins: draftOrigins(old, unreadableRegExps) };
  // `*` with credentials never worked with credentials.
  if (old.credentials === "yes" && old.origin.kind !== "star") draft["credentials"] = true;
  put(draft, "methods", draftMethods(old.methods));
  put(draft, "requestHeaders", draftRequestHeaders(old.requestHeaders));
  put(draft, "exposedHeaders", draftNames(old.exposedHeaders));
  put(draft, "maxAgeSeconds", draftMaxAge(old));
  const changes = mend(draft);
  const origins = draft["origins"];
  const hasPlaceholder = Array.isArray(origins) && origins.length === 0;
  if (hasPlaceholder) draft["origins"] = [PLACEHOLDER_ORIGIN];
  dropEmptyLists(draft);
  // Parsed once more, so that nothing else can come out; its JSON has the fields in their order.
  const config = createPolicy(draft as unknown as PolicyConfig).toJSON();
  return { config, changes, hasPlaceholder, unreadableRegExps };
}

function put(draft: Draft, name: string, value: unknown): void {
  if (value !== undefined) draft[name] = value;
}

function draftOrigins({ origin, credentials }: OldCors, unreadable: RegExp[]): "*" | string[] {
  if (origin.kind === "star") return "*";
  if (origin.kind === "any") return credentials === "no" ? "*" : [];
  if (origin.kind === "fixed") return [...new Set(origin.values)];
  if (origin.kind !== "list") return [];
  const origins = origin.items.flatMap((item) => {
    if (item.kind === "exact") return item.value;
    const { patterns } = readRegExp(item.regexp);
    if (patterns.length === 0) unreadable.push(item.regexp);
    return patterns;
  });
  return [...new Set(origins)];
}

const SAFELISTED_METHODS = ["GET", "HEAD", "POST"];

function draftMethods(methods: OldNames): "*" | string[] | undefined {
  const names = draftNames(methods);
  return Array.isArray(names) ? names.filter((name) => !SAFELISTED_METHODS.includes(name)) : names;
}

function draftNames(names: OldNames): "*" | string[] | undefined {
  if (names.kind !== "names") return undefined;
  return names.names.includes("*") ? "*" : [...new Set(names.names)];
}

/** Whoever reflected what was asked for granted `Authorization`, too. */
function draftRequestHeaders(names: OldNames): "*" | string[] | undefined {
  if (names.kind === "reflected") return ["*", "authorization"];
  if (names.kind !== "names" || !names.names.includes("*")) return draftNames(names);
  return names.names.some((name) => name.toLowerCase() === "authorization") ? ["*", "authorization"] : "*";
}

/** A number where the text is one; anything else is left to the policy to refuse. */
function draftMaxAge({ maxAge, dropsZeroMaxAge }: OldCors): number | string | undefined {
  if (dropsZeroMaxAge) return 0;
  if (maxAge === null) return undefined;
  return /^(?:0|[1-9][0-9]{0,14})$/.test(maxAge) ? Number(maxAge) : maxAge;
}

/** Refusals that a corrected spelling answers. Another scheme, or a port more, would be another origin. */
const SPELLING_CODES: ReadonlySet<PolicyIssueCode> = new Set([
  "policy/origin-trailing-slash",
  "policy/origin-with-path",
  "policy/origin-upper-case",
  "policy/origin-default-port",
  "policy/origin-missing-scheme",
  "policy/origin-userinfo",
  "policy/origin-not-canonical",
  "policy/method-case",
]);

/** Rounds of mending; a correction can be refused in its turn. */
const MAX_ROUNDS = 4;

/** Corrects or removes what the policy refuses, until nothing is left to refuse. */
function mend(draft: Draft): Change[] {
  const changes: Change[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const parsed = parsePolicy(draft);
    if (parsed.ok) return changes;
    const isLast = round === MAX_ROUNDS - 1;
    const removed = new Map<string, Set<number>>();
    for (const { code, path, received, suggestion } of parsed.issues) {
      const [field, index] = path;
      if (typeof field !== "string" || code === "policy/empty") continue;
      const list = draft[field];
      const change = { field, received, code };
      if (typeof index !== "number" || !Array.isArray(list)) {
        const isTooLong =
          code === "policy/max-age-invalid" && typeof received === "number" && typeof suggestion === "number";
        changes.push({ ...change, replacedBy: isTooLong ? suggestion : null });
        if (isTooLong) draft[field] = suggestion;
        else delete draft[field];
      } else if (!isLast && SPELLING_CODES.has(code) && typeof suggestion === "string") {
        changes.push({ ...change, replacedBy: suggestion });
        list[index] = suggestion;
      } else {
        if (code !== "policy/duplicate") changes.push({ ...change, replacedBy: null });
        removed.set(field, (removed.get(field) ?? new Set()).add(index));
      }
    }
    for (const [field, indices] of removed) {
      const list = draft[field];
      if (Array.isArray(list)) draft[field] = list.filter((_, index) => !indices.has(index));
    }
    if (isEmptyList(draft["origins"]) && round > 0) return changes;
  }
  return changes;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function dropEmptyLists(draft: Draft): void {
  for (const name of ["methods", "requestHeaders", "exposedHeaders"]) if (isEmptyList(draft[name])) delete draft[name];
}
