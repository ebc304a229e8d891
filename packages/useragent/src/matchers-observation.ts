/**
 * One fetch of a page, and what it says about CORS.
 *
 * @module
 */

import { type Explanation, explain } from "crossorigin/diagnose";
import type { TraceEvent } from "crossorigin/fetching";
import { show } from "./byte-string.ts";
import { Client } from "./client.ts";
import { hideSecrets } from "./matchers-redaction.ts";
import { networkErrorReason } from "./network-error.ts";
import type { RequestInfo } from "./request.ts";
import type { RequestInit } from "./request-init.ts";
import type { Response } from "./response.ts";

/** The page reads the response; its headers are in lower case. */
interface Shared {
  readonly outcome: "shared";
  readonly response: Response;
}

/**
 * `refused`: the server's answer does not let the page read. `network-failure`: there was no answer. `other-failure`:
 * the reason is neither, such as an unknown scheme or too many redirects.
 */
export interface Unshared {
  readonly outcome: "refused" | "network-failure" | "other-failure";
  /** Escaped, and without secrets unless they are wanted. */
  readonly explanation: Explanation;
}

/** A fetch that resolved with an opaque response; nothing of it can be read. */
interface Opaque {
  readonly outcome: "opaque";
  readonly code: "exposure/opaque-response" | "exposure/opaque-redirect";
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
    if (response.type === "opaque") return { outcome: "opaque", code: "exposure/opaque-response" };
    if (response.type === "opaqueredirect") return { outcome: "opaque", code: "exposure/opaque-redirect" };
    return { outcome: "shared", response };
  } catch (error) {
    const told = networkErrorReason(error);
    if (told === undefined) throw error;
    const { trace, ...reason } = told;
    const isWhole = trace.at(-1)?.type === "network-error";
    return unshared(isWhole ? trace : [...trace, { type: "network-error", reason }], showSecrets);
  }
}

/** What a whole trace that ends in a network error says. */
function unshared(trace: readonly TraceEvent[], showSecrets: boolean): Unshared {
  const explanation = explain(showSecrets ? trace : hideSecrets(trace));
  if (explanation.verdict === "network-failure") return { outcome: "network-failure", explanation };
  return { outcome: REFUSALS.test(explanation.code ?? "") ? "refused" : "other-failure", explanation };
}
