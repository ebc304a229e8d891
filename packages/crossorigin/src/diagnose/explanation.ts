/**
 * The shape of an explanation: what `crossorigin check --json` prints, and what every renderer draws from.
 * Plain JSON; all text from the wire is escaped already.
 *
 * @module
 */

import type { Header, RequestMode, CredentialsMode, RedirectMode } from "../protocol/index.ts";
import type { RuleName } from "../fetching/index.ts";
import type { Code } from "./codes.ts";

/** `shared`: the page can read the response. `withheld`: the browser keeps it from the page. `network-failure`: there was none. */
export type Verdict = "shared" | "withheld" | "network-failure";

export interface Explanation {
  readonly verdict: Verdict;
  /** The reason's stable code; null if the response is shared. */
  readonly code: Code | null;
  /** One or two sentences for a person. */
  readonly summary: string;
  /** What was asked for, as the page sees it. */
  readonly page: ExplainedPage;
  readonly preflight: ExplainedPreflight;
  /** In the order they went over the wire; what the HTTP cache answered did not. */
  readonly exchanges: readonly ExplainedExchange[];
  /** What page code sees. */
  readonly visible: VisibleResponse;
  readonly fixes: { readonly server: readonly Fix[]; readonly client: readonly Fix[] };
  /** What is worth knowing beyond the verdict: headers the page cannot read, answers that only today's browsers accept … */
  readonly notes: readonly Note[];
}

export interface ExplainedPage {
  /** The page's serialized origin. */
  readonly origin: string;
  readonly method: string;
  readonly url: string;
  readonly mode: RequestMode;
  readonly credentials: CredentialsMode;
  readonly redirect: RedirectMode;
}

export interface ExplainedPreflight {
  /** Did any hop need the server's consent? */
  readonly needed: boolean;
  /** Why: one sentence a cause, naming the header, value, method or body type. Empty if not needed. */
  readonly because: readonly string[];
  /** Was a preflight put on the wire? False if not needed, or if the cache held the consent. */
  readonly sent: boolean;
}

export interface ExplainedExchange {
  readonly purpose: "preflight" | "request";
  readonly request: { readonly method: string; readonly url: string; readonly headers: readonly Header[] };
  /** Null if no response came. */
  readonly response: {
    readonly status: number;
    readonly statusMessage: string;
    readonly headers: readonly Header[];
  } | null;
  /** Every rule that was applied to the URL and to the response, in order. */
  readonly rules: readonly ExplainedRule[];
}

export interface ExplainedRule {
  readonly rule: RuleName | "upgrade" | "redirect" | "cookies" | "preflight-cache" | "http-cache";
  readonly ok: boolean;
  /** The step of the standard that settled it; null where there is none. */
  readonly step: string | null;
  readonly code: Code | null;
  readonly text: string;
}

export interface VisibleResponse {
  /** `error`: page code gets a bare TypeError. */
  readonly type: "basic" | "cors" | "opaque" | "opaqueredirect" | "error";
  /** 0 where the page does not see it. */
  readonly status: number;
  readonly headers: readonly Header[];
}

/** One thing to change. */
export interface Fix {
  readonly text: string;
  /** The response header lines that make it work, ready to copy; empty if it is no matter of headers. */
  readonly headers: readonly string[];
  /** Which responses they belong on; null if `headers` is empty. */
  readonly on: "preflight" | "response" | "preflight-and-response" | null;
  /** A crossorigin policy, or, without `origins`, fields to add to one; either passes `parsePolicy`. Null if it is no matter of policy. */
  readonly policy: Readonly<Record<string, unknown>> | null;
}

export interface Note {
  readonly code: Code;
  readonly text: string;
}
