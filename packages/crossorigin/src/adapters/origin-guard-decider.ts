/**
 * What all adapters of the origin guard share: deciding, the policy's part included, and telling whoever listens.
 *
 * @module
 */

import {
  type DynamicPolicy,
  GUARD_LOOKUP_FAILED,
  type GuardDecision,
  OriginGuard,
  type Policy,
  decideByPolicy,
  isPromiseLike,
} from "../policy/index.ts";
import { guarded } from "./observation.ts";
import type { GuardEvent, GuardedRequest, OriginGuardOptions } from "./origin-guard-options.ts";
import { type PolicySource, compileSource, observedRequest } from "./policy-source.ts";

export class GuardDecider {
  readonly #guard: OriginGuard;
  readonly #source: ReturnType<typeof compileSource>;
  readonly #onDecision: ((event: GuardEvent) => void) | null;

  /** @throws PolicyError for a config or options that are refused */
  constructor(source: PolicySource, options: OriginGuardOptions = {}, exemptsSafeMethods: boolean = true) {
    this.#guard = new OriginGuard(options, exemptsSafeMethods);
    this.#source = compileSource(source);
    this.#onDecision = options.onDecision ?? null;
  }

  /** Never throws or rejects. The policy is looked for only if it has a say. */
  decide(request: GuardedRequest): GuardDecision | Promise<GuardDecision> {
    const alone = this.#guard.decideAlone(request);
    return alone === null ? this.#decideByPolicy(request) : this.#tell(request, alone, undefined);
  }

  #decideByPolicy(request: GuardedRequest): GuardDecision | Promise<GuardDecision> {
    let error: unknown;
    const failed = (reason: unknown): GuardDecision => {
      error = reason;
      return GUARD_LOOKUP_FAILED;
    };
    const byPolicy = (policy: Policy | DynamicPolicy | null): GuardDecision | Promise<GuardDecision> =>
      decideByPolicy(policy, request, failed);
    const tell = (decision: GuardDecision): GuardDecision => this.#tell(request, decision, error);
    try {
      const policy = this.#source(request);
      const decision = isPromiseLike(policy) ? Promise.resolve(policy).then(byPolicy) : byPolicy(policy);
      return isPromiseLike(decision) ? decision.catch(failed).then(tell) : tell(decision);
    } catch (reason) {
      return tell(failed(reason));
    }
  }

  #tell(request: GuardedRequest, decision: GuardDecision, error: unknown): GuardDecision {
    const onDecision = this.#onDecision;
    if (onDecision !== null) guarded(() => onDecision({ request: observedRequest(request), decision, error }));
    return decision;
  }
}

/** The text of a refusal: nothing of the policy, nothing of the request. */
export function refusalText(status: 403 | 503): string {
  return status === 403
    ? "This request comes from another origin, which may not make it.\n"
    : "It is not known at the moment whether this request may be made.\n";
}

/** What a refusal depends on, for caches. */
export const GUARD_VARY: string = "Origin, Sec-Fetch-Site";
