/**
 * The options of a user agent, checked.
 *
 * @module
 */

import type { TraceEvent } from "crossorigin/fetching";
import {
  type Clock,
  type IpAddressSpace,
  PROFILES,
  type ProfileName,
  type ThirdPartyCookies,
  determineIpAddressSpace,
  isCorsSafelistedRequestHeader,
  isHeaderValue,
  isProfileName,
} from "crossorigin/protocol";
import { show } from "./byte-string.ts";
import { IP_ADDRESS_SPACES } from "./local-network-options.ts";
import { refuseUnknownOptions } from "./option-names.ts";
import { type ClientCertificate, resolveClientCertificate } from "./transport/client-certificate.ts";
import type { HttpCacheLimits } from "./http-cache/memory-http-cache.ts";
import type { Resolve } from "./transport/connector.ts";
import { type UserAgentClock, scheduleByTimer } from "./user-agent-clock.ts";

export interface UserAgentOptions {
  /**
   * The address to connect to for a name, as `curl --resolve` has it, or a promise of one; undefined to look the name up.
   * Another name is looked up instead. The name stays in `Host` and in TLS. What it throws, and what is neither address nor name,
   * is `network/resolve-option-failed`.
   */
  readonly resolve?: Resolve | undefined;
  /** Address spaces of servers whose address does not tell them, by `address` or `address:port`, as in `127.0.0.1:8080`; an IPv6 address with a port is in brackets. */
  readonly ipAddressSpaces?: Readonly<Record<string, IpAddressSpace>> | undefined;
  /** PEM certificates that are trusted beside the default ones. */
  readonly ca?: string | undefined;
  /**
   * The certificate of a user, and its key, for servers that ask for one: sent on connections with credentials only, so
   * never with a preflight or an anonymous request.
   */
  readonly clientCertificate?: ClientCertificate | undefined;
  /**
   * Milliseconds since the epoch, for all that expires; default: the machine's clock. With `schedule`, which calls a step
   * once after so many milliseconds and returns what takes that back, also for the timeouts of an `XMLHttpRequest` and
   * the reconnections of an `EventSource`; default: the machine's timers.
   */
  readonly clock?: (Clock & Partial<UserAgentClock>) | undefined;
  /**
   * The HTTP cache, on as in browsers: `false` for none, or the most entries and bytes it may hold, by default 10 000 and
   * 67 108 864. One body may have an eighth of the bytes.
   */
  readonly httpCache?: boolean | HttpCacheOptions | undefined;
  /** Is HTTP/2 offered to servers that do TLS? Default: true, as in browsers. Streamed request bodies need it. */
  readonly http2?: boolean | undefined;
  /** Default: `standard`. */
  readonly profile?: ProfileName | undefined;
  /**
   * Hears of every decision as it is made. What it throws, or its promise is rejected with, touches neither the fetch nor
   * the process: the first time it is a process warning with the code `CROSSORIGIN_ON_TRACE`, later times are not told.
   */
  readonly onTrace?: ((event: TraceEvent, fetchId: number) => void) | undefined;
  /** The value of `User-Agent` where a page sets none. */
  readonly userAgent?: string | undefined;
  /** The value of `Accept-Language` where a page sets none; empty for none. Default: `en-US,en;q=0.9`. */
  readonly acceptLanguage?: string | undefined;
  /** For a connection, for a response's head, and between two pieces of a body. Default: 300 000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** The most bytes of a response's header section. Default: 262 144. */
  readonly maxHeaderBytes?: number | undefined;
  /**
   * The most bytes of a response's body that is read whole, content codings taken off; a stream has no limit.
   * Default: 536 870 912, beyond which no string is long enough.
   */
  readonly maxBodyBytes?: number | undefined;
  /** Cookies of other sites than the top-level page's: `allow`, `block`, or `partition` by top-level site. Default: the profile's. */
  readonly thirdPartyCookies?: ThirdPartyCookies | undefined;
}

export type HttpCacheOptions = {
  readonly [Name in keyof HttpCacheLimits]?: HttpCacheLimits[Name] | undefined;
};

