/**
 * From each library's options to what they amount to, as its source code reads them: expressjs/cors 2.8.6,
 * @fastify/cors 11.4.3, @koa/cors 5.0.0, hono/cors 4.13.19.
 *
 * @module
 */

import { KNOWN_OPTIONS } from "./guess-library.ts";
import type { IgnoredOption, Library, OldCors, OldNames, OldOrigin, Options, OriginItem } from "./old-cors.ts";
import { tryRegExp } from "./try-regexp.ts";

/** A function instead of options is one that computes them for each request. */
export function readOldCors(library: Library, value: Options | (() => unknown)): OldCors {
  const isDelegated = typeof value === "function" || (library === "fastify" && value["delegator"] !== undefined);
  const options: Options = typeof value === "function" ? {} : value;
  const known = KNOWN_OPTIONS[library];
  const ignored = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, why: "does not know it and ignores it" }));
  const old = READERS[library](options);
  return {
    ...old,
    origin: isDelegated ? { kind: "function" } : old.origin,
    isDelegated,
    ignored: [...ignored, ...old.ignored],
    undefinedOptions: known.filter((name) => name in options && options[name] === undefined),
    undefinedItems: known.filter((name) => holdsUndefined(options[name])),
  };
}

function holdsUndefined(value: unknown): boolean {
  return Array.isArray(value) && value.includes(undefined);
}

const READERS: Readonly<Record<Library, (options: Options) => OldCors>> = {
  express: readExpress,
  fastify: readFastify,
  koa: readKoa,
  hono: readHono,
};

const NO_NAMES: OldNames = { kind: "none", sendsEmptyLine: false };
const REFLECTED: OldNames = { kind: "reflected" };

const PLAIN: Omit<OldCors, "library" | "origin" | "credentials" | "methods" | "requestHeaders" | "exposedHeaders"> = {
  maxAge: null,
  dropsZeroMaxAge: false,
  passesPreflightsOn: false,
  ignoresPreflights: false,
  isStrict: false,
  successStatus: 204,
  cacheControl: null,
  losesGrantOnError: false,
  secureContext: false,
  privateNetworkAccess: false,
  hook: null,
  hidesOptionsRoute: null,
  logLevel: null,
  isDelegated: false,
  ignored: [],
  undefinedOptions: [],
  undefinedItems: [],
};

