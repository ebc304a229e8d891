/**
 * Parsing `Set-Cookie`, with the limits that browsers have agreed on.
 *
 * @see https://httpwg.org/http-extensions/draft-ietf-httpbis-layered-cookies.html#name-parse-a-cookie
 * @module
 */

import type { Cookie } from "tough-cookie";
import { toughCookie } from "./tough-cookie.ts";

/** The most bytes of name and value together. */
const MAX_NAME_VALUE_BYTES = 4096;
/** Longer attribute values are as if they were not there. */
const MAX_ATTRIBUTE_VALUE_BYTES = 1024;

/**
 * The cookie with its expiry as a date (`nowMilliseconds` is what `Max-Age` counts from), or null if it is none.
 * `setCookie` is a latin-1 string; nothing is decoded.
 */
export function parseSetCookie(setCookie: string, nowMilliseconds: number): Cookie | null {
  if (hasControlByte(setCookie)) return null;
  const [pair = "", ...attributes] = setCookie.split(";");
  const equals = pair.indexOf("=");
  const name = trimWhitespace(equals < 0 ? "" : pair.slice(0, equals));
  const value = trimWhitespace(pair.slice(equals + 1));
  const length = name.length + value.length;
  if (length === 0 || length > MAX_NAME_VALUE_BYTES) return null;
  const kept = attributes.filter((attribute) => attributeValueLength(attribute) <= MAX_ATTRIBUTE_VALUE_BYTES);
  const cookie = toughCookie().Cookie.parse(["name=value", ...kept].join(";"));
  if (cookie === undefined) return null;
  // The pair is taken as it is: tough-cookie would trim U+00A0, which can be the last byte of a UTF-8 character.
  cookie.key = name;
  cookie.value = value;
  if (isDomainTakenBack(kept)) cookie.domain = null;
  if (cookie.maxAge !== null) cookie.expires = dateAfter(nowMilliseconds, Number(cookie.maxAge));
  cookie.maxAge = null;
  return cookie;
}

/** Control bytes other than TAB. */
function hasControlByte(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return /[\x00-\x08\x0a-\x1f\x7f]/.test(value);
}

function attributeValueLength(attribute: string): number {
  return attributeValue(attribute).length;
}

function attributeValue(attribute: string): string {
  const equals = attribute.indexOf("=");
  return equals < 0 ? "" : trimWhitespace(attribute.slice(equals + 1));
}

/** Is the last `Domain` empty, which tough-cookie passes over? */
function isDomainTakenBack(attributes: readonly string[]): boolean {
  const last = attributes.findLast((attribute) => /^[ \t]*domain[ \t]*(?:=|$)/i.test(attribute));
  return last !== undefined && /^\.?$/.test(attributeValue(last));
}

function trimWhitespace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && " \t".includes(value.charAt(start))) start++;
  while (end > start && " \t".includes(value.charAt(end - 1))) end--;
  return value.slice(start, end);
}

/** Never an invalid date: what is beyond the calendar is its last day, and zero or less is the epoch. */
function dateAfter(nowMilliseconds: number, seconds: number): Date {
  if (Number.isNaN(seconds) || seconds <= 0) return new Date(0);
  return new Date(Math.min(nowMilliseconds + seconds * 1000, 8.64e15));
}
