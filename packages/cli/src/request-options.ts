/**
 * The values of `check`'s arguments: each read once, refused with its reason and a way out.
 *
 * @module
 */

import {
  type Header,
  byteLowercase,
  isForbiddenMethod,
  isHeaderName,
  isHeaderValue,
  isMethod,
  isHttpScheme,
  normalizeHeaderValue,
  parseOrigin,
} from "crossorigin/protocol";
import { UsageError, quoted } from "./usage-error.ts";

/** The page that asks. */
export interface PageOrigin {
  /** A document of that origin. */
  readonly url: string;
  /** A sandboxed page: its origin is serialized as `null`. */
  readonly isOpaque: boolean;
  /** Nobody named it; it was made up. */
  readonly isDefault: boolean;
}

/** One `--resolve`: connections to `host`, or to every host for `*`, and `port` go to `address`. Neither has brackets. */
export interface Resolution {
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** What `--timeout` takes, in seconds: below the first no server can answer, and the last is an hour. */
const MIN_TIMEOUT_SECONDS = 0.1;
const MAX_TIMEOUT_SECONDS = 3600;

/** The URL to fetch. */
export function parseTargetUrl(input: string): URL {
  if (input.trim() === "")
    throw new UsageError("the URL is empty, as from a variable that is not set; write it as https://api.example/items");
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(input)) {
    throw new UsageError(
      `the URL ${quoted(input)} has no scheme; try ${quoted(`${likelyScheme(input)}://${input.replace(/^\/+/, "")}`)}`,
    );
  }
  const url = URL.parse(input);
  if (url === null) throw new UsageError(`the URL ${quoted(input)} cannot be parsed; check its host name and its port`);
  if (!isHttpScheme(url))
    throw new UsageError(`the URL ${quoted(input)} is neither http nor https, and only those have CORS`);
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "the URL holds a user name or a password, which fetch refuses in every browser; use -H 'authorization: …'",
    );
  }
  return url;
}

function likelyScheme(input: string): "http" | "https" {
  return /^\/*(?:localhost|[^/:]*\.localhost|127\.[0-9.]+|\[::1\])(?:[:/]|$)/i.test(input) ? "http" : "https";
}

/** The page of `--origin`; without one, a made-up page of the target's scheme, so that mixed content is not the answer. */
export function parsePageOrigin(input: string | undefined, isOpaque: boolean, target: URL): PageOrigin {
  if (input === undefined) return { url: `${target.protocol}//page.example/`, isOpaque, isDefault: !isOpaque };
  if (isOpaque)
    throw new UsageError(
      `--opaque-origin cannot go with --origin ${quoted(input)}: the origin of a sandboxed page is null; use one of them`,
    );
  if (input === "null") return { url: `${target.protocol}//page.example/`, isOpaque: true, isDefault: false };
  const origin = parseOrigin(input);
  if (origin === null) throw new UsageError(`the origin ${quoted(input)} ${originComplaint(input)}`);
  if (origin.scheme !== "http" && origin.scheme !== "https") {
    throw new UsageError(`the origin ${quoted(input)} is no web page's; use an http or https origin, or null`);
  }
  return { url: `${input}/`, isOpaque: false, isDefault: false };
}

function originComplaint(input: string): string {
  const url = URL.parse(input.includes("://") ? input : `https://${input}`);
  if (url === null || !isHttpScheme(url) || parseOrigin(url.origin) === null || input.includes("*"))
    return "is no origin; write it as https://app.example, or null";
  return `is no origin as a browser sends it; try ${quoted(url.origin)}`;
}

/** A method as page code may use it. Browsers normalize some methods later, so `put` stays `put` here. */
export function parseMethod(input: string): string {
  if (!isMethod(input))
    throw new UsageError(`the method ${quoted(input)} is no method; it may hold letters, digits and !#$%&'*+-.^_\`|~`);
  if (isForbiddenMethod(input))
    throw new UsageError(`the method ${quoted(input)} is one that browsers refuse to send for a page`);
  return input;
}

/** One `name: value` line. */
export function parseHeaderLine(input: string): Header {
  const colon = input.indexOf(":");
  if (colon < 0) throw new UsageError(`the header ${quoted(input)} has no colon; write it as 'name: value'`);
  const name = input.slice(0, colon);
  const value = normalizeHeaderValue(input.slice(colon + 1));
  if (!isHeaderName(name))
    throw new UsageError(
      `the header ${quoted(input)} has no valid name; a name holds letters, digits and hyphens, and no space`,
    );
  if (!isHeaderValue(value))
    throw new UsageError(
      `the value of the header ${quoted(name)} holds a line break, a NUL or a character beyond Latin-1`,
    );
  return [name, value];
}

/** `host:port:address`, as curl takes it, `*` for any host; IPv6 addresses with or without brackets. */
export function parseResolution(input: string): Resolution {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+):([0-9]{1,5}):(.+)$/i.exec(input);
  const [, host, port, address] = match ?? [];
  if (host === undefined || address === undefined) {
    throw new UsageError(`--resolve ${quoted(input)} cannot be read; write it as host:port:address`);
  }
  if (Number(port) < 1 || Number(port) > 65_535)
    throw new UsageError(`--resolve ${quoted(input)} has no valid port; use 1 to 65535`);
  const bare = withoutBrackets(address);
  if (!isIpAddress(bare))
    throw new UsageError(`--resolve ${quoted(input)} must end in an IP address, such as 127.0.0.1`);
  return { host: byteLowercase(withoutBrackets(host)), port: Number(port), address: bare };
}

/** `::1` of `[::1]`. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function isIpAddress(value: string): boolean {
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(value)) return URL.parse(`http://${value}/`)?.hostname === value;
  return value.includes(":") && URL.canParse(`http://[${value}]/`);
}

/** Seconds, to milliseconds. */
export function parseTimeoutMilliseconds(input: string): number {
  const seconds = /^[0-9]+(?:\.[0-9]+)?$/.test(input) ? Number(input) : 0;
  if (seconds < MIN_TIMEOUT_SECONDS || seconds > MAX_TIMEOUT_SECONDS) {
    throw new UsageError(
      `--timeout ${quoted(input)} is no time to wait; give seconds from ${MIN_TIMEOUT_SECONDS} to ${MAX_TIMEOUT_SECONDS}`,
    );
  }
  return Math.ceil(seconds * 1000);
}

/** A TCP port; 0 lets the system choose. */
export function parsePort(input: string): number {
  if (!/^[0-9]{1,5}$/.test(input) || Number(input) > 65_535)
    throw new UsageError(`the port ${quoted(input)} is none; use 0 to 65535`);
  return Number(input);
}
