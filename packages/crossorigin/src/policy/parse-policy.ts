/**
 * From a config to a policy: all issues at once, or a frozen policy.
 *
 * @module
 */

import { isCorsNonWildcardRequestHeaderName } from "../protocol/cors-safelisted-request-header.ts";
import { isForbiddenRequestHeaderName, isForbiddenResponseHeaderName } from "../protocol/forbidden-header.ts";
import { isHeaderName, byteLowercase } from "../protocol/header-value.ts";
import { isMethod, isForbiddenMethod, normalizeMethod } from "../protocol/method.ts";
import {
  type OriginPattern,
  isInsecure,
  isPublicSuffixWildcard,
  parseOriginPattern,
  secured,
  serializeOriginPattern,
} from "./origin-pattern.ts";
import { POLICY_FIELDS, type PolicyConfig, type PolicyField } from "./policy-config.ts";
import { PolicyError, type PolicyIssue, type PolicyIssueCode } from "./policy-issue.ts";
import { type CheckedConfig, Policy } from "./policy.ts";

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly issues: readonly PolicyIssue[] };

type Path = readonly (string | number)[];
type Report = (code: PolicyIssueCode, path: Path, received: unknown, suggestion?: unknown) => void;

/** The largest `maxAgeSeconds`; no browser keeps a preflight longer. */
const MAX_MAX_AGE_SECONDS = 86_400;

const RESOURCE_POLICIES = ["same-origin", "same-site", "cross-origin"] as const;

/** @throws PolicyError with every issue */
export function createPolicy(config: PolicyConfig): Policy {
  const parsed = parsePolicy(config);
  if (!parsed.ok) throw new PolicyError(parsed.issues);
  return parsed.policy;
}

/** A policy as it is, or one made of a config. @throws PolicyError as {@link createPolicy} does */
export function toPolicy(policy: Policy | PolicyConfig): Policy {
  return policy instanceof Policy ? policy : createPolicy(policy);
}

/** Checks any value, such as parsed JSON. Never throws. Linear in the size of the value. */
export function parsePolicy(value: unknown): ParsedPolicy {
  try {
    return parseConfig(value);
  } catch {
    // Attack: an object with traps of its own, such as a proxy, can throw at any touch.
    return { ok: false, issues: [{ code: "policy/wrong-type", path: [], received: undefined, suggestion: null }] };
  }
}

function parseConfig(value: unknown): ParsedPolicy {
  const issues: PolicyIssue[] = [];
  const report: Report = (code, path, received, suggestion = null) => issues.push({ code, path, received, suggestion });
  const fields = readFields(value, report);
  if (fields === null) return { ok: false, issues };
  const flag = (name: PolicyField): boolean => readFlag(fields, name, report);
  const credentials = flag("credentials");
  const allowNull = flag("dangerouslyAllowNullOrigin");
  const allowInsecure = flag("dangerouslyAllowInsecureOrigins");
  const allowPublicSuffix = flag("dangerouslyAllowPublicSuffixWildcards");
  const reflectAny = flag("dangerouslyReflectAnyOrigin");
  const origins = readList(fields, "origins", report);
  if (origins === "*" && credentials && !reflectAny) report("policy/wildcard-with-credentials", ["origins"], "*");
  if (reflectAny && Array.isArray(origins))
    report("policy/reflection-with-list", ["dangerouslyReflectAnyOrigin"], true, false);
  if (fields.get("origins") === undefined) report("policy/empty", ["origins"], undefined);
  if (isEmptyList(fields.get("origins")) && !allowNull) report("policy/empty", ["origins"], []);
  const rules: OriginRules = {
    allowNull,
    areInsecureRefused: credentials && !allowInsecure,
    allowPublicSuffix,
    seen: new Set(),
  };
  const patterns = checkItems("origins", origins, (item, path) => checkOrigin(item, path, rules, report));
  const lists = readOtherLists(fields, credentials, report);
  const maxAgeSeconds = readMaxAge(fields, report);
  const preflightAnswer = readWord(fields, "preflightAnswer", ["full", "requested"], report) ?? "full";
  const exposeTiming = flag("exposeTiming");
  const allowPrivateNetwork = flag("dangerouslyAllowPrivateNetwork");
  const crossOriginResourcePolicy = readWord(fields, "crossOriginResourcePolicy", RESOURCE_POLICIES, report);
  if (issues.length > 0 || origins === undefined) return { ok: false, issues };
  const policy = new Policy({
    patterns: origins === "*" ? "*" : patterns.filter((pattern) => pattern !== null),
    origins: origins === "*" ? "*" : origins.map(([, item]) => item),
    credentials,
    ...lists,
    maxAgeSeconds,
    preflightAnswer,
    exposeTiming,
    crossOriginResourcePolicy,
    dangers: {
      dangerouslyAllowNullOrigin: allowNull,
      dangerouslyAllowInsecureOrigins: allowInsecure,
      dangerouslyAllowPublicSuffixWildcards: allowPublicSuffix,
      dangerouslyAllowPrivateNetwork: allowPrivateNetwork,
      dangerouslyReflectAnyOrigin: reflectAny,
    },
  });
  return { ok: true, policy };
}

