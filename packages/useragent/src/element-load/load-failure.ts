/**
 * Why an element did not load, beside network errors: a response that it cannot use.
 *
 * @see https://html.spec.whatwg.org/multipage/urls-and-fetching.html#fetching-resources
 * @module
 */

import { type NetworkErrorReason, type Request, currentUrl } from "crossorigin/fetching";

type Details = Partial<Pick<NetworkErrorReason, "step" | "expected" | "received" | "subject">>;

/** A failure outside the algorithms of fetching, at the URL where the request stands. */
export function loadFailure(
  code: NetworkErrorReason["code"],
  request: Request,
  details: Details = {},
): NetworkErrorReason {
  return {
    step: null,
    expected: null,
    received: null,
    subject: null,
    ...details,
    code,
    url: currentUrl(request).href,
    hop: request.urlList.length - 1,
    isPreflight: false,
    defects: [],
  };
}