function readExpress(options: Options): OldCors {
  const { credentials, maxAge } = options;
  const headers = truthy(options["allowedHeaders"]) ?? truthy(options["headers"]);
  const isIgnoredString = credentials !== undefined && typeof credentials !== "boolean";
  return {
    ...PLAIN,
    library: "express",
    origin: "origin" in options ? expressOrigin(options["origin"]) : { kind: "star" },
    credentials: credentials === true ? "yes" : "no",
    methods:
      "methods" in options ? namesOf(options["methods"]) : byDefault(["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]),
    requestHeaders: headers === undefined ? REFLECTED : namesOf(headers),
    exposedHeaders: namesOf(options["exposedHeaders"]),
    maxAge: typeof maxAge === "number" ? String(maxAge) : textOf(truthy(maxAge)),
    passesPreflightsOn: Boolean(options["preflightContinue"]),
    successStatus: statusOf(options),
    ignored: isIgnoredString ? [{ name: "credentials", why: "reads no value but true, and ignores this one" }] : [],
  };
}

function expressOrigin(origin: unknown): OldOrigin {
  if (!origin) return { kind: "off" };
  if (typeof origin === "function") return { kind: "function" };
  if (typeof origin === "string") return origin === "*" ? { kind: "star" } : { kind: "fixed", values: [origin] };
  return listOf(origin);
}

/** Lists, regular expressions, and whatever else is true. */
function listOf(origin: unknown): OldOrigin {
  const items: OriginItem[] = [];
  let allowsAll = false;
  const read = (item: unknown): void => {
    if (Array.isArray(item)) for (const inner of item) read(inner);
    else if (typeof item === "string") items.push({ kind: "exact", value: item });
    else if (item instanceof RegExp) items.push({ kind: "regexp", regexp: item });
    else if (item) allowsAll = true;
  };
  read(origin);
  if (allowsAll) return { kind: "any", because: Array.isArray(origin) ? "item" : "true" };
  if (items.some((item) => item.kind === "regexp" && matchesAnything(item.regexp)))
    return { kind: "any", because: "regexp" };
  return { kind: "list", items };
}

/** Origins that have nothing in common but being one. */
const UNRELATED = ["https://a.example", "https://b-c.test", "https://192.0.2.7:8080", "https://xn--d1acufc.xn--p1ai"];

function matchesAnything(regexp: RegExp): boolean {
  return UNRELATED.every((origin) => tryRegExp(regexp, origin));
}

function readFastify(options: Options): OldCors {
  const read = (name: string, absent: OldNames): OldNames => {
    const value = name in options ? options[name] : null;
    if (!(name in options) || (value === null && name !== "methods")) return absent;
    const names = namesOf(value);
    return names.kind === "none" ? { kind: "none", sendsEmptyLine: true } : names;
  };
  const maxAge = "maxAge" in options ? options["maxAge"] : null;
  const { cacheControl, logLevel } = options;
  const isIgnored = options["preflight"] !== undefined && options["preflight"] !== true;
  const origin = "origin" in options ? options["origin"] : "*";
  const isInvalid = !origin && origin !== false;
  return {
    ...PLAIN,
    library: "fastify",
    origin: fastifyOrigin(origin),
    credentials: options["credentials"] ? "yes" : "no",
    methods: read("methods", byDefault(["GET", "HEAD", "POST"])),
    requestHeaders: read("allowedHeaders", REFLECTED),
    exposedHeaders: read("exposedHeaders", NO_NAMES),
    maxAge: maxAge === null ? null : (textOf(maxAge) ?? "undefined"),
    passesPreflightsOn: Boolean(options["preflightContinue"]),
    ignoresPreflights: isIgnored,
    isStrict: !("strictPreflight" in options) || options["strictPreflight"] === true,
    successStatus: statusOf(options),
    cacheControl: Number.isInteger(cacheControl)
      ? `max-age=${String(cacheControl)}`
      : typeof cacheControl === "string" && cacheControl !== ""
        ? cacheControl
        : null,
    hook: typeof options["hook"] === "string" && options["hook"] !== "onRequest" ? options["hook"] : null,
    hidesOptionsRoute: typeof options["hideOptionsRoute"] === "boolean" ? options["hideOptionsRoute"] : null,
    logLevel: typeof logLevel === "string" ? logLevel : null,
    ignored: isInvalid ? [{ name: "origin", why: "answers every request with an error because of it" }] : [],
  };
}

function fastifyOrigin(origin: unknown): OldOrigin {
  if (Array.isArray(origin) && origin.includes("*")) return { kind: "star" };
  return expressOrigin(origin);
}

function readKoa(options: Options): OldCors {
  const { credentials, maxAge, origin, keepHeadersOnError } = options;
  const headers = namesOf(options["allowHeaders"]);
  const isList =
    origin !== undefined && origin !== null && !["string", "function"].includes(typeof origin) && Boolean(origin);
  return {
    ...PLAIN,
    library: "koa",
    origin: koaOrigin(origin, credentials),
    credentials: typeof credentials === "function" ? "function" : credentials ? "yes" : "no",
    methods:
      "allowMethods" in options
        ? namesOf(options["allowMethods"])
        : byDefault(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"]),
    requestHeaders: headers.kind === "none" ? REFLECTED : headers,
    exposedHeaders: namesOf(options["exposeHeaders"]),
    maxAge: maxAge ? (textOf(maxAge) ?? "an object") : null,
    dropsZeroMaxAge: maxAge === 0,
    losesGrantOnError: keepHeadersOnError !== undefined && !keepHeadersOnError,
    secureContext: Boolean(options["secureContext"]),
    privateNetworkAccess: Boolean(options["privateNetworkAccess"]),
    ignored: isList
      ? [{ name: "origin", why: "takes a string or a function, and sends this as it is to everyone" }]
      : [],
  };
}

function koaOrigin(origin: unknown, credentials: unknown): OldOrigin {
  if (typeof origin === "function") return { kind: "function" };
  if (!origin || origin === "*")
    return credentials ? { kind: "any", because: "star-with-credentials" } : { kind: "star" };
  return { kind: "fixed", values: Array.isArray(origin) ? origin.map(String) : [textOf(origin) ?? ""] };
}

function readHono(options: Options): OldCors {
  const { maxAge, allowMethods } = options;
  const headers = namesOf(options["allowHeaders"]);
  const ignored: IgnoredOption[] = [];
  if (typeof allowMethods === "string")
    ignored.push({ name: "allowMethods", why: "takes a list or a function, and ignores a string" });
  for (const name of ["allowHeaders", "exposeHeaders"])
    if (typeof options[name] === "string" && options[name] !== "")
      ignored.push({ name, why: "takes a list, and throws at a string" });
  const origin = "origin" in options ? options["origin"] : "*";
  if (!isHonoOrigin(origin))
    ignored.push({
      name: "origin",
      why: "takes strings or a function, and throws or never matches with anything else",
    });
  return {
    ...PLAIN,
    library: "hono",
    origin: honoOrigin(origin),
    credentials: options["credentials"] ? "yes" : "no",
    methods: !("allowMethods" in options)
      ? byDefault(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "QUERY"])
      : typeof allowMethods === "function"
        ? { kind: "function" }
        : Array.isArray(allowMethods)
          ? namesOf(allowMethods)
          : NO_NAMES,
    requestHeaders: headers.kind === "none" ? REFLECTED : headers,
    exposedHeaders: namesOf(options["exposeHeaders"]),
    maxAge: maxAge === null || maxAge === undefined ? null : textOf(maxAge),
    ignored,
  };
}

function isHonoOrigin(origin: unknown): boolean {
  if (typeof origin === "string" || typeof origin === "function") return true;
  return Array.isArray(origin) && origin.every((item) => typeof item === "string");
}

/** What throws, or never matches, grants nobody. */
function honoOrigin(origin: unknown): OldOrigin {
  if (typeof origin === "function") return { kind: "function" };
  if (origin === "*") return { kind: "star" };
  const values: unknown[] = [origin].flat();
  const items = values
    .filter((item) => typeof item === "string")
    .map((value): OriginItem => ({ kind: "exact", value }));
  return items.length === 0 && !Array.isArray(origin) ? { kind: "off" } : { kind: "list", items };
}

/** Lists, and strings with commas. */
function namesOf(value: unknown): OldNames {
  const text = Array.isArray(value) ? value.map(String).join(",") : typeof value === "string" ? value : "";
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names.length === 0 ? NO_NAMES : { kind: "names", names, isDefault: false };
}

function byDefault(names: readonly string[]): OldNames {
  return { kind: "names", names, isDefault: true };
}

function statusOf(options: Options): number {
  const status = options["optionsSuccessStatus"];
  return typeof status === "number" ? status : 204;
}

function truthy(value: unknown): unknown {
  return value ? value : undefined;
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || value instanceof RegExp ? String(value) : null;
}
