import { LivePolicy } from "crossorigin/dynamic";
import { escapeFromWire } from "crossorigin/diagnose";
import type { CorsOptions, DecisionEvent } from "crossorigin/node";

/** More origins than that are counted by the metrics only. */
const MAX_LOGGED_ORIGINS = 100;

export interface Rollout {
  readonly policy: LivePolicy;
  readonly options: Pick<CorsOptions, "shadow" | "onDecision">;
  /** Puts the next policy in force, without a restart. */
  enforce(): void;
}

/**
 * A policy that is to be replaced, and the next one beside it: the next one is decided by, too, and each origin on which both disagree is logged once.
 * Once nothing is logged any more but what is meant to be refused, `enforce` it.
 */
export function prepareRollout(
  current: ConstructorParameters<typeof LivePolicy>[0],
  next: ConstructorParameters<typeof LivePolicy>[0],
  log: (line: string) => void,
): Rollout {
  const policy = new LivePolicy(current);
  const shadow = new LivePolicy(next);
  const logged = new Set<string>();
  const onDecision = ({ request, decision, shadowDecision }: DecisionEvent): void => {
    if (shadowDecision === null || shadowDecision.code === decision.code) return;
    const { method, path, origin } = request;
    // Attack: the set grows by what strangers send.
    if (origin === null || logged.has(origin) || logged.size >= MAX_LOGGED_ORIGINS) return;
    logged.add(origin);
    // Attack: a path may hold control sequences of a terminal, or a line break that looks like the next line of the log.
    const [shownOrigin, shownRequest] = [escapeFromWire(origin, 200), escapeFromWire(`${method} ${path}`, 200)];
    log(`${shownOrigin}, ${shownRequest}: now ${decision.code}, then ${shadowDecision.code}`);
  };
  return { policy, options: { shadow, onDecision }, enforce: () => policy.replace(shadow.current) };
}