function readOtherLists(
  fields: ReadonlyMap<string, unknown>,
  credentials: boolean,
  report: Report,
): Pick<CheckedConfig, "methods" | "requestHeaders" | "exposedHeaders"> {
  const methods = readList(fields, "methods", report);
  const requestHeaders = readList(fields, "requestHeaders", report);
  const exposedHeaders = readList(fields, "exposedHeaders", report);
  checkItems("methods", methods, (item, path) => checkMethod(item, path, report));
  const isAnyHeader = Array.isArray(requestHeaders) && requestHeaders.some(([, item]) => item === "*");
  checkItems("requestHeaders", requestHeaders, (item, path) => checkRequestHeader(item, path, isAnyHeader, report));
  checkItems("exposedHeaders", exposedHeaders, (item, path) => checkExposedHeader(item, path, report));
  if (exposedHeaders === "*" && credentials)
    report("policy/exposed-wildcard-with-credentials", ["exposedHeaders"], "*");
  return {
    methods: valuesOf(methods),
    requestHeaders: valuesOf(requestHeaders),
    exposedHeaders: valuesOf(exposedHeaders),
  };
}

/** Own enumerable fields by name. A getter that throws counts as a value of the wrong type. */
function readFields(value: unknown, report: Report): Map<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    report("policy/not-an-object", [], value);
    return null;
  }
  const fields = new Map<string, unknown>();
  // A policy is as good as its own JSON.
  const source = value instanceof Policy ? value.toJSON() : value;
  for (const name of Object.keys(source)) {
    try {
      fields.set(name, Reflect.get(source, name));
    } catch {
      report("policy/wrong-type", [name], undefined);
    }
    if (!POLICY_FIELDS.some((field) => field === name))
      report("policy/unknown-field", [name], name, nearestField(name));
  }
  return fields;
}

/** What other libraries call our fields. */
const OTHER_NAMES: ReadonlyMap<string, PolicyField> = new Map([
  ["origin", "origins"],
  ["method", "methods"],
  ["allowedheader", "requestHeaders"],
  ["header", "requestHeaders"],
  ["exposeheader", "exposedHeaders"],
  ["maxage", "maxAgeSeconds"],
]);

function nearestField(name: string): string | null {
  return POLICY_FIELDS.find((field) => plain(field) === plain(name)) ?? OTHER_NAMES.get(plain(name)) ?? null;
}

/** A name without case, plural and danger. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]|s$|dangerously/g, "");
}

function readFlag(fields: ReadonlyMap<string, unknown>, name: PolicyField, report: Report): boolean {
  const value = fields.get(name);
  if (value === undefined || typeof value === "boolean") return value === true;
  report("policy/wrong-type", [name], value, value === "true");
  return false;
}

/** Items with their indices; what is no string is reported and left out. */
type Items = (readonly [index: number, item: string])[];

