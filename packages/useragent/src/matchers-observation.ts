/**
 * One fetch of a page, and what it says about CORS.
 *
 * @module
 */

import { type Explanation, explain, redactTrace } from "crossorigin/diagnose";
import type { TraceEvent } from "crossorigin/fetching";
import { show } from "./byte-string.ts";
import { Client } from "./client.ts";
import { networkErrorReason } from "./network-error.ts";
import { traceOfResponse } from "./fetch-method.ts";
import type { RequestInfo } from "./request.ts";
import type { RequestInit } from "./request-init.ts";
import type { Response } from "./response.ts";

/** What was seen, escaped, and without secrets unless they are wanted. */
interface Seen {
  readonly explanation: Explanation;
}

/** The page reads the response; its headers are in lower case. */
interface Shared extends Seen {
  readonly outcome: "shared";
  readonly response: Response;
}

/** A fetch that resolved with an opaque response; nothing of it can be read. */
interface Opaque extends Seen {
  readonly outcome: "opaque";
}

/**
 * `refused`: the server's answer does not let the page read. `network-failure`: there was no answer. `other-failure`:
 * the reason is neither, such as an unknown scheme or too many redirects.
 */
export interface Unshared extends Seen {
  readonly outcome: "refused" | "network-failure" | "other-failure";
}

export type Observation = Shared | Unshared | Opaque;

/** The areas whose codes are about what the server answered to this origin. */
const REFUSALS = /^(?:cors-check|cors-preflight|cross-origin-resource-policy)\//;

/** Throws a `TypeError` for what is no client of `createUserAgent`. */
export function toPage(page: unknown): Client {
  if (page instanceof Client) return page;
  throw new TypeError(
    `${show(page)} is not a page: pass what createUserAgent().client({ url: "https://app.example/" }) gives.`,
  );
}

/** Fetches, and lets go of the body. Rejects with what the fetch was aborted with, or a `TypeError` for what cannot be asked for. */
export async function observe(
  page: unknown,
  url: RequestInfo,
  init: RequestInit | null | undefined,
  showSecrets: boolean,
): Promise<Observation> {
  try {
    const response = await toPage(page).fetch(url, init);
    response.body?.cancel().catch(() => {});
    const explanation = explained(traceOfResponse(response) ?? [], showSecrets);
    const isOpaque = response.type === "opaque" || response.type === "opaqueredirect";
    return isOpaque ? { outcome: "opaque", explanation } : { outcome: "shared", explanation, response };
  } catch (error) {
    const told = networkErrorReason(error);
    if (told === undefined) throw error;
    return unshared(explained(told.trace, showSecrets));
  }
}

function explained(trace: readonly TraceEvent[], showSecrets: boolean): Explanation {
  return explain(showSecrets ? trace : redactTrace(trace));
}

function unshared(explanation: Explanation): Unshared {
  if (explanation.verdict === "network-failure") return { outcome: "network-failure", explanation };
  return { outcome: REFUSALS.test(explanation.code ?? "") ? "refused" : "other-failure", explanation };
}
