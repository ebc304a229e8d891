/**
 * What was dangerous, or never worked, in the old configuration.
 *
 * @module
 */

import type { PolicyIssueCode } from "crossorigin";
import { lookalikes, matches } from "./granted-origins.ts";
import { LIBRARY_NAMES, type OldCors, type OriginItem } from "./old-cors.ts";
import type { Change, Plan } from "./plan-policy.ts";
import { readRegExp } from "./regexp-patterns.ts";
import { tryRegExp, wasTooSlow } from "./try-regexp.ts";

export const DANGER_IDS = [
  "danger/any-origin-with-credentials",
  "danger/star-with-credentials",
  "danger/function-in-list",
  "danger/regexp-matches-any-origin",
  "danger/regexp-unanchored",
  "danger/regexp-dot-unescaped",
  "danger/regexp-stateful",
  "danger/regexp-slow",
  "danger/null-origin",
  "danger/insecure-origin-with-credentials",
  "danger/public-suffix-wildcard",
  "danger/origin-never-matches",
  "danger/method-never-matches",
  "danger/star-headers-without-authorization",
  "danger/exposes-everything",
  "danger/name-invalid",
  "danger/max-age-invalid",
  "danger/option-ignored",
  "danger/option-undefined",
] as const;

type DangerId = (typeof DANGER_IDS)[number];

export interface Danger {
  readonly id: DangerId;
  readonly text: string;
}

/** In the order of {@link DANGER_IDS}. */
export function findDangers(old: OldCors, plan: Plan): Danger[] {
  const found: Danger[] = [
    ...originDangers(old),
    ...regExpDangers(old),
    ...nameDangers(old),
    ...plan.changes.flatMap((change) => changeDanger(change, old) ?? []),
    ...old.ignored.map(({ name, why }): Danger => ({
      id: "danger/option-ignored",
      text: `${name}: ${LIBRARY_NAMES[old.library]} ${why}.`,
    })),
    ...undefinedDangers(old),
  ];
  if (
    old.maxAge !== null &&
    old.maxAge !== "" &&
    !/^[0-9]+$/.test(old.maxAge) &&
    !found.some(({ id }) => id === "danger/max-age-invalid")
  )
    found.push({
      id: "danger/max-age-invalid",
      text: `The maximum age ${show(old.maxAge)} is no whole number of seconds, so browsers ignore it.`,
    });
  return found.toSorted((a, b) => DANGER_IDS.indexOf(a.id) - DANGER_IDS.indexOf(b.id));
}

function undefinedDangers({ undefinedOptions, undefinedItems }: OldCors): Danger[] {
  return [
    ...undefinedItems.map((name) => `${name} holds an item that is`),
    ...undefinedOptions.map((name) => `${name} is there but`),
  ].map((what) => ({
    id: "danger/option-undefined",
    text: `${what} undefined: a missing environment variable?`,
  }));
}

function originDangers(old: OldCors): Danger[] {
  const { origin, credentials } = old;
  const found: Danger[] = [];
  const mayHaveCredentials = credentials !== "no";
  if (origin.kind === "any" && mayHaveCredentials)
    found.push({
      id: "danger/any-origin-with-credentials",
      text: "Every page on the web was granted by name and with credentials, so any of them could read what a visitor who is logged in can read.",
    });
  if (origin.kind === "star" && mayHaveCredentials)
    found.push({
      id: "danger/star-with-credentials",
      text: "With credentials browsers do not count the wildcard, so requests with credentials never worked.",
    });
  if (origin.kind === "any" && origin.because === "item")
    found.push({
      id: "danger/function-in-list",
      text: "A function, an object or true in the list of origins is never called or compared: it grants every origin.",
    });
  if (origin.kind === "any" && origin.because === "regexp")
    found.push({ id: "danger/regexp-matches-any-origin", text: "A regular expression in it matches every origin." });
  if (
    spelledOrigins(old).includes("null") ||
    (origin.kind === "list" && origin.items.some((item) => matches(item, "null")))
  )
    found.push({
      id: "danger/null-origin",
      text: "The origin null was granted, and every page can make itself a sandboxed frame that has it.",
    });
  for (const value of spelledOrigins(old))
    if (value.includes("*"))
      found.push({
        id: "danger/origin-never-matches",
        text: `${show(value)} is compared as it stands, so it never matched.`,
      });
  return found;
}

/** Items that are compared as they stand. */
function spelledOrigins({ origin }: OldCors): readonly string[] {
  if (origin.kind === "fixed") return origin.values;
  return origin.kind === "list" ? origin.items.flatMap((item) => (item.kind === "exact" ? item.value : [])) : [];
}

const GAPS = {
  start: { id: "danger/regexp-unanchored", why: "does not say where the host name begins" },
  end: { id: "danger/regexp-unanchored", why: "does not end with $" },
  dot: { id: "danger/regexp-dot-unescaped", why: "has a dot without a backslash, which is any character" },
} as const;

