/**
 * The enumerations of a request and a response that rules are written in, spelled as in the standard.
 *
 * @see https://fetch.spec.whatwg.org/#requests
 * @module
 */

/** @see https://fetch.spec.whatwg.org/#concept-request-mode */
export type RequestMode = "same-origin" | "cors" | "no-cors" | "navigate" | "websocket";

/** @see https://fetch.spec.whatwg.org/#concept-request-credentials-mode */
export type CredentialsMode = "omit" | "same-origin" | "include";

/** @see https://fetch.spec.whatwg.org/#concept-request-redirect-mode */
export type RedirectMode = "follow" | "error" | "manual";

/** @see https://fetch.spec.whatwg.org/#concept-request-cache-mode */
export type CacheMode = "default" | "no-store" | "reload" | "no-cache" | "force-cache" | "only-if-cached";

/** @see https://fetch.spec.whatwg.org/#concept-request-response-tainting */
export type ResponseTainting = "basic" | "cors" | "opaque";

/** @see https://fetch.spec.whatwg.org/#concept-response-type */
export type ResponseType = "basic" | "cors" | "default" | "error" | "opaque" | "opaqueredirect";

/** @see https://fetch.spec.whatwg.org/#concept-request-tainted-origin */
export type RedirectTaint = "same-origin" | "same-site" | "cross-site";

/** @see https://w3c.github.io/webappsec-referrer-policy/#referrer-policies */
export type ReferrerPolicy =
  | ""
  | "no-referrer"
  | "no-referrer-when-downgrade"
  | "same-origin"
  | "origin"
  | "strict-origin"
  | "origin-when-cross-origin"
  | "strict-origin-when-cross-origin"
  | "unsafe-url";

/** @see https://fetch.spec.whatwg.org/#concept-request-destination */
export type RequestDestination =
  | ""
  | "audio"
  | "audioworklet"
  | "document"
  | "embed"
  | "font"
  | "frame"
  | "iframe"
  | "image"
  | "json"
  | "manifest"
  | "object"
  | "paintworklet"
  | "report"
  | "script"
  | "serviceworker"
  | "sharedworker"
  | "style"
  | "text"
  | "track"
  | "video"
  | "worker"
  | "xslt";
