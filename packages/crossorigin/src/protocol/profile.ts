/**
 * Profiles: where a user agent leaves the standard, as data. Rules read these settings; no rule asks for an engine's name.
 *
 * @module
 */

export type ProfileName = "standard" | "chromium" | "firefox" | "webkit";

/** The settings of one user agent. */
export interface Profile {
  readonly name: ProfileName;
  /** Does `*` in `Access-Control-Allow-Headers` cover `Authorization`? The standard says no, all engines say yes. */
  readonly authorizationCoveredByWildcard: boolean;
  /** The most seconds a preflight's answer is kept; null for no limit. */
  readonly preflightMaxAgeCapSeconds: number | null;
  /** What an `Access-Control-Max-Age` may look like: digits; or a 64-bit integer, which may have a sign and a limit. */
  readonly maxAgeSyntax: "delta-seconds" | "int64";
  /** Seconds for an `Access-Control-Max-Age` that does not parse. A negative number counts as 0 everywhere. */
  readonly unparsableMaxAgeSeconds: number;
  /** Is a cached `*` used for a later request? */
  readonly wildcardCacheHit: boolean;
  /** Does a cached `*` cover `Authorization` too? Read only where {@link Profile.wildcardCacheHit} holds. */
  readonly authorizationCoveredByCachedWildcard: boolean;
  /** Does an answer to a request with credentials serve one without? */
  readonly credentialedEntryServesAnonymous: boolean;
  /** Is the cache cleared for a URL whose preflighted request failed? */
  readonly cacheClearedOnNetworkError: boolean;
  /** URLs of this many characters or more are never cached; null for no limit. */
  readonly minUncachedUrlLength: number | null;
  /** What a cookie without `SameSite` counts as. */
  readonly sameSiteDefault: "none" | "lax";
  /** Seconds for which a cookie that is `Lax` by default also travels with a POST navigation from another site. */
  readonly laxAllowingUnsafeSeconds: number;
  /** Is a cookie with `SameSite=None` refused without `Secure`? */
  readonly sameSiteNoneRequiresSecure: boolean;
}

/** What the standard says, where it says anything. */
const standard: Profile = {
  name: "standard",
  authorizationCoveredByWildcard: false,
  preflightMaxAgeCapSeconds: null,
  maxAgeSyntax: "delta-seconds",
  unparsableMaxAgeSeconds: 5,
  wildcardCacheHit: true,
  authorizationCoveredByCachedWildcard: false,
  credentialedEntryServesAnonymous: true,
  cacheClearedOnNetworkError: true,
  minUncachedUrlLength: null,
  sameSiteDefault: "none",
  laxAllowingUnsafeSeconds: 0,
  sameSiteNoneRequiresSecure: true,
};

/**
 * The profiles by name. Measured on Chromium 156, Firefox ESR 153 and WebKitGTK 2.50; the caps were read in the engines'
 * sources, and the two minutes are what Chromium documents.
 */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  standard,
  chromium: {
    ...standard,
    name: "chromium",
    authorizationCoveredByWildcard: true,
    preflightMaxAgeCapSeconds: 7200,
    maxAgeSyntax: "int64",
    cacheClearedOnNetworkError: false,
    minUncachedUrlLength: 1024,
    sameSiteDefault: "lax",
    laxAllowingUnsafeSeconds: 120,
  },
  firefox: {
    ...standard,
    name: "firefox",
    authorizationCoveredByWildcard: true,
    preflightMaxAgeCapSeconds: 86_400,
    unparsableMaxAgeSeconds: 0,
    wildcardCacheHit: false,
    credentialedEntryServesAnonymous: false,
  },
  webkit: {
    ...standard,
    name: "webkit",
    authorizationCoveredByWildcard: true,
    authorizationCoveredByCachedWildcard: true,
    preflightMaxAgeCapSeconds: 600,
    maxAgeSyntax: "int64",
    cacheClearedOnNetworkError: false,
    sameSiteNoneRequiresSecure: false,
  },
};

/** Is `value` the name of a profile? */
export function isProfileName(value: string): value is ProfileName {
  return Object.hasOwn(PROFILES, value);
}
