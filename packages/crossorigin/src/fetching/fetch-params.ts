/**
 * Fetch params: a request with everything its fetch acts through. Effects are arguments; nothing here is global.
 *
 * @see https://fetch.spec.whatwg.org/#fetch-params
 * @module
 */

import {
  type CorsPreflightCache,
  type Header,
  type HeaderList,
  type IpAddressSpace,
  type Profile,
  byteLowercase,
} from "../protocol/index.ts";
import type { AuthenticationEntries } from "./authentication-entries.ts";
import type { FetchController } from "./fetch-controller.ts";
import type { HttpCache } from "./http-cache.ts";
import type { Digest } from "./integrity.ts";
import type { FetchFailureCode, NetworkCode, NetworkErrorReason } from "./network-error-reason.ts";
import { type Request, type RequestBody, currentUrl } from "./request.ts";
import {
  BodyTooLargeError,
  type FilteredResponse,
  type NetworkError,
  type ResponseBody,
  networkError,
} from "./response.ts";
import type { TraceEvent } from "./trace.ts";

/** The far end of a connection. */
export interface Connection {
  /** An IP address, as sockets write it. */
  readonly address: string;
  readonly port: number;
}

/** What the transport has to send. Headers are complete but for `Host` and connection management. */
export interface TransportRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly Header[];
  readonly body: RequestBody | null;
  /** Connections with different keys, or with and without credentials, must not be shared. */
  readonly networkPartitionKey: string;
  readonly includeCredentials: boolean;
  /** Must a fresh connection be used? */
  readonly isNewConnection: boolean;
  /** Asked of each connection before anything is written to it. If false, nothing is, and sending fails in any way. */
  allowsConnection(connection: Connection): boolean;
  readonly controller: FetchController;
}

export type TransportResult =
  | {
      readonly ok: true;
      readonly status: number;
      readonly statusMessage: string;
      readonly headers: HeaderList;
      readonly body: ResponseBody | null;
    }
  | { readonly ok: false; readonly code: NetworkCode; readonly detail: string };

/**
 * Sends one request and resolves with the head of the final response (1xx skipped). Never rejects, never follows redirects.
 * Sends again at most once: a request that met a kept connection which the server had closed, if it is idempotent or the
 * profile has it so.
 */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResult>;
}

/** The context that cookie rules ask for. */
export interface CookieContext {
  readonly networkPartitionKey: string;
  /** Is the target of another site than the top-level page, and not about to become that page? */
  readonly isThirdParty: boolean;
  /** Which SameSite cookies may travel: all, none of `Strict`, or only `None`. @see https://fetch.spec.whatwg.org/#determine-the-same-site-mode */
  readonly sameSite: "strict-or-less" | "lax-or-less" | "unset-or-less";
  /** Does the request put another document into the window? Its response may set cookies of any kind. */
  readonly isTopLevelNavigation: boolean;
}

/** Cookies by URL. Neither method throws. */
export interface CookieStore {
  /** The value of `Cookie` for a request to `url`; empty for none. */
  cookieHeader(url: URL, context: CookieContext): string;
  /** Parses and stores one `Set-Cookie` value; false if it was refused. */
  store(url: URL, setCookie: string, context: CookieContext): boolean;
}

/** What a user agent brings to every fetch. */
export interface Effects {
  readonly transport: Transport;
  readonly cookieStore: CookieStore;
  readonly preflightCache: Pick<
    CorsPreflightCache,
    "hasMethodMatch" | "hasHeaderNameMatch" | "hasAnswerFor" | "store" | "clear"
  >;
  /** Without one, every request goes to the network, and cache mode `only-if-cached` fails. */
  readonly httpCache?: HttpCache;
  /** Without them, what answered a challenge is forgotten. */
  readonly authenticationEntries?: AuthenticationEntries;
  readonly profile: Profile;
  /** Value of `User-Agent` where the page does not set one. */
  readonly userAgent: string;
  /** Value of `Accept-Language` where the page does not set one; must be safelisted. Empty for none. */
  readonly acceptLanguage: string;
  /** Value of `Accept-Encoding`: the codings the transport decodes. Empty for none. */
  readonly acceptEncoding: string;
  /** The most bytes of a body that is read whole, codings taken off. */
  readonly maxBodyBytes: number;
  /** Address spaces of servers whose address does not tell them, by `address` or `address:port`; an IPv6 address with a port is in brackets. */
  readonly ipAddressSpaces?: Readonly<Record<string, IpAddressSpace>>;
  /** Does a body parse as a script, and not as JSON? For profiles whose Opaque Response Blocking asks; without it, every body does. */
  readonly isScript?: (body: Uint8Array) => boolean;
  /** Digests for integrity; without one, a request with integrity metadata fails. */
  readonly digest?: Digest;
}

