/**
 * What is said where nobody named the page, and advice speaks of its origin.
 *
 * @module
 */

import type { Fix } from "crossorigin/diagnose";
import type { ConsumerExplanation } from "./page-use.ts";

/** The same explanation; advice that holds the made-up origin, or its https twin, says that it is made up. */
export function withAssumedPage(explanation: ConsumerExplanation): ConsumerExplanation {
  const { fixes } = explanation;
  return { ...explanation, fixes: { ...fixes, server: fixes.server.map(withAssumption) } };
}

function withAssumption(fix: Fix): Fix {
  const [origin] = /https?:\/\/page\.example\b/.exec(JSON.stringify([fix.headers, fix.policy])) ?? [];
  if (origin === undefined) return fix;
  const assumption = `No --origin was given, so ${origin} is made up: put your page's origin in its place, or ask again with --origin.`;
  return { ...fix, text: `${fix.text} ${assumption}` };
}