/** The options with their defaults. */
export interface UserAgentSettings {
  readonly resolve: Resolve;
  readonly ipAddressSpaces: Readonly<Record<string, IpAddressSpace>>;
  readonly ca: string | undefined;
  readonly clientCertificate: ClientCertificate | undefined;
  readonly clock: UserAgentClock;
  /** Null for no cache. */
  readonly httpCache: HttpCacheLimits | null;
  readonly http2: boolean;
  readonly profile: ProfileName;
  readonly onTrace: ((event: TraceEvent, fetchId: number) => void) | null;
  readonly userAgent: string;
  readonly acceptLanguage: string;
  readonly timeoutMilliseconds: number;
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  readonly thirdPartyCookies: ThirdPartyCookies;
}

const NAMES: readonly (keyof UserAgentSettings)[] = [
  "resolve",
  "ipAddressSpaces",
  "ca",
  "clientCertificate",
  "clock",
  "httpCache",
  "http2",
  "profile",
  "onTrace",
  "userAgent",
  "acceptLanguage",
  "timeoutMilliseconds",
  "maxHeaderBytes",
  "maxBodyBytes",
  "thirdPartyCookies",
];

/** What browsers begin their `User-Agent` with, as servers look for it. */
const DEFAULT_USER_AGENT = "Mozilla/5.0 (compatible; crossorigin)";
/** Longer delays overflow a timer. */
const MAX_MILLISECONDS = 2_147_483_647;
const HTTP_CACHE_LIMITS: HttpCacheLimits = { maxEntries: 10_000, maxBytes: 67_108_864 };

/** Throws a `TypeError` that names the option, its value and what to pass instead. */
export function resolveUserAgentOptions(options: UserAgentOptions): UserAgentSettings {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`The user agent's options are ${show(options)}: pass an object, or nothing.`);
  }
  refuseUnknownOptions(options, NAMES);
  const { resolve, ca, clock, profile, onTrace, userAgent, acceptLanguage, timeoutMilliseconds, maxHeaderBytes } =
    options;
  const { maxBodyBytes, thirdPartyCookies, ipAddressSpaces } = options;
  check(
    "resolve",
    resolve,
    isFunction,
    'a function such as (hostname) => hostname === "api.example" ? "127.0.0.1" : undefined',
  );
  checkIpAddressSpaces(ipAddressSpaces);
  check("ca", ca, areCertificates, "certificates in PEM, as a string");
  check(
    "clock",
    clock,
    isClock,
    "an object with a method now() that returns milliseconds, and perhaps a method schedule(step, milliseconds)",
  );
  check(
    "profile",
    profile,
    (value) => typeof value === "string" && isProfileName(value),
    `one of ${Object.keys(PROFILES).join(", ")}`,
  );
  check("http2", options.http2, (value) => typeof value === "boolean", "true or false");
  check("onTrace", onTrace, isFunction, "a function such as (event) => console.log(event)");
  check(
    "userAgent",
    userAgent,
    (value) => typeof value === "string" && value !== "" && isHeaderValue(value),
    "a header value",
  );
  check(
    "acceptLanguage",
    acceptLanguage,
    isAcceptLanguage,
    'language ranges such as "en-US,en;q=0.9", or an empty string',
  );
  check(
    "timeoutMilliseconds",
    timeoutMilliseconds,
    isCount(MAX_MILLISECONDS),
    `a whole number from 1 to ${MAX_MILLISECONDS}`,
  );
  check("maxHeaderBytes", maxHeaderBytes, isCount(2 ** 31 - 1), "a whole number of at least 1");
  check("maxBodyBytes", maxBodyBytes, isCount(Number.MAX_SAFE_INTEGER), "a whole number of at least 1");
  check(
    "thirdPartyCookies",
    thirdPartyCookies,
    (value) => value === "allow" || value === "block" || value === "partition",
    '"allow", "block" or "partition"',
  );
  return {
    resolve: resolve ?? (() => undefined),
    ipAddressSpaces: { ...ipAddressSpaces },
    ca,
    clientCertificate: resolveClientCertificate(options.clientCertificate),
    clock: resolveClock(clock ?? { now: () => Date.now() }),
    httpCache: resolveHttpCache(options.httpCache),
    http2: options.http2 ?? true,
    profile: profile ?? "standard",
    onTrace: onTrace ?? null,
    userAgent: userAgent ?? DEFAULT_USER_AGENT,
    acceptLanguage: acceptLanguage ?? "en-US,en;q=0.9",
    timeoutMilliseconds: timeoutMilliseconds ?? 300_000,
    maxHeaderBytes: maxHeaderBytes ?? 262_144,
    maxBodyBytes: maxBodyBytes ?? 2 ** 29,
    thirdPartyCookies: thirdPartyCookies ?? PROFILES[profile ?? "standard"].thirdPartyCookies,
  };
}

