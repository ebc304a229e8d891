/**
 * The certificate that a user identifies with to servers that ask for one, checked.
 *
 * @see https://fetch.spec.whatwg.org/#create-a-connection
 * @module
 */

import { show } from "../byte-string.ts";
import { refuseUnknownOptions } from "../option-names.ts";

/** In PEM. Intermediate certificates follow the user's own in `cert`. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  /** Of an encrypted `key`. */
  readonly passphrase?: string | undefined;
}

const FIX = "pass { cert, key }, both in PEM, as strings, and the passphrase of an encrypted key";

/**
 * A copy; undefined for undefined. Throws a `TypeError` that names the part that is wrong, and never shows a key; also
 * for a key that is not the certificate's.
 */
export function resolveClientCertificate(given: ClientCertificate | undefined): ClientCertificate | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null)
    throw new TypeError(`The option clientCertificate is ${show(given)}: ${FIX}.`);
  refuseUnknownOptions(given, ["cert", "key", "passphrase"]);
  const { cert, key, passphrase } = given;
  if (!isPem(cert, "CERTIFICATE")) throw new TypeError(`clientCertificate.cert is no certificate in PEM: ${FIX}.`);
  if (!isPem(key, "PRIVATE KEY")) throw new TypeError(`clientCertificate.key is no private key in PEM: ${FIX}.`);
  if (passphrase !== undefined && typeof passphrase !== "string")
    throw new TypeError(`clientCertificate.passphrase is no string: ${FIX}.`);
  const resolved = { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
  const noUse = (why: string, options?: ErrorOptions): TypeError =>
    new TypeError(`The option clientCertificate is of no use (${why}): ${FIX}.`, options);
  const { X509Certificate, createPrivateKey } = process.getBuiltinModule("node:crypto");
  const { createSecureContext } = process.getBuiltinModule("node:tls");
  let isPair = false;
  try {
    createSecureContext(resolved);
    // A key of another kind than the certificate's is none of OpenSSL's concern until there is a connection.
    isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(resolved));
  } catch (error) {
    throw noUse(error instanceof Error && "reason" in error ? String(error.reason) : String(error), { cause: error });
  }
  if (!isPair) throw noUse("key values mismatch");
  return resolved;
}

function isPem(value: unknown, label: string): boolean {
  return typeof value === "string" && value.includes("-----BEGIN ") && value.includes(`${label}-----`);
}
