/**
 * From an error of the transport to what it means.
 *
 * @module
 */

import type { NetworkCode } from "crossorigin/fetching";

const CODES: readonly (readonly [RegExp, NetworkCode])[] = [
  [/^(?:ENOTFOUND|EAI_\w+|ENODATA)$/, "network/name-not-resolved"],
  [/^ECONNREFUSED$/, "network/connection-refused"],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|EHOSTDOWN|EACCES)$/, "network/unreachable"],
  [/^(?:UND_ERR_\w*TIMEOUT|ETIMEDOUT)$/, "network/timeout"],
  [/^(?:UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/, "network/headers-too-large"],
  [/^(?:CERT_|DEPTH_ZERO|UNABLE_TO_|SELF_SIGNED|ERR_TLS_CERT|HOSTNAME_MISMATCH)/, "network/tls-certificate"],
  [/^(?:EPROTO|ERR_SSL_|ERR_TLS_)/, "network/tls-protocol"],
  [/^(?:HPE_|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)/, "network/http-malformed"],
  [/^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, "network/connection-reset"],
];

/** The code, and the cause in a few words: the system's own code and message, never a stack. */
export function networkFailure(error: unknown): { readonly code: NetworkCode; readonly detail: string } {
  const causes = causesOf(error);
  for (const cause of causes) {
    const systemCode = codeOf(cause);
    const known = CODES.find(([pattern]) => pattern.test(systemCode));
    if (known !== undefined) return { code: known[1], detail: describe(cause, systemCode) };
  }
  const [first] = causes;
  return { code: "network/failed", detail: describe(first, codeOf(first)) };
}

/** The error, its causes, and what an AggregateError collects. */
function causesOf(error: unknown): unknown[] {
  if (!(error instanceof Error)) return [error];
  const nested = error instanceof AggregateError ? error.errors : [];
  return [error, ...nested.flatMap(causesOf), ...(error.cause === undefined ? [] : causesOf(error.cause))];
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

function describe(error: unknown, systemCode: string): string {
  const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return systemCode === "" || message?.includes(systemCode) === true ? (message ?? "") : `${systemCode}: ${message ?? ""}`;
}
