/**
 * Codes of policies and of decisions.
 *
 * @module
 */

import type { DecisionCode, PolicyIssueCode } from "../policy/index.ts";
import type { CodeEntry } from "./code-entry.ts";

export const POLICY_CODES = {} as Readonly<Record<PolicyIssueCode, CodeEntry>>;
export const DECISION_CODES = {} as Readonly<Record<DecisionCode, CodeEntry>>;
