/**
 * Failures of the network: from the errors of sockets, TLS, the HTTP parser and decoders to codes.
 *
 * @see https://fetch.spec.whatwg.org/#concept-network-error
 * @module
 */

import { BodyTooLargeError, type NetworkCode } from "crossorigin/fetching";

/** What went wrong, for the embedder only; `detail` is one line without a stack. */
export interface NetworkFailure {
  readonly code: NetworkCode;
  readonly detail: string;
}

/** A failure thrown where only errors can travel: out of a body, or into a connector's callback. */
export class TransportError extends Error {
  readonly failure: NetworkFailure;

  constructor(code: NetworkCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = "TransportError";
    this.failure = { code, detail };
  }
}

const CODES: ReadonlyMap<string, NetworkCode> = new Map<string, NetworkCode>([
  ["ENOTFOUND", "network/name-not-resolved"],
  ["EAI_AGAIN", "network/name-not-resolved"],
  ["EAI_FAIL", "network/name-not-resolved"],
  ["EAI_NONAME", "network/name-not-resolved"],
  ["EAI_NODATA", "network/name-not-resolved"],
  ["ECONNREFUSED", "network/connection-refused"],
  ["EHOSTUNREACH", "network/unreachable"],
  ["EHOSTDOWN", "network/unreachable"],
  ["ENETUNREACH", "network/unreachable"],
  ["ENETDOWN", "network/unreachable"],
  ["EADDRNOTAVAIL", "network/unreachable"],
  ["ECONNRESET", "network/connection-reset"],
  ["ECONNABORTED", "network/connection-reset"],
  ["EPIPE", "network/connection-reset"],
  ["ERR_STREAM_PREMATURE_CLOSE", "network/connection-reset"],
  ["UND_ERR_SOCKET", "network/connection-reset"],
  ["ETIMEDOUT", "network/timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "network/timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "network/timeout"],
  ["UND_ERR_BODY_TIMEOUT", "network/timeout"],
  ["UND_ERR_HEADERS_OVERFLOW", "network/headers-too-large"],
  ["HPE_HEADER_OVERFLOW", "network/headers-too-large"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "network/http-malformed"],
  ["UND_ERR_DESTROYED", "network/client-closed"],
  ["UND_ERR_CLOSED", "network/client-closed"],
  ["EPROTO", "network/tls-protocol"],
  // An end of the body before the parser has seen all of it.
  ["HPE_INVALID_EOF_STATE", "network/connection-reset"],
  ["HPE_CLOSED_CONNECTION", "network/http-malformed"],
  // undici asserts what its parser lets through: a status below 100.
  ["ERR_ASSERTION", "network/http-malformed"],
]);

/** Codes that come in families; the first that matches. OpenSSL's verification errors have no common prefix. */
const FAMILIES: readonly (readonly [RegExp, NetworkCode])[] = [
  [
    /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CRL_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/,
    "network/tls-certificate",
  ],
  [/^(?:ERROR_IN_CERT|ERROR_IN_CRL|PATH_LENGTH_EXCEEDED|OUT_OF_MEM)/, "network/tls-certificate"],
  // Alerts of the server, so about our certificate. TLS 1.2 has none for a missing one: that is a handshake failure.
  [
    /^ERR_SSL_(?:TLSV13_ALERT_CERTIFICATE_REQUIRED|TLSV1_ALERT_UNKNOWN_CA|SSLV3_ALERT_(?:(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN)))$/,
    "network/tls-client-certificate",
  ],
  [/^(?:ERR_SSL_|ERR_TLS_)/, "network/tls-protocol"],
  [/^(?:HPE_|Z_|ZSTD_|ERR_+(?:BROTLI|ZSTD|ERROR))/, "network/http-malformed"],
];

/** What `error` says in our terms; never throws. An error nobody knows is `network/failed` in its own words. */
export function networkFailureOf(error: unknown): NetworkFailure {
  if (error instanceof TransportError) return error.failure;
  if (error instanceof BodyTooLargeError) return { code: "network/body-too-large", detail: error.message };
  const detail = describe(error);
  for (const candidate of withCauses(error)) {
    if (candidate instanceof TransportError) return candidate.failure;
    const code = networkCodeOf(candidate);
    if (code !== null) return { code, detail };
  }
  return { code: "network/failed", detail };
}

function networkCodeOf(error: unknown): NetworkCode | null {
  if (typeof error !== "object" || error === null) return null;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // undici's word for bytes that are no response: an unexpected one, or an upgrade that nobody asked for.
  const isUnexpectedResponse = error instanceof Error && /^bad (?:response|upgrade)$/.test(error.message);
  if (code === "UND_ERR_SOCKET" && isUnexpectedResponse) return "network/http-malformed";
  const known = CODES.get(code) ?? FAMILIES.find(([pattern]) => pattern.test(code))?.[1];
  if (known !== undefined) return known;
  return error instanceof Error && error.name === "HTTPParserError" ? "network/http-malformed" : null;
}

/** The error, what it gathers (one error for every address that was tried), and what caused it; at most a few. */
function withCauses(error: unknown): unknown[] {
  const found: unknown[] = [error];
  for (let index = 0; index < found.length && found.length < 16; index++) {
    const candidate = found[index];
    if (candidate instanceof AggregateError) found.push(...(candidate.errors as unknown[]));
    if (candidate instanceof Error && candidate.cause !== undefined) found.push(candidate.cause);
  }
  return found;
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) {
    const all = (error.errors as unknown[]).map(describe).filter((text) => text !== "");
    if (all.length > 0) return all.join("; ");
  }
  if (!(error instanceof Error)) return String(error);
  const [line = ""] = error.message.split("\n", 1);
  return line === "" ? error.name : line;
}
