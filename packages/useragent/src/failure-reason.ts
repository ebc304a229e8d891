/**
 * Why something failed outside the algorithms of fetching: a body, a page that was closed, a response that is of no use.
 *
 * @see https://fetch.spec.whatwg.org/#concept-network-error
 * @module
 */

import type { NetworkErrorReason } from "crossorigin/fetching";

/** What is known beyond where the fetch stands. */
export type FailureDetails = Partial<Pick<NetworkErrorReason, "step" | "expected" | "received" | "subject">>;

/** A failure at the last of the URLs. */
export function failureReason(
  urlList: readonly URL[],
  code: NetworkErrorReason["code"],
  details: FailureDetails = {},
): NetworkErrorReason {
  return {
    step: null,
    expected: null,
    received: null,
    subject: null,
    ...details,
    code,
    url: urlList.at(-1)?.href ?? "",
    hop: Math.max(urlList.length - 1, 0),
    isPreflight: false,
    defects: [],
  };
}
