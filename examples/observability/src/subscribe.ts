import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { DecisionEvent, ServerProblem } from "crossorigin/node";
import type { CorsObservers } from "./cors-metrics.ts";

/**
 * The same from outside: hears every adapter of the process, also those in code that is not ours. Use this or the callbacks, or everything is counted
 * twice. The function that it returns ends it.
 */
export function subscribeToCors({ onDecision, onProblem }: CorsObservers): () => void {
  const hearDecision = (message: unknown): void => onDecision(message as DecisionEvent);
  const hearProblem = (message: unknown): void => onProblem(message as ServerProblem);
  subscribe("crossorigin:decision", hearDecision);
  subscribe("crossorigin:problem", hearProblem);
  return () => {
    unsubscribe("crossorigin:decision", hearDecision);
    unsubscribe("crossorigin:problem", hearProblem);
  };
}
