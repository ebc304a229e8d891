import { expect, test } from "vitest";
import { TransportError, networkFailureOf } from "../src/transport/network-failure.ts";

const failing = (code: string, message = "why"): Error => Object.assign(new Error(message), { code });

test.each([
  ["ENOTFOUND", "network/name-not-resolved"],
  ["EAI_AGAIN", "network/name-not-resolved"],
  ["ECONNREFUSED", "network/connection-refused"],
  ["EHOSTUNREACH", "network/unreachable"],
  ["ENETUNREACH", "network/unreachable"],
  ["EADDRNOTAVAIL", "network/unreachable"],
  ["ECONNRESET", "network/connection-reset"],
  ["EPIPE", "network/connection-reset"],
  ["UND_ERR_SOCKET", "network/connection-reset"],
  ["ETIMEDOUT", "network/timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "network/timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "network/timeout"],
  ["UND_ERR_BODY_TIMEOUT", "network/timeout"],
  ["UND_ERR_HEADERS_OVERFLOW", "network/headers-too-large"],
  ["CERT_HAS_EXPIRED", "network/tls-certificate"],
  ["CERT_NOT_YET_VALID", "network/tls-certificate"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "network/tls-certificate"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "network/tls-certificate"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "network/tls-certificate"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "network/tls-certificate"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "network/tls-certificate"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "network/tls-client-certificate"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "network/tls-client-certificate"],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "network/tls-client-certificate"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "network/tls-protocol"],
  ["EPROTO", "network/tls-protocol"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "network/tls-protocol"],
  ["HPE_INVALID_CONSTANT", "network/http-malformed"],
  ["Z_DATA_ERROR", "network/http-malformed"],
  ["UND_ERR_DESTROYED", "network/client-closed"],
  ["E_UNHEARD_OF", "network/failed"],
])("%s is %s, alone, as a cause, and among the addresses that were tried", (code, expected) => {
  const error = failing(code);
  expect(networkFailureOf(error)).toEqual({ code: expected, detail: "why" });
  expect(networkFailureOf(new Error("outer", { cause: error }))).toEqual({ code: expected, detail: "outer" });
  expect(networkFailureOf(new AggregateError([error, failing(code, "again")]))).toEqual({
    code: expected,
    detail: "why; again",
  });
});

test("a failure that is known already is kept, and no stack gets out", () => {
  expect(networkFailureOf(new TransportError("network/timeout", "slow"))).toEqual({
    code: "network/timeout",
    detail: "slow",
  });
  expect(networkFailureOf(new Error("outer", { cause: new TransportError("network/timeout", "slow") }))).toEqual({
    code: "network/timeout",
    detail: "slow",
  });
  expect(networkFailureOf(failing("ECONNRESET", "first\nsecond")).detail).toBe("first");
  expect(networkFailureOf(new RangeError("")).detail).toBe("RangeError");
  expect(networkFailureOf(undefined)).toEqual({ code: "network/failed", detail: "undefined" });
});
