/**
 * Where a redirect leads.
 *
 * @see https://fetch.spec.whatwg.org/#concept-response-location-url
 * @module
 */

import { type Header, type Profile, getHeaderValues } from "../protocol/index.ts";

/** `absent`: the response has no `Location`, and is no redirect then. `failure` holds the value that is no URL. */
export type LocationUrl =
  | { readonly kind: "absent" }
  | { readonly kind: "url"; readonly url: URL }
  | { readonly kind: "failure"; readonly value: string };

/**
 * Resolves `Location` against the URL that was fetched and hands that URL's fragment on. Several lines are a failure.
 *
 * Choice: bytes from 0x80 on are percent-encoded one by one, as the standard leaves their meaning open and engines do so.
 */
export function locationUrl(headers: readonly Header[], responseUrl: URL, profile: Profile): LocationUrl {
  const [value, ...others] = getHeaderValues(headers, "Location"); // Step 2
  if (value === undefined) return { kind: "absent" };
  if (value === "" && !profile.emptyLocationFollowed) return { kind: "absent" };
  const isEqual = profile.equalLocationsFollowed && others.every((other) => other === value);
  if (others.length > 0 && !isEqual) return { kind: "failure", value: [value, ...others].join(", ") };
  const encoded = value.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  if (!URL.canParse(encoded, responseUrl)) return { kind: "failure", value };
  const url = new URL(encoded, responseUrl); // Step 3
  if (url.hash === "" && !encoded.includes("#")) url.hash = responseUrl.hash; // Step 4
  return { kind: "url", url };
}