function readList(fields: ReadonlyMap<string, unknown>, name: PolicyField, report: Report): "*" | Items | undefined {
  const value = fields.get(name);
  if (value === undefined || value === "*") return value;
  if (!Array.isArray(value)) {
    const code =
      typeof value === "function" || value instanceof RegExp ? "policy/function-not-supported" : "policy/wrong-type";
    report(code, [name], value, typeof value === "string" ? [value] : null);
    return undefined;
  }
  const items: Items = [];
  const seen = new Set<string>();
  for (let index = 0; index < value.length; index++) {
    const item: unknown = value[index];
    if (typeof item === "string") {
      const key = name === "origins" || name === "methods" ? item : byteLowercase(item);
      if (seen.has(key)) report("policy/duplicate", [name, index], item);
      else items.push([index, item]);
      seen.add(key);
    } else {
      report(
        typeof item === "function" || item instanceof RegExp ? "policy/function-not-supported" : "policy/wrong-type",
        [name, index],
        item,
      );
    }
  }
  return items;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function valuesOf(items: "*" | Items | undefined): "*" | readonly string[] | null {
  if (items === undefined) return null;
  return items === "*" ? "*" : items.map(([, item]) => item);
}

/** What `check` makes of each item, in order; nothing for a wildcard or an absent list. */
function checkItems<Result>(
  name: PolicyField,
  items: "*" | Items | undefined,
  check: (item: string, path: Path) => Result,
): Result[] {
  return Array.isArray(items) ? items.map(([index, item]) => check(item, [name, index])) : [];
}

interface OriginRules {
  readonly allowNull: boolean;
  readonly areInsecureRefused: boolean;
  readonly allowPublicSuffix: boolean;
  /** What the items before this one mean. */
  readonly seen: Set<string>;
}

/** The pattern; null if it is refused. Everything wrong is reported, each time with the value that mends all of it. */
function checkOrigin(item: string, path: Path, rules: OriginRules, report: Report): OriginPattern | null {
  const parsed = parseOriginPattern(item);
  const codes = parsed.ok ? [] : parsed.codes.map((code) => originCode(code, rules));
  let { pattern } = parsed;
  if (pattern !== null && rules.areInsecureRefused && isInsecure(pattern)) {
    codes.push("policy/origin-insecure-with-credentials");
    pattern = secured(pattern);
  }
  if (pattern !== null && !rules.allowPublicSuffix && isPublicSuffixWildcard(pattern)) {
    codes.push("policy/origin-public-suffix-wildcard");
    pattern = null;
  }
  const meant = pattern && serializeOriginPattern(pattern);
  const isDuplicate = meant !== null && rules.seen.has(meant);
  if (isDuplicate) codes.push("policy/duplicate");
  else if (meant !== null) rules.seen.add(meant);
  for (const code of codes) report(code, path, item, isDuplicate ? null : meant);
  return codes.length === 0 ? pattern : null;
}

function originCode(code: PolicyIssueCode, { allowNull }: OriginRules): PolicyIssueCode {
  return code === "policy/origin-null" && allowNull ? "policy/origin-null-redundant" : code;
}

function checkMethod(item: string, path: Path, report: Report): void {
  if (item === "*") report("policy/wildcard-in-list", path, item);
  else if (!isMethod(item)) report("policy/method-invalid", path, item);
  else if (isForbiddenMethod(item)) report("policy/method-forbidden", path, item);
  else if (normalizeMethod(item) !== item || item === "patch")
    report("policy/method-case", path, item, item.toUpperCase());
}

function checkRequestHeader(item: string, path: Path, isAnyHeader: boolean, report: Report): void {
  if (!isHeaderName(item)) report("policy/header-invalid", path, item);
  else if (isForbiddenRequestHeaderName(item)) report("policy/header-forbidden", path, item);
  // `["*", "authorization"]` means any header, and `Authorization` by name.
  else if (isAnyHeader && item !== "*" && !isCorsNonWildcardRequestHeaderName(item))
    report("policy/header-covered-by-wildcard", path, item);
}

function checkExposedHeader(item: string, path: Path, report: Report): void {
  if (item === "*") report("policy/wildcard-in-list", path, item);
  else if (!isHeaderName(item)) report("policy/header-invalid", path, item);
  else if (isForbiddenResponseHeaderName(item)) report("policy/exposed-set-cookie", path, item);
}

function readMaxAge(fields: ReadonlyMap<string, unknown>, report: Report): number | null {
  const value = fields.get("maxAgeSeconds");
  if (value === undefined) return null;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_MAX_AGE_SECONDS) return value;
  report("policy/max-age-invalid", ["maxAgeSeconds"], value, nearestMaxAge(value));
  return null;
}

/** The nearest value that is possible; null for what is no number of seconds, as only a person can know what was meant. */
function nearestMaxAge(value: unknown): number | null {
  const isNumber =
    typeof value === "number" || (typeof value === "string" && /^\s*-?[0-9]{1,20}(?:\.[0-9]{1,20})?\s*$/.test(value));
  const number = isNumber ? Math.round(Number(value)) : Number.NaN;
  return Number.isNaN(number) ? null : Math.min(Math.max(number, 0), MAX_MAX_AGE_SECONDS);
}

/** One of some words; null if absent, or if it is none of them, which is reported. */
function readWord<Word extends string>(
  fields: ReadonlyMap<string, unknown>,
  name: PolicyField,
  words: readonly Word[],
  report: Report,
): Word | null {
  const value = fields.get(name);
  if (value === undefined) return null;
  const word = words.find((candidate) => candidate === value) ?? null;
  if (word === null) report("policy/wrong-type", [name], value, words[0]);
  return word;
}