export interface FetchParams {
  readonly request: Request;
  readonly effects: Effects;
  readonly controller: FetchController;
  /** Listens to every decision; null if nobody does. */
  readonly trace: ((event: TraceEvent) => void) | null;
  /** Is the request a CORS-preflight for another one? */
  readonly isPreflight: boolean;
  /** What the page preloaded for this request; null if it did not. @see https://fetch.spec.whatwg.org/#fetch-params-preloaded-response-candidate */
  readonly preloadedResponseCandidate: Promise<FilteredResponse | NetworkError> | null;
  /** The headers that the fetch began with, but for those that do not count as the page's. */
  headersOfPage: readonly Header[];
  /** In profiles that remember it: the request's headers when one of them, or its method, first called for a preflight; else null. */
  firstUnsafeHeaders: readonly Header[] | null;
  /** Did the last redirect remove headers of this name, if they were there? */
  isRemovedByRedirect: (name: string) => boolean;
  /** In profiles that hold a redirect's credentials against it only later: the failure of its CORS check; else null. */
  redirectFailure: NetworkError | null;
  /** The method that the fetch began with. */
  readonly firstMethod: string;
  /** How many exchanges with a server were begun; numbers the trace's requests and responses. */
  exchangeCount: number;
}

/** What a preflight asks for at this hop: the request's headers, or those that the page set, perhaps without what a redirect removed. */
export function preflightedHeaders(params: FetchParams): readonly Header[] {
  const { request, effects, firstUnsafeHeaders, isRemovedByRedirect } = params;
  if (firstUnsafeHeaders === null) return request.headers;
  if (effects.profile.preflightAfterRedirect === "once-needed-for-all-names") return firstUnsafeHeaders;
  const isLeft = (header: Header): boolean =>
    !isRemovedByRedirect(header[0]) || (request.hasTypeOfBody && isContentType(header));
  const left = firstUnsafeHeaders.filter(isLeft);
  return left.some(isContentType) ? left : [...left, ...request.headers.filter(isContentType)];
}

/** Is it a `Content-Type`? */
export function isContentType([name]: Header): boolean {
  return byteLowercase(name) === "content-type";
}

/** What a failing rule knows; the rest of the reason is where the fetch stands. */
export interface Failure extends Partial<
  Pick<NetworkErrorReason, "step" | "isPreflight" | "expected" | "received" | "subject" | "defects">
> {
  readonly code: FetchFailureCode;
}

/** A network error at the request's current URL. The trace hears of it last: main fetch tells it. */
export function fail(params: Pick<FetchParams, "request" | "isPreflight">, failure: Failure): NetworkError {
  const { request } = params;
  return networkError({
    step: null,
    isPreflight: params.isPreflight,
    expected: null,
    received: null,
    subject: null,
    defects: [],
    ...failure,
    url: currentUrl(request).href,
    hop: request.urlList.length - 1,
  });
}

/** @see https://fetch.spec.whatwg.org/#appropriate-network-error */
export function appropriateNetworkError(
  params: Pick<FetchParams, "request" | "isPreflight" | "controller">,
): NetworkError {
  return fail(params, { code: params.controller.state === "aborted" ? "fetch/aborted" : "network/client-closed" });
}

/** For a body that could not be read whole, with what reading it rejected with. */
export function brokenBody(params: FetchParams, error: unknown): NetworkError {
  if (params.controller.isCanceled) return appropriateNetworkError(params);
  const code = error instanceof BodyTooLargeError ? "network/body-too-large" : "network/failed";
  return fail(params, { code, subject: String(error) });
}
