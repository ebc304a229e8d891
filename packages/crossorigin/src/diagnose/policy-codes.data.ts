/**
 * Codes of policies, of decisions, of the origin guard and of how a server is put together.
 *
 * @module
 */

import { type DecisionCode, type GuardCode, POLICY_ISSUE_MESSAGES, type PolicyIssueCode, type ServerProblemCode } from "../policy/index.ts";
import type { CodeEntry } from "./code-entry.ts";

/** No browser sees a policy. */
function entry(anchor: string | null, message: string): CodeEntry {
  return { anchor, message, chromium: [], firefox: [], webkit: null };
}

/** Where more can be said than in an error's line. */
const LONGER_MESSAGES: Readonly<Partial<Record<PolicyIssueCode, string>>> = {
  "policy/origin-near-wildcard": "The asterisk stands for every host, or for every host below a name without a dot, such as all of .com; name a domain below which labels may vary, as in https://*.example.com.",
};

export const POLICY_CODES: Readonly<Record<PolicyIssueCode, CodeEntry>> = Object.fromEntries(
  Object.entries({ ...POLICY_ISSUE_MESSAGES, ...LONGER_MESSAGES }).map(([code, message]) => [code, entry(null, message)]),
) as Record<PolicyIssueCode, CodeEntry>;

export const DECISION_CODES: Readonly<Record<DecisionCode, CodeEntry>> = {
  "decision/granted": entry("#http-cors-protocol", "The policy grants the request from {origin}."),
  "decision/no-origin": entry("#http-cors-protocol", "The request has no Origin, so CORS does not apply to it."),
  "decision/origin-not-allowed": entry("#http-access-control-allow-origin", "The policy does not grant the origin {origin}."),
  "decision/origin-multiple": entry("#origin-header", "The request has more than one Origin, and no browser sends that."),
  "decision/method-not-allowed": entry("#http-access-control-allow-methods", "The policy does not grant the method {subject}."),
  "decision/header-not-allowed": entry("#http-access-control-allow-headers", "The policy does not grant the request header {subject}."),
  "decision/headers-malformed": entry("#http-access-control-request-headers", "Access-Control-Request-Headers is no list of header names."),
  "decision/headers-too-long": entry("#http-access-control-request-headers", "Access-Control-Request-Headers is longer than any browser's list."),
  "decision/lookup-failed": entry("#http-cors-protocol", "Nobody could say whether {origin} is granted: the look-up failed."),
};

const SEC_FETCH_SITE = "https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header";

export const GUARD_CODES: Readonly<Record<GuardCode, CodeEntry>> = {
  "guard/safe-method": entry("https://www.rfc-editor.org/rfc/rfc9110#name-safe-methods", "The request only reads, so the origin guard lets it pass."),
  "guard/same-origin": entry(SEC_FETCH_SITE, "The browser says that the request comes from a page of the same origin."),
  "guard/user-initiated": entry(SEC_FETCH_SITE, "The browser says that the user made the request, and no page."),
  "guard/own-origin": entry("#origin-header", "The request comes from {origin}, which is this server's own."),
  "guard/no-origin": entry("#origin-header", "The request says nothing of where it comes from, so that no browser's page sent it."),
  "guard/origin-granted": entry("#origin-header", "The request comes from {origin}, which the policy grants."),
  "guard/origin-missing": entry("#origin-header", "The request does not say which origin it comes from, and has to."),
  "guard/origin-multiple": entry("#origin-header", "The request has more than one Origin, and no browser sends that."),
  "guard/origin-null": entry("#origin-header", "The request comes from the origin null, which anybody's page can have."),
  "guard/origin-not-granted": entry("#origin-header", "The request comes from {origin}, which the policy does not grant."),
  "guard/any-origin-not-trusted": entry("#origin-header", "The policy lets any origin read, and that is no licence for {origin} to write."),
  "guard/lookup-failed": entry("#origin-header", "Nobody could say whether {origin} may write: the look-up failed."),
};

export const SERVER_CODES: Readonly<Record<ServerProblemCode, CodeEntry>> = {
  "server/grant-already-set": entry("#http-responses", "Something else than the policy set a CORS line of the response."),
  "server/lookup-failed": entry("#http-responses", "The look-up of policies or origins fails, and nothing is granted meanwhile."),
  "server/mounted-behind-guard": entry("#cors-preflight-fetch", "CORS is mounted behind a guard, which refuses preflights first."),
  "server/mounted-twice": entry("#http-responses", "CORS is mounted twice on the same route."),
  "server/preflight-not-routed": entry("#cors-preflight-fetch", "CORS is mounted where preflights do not come by."),
};
