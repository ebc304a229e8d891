/**
 * The classes of response status that fetching distinguishes.
 *
 * @see https://fetch.spec.whatwg.org/#statuses
 * @module
 */

/** 101, 103, 204, 205 and 304 carry no body. @see https://fetch.spec.whatwg.org/#null-body-status */
export function isNullBodyStatus(status: number): boolean {
  return status === 101 || status === 103 || status === 204 || status === 205 || status === 304;
}

/** 200 to 299. @see https://fetch.spec.whatwg.org/#ok-status */
export function isOkStatus(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** 206 and 416. @see https://fetch.spec.whatwg.org/#range-status */
export function isRangeStatus(status: number): boolean {
  return status === 206 || status === 416;
}

/** 301, 302, 303, 307 and 308; not 300, 304, 305 or 306. @see https://fetch.spec.whatwg.org/#redirect-status */
export function isRedirectStatus(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}
