/**
 * A compiled policy: frozen, with every answer prepared that does not depend on the request.
 *
 * @module
 */

import { type DecisionParts, compileDecisionParts } from "./decision-parts.ts";
import type { CrossOriginResourcePolicy, PolicyConfig } from "./policy-config.ts";
import type { OriginPattern } from "./origin-pattern.ts";

/** A config that was found right. */
export interface CheckedConfig {
  readonly patterns: "*" | readonly OriginPattern[];
  readonly origins: "*" | readonly string[];
  readonly credentials: boolean;
  readonly methods: "*" | readonly string[] | null;
  readonly requestHeaders: "*" | readonly string[] | null;
  readonly exposedHeaders: "*" | readonly string[] | null;
  readonly maxAgeSeconds: number | null;
  readonly preflightAnswer: "full" | "requested";
  readonly exposeTiming: boolean;
  readonly crossOriginResourcePolicy: CrossOriginResourcePolicy | null;
  readonly dangers: Readonly<Record<`dangerously${string}`, boolean>>;
}

/** Made by `createPolicy` and `parsePolicy` only. */
export class Policy {
  readonly #config: CheckedConfig;
  readonly #parts: DecisionParts;

  constructor(config: CheckedConfig) {
    this.#config = config;
    this.#parts = compileDecisionParts(config);
    Object.freeze(this);
  }

  /** What `decide` reads. */
  static partsOf(policy: Policy): DecisionParts {
    return policy.#parts;
  }

  /** The config in its shortest form: `parsePolicy(policy.toJSON())` gives an equal policy. A new object every time. */
  toJSON(): PolicyConfig {
    const { origins, credentials, methods, requestHeaders, exposedHeaders, dangers } = this.#config;
    const { maxAgeSeconds, preflightAnswer, exposeTiming, crossOriginResourcePolicy } = this.#config;
    const json: Record<string, unknown> = { origins: copy(origins) };
    if (credentials) json["credentials"] = true;
    if (methods !== null) json["methods"] = copy(methods);
    if (requestHeaders !== null) json["requestHeaders"] = copy(requestHeaders);
    if (exposedHeaders !== null) json["exposedHeaders"] = copy(exposedHeaders);
    if (maxAgeSeconds !== null) json["maxAgeSeconds"] = maxAgeSeconds;
    if (preflightAnswer === "requested") json["preflightAnswer"] = preflightAnswer;
    if (exposeTiming) json["exposeTiming"] = true;
    if (crossOriginResourcePolicy !== null) json["crossOriginResourcePolicy"] = crossOriginResourcePolicy;
    for (const [name, isSet] of Object.entries(dangers)) if (isSet) json[name] = true;
    // The fields were checked one by one when the policy was made.
    return json as unknown as PolicyConfig;
  }
}

function copy(values: "*" | readonly string[]): "*" | readonly string[] {
  return values === "*" ? "*" : [...values];
}
