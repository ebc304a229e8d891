/**
 * What all adapters share: finding the policy, deciding, and telling whoever listens.
 *
 * @module
 */

import {
  type DecideOptions,
  type Decision,
  type DynamicPolicy,
  type ServerProblemCode,
  LivePolicy,
  Policy,
  decide,
  failedDecision,
  isPromiseLike,
} from "../policy/index.ts";
import {
  type DecisionEvent,
  type ServerProblem,
  decisionChannel,
  problemChannel,
  guarded,
  warn,
} from "./observation.ts";
import { inTime } from "./in-time.ts";
import type { CorsOptions } from "./cors-options.ts";
import { type PolicySource, type ServerRequest, compileSource, observedRequest } from "./policy-source.ts";

/** How long an event waits for the shadow's decision. */
const SHADOW_MILLISECONDS = 1000;

type MaybePromise<Value> = Value | Promise<Value>;
type SomePolicy = Policy | DynamicPolicy;

export class Decider {
  readonly passPreflights: boolean;
  /** The policy, if there is one for all requests; most servers have. */
  readonly #fixed: Policy | null;
  readonly #source: ReturnType<typeof compileSource>;
  readonly #shadow: ReturnType<typeof compileSource> | null;
  readonly #onDecision: ((event: DecisionEvent) => void) | null;
  readonly #onProblem: ((problem: ServerProblem) => void) | null;
  readonly #options: DecideOptions;
  #responses = 0;
  readonly #warned = new Set<ServerProblemCode>();

  /** @throws PolicyError for a config that is refused */
  constructor(source: PolicySource, options: CorsOptions = {}) {
    this.#source = compileSource(source);
    const fixed = typeof source === "function" || source instanceof LivePolicy ? null : this.#source({ headers: {} });
    this.#fixed = fixed instanceof Policy ? fixed : null;
    this.#shadow = options.shadow === undefined ? null : compileSource(options.shadow);
    this.#onDecision = options.onDecision ?? null;
    this.#onProblem = options.onProblem ?? null;
    this.#options = { debug: options.debug ?? false };
    this.passPreflights = options.passPreflights ?? false;
  }

  /** Null where the route has no policy. Never throws or rejects. */
  decide(request: ServerRequest): MaybePromise<Decision | null> {
    const isObserved = this.#onDecision !== null || decisionChannel.hasSubscribers;
    if (isObserved) return this.#observed(request);
    if (this.#fixed !== null) return decide(this.#fixed, request, this.#options);
    return this.#decideBy(this.#source, request, (error) => this.#reportFailure(error, request));
  }

  /** Who observes decisions sees it there; nobody else would. */
  #reportFailure(error: unknown, request: ServerRequest): void {
    this.report(
      "server/lookup-failed",
      `Nothing is granted while the look-up of policies or origins fails: ${String(error)}`,
      request,
    );
  }

  /**
   * Is the next response looked through for lines of a grant that the policy replaces? The first thousand are, and one of sixteen from then on: a
   * mistake in an application shows again and again, and looking costs as much as the grant itself.
   */
  looksForConflicts(): boolean {
    this.#responses++;
    return this.#responses <= 1000 || this.#responses % 16 === 0;
  }

  /** Tells a mistake to whoever listens. */
  report(code: ServerProblemCode, message: string, request: ServerRequest): void {
    const problem: ServerProblem = { code, message, request: observedRequest(request) };
    if (problemChannel.hasSubscribers) problemChannel.publish(problem);
    if (this.#onProblem !== null) guarded(() => this.#onProblem?.(problem));
    else if (!this.#warned.has(code)) {
      this.#warned.add(code);
      warn(problem);
    }
  }

  #decideBy(
    source: ReturnType<typeof compileSource>,
    request: ServerRequest,
    onFailure: ((error: unknown) => void) | null,
  ): MaybePromise<Decision | null> {
    const failed = (error: unknown): Decision => {
      onFailure?.(error);
      return failedDecision(request);
    };
    const decided = (policy: SomePolicy | null): MaybePromise<Decision | null> => {
      if (policy === null) return null;
      if (policy instanceof Policy) return decide(policy, request, this.#options);
      return policy.decide(request, this.#options, onFailure ?? undefined);
    };
    try {
      const policy = source(request);
      return isPromiseLike(policy) ? Promise.resolve(policy).then(decided).catch(failed) : decided(policy);
    } catch (error) {
      return failed(error);
    }
  }

  #observed(request: ServerRequest): MaybePromise<Decision | null> {
    let error: unknown;
    // At once: Deno lets nobody read a request that has become a WebSocket.
    const observed = observedRequest(request);
    const decision = this.#decideBy(this.#source, request, (reason) => {
      error = reason;
    });
    const shadow = this.#shadow === null ? null : this.#decideBy(this.#shadow, request, null);
    const tell = (made: Decision | null, shadowDecision: Decision | null): Decision | null => {
      if (made === null) return null;
      const event: DecisionEvent = { request: observed, decision: made, shadowDecision, error };
      guarded(() => this.#onDecision?.(event));
      if (decisionChannel.hasSubscribers) decisionChannel.publish(event);
      return made;
    };
    if (!isPromiseLike(decision) && !isPromiseLike(shadow)) return tell(decision, shadow);
    // A shadow that takes its time holds up nobody, and one that takes too long says nothing.
    return Promise.resolve(decision).then((made) => {
      void inTime(Promise.resolve(shadow), SHADOW_MILLISECONDS).then(
        (shadowDecision) => tell(made, shadowDecision),
        () => tell(made, null),
      );
      return made;
    });
  }
}
