/**
 * Origin patterns: exact origins, whole-label wildcards, any port.
 *
 * @module
 */

import {
  type TupleOrigin,
  defaultPort,
  isLoopbackHost,
  originOfUrl,
  parseOrigin,
  publicSuffix,
  serializeOrigin,
} from "../protocol/index.ts";
import type { PolicyIssueCode } from "./policy-issue.ts";

/** `host` is what follows `*.` if `isWildcard`; `port` is null for the default port. */
export interface OriginPattern {
  readonly scheme: string;
  readonly host: string;
  readonly port: number | null | "*";
  readonly isWildcard: boolean;
}

export type ParsedOriginPattern =
  | { readonly ok: true; readonly pattern: OriginPattern }
  | { readonly ok: false; readonly code: PolicyIssueCode; readonly suggestion: string | null };

/** Parses one item of `origins`. Never throws; reads no more than the origin's own length bound. */
export function parseOriginPattern(item: string): ParsedOriginPattern {
  if (item === "*") return { ok: false, code: "policy/wildcard-in-list", suggestion: null };
  if (item === "null") return { ok: false, code: "policy/origin-null", suggestion: null };
  const isAnyPort = item.endsWith(":*");
  const withoutPort = isAnyPort ? item.slice(0, -2) : item;
  const isWildcard = withoutPort.includes("://*.");
  // The first `*.` stands for labels; what is left has to be an origin by itself.
  const exact = isWildcard ? withoutPort.replace("://*.", "://") : withoutPort;
  if (exact.includes("*")) return { ok: false, code: "policy/origin-near-wildcard", suggestion: null };
  const origin = parseOrigin(exact);
  if (origin === null) return diagnose(exact, isWildcard, isAnyPort);
  if (isWildcard && !origin.host.includes(".") && !isLoopbackHost(origin.host)) {
    return { ok: false, code: "policy/origin-near-wildcard", suggestion: null };
  }
  if (isWildcard && publicSuffix(origin.host) === null)
    return { ok: false, code: "policy/origin-invalid", suggestion: null };
  return {
    ok: true,
    pattern: { scheme: origin.scheme, host: origin.host, port: isAnyPort ? "*" : origin.port, isWildcard },
  };
}

/** Why the value is no origin, and which origin it probably means. */
function diagnose(exact: string, isWildcard: boolean, isAnyPort: boolean): ParsedOriginPattern {
  const restore = (origin: string): string =>
    (isWildcard ? origin.replace("://", "://*.") : origin) + (isAnyPort ? ":*" : "");
  if (!exact.includes("://")) {
    const origin = canonicalOrigin(`https://${exact}`);
    return origin === null || exact === ""
      ? refuse("policy/origin-invalid", null)
      : refuse("policy/origin-missing-scheme", restore(origin));
  }
  const origin = canonicalOrigin(exact);
  if (origin === null) return refuse("policy/origin-invalid", null);
  const url = new URL(exact);
  const suggestion = restore(origin);
  if (url.username !== "" || url.password !== "") return refuse("policy/origin-userinfo", suggestion);
  if (exact === `${origin}/`) return refuse("policy/origin-trailing-slash", suggestion);
  if (url.pathname.length > 1 || url.search !== "" || url.hash !== "")
    return refuse("policy/origin-with-path", suggestion);
  if (exact.toLowerCase() === origin) return refuse("policy/origin-upper-case", suggestion);
  if (/:[0-9]+$/.test(exact) && url.port === "") return refuse("policy/origin-default-port", suggestion);
  return refuse("policy/origin-not-canonical", suggestion);
}

function refuse(code: PolicyIssueCode, suggestion: string | null): ParsedOriginPattern {
  return { ok: false, code, suggestion };
}

/** The origin that the URL parser makes of it; null if that is none, or of no scheme with a default port. */
function canonicalOrigin(value: string): string | null {
  if (value.length > 2048 || !URL.canParse(value)) return null;
  const url = new URL(value);
  const origin = originOfUrl(url);
  return defaultPort(url.protocol.slice(0, -1)) === null ? null : serializeOrigin(origin);
}

/** Could the origin's pages be forged on the way? Loopback hosts are not reached over a network. */
export function isInsecure({ scheme, host }: Pick<OriginPattern, "scheme" | "host">): boolean {
  return (scheme === "http" || scheme === "ws" || scheme === "ftp") && !isLoopbackHost(host);
}

/** Does a wildcard stand directly below a public suffix? */
export function isPublicSuffixWildcard({ isWildcard, host }: OriginPattern): boolean {
  return isWildcard && !isLoopbackHost(host) && publicSuffix(host) === host;
}

/** Does the pattern cover the origin? The slow and plain definition that the matcher is tested against. */
export function coversOrigin(pattern: OriginPattern, origin: TupleOrigin): boolean {
  if (pattern.scheme !== origin.scheme || (pattern.port !== "*" && pattern.port !== origin.port)) return false;
  return pattern.isWildcard
    ? origin.host.endsWith(`.${pattern.host}`) && !origin.host.startsWith(".")
    : origin.host === pattern.host;
}
