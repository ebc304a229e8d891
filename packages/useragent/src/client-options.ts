/**
 * The options of a client, and the environment that they stand for.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
 * @module
 */

import { type BlobUrlStore, type Environment, PreloadedResources, isReferrerPolicy } from "crossorigin/fetching";
import {
  type EmbedderPolicyValue,
  type Origin,
  type ReferrerPolicy,
  createOpaqueOrigin,
  isHttpScheme,
  originOfUrl,
  serializeOrigin,
} from "crossorigin/protocol";
import { show } from "./byte-string.ts";
import { type LocalNetworkOptions, createLocalNetworkAccess } from "./local-network-options.ts";
import { refuseUnknownOptions } from "./option-names.ts";

export interface ClientOptions extends LocalNetworkOptions {
  /** Where the page is: an http or https URL. */
  readonly url: string | URL;
  /** True for a sandboxed page, whose origin is opaque: it sends `Origin: null` and has no cookies of its own. */
  readonly opaqueOrigin?: boolean | undefined;
  /** True for a dedicated worker whose script is at the URL: it has no elements, cookies or beacons, and its synchronous requests may have a timeout and a `responseType`. */
  readonly worker?: boolean | undefined;
  /** The origin (or any URL) of the page that the client is framed in; the page itself if it is not framed. */
  readonly topLevelOrigin?: string | URL | undefined;
  /** The page's `Referrer-Policy`; `strict-origin-when-cross-origin` if it has none. */
  readonly referrerPolicy?: ReferrerPolicy | undefined;
  /** The page's `Cross-Origin-Embedder-Policy`; `unsafe-none` if it has none. */
  readonly embedderPolicy?: EmbedderPolicyValue | undefined;
}

const NAMES: readonly (keyof ClientOptions)[] = [
  "url",
  "opaqueOrigin",
  "worker",
  "topLevelOrigin",
  "referrerPolicy",
  "embedderPolicy",
  "ipAddressSpace",
  "localNetworkAccess",
  "allow",
];

const EMBEDDER_POLICIES: ReadonlySet<unknown> = new Set<EmbedderPolicyValue>([
  "unsafe-none",
  "credentialless",
  "require-corp",
]);

/** Throws a `TypeError` that names the option, its value and what to pass instead. */
export function createEnvironment(options: ClientOptions, blobUrlStore: BlobUrlStore): Environment {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(
      `The client's options are ${show(options)}: pass an object such as { url: "https://app.example/" }.`,
    );
  }
  refuseUnknownOptions(options, NAMES);
  const url = pageUrl("url", options.url);
  const { opaqueOrigin = false, worker = false, referrerPolicy = "", embedderPolicy = "unsafe-none" } = options;
  if (typeof opaqueOrigin !== "boolean")
    throw new TypeError(`The option opaqueOrigin is ${show(opaqueOrigin)}: pass true or false.`);
  if (typeof worker !== "boolean") throw new TypeError(`The option worker is ${show(worker)}: pass true or false.`);
  if (typeof referrerPolicy !== "string" || (referrerPolicy !== "" && !isReferrerPolicy(referrerPolicy))) {
    throw new TypeError(`The option referrerPolicy is ${show(referrerPolicy)}: pass a policy such as "no-referrer".`);
  }
  if (!EMBEDDER_POLICIES.has(embedderPolicy))
    throw new TypeError(`The option embedderPolicy is ${show(embedderPolicy)}: pass a policy such as "require-corp".`);
  const origin: Origin = opaqueOrigin ? createOpaqueOrigin() : originOfUrl(url);
  const topLevelOrigin =
    options.topLevelOrigin === undefined ? origin : originOfUrl(pageUrl("topLevelOrigin", options.topLevelOrigin));
  const localNetworkAccess = createLocalNetworkAccess(options, origin, topLevelOrigin, serializeOrigin(origin));
  return {
    origin,
    url,
    topLevelOrigin,
    referrerPolicy: referrerPolicy === "" ? "strict-origin-when-cross-origin" : referrerPolicy,
    embedderPolicy,
    isWorker: worker,
    ...(localNetworkAccess === null ? {} : { localNetworkAccess }),
    fetchGroup: { keepaliveRequests: new Set(), unattended: new Set() },
    blobUrlStore,
    preloadedResources: new PreloadedResources(),
  };
}

function pageUrl(name: string, value: unknown): URL {
  const isUrlLike = typeof value === "string" || value instanceof URL;
  const url = isUrlLike && URL.canParse(value.toString()) ? new URL(value) : null;
  if (url !== null && isHttpScheme(url)) return url;
  const shown = value instanceof URL ? show(value.href) : show(value);
  throw new TypeError(`The option ${name} is ${shown}: pass an http or https URL such as "https://app.example/".`);
}
