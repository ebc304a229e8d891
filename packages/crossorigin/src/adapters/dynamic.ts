/**
 * Origins that are known at run time only: functions, caches of their answers, and policies that can be replaced.
 *
 * @module
 */

export { createDynamicPolicy, DynamicPolicy, LivePolicy } from "../policy/index.ts";
export type { DynamicPolicyConfig, OriginLookup } from "../policy/index.ts";
export { cachedOriginLookup } from "./cached-origin-lookup.ts";
export type { CachedOriginLookup, CachedOriginLookupOptions } from "./cached-origin-lookup.ts";
