/**
 * The environment a request comes from: what a browser takes "from the page".
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
 * @module
 */

import {
  type EmbedderPolicyValue,
  type IpAddressSpace,
  type Origin,
  type Profile,
  type ReferrerPolicy,
  isPotentiallyTrustworthyOrigin,
  isPotentiallyTrustworthyUrl,
  serializeOrigin,
  siteHost,
} from "../protocol/index.ts";
import type { BlobUrlStore } from "./blob-url.ts";
import type { FetchGroup } from "./keepalive-quota.ts";
import type { PreloadedResources } from "./preloaded-resources.ts";

/** @see https://wicg.github.io/local-network-access/#permissions */
export type LocalNetworkPermissionName = "local-network" | "loopback-network";

/** Where a page came from, and what nearer addresses it may reach. */
export interface LocalNetworkAccess {
  /** Of the page's policy container. @see https://wicg.github.io/local-network-access/#integration-with-html */
  readonly ipAddressSpace: IpAddressSpace;
  /** What the permissions policy lets the page ask for. */
  readonly allowedToUse: readonly LocalNetworkPermissionName[];
  /** The permission's state; `prompt` until the user is asked. */
  permissionState(name: LocalNetworkPermissionName): "granted" | "denied" | "prompt";
  /** Asks the user. What it throws counts as denied. */
  requestPermission(name: LocalNetworkPermissionName): "granted" | "denied" | Promise<"granted" | "denied">;
}

export interface Environment {
  readonly origin: Origin;
  /** What relative URLs resolve against, and what `Referer` is made of. */
  readonly url: URL;
  /** The origin of the top-level page; differs from `origin` in a frame. */
  readonly topLevelOrigin: Origin;
  readonly referrerPolicy: ReferrerPolicy;
  readonly embedderPolicy: EmbedderPolicyValue;
  /** Is its global object a `WorkerGlobalScope`? Else it is a `Window`. */
  readonly isWorker?: boolean;
  /** Without it, no address is kept from the page. */
  readonly localNetworkAccess?: LocalNetworkAccess;
  /** What the page has in flight; without one, keepalive has no quota. */
  readonly fetchGroup?: FetchGroup;
  /** Without one, no `blob:` URL stands for anything. */
  readonly blobUrlStore?: BlobUrlStore;
  /** Without any, no request gets what was preloaded. */
  readonly preloadedResources?: PreloadedResources;
}

/** The page's embedder policy as the profile knows it. */
export function embedderPolicyOf(
  { embedderPolicy }: Environment,
  { credentiallessKnown }: Profile,
): EmbedderPolicyValue {
  return embedderPolicy === "credentialless" && !credentiallessKnown ? "unsafe-none" : embedderPolicy;
}

/** Did the page, and what it is framed in, come over an authenticated connection, or from this machine? @see https://html.spec.whatwg.org/multipage/webappapis.html#secure-context */
export function isSecureContext({ topLevelOrigin, url }: Environment): boolean {
  // A sandboxed page came from somewhere, too.
  return topLevelOrigin.kind === "tuple"
    ? isPotentiallyTrustworthyOrigin(topLevelOrigin)
    : isPotentiallyTrustworthyUrl(url);
}

/**
 * The network partition key of an environment: the site of its top-level origin, serialized.
 *
 * @see https://fetch.spec.whatwg.org/#network-partition-keys
 */
export function networkPartitionKey(environment: Environment): string {
  return siteKey(environment.topLevelOrigin);
}

/** The site of an origin, serialized. Opaque origins get a key of their own each. @see https://html.spec.whatwg.org/multipage/browsers.html#obtain-a-site */
export function siteKey(origin: Origin): string {
  const known = keys.get(origin);
  if (known !== undefined) return known;
  const key =
    origin.kind === "tuple"
      ? `${origin.scheme}://${siteHost(origin)}`
      : `${serializeOrigin(origin)} ${opaqueKeyCount++}`;
  keys.set(origin, key);
  return key;
}

/** Choice: for opaque origins object identity, made printable. The map is weak: an origin nobody holds any more leaves nothing behind. */
const keys = new WeakMap<Origin, string>();
let opaqueKeyCount = 0;
