/**
 * Why a request needs a preflight, in words.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */

import type { PreflightCause } from "../fetching/index.ts";
import {
  MAX_SAFELISTED_VALUES_BYTES,
  MAX_SAFELISTED_VALUE_BYTES,
  type UnsafeRequestHeader,
} from "../protocol/index.ts";
import { escapeFromWire } from "../protocol/escape.ts";

/** One sentence, naming the method, or the header with what is unsafe about it. */
export function describePreflightCause(cause: PreflightCause): string {
  switch (cause.kind) {
    case "method":
      return `The method ${escapeFromWire(cause.method)} is not one of GET, HEAD and POST.`;
    case "use-cors-preflight":
      return "The request has an upload listener or a streamed body.";
    case "redirected":
      return "The request needed a preflight before it was redirected, and this browser sends another for every redirect.";
    case "header":
      return describeUnsafeHeader(cause.header);
  }
}

function describeUnsafeHeader({ name, value, cause }: UnsafeRequestHeader): string {
  const header = `The header ${escapeFromWire(name)}`;
  switch (cause.kind) {
    case "name":
      return `${header} is not one that any page may send: ${escapeFromWire(`${name}: ${value}`, 100)}`;
    case "length":
      return `${header} has a value of ${cause.bytes} bytes; up to ${MAX_SAFELISTED_VALUE_BYTES} are safe.`;
    case "byte":
      return `${header} has the byte ${escapeFromWire(String.fromCharCode(cause.byte))} (0x${cause.byte.toString(16).padStart(2, "0")}) at position ${cause.index}, which is not safe: ${escapeFromWire(value, 100)}`;
    case "mime-type":
      return `${header} says ${escapeFromWire(value, 100)}; only application/x-www-form-urlencoded, multipart/form-data and text/plain are safe, as forms can send them.`;
    case "range":
      return `${header} is not one simple range with a start, such as bytes=0-99: ${escapeFromWire(value, 100)}`;
    case "sum":
      return `${header} is safe alone, and all safe values together have ${cause.bytes} bytes; up to ${MAX_SAFELISTED_VALUES_BYTES} are safe.`;
  }
}
