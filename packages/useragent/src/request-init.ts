/**
 * `RequestInit`: what a page may ask of a request, each member checked.
 *
 * @see https://fetch.spec.whatwg.org/#requestinit
 * @module
 */

import {
  type CacheMode,
  type CredentialsMode,
  type IpAddressSpace,
  type Origin,
  type RedirectMode,
  type ReferrerPolicy,
  type RequestMode,
  isForbiddenMethod,
  isMethod,
  isSameOrigin,
  normalizeMethod,
  originOfUrl,
} from "crossorigin/protocol";
import { REFERRER_POLICIES } from "crossorigin/fetching";
import type { BodyInit } from "./body.ts";
import { show, toByteString, toUsvString } from "./byte-string.ts";
import { adoptSignal } from "./foreign-request.ts";
import type { HeadersInit } from "./headers-init.ts";

export interface RequestInit {
  method?: string | undefined;
  headers?: HeadersInit | undefined;
  body?: BodyInit | null | undefined;
  referrer?: string | undefined;
  referrerPolicy?: ReferrerPolicy | undefined;
  /** `navigate` is a `TypeError`. */
  mode?: "same-origin" | "cors" | "no-cors" | "navigate" | undefined;
  credentials?: CredentialsMode | undefined;
  cache?: CacheMode | undefined;
  redirect?: RedirectMode | undefined;
  /** Digests, one of which the body must have. */
  integrity?: string | undefined;
  /** There is no page whose end a request could outlive; but the bodies of such requests share 64 KiB while they are in flight. */
  keepalive?: boolean | undefined;
  signal?: AbortSignal | null | undefined;
  duplex?: "half" | undefined;
  priority?: "high" | "low" | "auto" | undefined;
  /** Where the server is said to be, so that an https page may ask it over http. @see https://wicg.github.io/local-network-access/#fetch-api */
  targetAddressSpace?: IpAddressSpace | undefined;
  window?: null | undefined;
}

const MEMBERS: readonly (keyof RequestInit)[] = [
  "method",
  "headers",
  "body",
  "referrer",
  "referrerPolicy",
  "mode",
  "credentials",
  "cache",
  "redirect",
  "integrity",
  "keepalive",
  "signal",
  "duplex",
  "priority",
  "targetAddressSpace",
  "window",
];

const ENUMERATIONS = {
  mode: ["same-origin", "no-cors", "cors", "navigate"],
  credentials: ["omit", "same-origin", "include"],
  cache: ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"],
  redirect: ["follow", "error", "manual"],
  referrerPolicy: ["", ...REFERRER_POLICIES],
  duplex: ["half"],
  priority: ["high", "low", "auto"],
  targetAddressSpace: ["public", "local", "loopback"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Members as the Web IDL converts them; absent ones are undefined. */
export interface ConvertedRequestInit {
  readonly isEmpty: boolean;
  readonly method: string | undefined;
  readonly headers: HeadersInit | undefined;
  readonly body: BodyInit | null | undefined;
  readonly referrer: string | undefined;
  readonly referrerPolicy: ReferrerPolicy | undefined;
  readonly mode: RequestMode | undefined;
  readonly credentials: CredentialsMode | undefined;
  readonly cache: CacheMode | undefined;
  readonly redirect: RedirectMode | undefined;
  readonly integrity: string | undefined;
  readonly keepalive: boolean | undefined;
  readonly signal: AbortSignal | null | undefined;
  readonly isDuplex: boolean;
  readonly targetAddressSpace: IpAddressSpace | undefined;
}

/** Converts every member once; a `TypeError` names the first that cannot be. */
export function convertRequestInit(init: RequestInit | null | undefined): ConvertedRequestInit {
  if (init !== undefined && init !== null && typeof init !== "object" && typeof init !== "function") {
    throw new TypeError(`RequestInit is ${show(init)}, not an object.`);
  }
  const given = new Map<keyof RequestInit, unknown>();
  for (const name of MEMBERS) {
    const value: unknown = init?.[name];
    if (value !== undefined) given.set(name, value);
  }
  const window = given.get("window") ?? null;
  if (window !== null) throw new TypeError(`RequestInit.window is ${show(window)}; it can only be null.`); // Step 10
  enumeration(given, "priority");
  return {
    isEmpty: given.size === 0,
    method: string(given, "method", toByteString),
    headers: given.get("headers") as HeadersInit | undefined,
    body: given.get("body") as BodyInit | null | undefined,
    referrer: string(given, "referrer", toUsvString),
    referrerPolicy: enumeration(given, "referrerPolicy"),
    mode: enumeration(given, "mode"),
    credentials: enumeration(given, "credentials"),
    cache: enumeration(given, "cache"),
    redirect: enumeration(given, "redirect"),
    integrity: string(given, "integrity", toUsvString),
    keepalive: given.has("keepalive") ? Boolean(given.get("keepalive")) : undefined,
    signal: signal(given.get("signal")),
    isDuplex: enumeration(given, "duplex") !== undefined,
    targetAddressSpace: enumeration(given, "targetAddressSpace"),
  };
}

/** Step 25 of the constructor: tokens only, none of the forbidden ones, the usual ones in upper case. */
export function parseMethod(method: string): string {
  if (!isMethod(method)) throw new TypeError(`The method ${show(method)} is not a token.`);
  if (isForbiddenMethod(method)) throw new TypeError(`The method ${show(method)} is forbidden to pages.`);
  return normalizeMethod(method);
}

/** Step 14 of the constructor: the empty string is none; what is not the page's own is the page. */
export function parseReferrer(referrer: string, base: URL, origin: Origin): "no-referrer" | "client" | URL {
  if (referrer === "") return "no-referrer";
  if (!URL.canParse(referrer, base.href)) throw new TypeError(`The referrer ${show(referrer)} is not a URL.`);
  const url = new URL(referrer, base);
  const isClient = url.protocol === "about:" && url.pathname === "client";
  return isClient || !isSameOrigin(originOfUrl(url), origin) ? "client" : url;
}

function string(
  given: ReadonlyMap<keyof RequestInit, unknown>,
  name: keyof RequestInit,
  convert: (value: unknown, what: string) => string,
): string | undefined {
  return given.has(name) ? convert(given.get(name), `RequestInit.${name}`) : undefined;
}

function enumeration<Name extends keyof typeof ENUMERATIONS>(
  given: ReadonlyMap<keyof RequestInit, unknown>,
  name: Name,
): (typeof ENUMERATIONS)[Name][number] | undefined {
  if (!given.has(name)) return undefined;
  const values: readonly (typeof ENUMERATIONS)[Name][number][] = ENUMERATIONS[name];
  const value = toUsvString(given.get(name), `RequestInit.${name}`);
  const found = values.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new TypeError(
    `RequestInit.${name} is ${show(value)}; it can be ${values.map((candidate) => `"${candidate}"`).join(", ")}.`,
  );
}

function signal(value: unknown): AbortSignal | null | undefined {
  if (value === undefined || value === null) return value;
  const adopted = adoptSignal(value);
  if (adopted !== null) return adopted;
  throw new TypeError(`RequestInit.signal is ${show(value)}, not an AbortSignal.`);
}
