/**
 * A request: the record that the algorithms pass along and change as they go.
 *
 * @see https://fetch.spec.whatwg.org/#requests
 * @module
 */

import {
  type CacheMode,
  type CacheRequest,
  type CredentialsMode,
  type Header,
  type HeaderList,
  type IpAddressSpace,
  type Origin,
  type Profile,
  type RedirectMode,
  type ReferrerPolicy,
  type RequestDestination,
  type RequestMode,
  type ResponseTainting,
  byteSerializeRequestOrigin,
  impliedIpAddressSpace,
  isSameOrigin,
  originOfUrl,
  serializeOrigin,
} from "../protocol/index.ts";
import type { BlobUrlEntry } from "./blob-url.ts";
import { type Environment, networkPartitionKey } from "./environment.ts";

/**
 * A request's body. Bytes can be sent again after a redirect; a stream cannot, which is what the standard's null source stands for.
 *
 * @see https://fetch.spec.whatwg.org/#concept-body
 */
export type RequestBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "stream"; readonly stream: AsyncIterable<Uint8Array> };

/** Named as in the standard. Mutable: redirects and main fetch change it in place. */
export interface Request {
  method: string;
  /** Never empty; the last is the current URL. */
  readonly urlList: [URL, ...URL[]];
  /** Of the first URL, which no redirect leads to; null if it is no `blob:` URL, or had been revoked when the request was made. */
  readonly blobUrlEntry: BlobUrlEntry | null;
  /** Nothing but `about:`, `blob:` and `data:` URLs will do. @see https://fetch.spec.whatwg.org/#local-urls-only-flag */
  readonly localUrlsOnly: boolean;
  readonly headers: HeaderList;
  body: RequestBody | null;
  readonly client: Environment;
  readonly destination: RequestDestination;
  /** Of the standard's initiators the one that shows on the wire; and `preload`, which is none. @see https://fetch.spec.whatwg.org/#concept-request-initiator */
  readonly initiator: "" | "prefetch" | "preload";
  readonly origin: Origin;
  /** `client` stands for the client's URL, until main fetch determines what may be sent. */
  referrer: "no-referrer" | "client" | URL;
  referrerPolicy: ReferrerPolicy;
  readonly mode: RequestMode;
  readonly credentialsMode: CredentialsMode;
  /** Do user and password in the URL answer a server that asks for them? */
  readonly useUrlCredentials: boolean;
  readonly cacheMode: CacheMode;
  /** In the place of {@link Request.cacheMode} until the next redirect; null for none. @see https://privacycg.github.io/storage-access-headers/#request-single-hop-cache-mode */
  singleHopCacheMode: CacheMode | null;
  /** The standard's prevent no-cache cache-control header modification flag: is `no-cache` the user agent's own wish? */
  readonly preventNoCacheHeader: boolean;
  readonly redirectMode: RedirectMode;
  /** Digests that the body must have one of; empty for none. @see https://w3c.github.io/webappsec-subresource-integrity/ */
  readonly integrityMetadata: string;
  readonly keepalive: boolean;
  /** Where the page says that the request goes. @see https://wicg.github.io/local-network-access/#request-target-ip-address-space */
  targetIpAddressSpace: IpAddressSpace | null;
  /** Where the first URL tells that it goes; null where nothing is kept from the client, as nobody asks then. */
  readonly impliedIpAddressSpace: IpAddressSpace | null;
  readonly useCorsPreflight: boolean;
  readonly unsafeRequest: boolean;
  /** Of the standard's initiator types the one that a profile tells apart; null for every other. @see https://fetch.spec.whatwg.org/#request-initiator-type */
  readonly initiatorType: "xmlhttprequest" | null;
  /** Did an `XMLHttpRequest` take `Content-Type` from its body? */
  readonly hasTypeOfBody: boolean;
  redirectCount: number;
  responseTainting: ResponseTainting;
  timingAllowFailed: boolean;
  /** Has the current URL's server asked for the cookies that the user lets it have? @see https://privacycg.github.io/storage-access-headers/#activate-storage-access-header */
  storageAccessActivated: boolean;
}

