/**
 * Why an element did not load: a network error, or a response that it cannot use.
 *
 * @module
 */

import {
  type FetchFailureCode,
  type NetworkErrorReason,
  type Request,
  type TraceEvent,
  currentUrl,
} from "crossorigin/fetching";

/** Rules of elements, beside and after those of fetching. */
export type LoadRuleCode =
  /** The source is empty, or no URL. */
  | "element-load/url-invalid"
  /** A module script that is not JavaScript, or a style sheet that is not CSS, by its MIME type. */
  | "element-load/mime-type"
  /** A status other than 200 to 299, where the element asks for one. */
  | "element-load/status"
  /** A body that is no image, font, media or text track. */
  | "element-load/not-decodable"
  /** A body longer than any that is read. */
  | "element-load/too-large";

/** As of a network error, with all that was decided on the way to it. */
export interface LoadFailureReason extends Omit<NetworkErrorReason, "code"> {
  readonly code: FetchFailureCode | LoadRuleCode;
  readonly trace: readonly TraceEvent[];
}

type Details = Partial<Pick<NetworkErrorReason, "step" | "expected" | "received" | "subject">>;

/** A failure outside the algorithms of fetching, at the URL where the request stands. */
export function loadFailure(
  code: LoadFailureReason["code"],
  request: Request,
  trace: readonly TraceEvent[],
  details: Details = {},
): LoadFailureReason {
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
    trace,
  };
}
