/**
 * A profile: the settings in which user agents differ. Rules read these settings; no rule asks for an engine's name.
 *
 * @module
 */

import type { CacheMode } from "./request-concepts.ts";

export type ProfileName = "standard" | "chromium" | "firefox" | "webkit";

export type ThirdPartyCookies = "allow" | "block" | "partition";

/** What is withheld from pages of what they may use but not read. No standard; engines took one draft in two ways. @see https://github.com/annevk/orb */
export interface OpaqueResponseBlocking {
  /** Does it look at a response whose last URL is the page's own, where redirects by others made it opaque? */
  readonly ownOriginIncluded: boolean;
  /** Does it look at what is preloaded? */
  readonly preloadsIncluded: boolean;
  /** What is let through unseen: essences, and types with a slash at the end. */
  readonly safelistedTypes: readonly string[];
  /** Is what calls itself JavaScript let through unseen, too? */
  readonly javascriptSafelisted: boolean;
  /** Is `text/plain` with `nosniff` withheld, as HTML, JSON and XML are? */
  readonly plainTextHeldToNosniff: boolean;
  /** Must a part of a response tell that it is the first, and not be HTML, JSON or XML? Otherwise only parts that tell that they are not are withheld. */
  readonly partsMustBegin: boolean;
  /** Must be a script what is no image, sound or video? Otherwise it must not begin as HTML, XML and JSON do. */
  readonly scriptRequired: boolean;
}