/** What a caller chooses; the rest starts as the standard says. */
export interface RequestInit {
  readonly url: URL;
  readonly client: Environment;
  /** Where the URL was parsed earlier: what it stood for then. Else what it stands for now. */
  readonly blobUrlEntry?: BlobUrlEntry | null;
  readonly localUrlsOnly?: boolean;
  readonly method?: string;
  readonly headers?: readonly Header[];
  readonly body?: RequestBody | null;
  readonly destination?: RequestDestination;
  readonly initiator?: Request["initiator"];
  readonly referrer?: "no-referrer" | "client" | URL;
  readonly referrerPolicy?: ReferrerPolicy;
  readonly mode?: RequestMode;
  readonly credentialsMode?: CredentialsMode;
  readonly useUrlCredentials?: boolean;
  readonly cacheMode?: CacheMode;
  readonly redirectMode?: RedirectMode;
  readonly integrityMetadata?: string;
  readonly keepalive?: boolean;
  readonly targetIpAddressSpace?: Request["targetIpAddressSpace"];
  readonly useCorsPreflight?: boolean;
  readonly unsafeRequest?: boolean;
  readonly initiatorType?: Request["initiatorType"];
  readonly hasTypeOfBody?: boolean;
}

/** A request with the standard's defaults: GET, `no-cors`, credentials `same-origin`, redirects followed. Copies the header list. */
export function createRequest(init: RequestInit): Request {
  return {
    method: init.method ?? "GET",
    urlList: [init.url],
    blobUrlEntry: init.blobUrlEntry === undefined ? blobUrlEntryOf(init.url, init.client) : init.blobUrlEntry,
    localUrlsOnly: init.localUrlsOnly ?? false,
    headers: [...(init.headers ?? [])],
    body: init.body ?? null,
    client: init.client,
    destination: init.destination ?? "",
    initiator: init.initiator ?? "",
    origin: init.client.origin,
    referrer: init.referrer ?? "client",
    referrerPolicy: init.referrerPolicy ?? "",
    mode: init.mode ?? "no-cors",
    credentialsMode: init.credentialsMode ?? "same-origin",
    useUrlCredentials: init.useUrlCredentials ?? false,
    cacheMode: init.cacheMode ?? "default",
    singleHopCacheMode: null,
    preventNoCacheHeader: false,
    redirectMode: init.redirectMode ?? "follow",
    integrityMetadata: init.integrityMetadata ?? "",
    keepalive: init.keepalive ?? false,
    targetIpAddressSpace: init.targetIpAddressSpace ?? null,
    impliedIpAddressSpace: impliedIpAddressSpaceFor(init.client, init.url),
    useCorsPreflight: init.useCorsPreflight ?? false,
    unsafeRequest: init.unsafeRequest ?? false,
    initiatorType: init.initiatorType ?? null,
    hasTypeOfBody: init.hasTypeOfBody ?? false,
    redirectCount: 0,
    responseTainting: "basic",
    timingAllowFailed: false,
    storageAccessActivated: false,
  };
}

/** {@link Request.impliedIpAddressSpace} of a client's request to `url`. */
export function impliedIpAddressSpaceFor({ localNetworkAccess }: Environment, url: URL): IpAddressSpace | null {
  return localNetworkAccess === undefined ? null : impliedIpAddressSpace(url.hostname);
}

/** Did the redirect that led to the current URL lead to another origin? */
export function isRedirectedAcrossOrigins({ urlList }: Pick<Request, "urlList">): boolean {
  const previous = urlList.at(-2);
  return previous !== undefined && !isSameOrigin(originOfUrl(previous), originOfUrl(currentUrl({ urlList })));
}

/** @see https://fetch.spec.whatwg.org/#concept-request-current-url */
export function currentUrl(request: Pick<Request, "urlList">): URL {
  return request.urlList.at(-1) ?? request.urlList[0];
}

/** What a `blob:` URL stands for just now. @see https://url.spec.whatwg.org/#concept-url-blob-entry */
export function blobUrlEntryOf(url: URL, client: Environment): BlobUrlEntry | null {
  return url.protocol === "blob:" ? (client.blobUrlStore?.resolve(url) ?? null) : null;
}

/** That of a `blob:` URL is its page's, which may be opaque. @see https://url.spec.whatwg.org/#concept-url-origin */
export function originOfCurrentUrl(request: Request): Origin {
  const url = currentUrl(request);
  const isBlobUrl = url.protocol === "blob:" && request.blobUrlEntry !== null;
  return isBlobUrl ? request.blobUrlEntry.environment.origin : originOfUrl(url);
}

/** What the preflight cache needs of a request, at its current URL. */
export function cacheRequest(request: Request, profile: Profile): CacheRequest {
  return {
    networkPartitionKey: networkPartitionKey(request.client),
    serializedOrigin: profile.preflightOriginTainted
      ? byteSerializeRequestOrigin(request)
      : serializeOrigin(request.origin),
    currentUrl: currentUrl(request),
    credentialsMode: request.credentialsMode,
  };
}
