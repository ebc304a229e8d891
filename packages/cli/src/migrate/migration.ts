/**
 * The whole migration of one configuration.
 *
 * @module
 */

import type { PolicyConfig } from "crossorigin";
import { type ByHand, findByHand } from "./by-hand.ts";
import { type Danger, findDangers } from "./dangers.ts";
import type { Difference } from "./difference.ts";
import { findDifferences } from "./differences.ts";
import { readOldCors } from "./library-options.ts";
import type { Library, OldCors, Options } from "./old-cors.ts";
import { planPolicy } from "./plan-policy.ts";

export interface Migration {
  readonly old: OldCors;
  /** Null if nothing was granted: then the middleware can be taken out. */
  readonly policy: PolicyConfig | null;
  readonly hasPlaceholder: boolean;
  readonly differences: readonly Difference[];
  readonly dangers: readonly Danger[];
  readonly byHand: readonly ByHand[];
}

/** Never throws. A function in place of options is one that computes them for each request; it is not called. */
export function migrate(library: Library, options: Options | (() => unknown)): Migration {
  const old = readOldCors(library, options);
  const plan = planPolicy(old);
  return {
    old,
    policy: plan.config,
    hasPlaceholder: plan.hasPlaceholder,
    differences: findDifferences(old, plan),
    dangers: findDangers(old, plan),
    byHand: findByHand(old, plan),
  };
}
