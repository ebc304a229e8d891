/**
 * Would the browser ask the server first? Decided by the same algorithm as a fetch, of which nothing is sent.
 *
 * @see https://fetch.spec.whatwg.org/#concept-main-fetch
 * @module
 */

import { type ExplainedPreflight, explain, redactTrace } from "crossorigin/diagnose";
import { type Effects, type TraceEvent, fetch as runFetch } from "crossorigin/fetching";
import { CorsPreflightCache, PROFILES } from "crossorigin/protocol";
import { ACCEPT_ENCODING } from "./transport/content-coding.ts";
import { toPage } from "./matchers-observation.ts";
import { type RequestInfo, requestStateOf } from "./request.ts";
import type { RequestInit } from "./request-init.ts";

const UNSENT = "network/failed";

/** Effects without any: nothing is remembered, and nothing leaves. */
function dryEffects(): Effects {
  const profile = PROFILES.standard;
  return {
    transport: { send: () => Promise.resolve({ ok: false, code: UNSENT, detail: "nothing is sent" }) },
    cookieStore: { cookieHeader: () => "", store: () => false },
    preflightCache: new CorsPreflightCache({ now: () => 0 }, profile),
    profile,
    userAgent: "",
    acceptLanguage: "en-US,en;q=0.9",
    acceptEncoding: ACCEPT_ENCODING,
    maxBodyBytes: 0,
  };
}

/** Why the request to its first URL needs a preflight, by the standard; what ends the fetch before that question, as a text. */
export async function preflightNeed(
  page: unknown,
  url: RequestInfo,
  init: RequestInit | null | undefined,
  showSecrets: boolean,
): Promise<ExplainedPreflight | string> {
  const { Request } = toPage(page);
  const { request } = requestStateOf(new Request(url, init));
  const trace: TraceEvent[] = [];
  await runFetch({ ...request, integrityMetadata: "", keepalive: false }, dryEffects(), {
    trace: (event) => trace.push(event),
  });
  const { code, summary, preflight } = explain(showSecrets ? trace : redactTrace(trace));
  return code === UNSENT ? preflight : `${code}: ${summary}`;
}
