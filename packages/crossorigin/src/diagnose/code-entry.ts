/**
 * What the registry holds of a code, and the codes that are notes.
 *
 * @module
 */

/** Codes of notes: an exchange works, or fails, and this is worth knowing beside it. */
export type NoteCode =
  | "exposure/header-not-exposed"
  | "exposure/expose-wildcard-with-credentials"
  | "exposure/opaque-response"
  | "exposure/opaque-redirect"
  | "cors-preflight/authorization-under-wildcard"
  | "caching/vary-origin-missing"
  | "cors-check/credentials-with-wildcard"
  | "cookies/ignored"
  | "cookies/refused"
  | "redirect/authorization-removed"
  | "redirect/origin-tainted"
  | "local-network-access/permission-needed"
  | "cors-preflight/answered-by-something-else"
  | "cors-check/error-response-without-grant";

/** What is known of one code. */
export interface CodeEntry {
  /** Fragment in the Fetch Standard, with `#`, or a whole URL for another document; null where no document says it. */
  readonly anchor: string | null;
  /** One sentence with `{subject}`, `{received}`, `{expected}`, `{url}` and `{origin}` to fill in. Messages may change, codes do not. */
  readonly message: string;
  /** Chromium's `CorsError` values or net errors. */
  readonly chromium: readonly string[];
  /** Firefox's message keys. */
  readonly firefox: readonly string[];
  /** What WebKit's console line says, in our words, as it has no names. */
  readonly webkit: string | null;
}
