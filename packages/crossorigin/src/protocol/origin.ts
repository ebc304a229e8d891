/**
 * Origins: from URLs, serialized, parsed, compared.
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#concept-origin
 * @module
 */

/** Scheme, host and port as the URL parser leaves them; `port` is null where it is the scheme's default. */
export interface TupleOrigin {
  readonly kind: "tuple";
  readonly scheme: string;
  readonly host: string;
  readonly port: number | null;
}

/** An origin equal to nothing but itself: two of them are the same only if they are one object. */
export interface OpaqueOrigin {
  readonly kind: "opaque";
}

export type Origin = TupleOrigin | OpaqueOrigin;

/** The longest serialized origin, in characters, that {@link parseOrigin} reads: a 253-character host with room for scheme and port. */
export const MAX_SERIALIZED_ORIGIN_LENGTH = 512;

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
  ["ws", 80],
  ["wss", 443],
  ["ftp", 21],
]);

/** Schemes whose URLs have opaque origins, even where their syntax has a host. */
const OPAQUE_SCHEMES: ReadonlySet<string> = new Set(["about", "blob", "data", "file", "javascript"]);

/** The default port of a special scheme (without colon); null for any other. @see https://url.spec.whatwg.org/#default-port */
export function defaultPort(scheme: string): number | null {
  return DEFAULT_PORTS.get(scheme) ?? null;
}

/** A new opaque origin. */
export function createOpaqueOrigin(): OpaqueOrigin {
  return { kind: "opaque" };
}

/**
 * A URL's origin: a tuple for http(s), ws(s), ftp and for the http(s) URL inside a `blob:` one; a new opaque origin for all others.
 *
 * @see https://url.spec.whatwg.org/#concept-url-origin
 */
export function originOfUrl(url: URL): Origin {
  const scheme = url.protocol.slice(0, -1);
  if (DEFAULT_PORTS.has(scheme))
    return { kind: "tuple", scheme, host: url.hostname, port: url.port === "" ? null : Number(url.port) };
  if (scheme === "blob" && URL.canParse(url.pathname)) {
    const inner = new URL(url.pathname);
    if (isHttpScheme(inner)) return originOfUrl(inner);
  }
  return createOpaqueOrigin();
}

/** Is the URL's scheme http or https? @see https://fetch.spec.whatwg.org/#http-scheme */
export function isHttpScheme(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

/** Is the URL's scheme about, blob or data, so that nobody else is asked for it? @see https://fetch.spec.whatwg.org/#is-local */
export function isLocalUrl(url: URL): boolean {
  return url.protocol === "about:" || url.protocol === "blob:" || url.protocol === "data:";
}

/** `null` for an opaque origin, else `scheme://host[:port]`. @see https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin */
export function serializeOrigin(origin: Origin): string {
  if (origin.kind === "opaque") return "null";
  return `${origin.scheme}://${origin.host}${origin.port === null ? "" : `:${origin.port}`}`;
}

/** Same object if opaque; same scheme, host and port if tuples. @see https://html.spec.whatwg.org/multipage/browsers.html#same-origin */
export function isSameOrigin(a: Origin, b: Origin): boolean {
  if (a === b) return true;
  if (a.kind === "opaque" || b.kind === "opaque") return false;
  return a.scheme === b.scheme && a.host === b.host && a.port === b.port;
}

/**
 * Parses a serialized tuple origin exactly as a browser would send it; null for everything else, `null` and default ports included.
 * So `serializeOrigin(parseOrigin(s)) === s` whenever it parses. Reads at most {@link MAX_SERIALIZED_ORIGIN_LENGTH} characters.
 *
 * Hosts with characters beyond the `Origin` grammar, such as `_`, parse: browsers accept them in URLs and send them.
 *
 * @see https://fetch.spec.whatwg.org/#origin-header
 */
export function parseOrigin(serialized: string): TupleOrigin | null {
  // Attack: an over-long value must not reach the URL parser.
  if (serialized.length > MAX_SERIALIZED_ORIGIN_LENGTH) return null;
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\\:[\]]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?$/.exec(serialized);
  const [, scheme, host, port] = match ?? [];
  if (scheme === undefined || host === undefined || OPAQUE_SCHEMES.has(scheme)) return null;
  const origin: TupleOrigin = { kind: "tuple", scheme, host, port: port === undefined ? null : Number(port) };
  return isCanonical(origin, serialized) ? origin : null;
}

/** Special schemes: the URL parser must leave the origin as it is. Others (`capacitor:`, `moz-extension:`): the host is opaque to it. */
function isCanonical(origin: TupleOrigin, serialized: string): boolean {
  if (!URL.canParse(serialized)) return false;
  const url = new URL(serialized);
  if (defaultPort(origin.scheme) !== null) return url.origin === serialized;
  return url.host === serialized.slice(origin.scheme.length + 3);
}
