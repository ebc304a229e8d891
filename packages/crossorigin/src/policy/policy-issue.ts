/**
 * Issues: everything that is wrong with a policy, each with its place and the corrected value.
 *
 * @module
 */

/** What can be wrong, with the sentence that says so. */
export const POLICY_ISSUE_MESSAGES = {
  "policy/not-an-object": "A policy is an object with at least the field origins.",
  "policy/unknown-field": "There is no field of this name.",
  "policy/wrong-type": "The value has the wrong type.",
  "policy/empty": "Without origins nobody is granted anything; a policy names at least one origin.",
  "policy/function-not-supported":
    "Functions and regular expressions do not belong here; write an origin or a pattern such as https://*.example.com.",
  "policy/duplicate": "The value stands in the list already, perhaps spelled otherwise; take it out.",
  "policy/wildcard-in-list": "The wildcard is a value of its own, not an item of a list.",
  "policy/wildcard-with-credentials":
    "Any origin and credentials together would hand every user's data to every page; list the origins.",
  "policy/reflection-with-list":
    "Reflecting any origin would make the list of origins meaningless, so leave the flag out; the list decides.",
  "policy/origin-trailing-slash": "An origin has no slash at the end, so this one can never match.",
  "policy/origin-with-path": "An origin has no path, query or fragment, so this one can never match.",
  "policy/origin-upper-case": "Browsers send origins in lower case, so this one can never match.",
  "policy/origin-default-port": "Browsers leave the default port off, so this one can never match.",
  "policy/origin-missing-scheme": "An origin begins with its scheme.",
  "policy/origin-userinfo": "An origin has no user name or password.",
  "policy/origin-not-canonical": "Browsers spell this origin otherwise, so this one can never match.",
  "policy/origin-invalid": "This is not an origin.",
  "policy/origin-near-wildcard": "This pattern covers nearly every origin; name a domain below which labels may vary.",
  "policy/origin-wildcard-misplaced":
    "A wildcard stands for whole labels before a domain, https://*.example.com, or for the port, https://example.com:*, and nowhere else.",
  "policy/origin-custom-scheme-wildcard":
    "Only http and https hosts are domain names, so only there a wildcard has a meaning; write this origin in full.",
  "policy/origin-scheme-never-sent":
    "No page has this scheme, so this one can never match; a WebSocket's handshake too comes from an http or https page.",
  "policy/origin-opaque": "Pages at addresses of this scheme have the origin null, so this one can never match.",
  "policy/origin-null":
    "Every sandboxed page has the origin null, so granting it grants anybody; take it out of the list, and set dangerouslyAllowNullOrigin if that is what you want.",
  "policy/origin-null-redundant": "dangerouslyAllowNullOrigin grants the origin null already; take it out of the list.",
  "policy/origin-insecure-with-credentials":
    "A page that came over plain http can be forged on the way, and would then use its visitors' credentials.",
  "policy/origin-public-suffix-wildcard": "Below a public suffix anybody can register a name.",
  "policy/method-invalid": "This is not a method; one bad item spoils the whole list for browsers.",
  "policy/method-forbidden": "Browsers never send this method.",
  "policy/method-case": "Methods are case-sensitive, and this one is written in upper case.",
  "policy/header-invalid": "This is not a header name; one bad item spoils the whole list for browsers.",
  "policy/header-forbidden": "Pages cannot set this request header, so it is never asked for.",
  "policy/header-covered-by-wildcard":
    "The wildcard in the list covers this name already; take it out. Only authorization has to be named beside it.",
  "policy/exposed-set-cookie": "Set-Cookie can never be read by a page.",
  "policy/exposed-wildcard-with-credentials": "With credentials the wildcard exposes nothing; name the headers.",
  "policy/max-age-invalid":
    "The maximum age is a whole number of seconds from 0 to 86400; leave it out to let browsers choose.",
} as const;

export type PolicyIssueCode = keyof typeof POLICY_ISSUE_MESSAGES;

/** One thing that is wrong. */
export interface PolicyIssue {
  readonly code: PolicyIssueCode;
  /** Where: field, then index in its list. Empty for the policy as a whole. */
  readonly path: readonly (string | number)[];
  readonly received: unknown;
  /** The value to put there instead; null if it has to be taken out, or if only a person can know. */
  readonly suggestion: unknown;
}

/** More issues than that are counted in an error's message, not printed. */
const MAX_PRINTED_ISSUES = 20;

/** Characters of a value that are printed. */
const MAX_PRINTED_LENGTH = 200;

/** Thrown by `createPolicy`: `issues` lists every issue at once, the message the first 20. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly code = "ERR_POLICY_INVALID";
  readonly issues: readonly PolicyIssue[];

  constructor(issues: readonly PolicyIssue[]) {
    const lines = issues.slice(0, MAX_PRINTED_ISSUES).map((issue) => `- ${describeIssue(issue)}`);
    if (issues.length > MAX_PRINTED_ISSUES) lines.push(`... and ${issues.length - MAX_PRINTED_ISSUES} more`);
    super(`The policy is refused:\n${lines.join("\n")}`);
    this.issues = issues;
  }
}

/** One line on an issue: place, what was received, why not, what instead. ASCII only; long values are cut. Never throws. */
export function describeIssue({ code, path, received, suggestion }: PolicyIssue): string {
  const place =
    path.length === 0
      ? "policy"
      : path.map((part) => (typeof part === "number" ? `[${part}]` : printable(part))).join("");
  const instead = suggestion === null ? "" : ` Use ${show(suggestion)}.`;
  return `${place}: ${show(received)}: ${POLICY_ISSUE_MESSAGES[code]}${instead} (${code})`;
}

function show(value: unknown): string {
  if (typeof value === "string") return `"${printable(value)}"`;
  if (typeof value === "object" && value !== null) return showObject(value);
  return typeof value === "function" || typeof value === "symbol" ? `a ${typeof value}` : printable(String(value));
}

function showObject(value: object): string {
  try {
    if (!Array.isArray(value)) return "an object";
    const [first] = value as readonly unknown[];
    return value.length === 1 && typeof first === "string" ? `[${show(first)}]` : `a list of ${value.length}`;
  } catch {
    // Attack: an object with traps of its own can throw at any touch.
    return "an object";
  }
}

/** Attack: a value may come from a stranger; nothing but printable ASCII gets through, and of that so much only. */
function printable(text: string): string {
  const cut = text.length > MAX_PRINTED_LENGTH;
  const shown = (cut ? text.slice(0, MAX_PRINTED_LENGTH) : text).replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, (unit) =>
    unit === '"' || unit === "\\" ? `\\${unit}` : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return cut ? `${shown}...` : shown;
}
