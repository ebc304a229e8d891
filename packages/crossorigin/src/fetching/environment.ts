/**
 * The environment a request comes from: what a browser takes "from the page".
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
 * @module
 */

import {
  type EmbedderPolicyValue,
  type Origin,
  type ReferrerPolicy,
  serializeOrigin,
  siteHost,
} from "../protocol/index.ts";
import type { FetchGroup } from "./keepalive-quota.ts";

export interface Environment {
  readonly origin: Origin;
  /** What relative URLs resolve against, and what `Referer` is made of. */
  readonly url: URL;
  /** The origin of the top-level page; differs from `origin` in a frame. */
  readonly topLevelOrigin: Origin;
  readonly referrerPolicy: ReferrerPolicy;
  readonly embedderPolicy: EmbedderPolicyValue;
  /** What the page has in flight; without one, keepalive has no quota. */
  readonly fetchGroup?: FetchGroup;
}

/**
 * The network partition key of an environment: the site of its top-level origin, serialized.
 * Opaque top-level origins get a key of their own each.
 *
 * @see https://fetch.spec.whatwg.org/#network-partition-keys
 */
export function networkPartitionKey(environment: Environment): string {
  const origin = environment.topLevelOrigin;
  if (origin.kind === "tuple") return `${origin.scheme}://${siteHost(origin)}`;
  const known = opaqueKeys.get(origin);
  if (known !== undefined) return known;
  const key = `${serializeOrigin(origin)} ${opaqueKeyCount++}`;
  opaqueKeys.set(origin, key);
  return key;
}

/** Choice: object identity, made printable. The map is weak: an origin nobody holds any more leaves nothing behind. */
const opaqueKeys = new WeakMap<Origin, string>();
let opaqueKeyCount = 0;
