import type { Meter } from "@opentelemetry/api";
import type { DecisionEvent, ServerProblem } from "crossorigin/node";

/** The two callbacks that every adapter takes: `cors(policy, corsMetrics(meter))`. */
export interface CorsObservers {
  readonly onDecision: (event: DecisionEvent) => void;
  readonly onProblem: (problem: ServerProblem) => void;
}

/**
 * Counts decisions, problems, and where a shadow policy decides otherwise. Every attribute is one of a few dozen words: origins, paths and
 * methods are written by strangers, and each new one would be a time series of its own.
 */
export function corsMetrics(meter: Meter): CorsObservers {
  const decisions = meter.createCounter("cors.decisions", { description: "Requests by what was decided on them." });
  const problems = meter.createCounter("cors.problems", { description: "Mistakes in how the server is put together." });
  const differences = meter.createCounter("cors.shadow.differences", {
    description: "Requests on which the shadow policy decides otherwise.",
  });
  return {
    onDecision: ({ decision: { kind, code }, shadowDecision }) => {
      decisions.add(1, { "cors.kind": kind, "cors.code": code });
      if (shadowDecision !== null && shadowDecision.code !== code)
        differences.add(1, { "cors.kind": kind, "cors.code": code, "cors.shadow.code": shadowDecision.code });
    },
    onProblem: ({ code }) => problems.add(1, { "cors.code": code }),
  };
}