function resolveHttpCache(value: UserAgentOptions["httpCache"]): HttpCacheLimits | null {
  if (value === undefined || value === true) return HTTP_CACHE_LIMITS;
  if (value === false) return null;
  check("httpCache", value, (given) => typeof given === "object" && given !== null, "true, false, or its limits");
  refuseUnknownOptions(value, Object.keys(HTTP_CACHE_LIMITS));
  const { maxEntries = HTTP_CACHE_LIMITS.maxEntries, maxBytes = HTTP_CACHE_LIMITS.maxBytes } = value;
  check("httpCache.maxEntries", maxEntries, isCount(2 ** 24), `a whole number from 1 to ${2 ** 24}`);
  check("httpCache.maxBytes", maxBytes, isCount(Number.MAX_SAFE_INTEGER), "a whole number of at least 1");
  return { maxEntries, maxBytes };
}

function check(name: string, value: unknown, isFine: (value: unknown) => boolean, fix: string): void {
  if (value !== undefined && !isFine(value)) throw new TypeError(`The option ${name} is ${show(value)}: pass ${fix}.`);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isClock(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("now" in value) || typeof value.now !== "function") return false;
  return !("schedule" in value) || value.schedule === undefined || typeof value.schedule === "function";
}

function resolveClock(clock: Clock & Partial<UserAgentClock>): UserAgentClock {
  return {
    now: () => clock.now(),
    schedule: clock.schedule?.bind(clock) ?? scheduleByTimer,
  };
}

/** Every certificate of a text in PEM; a text without one is none. */
const CERTIFICATES = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;

function areCertificates(value: unknown): boolean {
  const certificates = typeof value === "string" ? (value.match(CERTIFICATES) ?? []) : [];
  return certificates.length > 0 && certificates.every((certificate) => isCertificate(certificate));
}

function isCertificate(pem: string): boolean {
  try {
    const { X509Certificate } = process.getBuiltinModule("node:crypto");
    return new X509Certificate(pem).raw.byteLength > 0;
  } catch {
    return false;
  }
}

/** IP addresses, with or without a port, and their address spaces. */
function checkIpAddressSpaces(value: unknown): void {
  const fix = 'an object such as { "127.0.0.1:8080": "public" }';
  check("ipAddressSpaces", value, (given) => typeof given === "object" && given !== null, fix);
  for (const [key, space] of Object.entries(value ?? {})) {
    if (!isAddress(key)) throw new TypeError(`The option ipAddressSpaces has the key ${show(key)}: pass ${fix}.`);
    check(`ipAddressSpaces[${show(key)}]`, space, isIpAddressSpace, `one of ${IP_ADDRESS_SPACES.join(", ")}`);
  }
}

function isIpAddressSpace(value: unknown): boolean {
  return IP_ADDRESS_SPACES.some((known) => known === value);
}

function isAddress(key: string): boolean {
  const [, v6, v6Port, v4, v4Port, bare = ""] =
    /^(?:\[(.+)\]:([0-9]{1,5})|([0-9.]+):([0-9]{1,5})|([^[].*))$/.exec(key) ?? [];
  return determineIpAddressSpace(v6 ?? v4 ?? bare) !== null && Number(v6Port ?? v4Port ?? 0) <= 65_535;
}

/** It goes into every request, so it must not be what makes one ask for a preflight. */
function isAcceptLanguage(value: unknown): boolean {
  return (
    typeof value === "string" &&
    (value === "" || (isHeaderValue(value) && isCorsSafelistedRequestHeader("Accept-Language", value)))
  );
}

function isCount(max: number): (value: unknown) => boolean {
  return (value) => typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
}
