/**
 * Policies whose origins are known to a function only, such as one that asks a database.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import { type DecideOptions, decideForOrigin, joinLines, requestedMethodOf } from "./decide.ts";
import type { DecisionParts } from "./decision-parts.ts";
import type { Decision, DecisionRequest, HeaderLine } from "./decision.ts";
import { isInsecure } from "./origin-pattern.ts";
import { createPolicy } from "./parse-policy.ts";
import type { PolicyFields } from "./policy-config.ts";
import { PolicyError } from "./policy-issue.ts";
import { Policy } from "./policy.ts";
import { parseRequestOrigin } from "./request-origin.ts";

/**
 * Is the origin granted? Asked with what a tuple origin's serialization can be, or with `null` where the policy allows for it, and the request.
 * Throwing, rejecting and any answer but a boolean withhold the grant.
 */
export type OriginLookup = (origin: string, request: DecisionRequest) => boolean | PromiseLike<boolean>;

export interface DynamicPolicyConfig extends Omit<
  PolicyFields,
  "dangerouslyReflectAnyOrigin" | "dangerouslyAllowPublicSuffixWildcards"
> {
  readonly origins: OriginLookup;
  readonly credentials?: boolean;
}

/** Made by {@link createDynamicPolicy} only. Frozen. */
export class DynamicPolicy {
  readonly #parts: DecisionParts;
  readonly #lookup: OriginLookup;
  readonly #areInsecureRefused: boolean;

  constructor(parts: DecisionParts, lookup: OriginLookup, areInsecureRefused: boolean) {
    this.#parts = parts;
    this.#lookup = lookup;
    this.#areInsecureRefused = areInsecureRefused;
    Object.freeze(this);
  }

  /** As `decide`; a promise only if the function answers with one, and never a rejected one. `onFailure` gets the function's error. */
  decide(
    request: DecisionRequest,
    options?: DecideOptions,
    onFailure?: (error: unknown) => void,
  ): Decision | Promise<Decision> {
    const origin = joinLines(request.headers.origin);
    if (origin === null) return this.#parts.noOrigin;
    const decided = (isGranted: unknown): Decision => {
      if (typeof isGranted === "boolean")
        return decideForOrigin(this.#parts, request, origin, isGranted, options?.debug ?? false);
      onFailure?.(new TypeError(`origins: the function has to answer true or false, not ${typeof isGranted}.`));
      return failedDecision(request, this.#parts.actualRefused.headers);
    };
    const failed = (error: unknown): Decision => {
      onFailure?.(error);
      return failedDecision(request, this.#parts.actualRefused.headers);
    };
    if (!this.#isAskable(origin)) return decided(false);
    try {
      const answer: unknown = this.#lookup(origin, request);
      return isPromiseLike(answer) ? Promise.resolve(answer).then(decided, failed) : decided(answer);
    } catch (error) {
      return failed(error);
    }
  }

  /** Attack: the function sees origins only, of bounded length, and cannot grant what no policy grants without a danger. */
  #isAskable(origin: string): boolean {
    if (origin === "null") return this.#parts.allowNullOrigin;
    const parsed = parseRequestOrigin(origin);
    return parsed !== null && !(this.#areInsecureRefused && isInsecure(parsed));
  }
}

/** Query builders are no promises, but can be waited for. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** @throws PolicyError with every issue */
export function createDynamicPolicy(config: DynamicPolicyConfig): DynamicPolicy {
  // Attack: what everything inherits from a polluted prototype is no field.
  const own = Object.assign(Object.create(null) as Partial<DynamicPolicyConfig>, config);
  const { origins, credentials = false, dangerouslyAllowInsecureOrigins = false } = own;
  if (typeof origins !== "function")
    throw new PolicyError([{ code: "policy/wrong-type", path: ["origins"], received: origins, suggestion: null }]);
  for (const name of ["dangerouslyReflectAnyOrigin", "dangerouslyAllowPublicSuffixWildcards"]) {
    if (name in own)
      throw new PolicyError([{ code: "policy/unknown-field", path: [name], received: name, suggestion: null }]);
  }
  // Every origin that the function grants is answered by name.
  const policy = createPolicy({ ...own, origins: "*", credentials, dangerouslyReflectAnyOrigin: true });
  return new DynamicPolicy(Policy.partsOf(policy), origins, credentials && !dangerouslyAllowInsecureOrigins);
}

/** The decision on a request when nobody could say whether its origin is granted. Caches are told that it depends on the origin. `lines` are those of every response. */
export function failedDecision(request: DecisionRequest, lines: readonly HeaderLine[] = []): Decision {
  const hasOrigin = joinLines(request.headers.origin) !== null;
  const isPreflight = requestedMethodOf(request) !== null;
  return {
    kind: isPreflight ? "preflight" : hasOrigin ? "actual" : "not-cors",
    granted: false,
    code: "decision/lookup-failed",
    status: isPreflight ? 503 : null,
    subject: null,
    headers: isPreflight ? [] : lines,
    vary: "Origin",
  };
}
