/**
 * Whose options these are, where the options themselves leave no doubt.
 *
 * @module
 */

import { LIBRARIES, type Library, type Options } from "./old-cors.ts";

/** Options that a library reads. */
export const KNOWN_OPTIONS: Readonly<Record<Library, readonly string[]>> = {
  express: [
    "origin",
    "methods",
    "allowedHeaders",
    "headers",
    "exposedHeaders",
    "credentials",
    "maxAge",
    "preflightContinue",
    "optionsSuccessStatus",
  ],
  fastify: [
    "origin",
    "methods",
    "allowedHeaders",
    "exposedHeaders",
    "credentials",
    "maxAge",
    "preflightContinue",
    "optionsSuccessStatus",
    "hook",
    "delegator",
    "preflight",
    "strictPreflight",
    "cacheControl",
    "hideOptionsRoute",
    "logLevel",
  ],
  koa: [
    "origin",
    "allowMethods",
    "allowHeaders",
    "exposeHeaders",
    "credentials",
    "maxAge",
    "keepHeadersOnError",
    "secureContext",
    "privateNetworkAccess",
  ],
  hono: ["origin", "allowMethods", "allowHeaders", "exposeHeaders", "credentials", "maxAge"],
};

/** Libraries that read every one of these options and take values of these kinds. Linear in the number of options. */
export function possibleLibraries(options: Options): readonly Library[] {
  const names = Object.keys(options);
  const knowing = LIBRARIES.filter((library) => names.every((name) => KNOWN_OPTIONS[library].includes(name)));
  return knowing.filter((library) => takesValues(library, options));
}

function takesValues(library: Library, options: Options): boolean {
  const { origin, allowMethods, credentials } = options;
  if (library === "koa") return typeof allowMethods !== "function" && !Array.isArray(origin) && isKoaOrigin(origin);
  if (typeof credentials === "function") return false;
  if (library !== "hono") return true;
  const { allowHeaders, exposeHeaders } = options;
  if (![allowMethods, allowHeaders, exposeHeaders].every(isListOrFunction)) return false;
  if (typeof origin === "boolean" || origin instanceof RegExp) return false;
  return !Array.isArray(origin) || origin.every((item) => typeof item === "string");
}

function isListOrFunction(value: unknown): boolean {
  return value === undefined || Array.isArray(value) || typeof value === "function";
}

function isKoaOrigin(origin: unknown): boolean {
  return origin === undefined || typeof origin === "string" || typeof origin === "function";
}
