/**
 * One difference, and what the rules that find them read.
 *
 * @module
 */

import type { PolicyConfig } from "crossorigin";
import type { OldCors } from "./old-cors.ts";
import { type Plan, PLACEHOLDER_ORIGIN } from "./plan-policy.ts";

export interface Difference {
  /** Stable: `area/what-differs`. */
  readonly id: string;
  readonly text: string;
  readonly old: string;
  readonly new: string;
}

export interface Facts {
  readonly old: OldCors;
  readonly plan: Plan;
  readonly config: PolicyConfig;
  /** Does every origin get the same answer from the policy? */
  readonly isStatic: boolean;
  /** Does the policy answer a preflight with the names that it asked for? */
  readonly namesHeaders: boolean;
  readonly namesMethod: boolean;
  /** Does the library put its other lines on responses that it grants nobody? */
  readonly sendsToRefused: boolean;
}

export type Rule = (facts: Facts) => readonly Difference[];

export const NONE: readonly Difference[] = [];

export function when(
  condition: boolean,
  id: string,
  text: string,
  before: string,
  after: string,
): readonly Difference[] {
  return condition ? [{ id, text, old: before, new: after }] : NONE;
}

/** The placeholder is no news to anybody. */
export function listed(origins: readonly string[]): string {
  return origins
    .map((origin) => (origin === PLACEHOLDER_ORIGIN ? "an origin that you have to write" : origin))
    .join(", ");
}
