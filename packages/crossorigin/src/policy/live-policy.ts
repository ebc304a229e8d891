/**
 * A policy that can be replaced while a server runs.
 *
 * @module
 */

import { DynamicPolicy } from "./dynamic-policy.ts";
import { toPolicy } from "./parse-policy.ts";
import type { PolicyConfig } from "./policy-config.ts";
import type { Policy } from "./policy.ts";

/** Holds one whole policy at a time: a request is decided by the one that is current when it comes, never by parts of two. */
export class LivePolicy {
  #current: Policy | DynamicPolicy;

  /** @throws PolicyError with every issue */
  constructor(policy: Policy | DynamicPolicy | PolicyConfig) {
    this.#current = compiled(policy);
  }

  get current(): Policy | DynamicPolicy {
    return this.#current;
  }

  /** From the next request on. @throws PolicyError with every issue, and the current policy stays */
  replace(policy: Policy | DynamicPolicy | PolicyConfig): void {
    this.#current = compiled(policy);
  }
}

function compiled(policy: Policy | DynamicPolicy | PolicyConfig): Policy | DynamicPolicy {
  return policy instanceof DynamicPolicy ? policy : toPolicy(policy);
}
