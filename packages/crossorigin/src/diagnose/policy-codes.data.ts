/**
 * Codes of policies and of decisions.
 *
 * @module
 */

import { type DecisionCode, POLICY_ISSUE_MESSAGES, type PolicyIssueCode } from "../policy/index.ts";
import type { CodeEntry } from "./code-entry.ts";

/** No browser sees a policy. */
function entry(anchor: string | null, message: string): CodeEntry {
  return { anchor, message, chromium: [], firefox: [], webkit: null };
}

export const POLICY_CODES: Readonly<Record<PolicyIssueCode, CodeEntry>> = Object.fromEntries(
  Object.entries(POLICY_ISSUE_MESSAGES).map(([code, message]) => [code, entry(null, message)]),
) as Record<PolicyIssueCode, CodeEntry>;

export const DECISION_CODES: Readonly<Record<DecisionCode, CodeEntry>> = {
  "decision/granted": entry("#http-cors-protocol", "The policy grants the request from {origin}."),
  "decision/no-origin": entry("#http-cors-protocol", "The request has no Origin, so CORS does not apply to it."),
  "decision/origin-not-allowed": entry("#http-access-control-allow-origin", "The policy does not grant the origin {origin}."),
  "decision/origin-multiple": entry("#origin-header", "The request has more than one Origin, and no browser sends that."),
  "decision/method-not-allowed": entry("#http-access-control-allow-methods", "The policy does not grant the method {subject}."),
  "decision/header-not-allowed": entry("#http-access-control-allow-headers", "The policy does not grant the request header {subject}."),
  "decision/headers-malformed": entry("#http-access-control-request-headers", "Access-Control-Request-Headers is no list of header names."),
  "decision/headers-too-long": entry("#http-access-control-request-headers", "Access-Control-Request-Headers is longer than 8192 characters."),
};
