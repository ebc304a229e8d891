/**
 * Near misses: what somebody probably meant by an `Access-Control-Allow-Origin` that does not match.
 *
 * @see https://fetch.spec.whatwg.org/#concept-cors-check
 * @module
 */

import { parseOrigin, siteHost } from "../protocol/index.ts";

/**
 * One sentence on how `received` misses `expected` (a serialized origin, or `null`); null if they are just different.
 * Neither is escaped. Looks at no more than the first 512 characters of `received`.
 */
export function originNearMiss(received: string, expected: string): string | null {
  const value = received.slice(0, 512);
  return spelling(value) ?? urlDifference(value, expected) ?? pageWithoutOrigin(expected);
}

/** Values that no origin can ever equal. */
function spelling(value: string): string | null {
  if (value === "")
    return "The value is empty, as from a variable that is not set. Leave the header out where nobody is granted.";
  if (value === "null")
    return "The word null refuses nobody: it grants access to sandboxed pages. Leave the header out to refuse.";
  const items = value.split(",").map((item) => item.trim());
  if (items.length > 1 && new Set(items).size === 1)
    return "The same value came twice: two layers, such as a proxy and the application, both add it. Keep one.";
  if (items.length > 1)
    return "Lists are not supported: pick the request's origin from the list on the server, and send that alone.";
  if (/\s/.test(value)) return "Several origins in one value are not supported: send the one that asks.";
  if (/^["'].*["']$/.test(value)) return "The quotation marks are part of the value. Take them off.";
  if (value.includes("*"))
    return "Patterns work on the server only: match the request's Origin there, and send the origin itself.";
  if (/^[/^~]/.test(value))
    return "A regular expression was sent instead of its result: match on the server, and send the origin itself.";
  if (/^(?:undefined|true|false|none|\(null\)|\$\{?\w+\}?|%\w)$/i.test(value))
    return "This is what a template or a variable left behind, not an origin.";
  return null;
}

/** Values that are URLs and differ from the origin in one part. */
function urlDifference(value: string, expected: string): string | null {
  const wanted = parseOrigin(expected);
  if (wanted === null) return null;
  const withScheme = `${wanted.scheme}://${value}`;
  if (!value.includes("://")) {
    const isSame = URL.canParse(withScheme) && new URL(withScheme).origin === expected;
    return isSame ? `The scheme is missing: an origin begins with ${wanted.scheme}://` : null;
  }
  if (!URL.canParse(value)) return null;
  const url = new URL(value);
  if (url.origin === expected) return sameOriginSpelledOtherwise(value, url, expected);
  const got = parseOrigin(url.origin);
  if (got === null) return null;
  if (got.host === wanted.host && got.port === wanted.port)
    return `Only the scheme differs: ${got.scheme} instead of ${wanted.scheme}.`;
  if (got.host === wanted.host && got.scheme === wanted.scheme)
    return "Only the port differs. An origin includes its port unless it is the scheme's default.";
  if (got.host === `${wanted.host}.` || `${got.host}.` === wanted.host)
    return "Only the dot at the end of the host differs.";
  if (got.host === `www.${wanted.host}` || `www.${got.host}` === wanted.host)
    return "Only www. differs. They are two origins: list both.";
  if (siteHost(got) === siteHost(wanted))
    return "Both are of the same site, and still different origins: every host name counts by itself.";
  return null;
}

function sameOriginSpelledOtherwise(value: string, url: URL, expected: string): string {
  if (value === `${expected}/`) return "The slash at the end is one character too many: an origin has no path.";
  if (url.username !== "" || url.password !== "") return "An origin has no user name or password.";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return "A whole URL was sent. An origin ends after host and port.";
  if (value.toLowerCase() === expected)
    return "The value has upper-case letters. Browsers send origins in lower case and compare byte by byte.";
  if (url.port === "" && /:[0-9]+\/?$/.test(value))
    return "The default port is written out. Browsers leave it off and compare byte by byte.";
  return `It means the same origin, and is spelled otherwise: send ${expected} exactly.`;
}

function pageWithoutOrigin(expected: string): string | null {
  if (expected !== "null") return null;
  return "The request says Origin: null, as from a sandboxed page, a file, or after a redirect through another origin.";
}