/** Provokes what backtracks. */
const ENDLESS_ORIGIN = `https://${"a".repeat(60)}.${"a".repeat(60)}!`;

/** Each danger with an origin that a stranger can have and the expression matches. */
function regExpDangers({ origin, library }: OldCors): Danger[] {
  if (origin.kind !== "list") return [];
  return origin.items.flatMap((item) => {
    if (item.kind !== "regexp") return [];
    const found: Danger[] = [];
    const shown = show(String(item.regexp));
    tryRegExp(item.regexp, ENDLESS_ORIGIN);
    for (const gap of ["start", "end", "dot"] as const) {
      const example = strangersOf(item).find((lookalike) => lookalike.gap === gap)?.origin;
      if (example !== undefined)
        found.push({ id: GAPS[gap].id, text: `${shown} ${GAPS[gap].why}, so it matches ${show(example)}.` });
    }
    if (wasTooSlow(item.regexp))
      found.push({
        id: "danger/regexp-slow",
        text: `${shown} takes very long on some origins, so one request can keep the server busy.`,
      });
    // @fastify/cors begins anew each time.
    if (library === "express" && (item.regexp.global || item.regexp.sticky))
      found.push({
        id: "danger/regexp-stateful",
        text: `${shown} remembers where it stopped because of its flag, so every other request is refused.`,
      });
    return found;
  });
}

function strangersOf(item: OriginItem & { kind: "regexp" }): ReturnType<typeof lookalikes> {
  const { hosts } = readRegExp(item.regexp);
  const spelled = hosts.length > 0 ? hosts : guessedHosts(item.regexp);
  return spelled.flatMap(lookalikes).filter(({ origin }) => matches(item, origin));
}

/** Host names in an expression that could not be read as a whole. */
function guessedHosts({ source }: RegExp): string[] {
  return (
    source
      .replaceAll("\\.", ".")
      .match(/[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi)
      ?.slice(0, 8) ?? []
  );
}

function nameDangers({ requestHeaders, exposedHeaders, credentials }: OldCors): Danger[] {
  const found: Danger[] = [];
  if (requestHeaders.kind === "names" && requestHeaders.names.includes("*") && !hasAuthorization(requestHeaders.names))
    found.push({
      id: "danger/star-headers-without-authorization",
      text: "The wildcard for request headers does not cover Authorization, which has to be named, and counts as a plain name with credentials.",
    });
  if (exposedHeaders.kind === "names" && exposedHeaders.names.includes("*"))
    found.push({
      id: "danger/exposes-everything",
      text:
        credentials === "no"
          ? "Every response header is exposed, those of tomorrow included."
          : "With credentials the wildcard for exposed headers exposes nothing.",
    });
  return found;
}

function hasAuthorization(names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === "authorization");
}

function changeDanger({ field, code, received, replacedBy }: Change, { credentials }: OldCors): Danger | null {
  const value = show(received);
  const instead = replacedBy === null ? "It was left out." : `The policy has ${show(replacedBy)}.`;
  if (field === "origins") {
    // Said above, and below of what holds a wildcard.
    if (
      (typeof received === "string" && received.includes("*") && code === "policy/wildcard-in-list") ||
      code === "policy/origin-null" ||
      code === "policy/origin-null-redundant"
    )
      return null;
    if (code === "policy/origin-insecure-with-credentials")
      return {
        id: "danger/insecure-origin-with-credentials",
        text: `Pages of ${value} come over plain http and can be forged on the way, and ${credentials === "yes" ? "had" : "may have had"} credentials.`,
      };
    if (code === "policy/origin-public-suffix-wildcard")
      return { id: "danger/public-suffix-wildcard", text: `Anybody can register a name below ${value}. ${instead}` };
    return {
      id: "danger/origin-never-matches",
      text: `${value} is no origin as a browser sends it, so it never matched. ${instead}`,
    };
  }
  if (field === "maxAgeSeconds")
    return {
      id: "danger/max-age-invalid",
      text: `The maximum age ${value} is ${typeof received === "number" ? "longer than any browser keeps a preflight" : "no whole number of seconds, so browsers ignore it"}. ${instead}`,
    };
  if (code === "policy/method-case" || code === "policy/method-forbidden")
    return { id: "danger/method-never-matches", text: `Browsers never ask for the method ${value}. ${instead}` };
  return INVALID_NAME_CODES.has(code)
    ? {
        id: "danger/name-invalid",
        text: `${value} is no name, and one bad name spoils the whole list for browsers. It was left out.`,
      }
    : null;
}

const INVALID_NAME_CODES: ReadonlySet<PolicyIssueCode> = new Set(["policy/method-invalid", "policy/header-invalid"]);

/** A value in quotation marks; it is escaped where it is printed. */
export function show(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
