/**
 * What the four libraries' options amount to, in one vocabulary.
 *
 * @module
 */

export const LIBRARIES = ["express", "fastify", "koa", "hono"] as const;

export type Library = (typeof LIBRARIES)[number];

/** What the packages call themselves. */
export const LIBRARY_NAMES: Readonly<Record<Library, string>> = {
  express: "expressjs/cors",
  fastify: "@fastify/cors",
  koa: "@koa/cors",
  hono: "hono/cors",
};

export type OriginItem =
  | { readonly kind: "exact"; readonly value: string }
  | { readonly kind: "regexp"; readonly regexp: RegExp };

export type OldOrigin =
  /** Nothing is granted. */
  | { readonly kind: "off" }
  /** `*` for everyone. */
  | { readonly kind: "star" }
  /** The same lines for everyone, whoever asks. */
  | { readonly kind: "fixed"; readonly values: readonly string[] }
  /** The name of whoever asks. */
  | { readonly kind: "any"; readonly because: "true" | "item" | "regexp" | "star-with-credentials" }
  /** The name of whoever asks and matches. */
  | { readonly kind: "list"; readonly items: readonly OriginItem[] }
  | { readonly kind: "function" };

export type OldNames =
  | { readonly kind: "none"; readonly sendsEmptyLine: boolean }
  | { readonly kind: "names"; readonly names: readonly string[]; readonly isDefault: boolean }
  /** What is asked for is granted. */
  | { readonly kind: "reflected" }
  | { readonly kind: "function" };

/** A mistake in the options that only the library's reader can see. */
export interface IgnoredOption {
  readonly name: string;
  /** Completes the sentence that begins with the library's name. */
  readonly why: string;
}

export interface OldCors {
  readonly library: Library;
  readonly origin: OldOrigin;
  readonly credentials: "yes" | "no" | "function";
  readonly methods: OldNames;
  readonly requestHeaders: OldNames;
  readonly exposedHeaders: OldNames;
  /** The value as it goes out; null if none does. */
  readonly maxAge: string | null;
  /** Was a `maxAge` of 0 written that is never sent? */
  readonly dropsZeroMaxAge: boolean;
  /** Does the application get preflights, too? */
  readonly passesPreflightsOn: boolean;
  /** Are preflights left alone altogether? */
  readonly ignoresPreflights: boolean;
  /** Are OPTIONS requests that are no preflights answered with 400? */
  readonly isStrict: boolean;
  readonly successStatus: number;
  readonly cacheControl: string | null;
  readonly losesGrantOnError: boolean;
  readonly secureContext: boolean;
  readonly privateNetworkAccess: boolean;
  /** Options about the library's own workings that have no counterpart. */
  readonly hook: string | null;
  readonly hidesOptionsRoute: boolean | null;
  readonly logLevel: string | null;
  /** Are the options themselves computed for each request? */
  readonly isDelegated: boolean;
  readonly ignored: readonly IgnoredOption[];
  /** Options that are there, but undefined. */
  readonly undefinedOptions: readonly string[];
  /** Options whose lists have undefined items. */
  readonly undefinedItems: readonly string[];
}

/** An object's own fields, absent ones undefined. */
export type Options = Readonly<Record<string, unknown>>;