/** Storage access headers, where engines differ in them. @see https://privacycg.github.io/storage-access-headers/ */
export interface StorageAccess {
  /** Do preflights carry `Sec-Fetch-Storage-Access` for the request that they are for? */
  readonly sentWithPreflight: boolean;
  /** Is `Origin` sent, also with GET and HEAD, where the first URL's server could ask for cookies? If not, where the current one could, over https. */
  readonly originByFirstUrl: boolean;
  /** Does a request have a status whose redirects have tainted it? */
  readonly ofTaintedRequests: boolean;
  /** May a server name the origin `null`? */
  readonly opaqueOriginsRetried: boolean;
  /** Does a redirected request keep the cookies that a server asked for? */
  readonly keptOnRedirect: boolean;
  /** Does the request that is sent again go past HTTP caches? */
  readonly retryReloads: boolean;
}

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
  /**
   * Which failed requests make the preflight cache forget their URL: none; preflighted ones; or any that CORS was asked of, but for
   * one that met a redirect in redirect mode `error`?
   */
  readonly cacheClearedBy: "nothing" | "preflighted-failure" | "cors-failure";
  /** URLs of this many characters or more are never cached; null for no limit. */
  readonly minUncachedUrlLength: number | null;
  /** Are preflights of opaque origins kept? */
  readonly opaqueOriginPreflightCached: boolean;
  /** Are preflights kept whose origin is `null` only because redirects tainted it? */
  readonly taintedOriginPreflightCached: boolean;
  /** Is a `*` from an answer to a request with credentials, where it is a literal, used as a wildcard for others? */
  readonly credentialedWildcardCacheHit: boolean;
  /** Is what a preflight grants kept for each name, or as one result that the next one replaces? */
  readonly preflightCacheUnit: "name" | "result";
  /** Is a cached result forgotten when it is not enough for a request? */
  readonly insufficientResultErased: boolean;
  /** Is what a preflight grants kept although it refuses the request that it was sent for? */
  readonly refusedPreflightStored: boolean;
  /** Is an answer that may be kept for no time kept, in the place of what was there? */
  readonly zeroMaxAgeStored: boolean;
  /**
   * Methods that any kept answer grants, whatever it names, and that need one if a preflight was called for by nothing else. Null
   * if safelisted methods need none, unless the use-CORS-preflight flag is set; then they need one that names them.
   */
  readonly methodsGrantedByAnyAnswer: readonly string[] | null;
  /** Does a kept answer go on granting those methods after it has expired? */
  readonly expiredAnswerGrantsMethods: boolean;
  /** Does an answer without methods grant the one of a request whose use-CORS-preflight flag is set? */
  readonly flaggedMethodGranted: boolean;
  /** URLs that preflights are kept for. */
  readonly maxCachedUrls: number;
  /** Cache modes whose requests are preflighted whatever is in the preflight cache. */
  readonly preflightCacheBypassedBy: readonly CacheMode[];
  /** Cache modes for whose requests the answer to the preflight is not kept. */
  readonly preflightNotStoredFor: readonly CacheMode[];
  /** Does a preflight carry the cache mode of its request, as `Pragma` and `Cache-Control`? */
  readonly preflightHasCacheMode: boolean;
  /** The cache mode of a request whose page set a conditional header such as `If-None-Match`. */
  readonly conditionalCacheMode: "no-store" | "no-cache";
  /** Whose cache mode a conditional header leaves alone, as the server is told of it and the preflight cache asked. */
  readonly conditionalCacheModeUnchangedFor: readonly ("xmlhttprequest" | "worker")[];
  /** Is the HTTP cache divided by the site of the page or frame that asks, besides the top-level site? */
  readonly httpCacheKeyedByFrameSite: boolean;
  /** Does the HTTP cache keep apart what was asked for with and without credentials? */
  readonly httpCacheKeyedByCredentials: boolean;
  /** Is a response stored that the CORS check then withholds? */
  readonly withheldResponseStored: boolean;
  /** Is a request such as a POST, too, sent again if it met a kept connection that the server had closed? */
  readonly nonIdempotentSentAgain: boolean;
  /** Statuses whose responses stay fresh where they say nothing of it. */
  readonly implicitlyFreshStatuses: readonly number[];
  /** Does `Access-Control-Request-Headers` name a header once for each of its lines? */
  readonly requestHeaderNamesRepeated: boolean;
  /**
   * Is a preflight sent after a redirect though what asked for one is gone? With which header names: all that the page set, or all but
   * those that this very redirect removed?
   */
  readonly preflightAfterRedirect: "if-needed" | "once-needed" | "once-needed-for-all-names";
  /** Does a `Content-Type` that an `XMLHttpRequest` takes from its body count as one that the page set? If not, it is asked for after redirects where nothing else is. */
  readonly typeOfBodyCountsAsPages: boolean;
  /** Is a header that a redirect removed there again after the next one, unless that one would take it from the first request, too? */
  readonly removedHeadersComeBack: boolean;
  /** Does a preflight after a tainting redirect have the origin `null`, as the request does? */
  readonly preflightOriginTainted: boolean;
  /** Does the CORS check apply to a preflight that a redirect brought back to the page's own origin? */
  readonly preflightToOwnOriginChecked: boolean;
  /** Must a redirect by another origin allow credentials if the first URL was of the page's origin and had them? */
  readonly sameOriginCredentialsCheckedOnRedirect: boolean;
  /** Where is a user or password in `Location` refused: where another origin is involved in CORS, or always? */
  readonly locationCredentialsRefused: "cross-origin" | "always";
  /** Are several lines of `Location` followed if they are equal? */
  readonly equalLocationsFollowed: boolean;
  /** Is a redirect status without `Location` a redirect to redirect mode `error`? */
  readonly redirectWithoutLocationRefused: boolean;
  /** Is an empty `Location` followed, to the same URL, or as if there were none? */
  readonly emptyLocationFollowed: boolean;
  /** Does the referrer policy hide the origin from servers that CORS was not asked of: always, never, or until a redirect to another origin? */
  readonly originHiddenByReferrerPolicy: "always" | "until-cross-origin-redirect" | "never";
  /** Do elements and fonts that ask with CORS send `Origin` to the page's own origin, too? */
  readonly originSentByElementsToOwnOrigin: boolean;
  /** Are fonts asked for with CORS? If not, they are fetched as images without `crossorigin` are. */
  readonly fontsFetchedWithCors: boolean;
  /** Must a text track without `crossorigin` be of the page's own origin? */
  readonly textTracksConfinedToOwnOrigin: boolean;
  /** Are errors of scripts that were fetched without CORS from another origin muted? */
  readonly opaqueScriptErrorsMuted: boolean;
  /** Is a module or style sheet the referrer of what it imports, rather than the page? */
  readonly importerIsReferrer: boolean;
  /** Are manifests of the page's own origin asked for with cookies? */
  readonly manifestsFetchedWithCookies: boolean;
  /** The cache mode of beacons. */
  readonly beaconCacheMode: "default" | "no-cache";
  /** Does an event source that was redirected connect again to where it began? If not, to where it ended. */
  readonly eventSourceReconnectsToFirstUrl: boolean;
  /** How long an event source waits before it connects again, where no server has told it. */
  readonly eventSourceReconnectionMilliseconds: number;
  /** Does the first redirect to another origin make the origin of a no-cors request `null`, also where it does not taint it? */
  readonly noCorsOriginHiddenAfterRedirect: boolean;
  /** Does a no-cors request that began at the page's own origin keep credentials of the kind `same-origin` wherever redirects lead? */
  readonly noCorsCredentialsKeptOnRedirect: boolean;
  /** Does a request that had `Origin` because of its method keep it when redirects within one origin make it a GET? */
  readonly originKeptOnRedirect: boolean;
  /** Are `Pragma` and `Cache-Control` for the cache mode also sent where a CORS request was just redirected to another origin? */
  readonly cacheModeSentAcrossOrigins: boolean;
  /** Are client hints that a page set taken off a redirected request, unless its top-level page has the origin that it is sent to? */
  readonly clientHintsRemovedOnRedirect: boolean;
  /** Is a 407 from a server that is no proxy a network error? */
  readonly proxyAuthenticationRefused: boolean;
  /** Do user and password in the URL of an `XMLHttpRequest` answer a 401 of any origin, even without credentials? */
  readonly urlCredentialsAnswerEveryChallenge: boolean;
  /** May an https page ask loopback addresses over http? */
  readonly mixedContentOnLoopback: boolean;
  /** Is the embedder policy `credentialless` known? Where it is not, it is as if the page had none. */
  readonly credentiallessKnown: boolean;
  /** Null: there are no such headers. */
  readonly storageAccess: StorageAccess | null;
  /** Null: nothing is withheld. */
  readonly opaqueResponseBlocking: OpaqueResponseBlocking | null;
  /** Which pages need permission for addresses less public than theirs: none, those from public addresses, or all? */
  readonly localNetworkAccess: "off" | "from-public" | "from-any";
  /** Must a page be a secure context for that permission? */
  readonly localNetworkAccessNeedsSecureContext: boolean;
  /** May a frame that its page's permissions policy does not let ask for that permission have it in its own right? */
  readonly localNetworkAccessOfFramesThemselves: boolean;
  /** Does it count where the page, or a URL such as that of a private address, says that a request goes? */
  readonly addressSpaceForetold: boolean;
  /** Must a request go where its URL tells, as a private address does, and not only where the page says? Then `public` says nothing. */
  readonly impliedAddressSpaceHeld: boolean;
  /** Are repeated headers judged by each line or by what they come to together? */
  readonly safelistedUnit: "line" | "combined";
  /** Does a sum of more than 1024 bytes make safelisted headers unsafe, which takes repeated ones? */
  readonly safelistedSumLimited: boolean;
  /** Are client hints such as `Save-Data: on` and `DPR: 2` safelisted? */
  readonly clientHintsSafelisted: boolean;
  /** Numbers of a `Range` that are too large to be safelisted; null for none. */
  readonly rangeNumberLimit: bigint | null;
  /** Is the unit of a `Range` compared with case? */
  readonly rangeUnitCaseSensitive: boolean;
  /** Is a referrer kept from less secure URLs where its scheme is https, or where it is potentially trustworthy? */
  readonly referrerDowngradeByScheme: boolean;
  /** Do policies that give other origins more than `strict-origin-when-cross-origin` does count as that one across sites? */
  readonly crossSiteReferrerTrimmed: boolean;
  /** The `Sec-Fetch-Dest` of handshakes of WebSockets; null if they carry no fetch metadata headers at all. */
  readonly fetchMetadataOfWebSockets: "empty" | "websocket" | null;
  /** Are cookies stored that come with an answer to a handshake that is none? */
  readonly cookiesOfRefusedHandshakesStored: boolean;
  /** Does the constructor throw a `SecurityError` where a WebSocket would be mixed content, rather than that it fails? */
  readonly mixedWebSocketsThrow: boolean;
  /** Is `error` fired before `close` where the connection of a WebSocket breaks off? */
  readonly lostWebSocketsFireError: boolean;
  /** Are fetch metadata headers sent with CORS after a redirect to another origin? */
  readonly fetchMetadataAfterCorsRedirect: boolean;
  /** Does what `credentialless` takes the credentials of go past HTTP caches? */
  readonly credentiallessUncached: boolean;
  /** Is the integrity of a response without body that of an empty one? Otherwise nothing matches it. */
  readonly absentBodyHasIntegrity: boolean;
  /** Does an element's integrity attribute ask for nothing where it has no digest that is known? If not, it still asks for a body that is no secret. */
  readonly elementIntegrityNeedsDigest: boolean;
  /** What a cookie without `SameSite` counts as. */
  readonly sameSiteDefault: "none" | "lax";
  /** Seconds for which a cookie that is `Lax` by default also travels with a POST navigation from another site. */
  readonly laxAllowingUnsafeSeconds: number;
  /** Are two schemes of one host two sites to `SameSite`? */
  readonly sameSiteIncludesScheme: boolean;
  /** Is a frame of another site another site to `SameSite`, whatever the top-level page is? */
  readonly sameSiteConsidersFrames: boolean;
  /** When redirects by other sites keep cookies with `SameSite` from a request to the page's own site: when they are sent, and when they are set? */
  readonly sameSiteConsidersRedirects: "always" | "when-sent" | "never";
  /** May loopback hosts set `Secure` cookies over http? */
  readonly secureCookiesOnLoopback: boolean;
  /** Is a cookie with `SameSite=None` refused without `Secure`? */
  readonly sameSiteNoneRequiresSecure: boolean;
  /** Cookies of sites other than the top-level page's: kept and sent, or not, or kept apart for each top-level site. */
  readonly thirdPartyCookies: ThirdPartyCookies;
  /** Is the attribute `Partitioned` known, which keeps a cookie apart for each top-level site, whatever becomes of others? */
  readonly partitionedCookies: boolean;
}
