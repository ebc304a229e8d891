/**
 * `ResponseInit`, and the response that a page makes itself.
 *
 * @see https://fetch.spec.whatwg.org/#initialize-a-response
 * @module
 */

import { show, toByteString } from "./byte-string.ts";
import type { HeadersInit } from "./headers-init.ts";

export interface ResponseInit {
  status?: number | undefined;
  statusText?: string | undefined;
  headers?: HeadersInit | undefined;
}

/** Members as the Web IDL converts them, defaults filled in. */
export interface ConvertedResponseInit {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeadersInit | undefined;
}

/** A `RangeError` for a status that page code cannot give, a `TypeError` for anything else that is wrong. */
export function convertResponseInit(init: ResponseInit | null | undefined): ConvertedResponseInit {
  if (init !== undefined && init !== null && typeof init !== "object" && typeof init !== "function") {
    throw new TypeError(`ResponseInit is ${show(init)}, not an object.`);
  }
  const { headers, status = 200, statusText = "" } = init ?? {};
  const converted = {
    headers,
    status: toUnsignedShort(status),
    statusText: toByteString(statusText, "ResponseInit.statusText"),
  };
  if (converted.status < 200 || converted.status > 599) {
    throw new RangeError(`ResponseInit.status is ${converted.status}; it can be 200 to 599.`); // Step 1
  }
  if (!isReasonPhrase(converted.statusText)) {
    throw new TypeError(`ResponseInit.statusText is ${show(converted.statusText)}, which has control characters.`); // Step 2
  }
  return converted;
}

/** @see https://webidl.spec.whatwg.org/#js-unsigned-short */
export function toUnsignedShort(value: unknown): number {
  const number = Number(value);
  return Number.isFinite(number) ? ((Math.trunc(number) % 65_536) + 65_536) % 65_536 : 0;
}

/** TAB, SP, visible characters and bytes from 0x80 on. @see https://www.rfc-editor.org/rfc/rfc9112#name-status-line */
function isReasonPhrase(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
