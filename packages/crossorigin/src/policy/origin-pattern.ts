/**
 * Origin patterns: exact origins, whole-label wildcards, any port. What is none is read as what it probably means.
 *
 * @module
 */

import { type TupleOrigin, defaultPort, parseOrigin } from "../protocol/origin.ts";
import { isLoopbackHost } from "../protocol/potentially-trustworthy.ts";
import { publicSuffix, registrableDomain } from "../protocol/public-suffix.ts";
import type { PolicyIssueCode } from "./policy-issue.ts";

/** `host` is what follows `*.` if `isWildcard`; `port` is null for the default port. */
export interface OriginPattern {
  readonly scheme: string;
  readonly host: string;
  readonly port: number | null | "*";
  readonly isWildcard: boolean;
}

/** If refused: everything that is wrong, and the pattern that is probably meant; null if only a person can know. */
export type ParsedOriginPattern =
  | { readonly ok: true; readonly pattern: OriginPattern }
  | { readonly ok: false; readonly codes: readonly PolicyIssueCode[]; readonly pattern: OriginPattern | null };

type Codes = Set<PolicyIssueCode>;

/** Longer items, in characters, are refused unread. */
const MAX_ITEM_LENGTH = 2048;

/** Scheme and slashes, or a scheme whose slashes the URL parser does not miss, or slashes alone; then authority and the rest. */
const PARTS = /^(?:([^:/?#\s]*):(\/{2,})|(https?|wss?|ftp):\/?(?=[^/0-9*\s])|\/\/)?([^/?#\s]*)((?:[/?#]\S*)?)$/i;

/** Addresses with the origin `null`; but `data:8080` is a host and a port. */
const OPAQUE = /^(?:about|blob|data|file|filesystem|javascript):(?![0-9]+\/?$)/i;

/** Schemes that no page has, and those of the pages that are probably meant. */
const SCHEMES_NEVER_SENT: ReadonlyMap<string, string | null> = new Map([
  ["ws", "http"],
  ["wss", "https"],
  ["ftp", null],
]);

/**
 * Choice: the URL parser lets hosts have more characters, such as `$`, `{` and `,`, and empty labels. No name on the web has them;
 * in a list of origins they are what a template or a joined list has left.
 */
const HOST = /^(?:\[[0-9a-f:]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)$/;

/** Parses one item of `origins`. Never throws. Linear in the item's length, and long ones are not read. */
export function parseOriginPattern(item: string): ParsedOriginPattern {
  const codes: Codes = new Set();
  const pattern = item.length > MAX_ITEM_LENGTH ? invalid(codes) : readPattern(item, codes);
  if (pattern !== null && codes.size === 0) return { ok: true, pattern };
  // Of what cannot be read at all nothing else is known.
  const isUnreadable = pattern === null && codes.has("policy/origin-invalid");
  return { ok: false, codes: isUnreadable ? ["policy/origin-invalid"] : [...codes], pattern };
}

/** The item that parses to the pattern. */
export function serializeOriginPattern({ scheme, host, port, isWildcard }: OriginPattern): string {
  return `${scheme}://${isWildcard ? "*." : ""}${host}${port === null ? "" : `:${port}`}`;
}

/** What the item means, or probably means; null if nobody can tell. What is wrong with it goes to `codes`. */
function readPattern(item: string, codes: Codes): OriginPattern | null {
  const value = item.trim();
  const text = value.replaceAll("\\", "/").replace(/^blob:(?=https?:)/i, "");
  if (value === "*") return refuse(codes, "policy/wildcard-in-list");
  if (value.toLowerCase() === "null") return refuse(codes, "policy/origin-null");
  if (OPAQUE.test(text)) return refuse(codes, "policy/origin-opaque");
  const [, written, slashes, bareScheme, authority, tail] = PARTS.exec(text) ?? [];
  // One address in another, as in https://https://app.example, is not guessed at.
  if (authority === undefined || tail === undefined || `${authority.slice(-1)}${tail}`.startsWith("://"))
    return invalid(codes);
  const scheme = readScheme(written ?? bareScheme ?? "", codes);
  const userinfoEnd = authority.lastIndexOf("@");
  if (userinfoEnd !== -1) codes.add("policy/origin-userinfo");
  const hostAndPort = authority.slice(userinfoEnd + 1);
  if (tail !== "") codes.add(tail === "/" ? "policy/origin-trailing-slash" : "policy/origin-with-path");
  if (text !== item || bareScheme !== undefined || (slashes ?? "//") !== "//") codes.add("policy/origin-not-canonical");
  if (scheme === null) return null;
  const pattern =
    scheme === "" || scheme === "http" || scheme === "https"
      ? readHttp(scheme, hostAndPort, codes)
      : readCustom(scheme, hostAndPort, codes);
  if (pattern === null) return null;
  // Bounds too are the origin's own.
  return parseOrigin(serializeOriginPattern({ ...pattern, isWildcard: false, port: numberOf(pattern.port) })) === null
    ? invalid(codes)
    : pattern;
}

/** In lower case; empty if it is missing, null if no right one is known. */
function readScheme(written: string, codes: Codes): string | null {
  if (written === "") {
    codes.add("policy/origin-missing-scheme");
    return "";
  }
  if (written.includes("*")) {
    codes.add("policy/origin-wildcard-misplaced");
    return "https";
  }
  if (!/^[a-z][a-z0-9+.-]*$/i.test(written)) return invalid(codes);
  const scheme = written.toLowerCase();
  if (scheme !== written) codes.add("policy/origin-upper-case");
  const meant = SCHEMES_NEVER_SENT.get(scheme);
  if (meant === undefined) return scheme;
  codes.add("policy/origin-scheme-never-sent");
  return meant;
}

/** Schemes of applications, such as `capacitor` and `chrome-extension`: their hosts are no domain names, and stand as they are. */
function readCustom(scheme: string, hostAndPort: string, codes: Codes): OriginPattern | null {
  if (hostAndPort.includes("*")) return refuse(codes, "policy/origin-custom-scheme-wildcard");
  const origin = parseOrigin(`${scheme}://${hostAndPort}`);
  return origin === null ? invalid(codes) : { scheme, host: origin.host, port: origin.port, isWildcard: false };
}

function readHttp(writtenScheme: string, hostAndPort: string, codes: Codes): OriginPattern | null {
  const [, writtenHost, writtenPort] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]*|\*))?$/.exec(hostAndPort) ?? [];
  if (writtenHost === undefined)
    return hostAndPort.includes("*") ? refuse(codes, "policy/origin-wildcard-misplaced") : invalid(codes);
  const read = readHost(writtenHost, codes);
  if (read === null) return null;
  const { host } = read;
  // A word alone is rather `undefined` or `self` than the name of a host.
  if (writtenScheme === "" && writtenPort === undefined && !/[.[]/.test(host) && !isLoopbackHost(host)) return null;
  const isProbablyHttp = isLoopbackHost(host) || writtenPort === "80";
  const scheme = writtenScheme === "" ? (isProbablyHttp ? "http" : "https") : writtenScheme;
  return { ...read, scheme, port: readPort(writtenPort, scheme, codes) };
}

function readHost(written: string, codes: Codes): Pick<OriginPattern, "host" | "isWildcard"> | null {
  if (/^[*.]*\*[*.]*$/.test(written)) return refuse(codes, "policy/origin-near-wildcard");
  const rest = written.replace(/^(?:\*{1,2}\.?|\.)/, "");
  const lead = written.slice(0, written.length - rest.length);
  if (rest.includes("*")) return refuse(codes, "policy/origin-wildcard-misplaced");
  const host = canonicalHost(rest);
  if (host === null) return invalid(codes);
  if (/[A-Z]/.test(rest.replaceAll(/%[0-9A-F]{2}/gi, ""))) codes.add("policy/origin-upper-case");
  if (host !== rest.toLowerCase()) codes.add("policy/origin-not-canonical");
  if (lead === "") return { host, isWildcard: false };
  if (lead === ".") codes.add("policy/origin-invalid");
  else if (lead !== "*.") codes.add("policy/origin-wildcard-misplaced");
  // `*app.example.com` and `*-example.com` may as well mean parts of a label.
  if (!lead.endsWith(".") && (registrableDomain(host) !== host || host.startsWith("-"))) return null;
  if (publicSuffix(host) === null) return invalid(codes);
  if (!/\../.test(host) && !isLoopbackHost(host)) return refuse(codes, "policy/origin-near-wildcard");
  return { host, isWildcard: true };
}

/** As the URL parser spells it; null if it is none. */
function canonicalHost(written: string): string | null {
  const address = `https://${written}`;
  const host = URL.canParse(address) ? new URL(address).hostname : "";
  return HOST.test(host) ? host : null;
}

function readPort(written: string | undefined, scheme: string, codes: Codes): OriginPattern["port"] {
  if (written === undefined || written === "*") return written ?? null;
  const port = Number(written);
  if (written !== String(port)) codes.add("policy/origin-not-canonical");
  if (port === defaultPort(scheme)) codes.add("policy/origin-default-port");
  return written === "" || port === defaultPort(scheme) ? null : port;
}

function numberOf(port: OriginPattern["port"]): number | null {
  return port === "*" ? null : port;
}

function refuse(codes: Codes, code: PolicyIssueCode): null {
  codes.add(code);
  return null;
}

function invalid(codes: Codes): null {
  return refuse(codes, "policy/origin-invalid");
}

/** Could the origin's pages be forged on the way? Loopback hosts are not reached over a network. */
export function isInsecure({ scheme, host }: Pick<OriginPattern, "scheme" | "host">): boolean {
  return (scheme === "http" || scheme === "ws" || scheme === "ftp") && !isLoopbackHost(host);
}

/** The same over https. */
export function secured(pattern: OriginPattern): OriginPattern {
  return { ...pattern, scheme: "https", port: pattern.port === 443 ? null : pattern.port };
}

/** Does a wildcard stand directly below a public suffix? */
export function isPublicSuffixWildcard({ isWildcard, host }: OriginPattern): boolean {
  return isWildcard && !isLoopbackHost(host) && publicSuffix(host) === host;
}

/** Does the pattern cover the origin? The slow and plain definition that the matcher is tested against. */
export function coversOrigin(pattern: OriginPattern, origin: TupleOrigin): boolean {
  if (pattern.scheme !== origin.scheme || (pattern.port !== "*" && pattern.port !== origin.port)) return false;
  return pattern.isWildcard
    ? origin.host.endsWith(`.${pattern.host}`) && !/\.\.|,/.test(`.${origin.host}`)
    : origin.host === pattern.host;
}
