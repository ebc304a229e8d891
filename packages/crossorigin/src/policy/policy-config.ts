/**
 * What a policy is written in. Plain JSON.
 *
 * @module
 */

export type CrossOriginResourcePolicy = "same-origin" | "same-site" | "cross-origin";

/** Fields that every policy may have. */
export interface PolicyFields {
  /** Methods beyond GET, HEAD and POST, which never need listing. Case-sensitive. */
  readonly methods?: "*" | readonly string[];
  /** Request headers beyond the safelisted ones. `*` covers all but `Authorization`, which must be named. */
  readonly requestHeaders?: "*" | readonly string[];
  /** Response headers that pages may read beyond the safelisted ones. */
  readonly exposedHeaders?: "*" | readonly string[];
  /** Whole seconds from 0 (never kept) to 86 400 for which a preflight may be kept; absent leaves it to the browser (5 seconds). */
  readonly maxAgeSeconds?: number;
  /** `full` answers a preflight with every method and header granted, so that fewer are needed; `requested` with what was asked for. Default: `full`. */
  readonly preflightAnswer?: "full" | "requested";
  /** Lets granted pages read how long the response took, by `Timing-Allow-Origin`. Of requests that carry `Origin`, or of all if `origins` is `*`. */
  readonly exposeTiming?: boolean;
  /** `Cross-Origin-Resource-Policy` of every response: which pages may embed it without CORS. Absent leaves the line to the application. */
  readonly crossOriginResourcePolicy?: CrossOriginResourcePolicy;
  /** Grants sandboxed pages and files, which anybody can make. */
  readonly dangerouslyAllowNullOrigin?: boolean;
  /** Lets origins that come over plain http use credentials. */
  readonly dangerouslyAllowInsecureOrigins?: boolean;
  /** Lets a wildcard cover a public suffix, where strangers can register names. */
  readonly dangerouslyAllowPublicSuffixWildcards?: boolean;
  /** Answers preflights for a private network as Chromium once asked for them (`Access-Control-Request-Private-Network`). */
  readonly dangerouslyAllowPrivateNetwork?: boolean;
  /** Grants every origin by name, so that even credentials work. Needs `origins: "*"`. */
  readonly dangerouslyReflectAnyOrigin?: boolean;
}

/** Any origin, without credentials. */
export interface AnyOriginConfig extends PolicyFields {
  readonly origins: "*";
  readonly credentials?: false;
}

/** Listed origins: exact (`https://app.example`), whole labels (`https://*.app.example`, never the apex), any port (`https://app.example:*`). */
export interface ListedOriginsConfig extends PolicyFields {
  readonly origins: readonly string[];
  readonly credentials?: boolean;
  readonly dangerouslyReflectAnyOrigin?: false;
}

/** Any origin with credentials. */
export interface ReflectedOriginsConfig extends PolicyFields {
  readonly origins: "*";
  readonly credentials: true;
  readonly dangerouslyReflectAnyOrigin: true;
}

export type PolicyConfig = AnyOriginConfig | ListedOriginsConfig | ReflectedOriginsConfig;

/** The names of all fields. */
export const POLICY_FIELDS = [
  "origins",
  "credentials",
  "methods",
  "requestHeaders",
  "exposedHeaders",
  "maxAgeSeconds",
  "preflightAnswer",
  "exposeTiming",
  "crossOriginResourcePolicy",
  "dangerouslyAllowNullOrigin",
  "dangerouslyAllowInsecureOrigins",
  "dangerouslyAllowPublicSuffixWildcards",
  "dangerouslyAllowPrivateNetwork",
  "dangerouslyReflectAnyOrigin",
] as const;

export type PolicyField = (typeof POLICY_FIELDS)[number];
