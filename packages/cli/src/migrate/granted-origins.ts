/**
 * Which origins the old configuration and the policy grant, tried on those that the configuration names or resembles.
 *
 * @module
 */

import { type PolicyConfig, createPolicy, decide } from "crossorigin";
import { parseOrigin } from "crossorigin/protocol";
import type { OldCors, OriginItem } from "./old-cors.ts";
import { type Plan, PLACEHOLDER_ORIGIN } from "./plan-policy.ts";
import { readRegExp } from "./regexp-patterns.ts";
import { tryRegExp } from "./try-regexp.ts";

export interface GrantedOrigins {
  /** Granted before, and not any more. */
  readonly lost: readonly string[];
  /** Granted from now on. */
  readonly gained: readonly string[];
}

/** Compares on a few dozen origins for each item. */
export function compareGrantedOrigins(old: OldCors, plan: Plan): GrantedOrigins {
  const { config } = plan;
  if (config === null || config.origins === "*") return { lost: [], gained: [] };
  const candidates = new Set<string>(["https://evil.example", "http://evil.example", "null"]);
  if (!plan.hasPlaceholder)
    for (const pattern of config.origins) for (const origin of originsLike(pattern)) candidates.add(origin);
  for (const item of itemsOf(old)) for (const origin of originsNear(item)) candidates.add(origin);
  candidates.delete(PLACEHOLDER_ORIGIN);
  const grantsNow = grantedBy(config);
  const all = [...candidates];
  return {
    lost: all.filter((origin) => grantedBefore(old, origin) && !grantsNow(origin)),
    gained: all.filter((origin) => !grantedBefore(old, origin) && grantsNow(origin)),
  };
}

/** Would a browser have been satisfied? */
function grantedBefore({ origin }: OldCors, asked: string): boolean {
  if (origin.kind === "star" || origin.kind === "any") return true;
  if (origin.kind === "fixed") return origin.values.length === 1 && origin.values[0] === asked;
  return origin.kind === "list" && origin.items.some((item) => matches(item, asked));
}

/** Does the item match? False for an expression that takes too long. */
export function matches(item: OriginItem, origin: string): boolean {
  if (item.kind === "exact") return item.value === origin;
  return tryRegExp(item.regexp, origin);
}

function grantedBy(config: PolicyConfig): (origin: string) => boolean {
  const policy = createPolicy(config);
  return (origin) => decide(policy, { method: "GET", headers: { origin } }).granted;
}

function itemsOf({ origin }: OldCors): readonly OriginItem[] {
  if (origin.kind === "fixed") return origin.values.map((value) => ({ kind: "exact", value }));
  return origin.kind === "list" ? origin.items : [];
}

/** Origins that a pattern covers. */
function originsLike(pattern: string): string[] {
  const withoutPort = pattern.replace(/:\*$/, "");
  const ports = pattern === withoutPort ? [""] : ["", ":8443"];
  return ports.flatMap((port) =>
    withoutPort.includes("://*.")
      ? ["a", "a.b"].map((label) => `${withoutPort.replace("*", label)}${port}`)
      : [`${withoutPort}${port}`],
  );
}

function originsNear(item: OriginItem): string[] {
  if (item.kind === "exact") return parseOrigin(item.value) !== null || item.value === "null" ? [item.value] : [];
  return [...readRegExp(item.regexp).hosts, "localhost"].flatMap((host) => [
    ...originsOf(host),
    ...lookalikes(host).map(({ origin }) => origin),
  ]);
}

function originsOf(host: string): string[] {
  return ["https", "http"].flatMap((scheme) =>
    ["", "a.", "a.b."].flatMap((labels) => ["", ":8443"].map((port) => `${scheme}://${labels}${host}${port}`)),
  );
}

/** An origin that a stranger can have. */
export interface Lookalike {
  readonly origin: string;
  readonly gap: "start" | "end" | "dot";
}

/** Origins of strangers that a careless expression takes for `host`. */
export function lookalikes(host: string): Lookalike[] {
  const undotted = [...host.matchAll(/\./g)].map(({ index }) => `${host.slice(0, index)}x${host.slice(index + 1)}`);
  return ["https", "http"].flatMap((scheme): Lookalike[] => [
    { origin: `${scheme}://evil${host}`, gap: "start" },
    { origin: `${scheme}://${host}.evil.example`, gap: "end" },
    { origin: `${scheme}://a.${host}.evil.example`, gap: "end" },
    ...undotted
      .filter((name) => name.includes("."))
      .flatMap((name): Lookalike[] => [
        { origin: `${scheme}://${name}`, gap: "dot" },
        { origin: `${scheme}://a.${name}`, gap: "dot" },
      ]),
    // A name below the host, its dot taken by another letter.
    { origin: `${scheme}://axx${host}`, gap: "start" },
  ]);
}
