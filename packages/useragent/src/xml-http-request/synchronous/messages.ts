/**
 * What the thread of a page and the thread that fetches for it say to each other. All of it can be cloned: URLs are strings.
 *
 * @module
 */

import type {
  BlobLike,
  CookieContext,
  Environment,
  LocalNetworkAccess,
  LocalNetworkPermissionName,
  HttpCacheRequest,
  NetworkErrorReason,
  RequestInit,
  StoredResponse,
  TraceEvent,
} from "crossorigin/fetching";
import type { CacheRequest, Header, IpAddressSpace, Profile } from "crossorigin/protocol";
import type { ClientCertificate } from "../../transport/client-certificate.ts";
import type { SendableBody } from "../../sendable-body.ts";

/** What the fetching thread starts with. */
export interface WorkerSettings {
  readonly ca: string | undefined;
  readonly clientCertificate: ClientCertificate | undefined;
  readonly timeoutMilliseconds: number;
  readonly maxHeaderBytes: number;
  readonly http2: boolean;
  readonly profile: Profile;
  readonly userAgent: string;
  readonly acceptLanguage: string;
  readonly acceptEncoding: string;
  readonly maxBodyBytes: number;
  readonly ipAddressSpaces: Readonly<Record<string, IpAddressSpace>>;
  /** Of the HTTP cache; null if there is none. */
  readonly maxStoredBodyBytes: number | null;
}

type WireEnvironment = Pick<
  Environment,
  "origin" | "topLevelOrigin" | "referrerPolicy" | "embedderPolicy" | "isWorker"
>;

/** From the page: a request. */
export interface FetchMessage {
  readonly init: Required<
    Pick<RequestInit, "method" | "headers" | "credentialsMode" | "useCorsPreflight" | "initiatorType" | "hasTypeOfBody">
  >;
  readonly url: string;
  readonly environment: WireEnvironment;
  readonly environmentUrl: string;
  readonly localNetworkAccess: Pick<LocalNetworkAccess, "ipAddressSpace" | "allowedToUse"> | null;
  /** What a `blob:` URL stands for; a clone has the origins in common with `environment`. */
  readonly blobUrlEntry: { readonly blob: BlobLike; readonly environment: WireEnvironment } | null;
  readonly body: Pick<SendableBody, "parts" | "byteLength"> | null;
}

/** Without the partition, which the page knows. */
export type WireHttpCacheRequest = Pick<HttpCacheRequest, "headers" | "includeCredentials"> & {
  readonly url: string;
};

export type WireCacheRequest = Omit<CacheRequest, "currentUrl"> & { readonly currentUrl: string };

/** What belongs to the page, and the fetching thread asks for; it waits for the answer. */
export type Question =
  | { readonly type: "resolve"; readonly hostname: string; readonly port: number }
  | { readonly type: "permission-state"; readonly name: LocalNetworkPermissionName }
  | { readonly type: "request-permission"; readonly name: LocalNetworkPermissionName }
  | { readonly type: "cookie-header"; readonly url: string; readonly context: CookieContext }
  | { readonly type: "store-cookie"; readonly url: string; readonly setCookie: string; readonly context: CookieContext }
  | { readonly type: "has-method"; readonly key: WireCacheRequest; readonly name: string }
  | { readonly type: "has-header-name"; readonly key: WireCacheRequest; readonly name: string }
  | { readonly type: "has-answer"; readonly key: WireCacheRequest; readonly name: string }
  | {
      readonly type: "store-preflight";
      readonly key: WireCacheRequest;
      readonly methods: readonly string[];
      readonly headerNames: readonly string[];
      readonly maxAgeSeconds: number;
    }
  | { readonly type: "clear-preflights"; readonly key: WireCacheRequest }
  | { readonly type: "select-stored"; readonly request: WireHttpCacheRequest }
  | {
      readonly type: "is-storable";
      readonly request: WireHttpCacheRequest;
      readonly response: Pick<StoredResponse, "status" | "headers">;
    }
  | { readonly type: "store-response"; readonly request: WireHttpCacheRequest; readonly response: StoredResponse }
  | { readonly type: "remove-stored"; readonly url: string }
  | { readonly type: "find-authentication"; readonly url: string; readonly realm?: string }
  | {
      readonly type: "store-authentication";
      readonly url: string;
      readonly realm: string;
      readonly authorization: string;
    };

/** What came of it. */
export type FetchResult =
  | {
      readonly ok: true;
      readonly type: "basic" | "cors";
      readonly urlList: readonly string[];
      readonly status: number;
      readonly statusMessage: string;
      readonly headers: readonly Header[];
      readonly internalHeaders: readonly Header[];
      readonly body: Uint8Array;
    }
  | { readonly ok: false; readonly reason: NetworkErrorReason };

/** From the fetching thread. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | { readonly type: "question"; readonly question: Question }
  | { readonly type: "trace"; readonly event: TraceEvent }
  | { readonly type: "result"; readonly result: FetchResult }
  | { readonly type: "broken"; readonly message: string };

/** From the page, to a question. */
export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };
