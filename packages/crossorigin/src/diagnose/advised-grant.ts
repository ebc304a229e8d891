/**
 * Whom the server is advised to grant access, as header lines and as policy: never more than the page needs or less than it gives now.
 *
 * @module
 */

import { parsePolicy } from "../policy/index.ts";
import {
  type Header,
  type TupleOrigin,
  byteLowercase,
  extractTokenList,
  getHeader,
  isCorsSafelistedMethod,
  isForbiddenMethod,
  isForbiddenRequestHeaderName,
  isLoopbackHost,
  normalizeMethod,
  parseOrigin,
  serializeOrigin,
} from "../protocol/index.ts";
import { type Story, lastExchange, originAtTheEnd } from "./story.ts";

/** The fields of a policy, as plain JSON. */
export type PolicyFields = Readonly<Record<string, unknown>>;

export interface AdvisedGrant {
  /** What has to hold first; whole sentences, or empty. */
  readonly condition: string;
  readonly lines: readonly string[];
  /** Null where no policy should say so. */
  readonly policy: PolicyFields | null;
}

/** Attack: a server's own lists are repeated in the advice, so many items and characters of them. */
const MAX_REPEATED_ITEMS = 200;
const MAX_REPEATED_LENGTH = 200;

/** The best first; empty for the origin `null` with credentials, as nothing safe can be sent then. */
export function advisedGrants(story: Story): AdvisedGrant[] {
  const isIncluding = story.fetch.credentialsMode === "include";
  const serialized = originAtTheEnd(story);
  if (serialized === "null") return isIncluding ? [] : [{ ...ANYBODY, condition: PUBLIC_ONLY }];
  if (!isIncluding && sendsWildcard(story)) return [ANYBODY];
  const origin = parseOrigin(serialized);
  if (!isIncluding || origin === null || origin.scheme !== "http" || isLoopbackHost(origin.host))
    return [grantTo(serialized, isIncluding)];
  return [
    { ...grantTo(overHttps(origin), true), condition: SERVE_OVER_HTTPS },
    { ...grantTo(serialized, true), condition: WHILE_INSECURE, policy: null },
  ];
}

const ANYBODY: AdvisedGrant = {
  condition: "",
  lines: ["Access-Control-Allow-Origin: *"],
  policy: { origins: "*" },
};

const PUBLIC_ONLY =
  "If this is public data and nothing else, fit for every page on the web, grant it to everybody, sandboxed pages included.";
const SERVE_OVER_HTTPS =
  "Serve the page over https, and this URL too: a page that came over plain http can be forged on the way, and would use its visitors' credentials. Then grant its https origin.";
const WHILE_INSECURE =
  "As long as the page comes over plain http, these lines work, and give its visitors' credentials to anybody on the way. A crossorigin policy refuses that unless it says dangerouslyAllowInsecureOrigins: true.";

function grantTo(origin: string, isIncluding: boolean): AdvisedGrant {
  const lines = [`Access-Control-Allow-Origin: ${origin}`];
  if (isIncluding) lines.push("Access-Control-Allow-Credentials: true");
  lines.push("Vary: Origin");
  return { condition: "", lines, policy: { origins: [origin], ...(isIncluding ? { credentials: true } : {}) } };
}

function overHttps(origin: TupleOrigin): string {
  return serializeOrigin({ ...origin, scheme: "https", port: origin.port === 443 ? null : origin.port });
}

/** Does the server grant anybody already, on the URL that failed? */
function sendsWildcard(story: Story): boolean {
  const hop = lastExchange(story)?.request.hop;
  return story.exchanges.some(
    ({ request, response }) =>
      request.hop === hop && getHeader(response?.headers ?? [], "Access-Control-Allow-Origin") === "*",
  );
}

/** What the preflight should have listed: what it has, made valid, with what was asked for. */
export function advisedLists(story: Story): { readonly lines: string[]; readonly policy: PolicyFields } {
  const preflight = lastExchange(story);
  const asked = preflight?.request.headers ?? [];
  const answered = preflight?.response?.headers ?? [];
  const isIncluding = story.fetch.credentialsMode === "include";
  const methods = advisedMethods(getHeader(asked, "Access-Control-Request-Method") ?? "", answered, isIncluding);
  const wantedNames = (getHeader(asked, "Access-Control-Request-Headers") ?? "").split(",");
  const names = advisedNames(
    wantedNames.filter((name) => name !== ""),
    answered,
    isIncluding,
  );
  const lines: string[] = [];
  if (methods.length > 0) lines.push(`Access-Control-Allow-Methods: ${methods.join(", ")}`);
  if (names.length > 0) lines.push(`Access-Control-Allow-Headers: ${names.join(", ")}`);
  const policyMethods = methods.filter((method) => !isCorsSafelistedMethod(method) && !isForbiddenMethod(method));
  const policyNames = names.filter((name) => !isForbiddenRequestHeaderName(name));
  return {
    lines,
    policy: {
      ...(policyMethods.length > 0 ? { methods: wildcardOr(policyMethods) } : {}),
      ...(policyNames.length > 0 ? { requestHeaders: wildcardOr(policyNames) } : {}),
    },
  };
}

function wildcardOr(items: readonly string[]): "*" | readonly string[] {
  return items.length === 1 && items[0] === "*" ? "*" : items;
}

/** A wildcard covers all else, but is one only without credentials. */
function advisedMethods(wanted: string, answered: readonly Header[], isIncluding: boolean): string[] {
  const items = listedItems(answered, "Access-Control-Allow-Methods");
  if (!isIncluding && items.includes("*")) return ["*"];
  const method = canonicalMethod(wanted);
  const all = items.filter((item) => item !== "*").map(canonicalMethod);
  if (method !== "" && !isCorsSafelistedMethod(method)) all.push(method);
  return [...new Set(all)];
}

/** A wildcard covers all but `Authorization`. */
function advisedNames(wanted: readonly string[], answered: readonly Header[], isIncluding: boolean): string[] {
  const items = listedItems(answered, "Access-Control-Allow-Headers");
  const all = new Map([...items, ...wanted].map((name) => [byteLowercase(name), name]));
  if (!isIncluding && all.has("*")) return ["*", ...(all.has("authorization") ? ["authorization"] : [])];
  all.delete("*");
  return [...all.values()];
}

/** The items of a list header; none if it does not parse. */
export function listedItems(headers: readonly Header[], name: string): readonly string[] {
  const extracted = extractTokenList(headers, name);
  if (extracted.kind !== "list") return [];
  return extracted.values.filter((item) => item.length <= MAX_REPEATED_LENGTH).slice(0, MAX_REPEATED_ITEMS);
}

/** As servers know it: methods are case-sensitive, and `patch` is the one that browsers leave as it is written. */
export function canonicalMethod(method: string): string {
  const normalized = normalizeMethod(method);
  return normalized === "patch" ? "PATCH" : normalized;
}

/** The policy if a policy's own rules take it, on its own or, as a fragment, beside origins; null if not. */
export function soundPolicy(fields: PolicyFields | null): PolicyFields | null {
  if (fields === null) return null;
  return parsePolicy({ origins: ["https://app.example"], ...fields }).ok ? fields : null;
}
