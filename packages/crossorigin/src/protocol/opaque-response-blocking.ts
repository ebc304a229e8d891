/**
 * Opaque Response Blocking by the head of a response: what its MIME type, its status and its headers decide.
 *
 * @see https://github.com/annevk/orb#orbs-algorithm
 * @module
 */

import { type Header, getHeader } from "./header-list.ts";
import { determineNosniff, isJavaScriptMimeTypeEssence } from "./mime-type-blocking.ts";
import { extractMimeTypeEssence } from "./mime-type.ts";
import type { OpaqueResponseBlocking } from "./profile.ts";

/** @see https://github.com/annevk/orb#new-mime-type-sets */
const NEVER_SNIFFED: ReadonlySet<string> = new Set([
  "application/dash+xml",
  "application/gzip",
  "application/msexcel",
  "application/mspowerpoint",
  "application/msword",
  "application/msword-template",
  "application/pdf",
  "application/vnd.apple.mpegurl",
  "application/vnd.ces-quickpoint",
  "application/vnd.ces-quicksheet",
  "application/vnd.ces-quickword",
  "application/vnd.ms-excel",
  "application/vnd.ms-excel.sheet.macroenabled.12",
  "application/vnd.ms-powerpoint",
  "application/vnd.ms-powerpoint.presentation.macroenabled.12",
  "application/vnd.ms-word",
  "application/vnd.ms-word.document.12",
  "application/vnd.ms-word.document.macroenabled.12",
  "application/vnd.msword",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "application/vnd.openxmlformats-officedocument.presentationml.template",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
  "application/vnd.presentation-openxml",
  "application/vnd.presentation-openxmlm",
  "application/vnd.spreadsheet-openxml",
  "application/vnd.wordprocessing-openxml",
  "application/x-gzip",
  "application/x-protobuf",
  "application/x-protobuffer",
  "application/zip",
  "audio/mpegurl",
  "multipart/byteranges",
  "multipart/signed",
  "text/csv",
  "text/event-stream",
  "text/vtt",
]);

/** HTML, JSON and XML. */
const BLOCKLISTED = /^text\/html$|^(?:application|text)\/(?:json|xml)$|\+(?:json|xml)$/;

/** What the head says; `sniff`: the body decides. */
export type HeadVerdict = "allowed" | "blocked" | "sniff";

/** Does the head of an opaque response allow or block it? Linear in the length of the headers. */
export function judgeOpaqueResponseHead(
  { status, headers }: { readonly status: number; readonly headers: readonly Header[] },
  rules: OpaqueResponseBlocking,
): HeadVerdict {
  const essence = extractMimeTypeEssence(headers); // Step 1
  if (essence !== null) {
    if (isSafelisted(essence, rules)) return "allowed"; // Step 3.1
    if (NEVER_SNIFFED.has(essence)) return "blocked"; // Step 3.2
    const isBlocklisted = BLOCKLISTED.test(essence);
    if (status === 206 && isBlocklisted && rules.partsMustBegin) return "blocked"; // Step 3.3
    const isWithheldByNosniff = isBlocklisted || (essence === "text/plain" && rules.plainTextHeldToNosniff);
    if (isWithheldByNosniff && determineNosniff(headers)) return "blocked"; // Step 3.4
  }
  if (status !== 206) return "sniff";
  const first = firstPosition(headers); // Step 5
  return first === 0 || (first === null && !rules.partsMustBegin) ? "sniff" : "blocked";
}

/**
 * Once the body has turned out to be no image, sound or video: is it withheld for good, or is it to be a script? Steps 10 to 13.
 *
 * @see {@link OpaqueResponseBlocking.scriptRequired}
 */
export function judgeUnrecognizedHead({
  status,
  headers,
}: {
  readonly status: number;
  readonly headers: readonly Header[];
}): HeadVerdict {
  if (determineNosniff(headers) || status < 200 || status > 299) return "blocked"; // Steps 10 and 11
  const essence = extractMimeTypeEssence(headers);
  if (essence === null) return "allowed"; // Step 12
  return /^(?:audio|image|video)\//.test(essence) ? "blocked" : "sniff"; // Step 13
}

function isSafelisted(essence: string, { safelistedTypes, javascriptSafelisted }: OpaqueResponseBlocking): boolean {
  if (javascriptSafelisted && isJavaScriptMimeTypeEssence(essence)) return true;
  return safelistedTypes.some((type) => (type.endsWith("/") ? essence.startsWith(type) : essence === type));
}

/** Where the part begins; null if that cannot be told. */
function firstPosition(headers: readonly Header[]): number | null {
  const [, first = null] = /^bytes +(\d+)-\d+\/(?:\d+|\*)$/.exec(getHeader(headers, "Content-Range") ?? "") ?? [];
  return first === null ? null : Number(first);
}
