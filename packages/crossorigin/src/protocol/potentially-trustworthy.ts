/**
 * Potentially trustworthy: reached over an authenticated connection, or without leaving the machine.
 *
 * @see https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
 * @module
 */

import { type Origin, originOfUrl } from "./origin.ts";

/** Is the origin potentially trustworthy: https, wss, file, or http(s) and ws(s) on a loopback host? Opaque origins are not. */
export function isPotentiallyTrustworthyOrigin(origin: Origin): boolean {
  if (origin.kind === "opaque") return false;
  return origin.scheme === "https" || origin.scheme === "wss" || isLoopbackHost(origin.host);
}

/** Is the URL potentially trustworthy? `data:`, `about:blank` and `about:srcdoc` URLs are. @see https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy */
export function isPotentiallyTrustworthyUrl(url: URL): boolean {
  if (url.protocol === "data:" || url.protocol === "file:") return true;
  if (url.protocol === "about:") return url.pathname === "blank" || url.pathname === "srcdoc";
  return isPotentiallyTrustworthyOrigin(originOfUrl(url));
}

/** 127.0.0.0/8, ::1, `localhost` and all below it. */
export function isLoopbackHost(host: string): boolean {
  return /^127(?:\.[0-9]+){3}$/.test(host) || host === "[::1]" || /^(?:.+\.)?localhost\.?$/.test(host);
}
