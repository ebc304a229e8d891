/**
 * MIME types that decide whether a script or style sheet is used.
 *
 * @see https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-nosniff?
 * @module
 */

import { type Header, type RequestDestination, getDecodeAndSplit } from "crossorigin/protocol";
import { extractMimeType } from "../xml-http-request/mime-type.ts";
import type { LoadRuleCode } from "./load-failure.ts";

/** @see https://mimesniff.spec.whatwg.org/#javascript-mime-type */
const JAVASCRIPT =
  /^(?:(?:application|text)\/(?:x-)?(?:ecma|java)script|text\/javascript1\.[0-5]|text\/(?:j|live)script)$/;

/** The essence of the extracted MIME type; null for failure. */
export function essenceOf(headers: readonly Header[]): string | null {
  return extractMimeType(headers)?.essence ?? null;
}

export function isJavaScriptEssence(essence: string | null): boolean {
  return essence !== null && JAVASCRIPT.test(essence);
}

/** Main fetch, step 20: what blocks the response for this destination; null if nothing does. */
export function blockedDueToMimeType(
  destination: RequestDestination,
  headers: readonly Header[],
): Extract<LoadRuleCode, "element-load/nosniff" | "element-load/mime-type-blocked"> | null {
  if (destination !== "script" && destination !== "style") return null;
  const essence = essenceOf(headers);
  if (destination === "script" && essence !== null && /^(?:audio|image|video)\/|^text\/csv$/.test(essence))
    return "element-load/mime-type-blocked";
  if (getDecodeAndSplit(headers, "X-Content-Type-Options")?.[0]?.toLowerCase() !== "nosniff") return null;
  const isExpected = destination === "script" ? isJavaScriptEssence(essence) : essence === "text/css";
  return isExpected ? null : "element-load/nosniff";
}
