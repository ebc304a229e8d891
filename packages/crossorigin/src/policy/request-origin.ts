/**
 * Reading the `Origin` of a request.
 *
 * @see https://fetch.spec.whatwg.org/#origin-header
 * @module
 */

import { type TupleOrigin, parseOrigin } from "../protocol/origin.ts";

/**
 * The one tuple origin that the value names; null if it is none. Attack: the URL parser takes a comma for part of a host, but several lines joined have
 * one, so nothing with a comma is an origin here.
 */
export function parseRequestOrigin(value: string): TupleOrigin | null {
  return value.includes(",") ? null : parseOrigin(value);
}
