/**
 * The files of `--cacert`, `--cert` and `--key`, each checked before anything is sent. No message shows what is in a key.
 *
 * @module
 */

import { X509Certificate, createPrivateKey } from "node:crypto";
import type { Readable } from "node:stream";
import { createSecureContext } from "node:tls";
import { readInput } from "./input-file.ts";
import { UsageError, quoted } from "./usage-error.ts";

/** Both in PEM. Intermediate certificates follow the user's own. */
export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** The PEM text. @throws UsageError for a file without certificates, or with one that cannot be read */
export async function readCertificates(path: string, stdin: Readable): Promise<string> {
  const pem = await readPem(path, "the certificate", stdin);
  checkCertificates("--cacert", path, pem);
  return pem;
}

/** Without `keyPath`, the key stands beside the certificate. @throws UsageError for what no TLS connection could use */
export async function readCertificateAndKey(
  path: string,
  keyPath: string | undefined,
  stdin: Readable,
): Promise<CertificateAndKey> {
  const cert = await readPem(path, "the certificate", stdin);
  checkCertificates("--cert", path, cert);
  if (keyPath === undefined && !PRIVATE_KEY.test(cert))
    throw new UsageError(`--cert ${quoted(path)} holds no private key beside the certificate; give it with --key FILE`);
  const key = keyPath === undefined ? cert : await readPem(keyPath, "the private key", stdin);
  const shownKey = keyPath === undefined ? `--cert ${quoted(path)}` : `--key ${quoted(keyPath)}`;
  checkKey(shownKey, key);
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new UsageError(
      `the private key of ${shownKey} is not that of the certificate in ${quoted(path)}; give the two that were made together`,
    );
  attempt(`--cert ${quoted(path)} is of no use to TLS`, () => createSecureContext({ cert, key }));
  return { cert, key };
}

async function readPem(path: string, purpose: string, stdin: Readable): Promise<string> {
  return new TextDecoder().decode(await readInput(path, purpose, stdin));
}

function checkCertificates(option: string, path: string, pem: string): void {
  const certificates = pem.match(CERTIFICATE);
  if (certificates === null)
    throw new UsageError(
      `${option} ${quoted(path)} holds no certificate in PEM format; openssl x509 and openssl pkcs12 make one of other formats`,
    );
  for (const certificate of certificates)
    attempt(
      `${option} ${quoted(path)} holds a certificate that cannot be read`,
      () => new X509Certificate(certificate),
    );
}

/** Choice: no option takes a passphrase, as every user of the machine can see the command's arguments. */
function checkKey(shown: string, pem: string): void {
  if (!PRIVATE_KEY.test(pem))
    throw new UsageError(`${shown} holds no private key in PEM format; openssl pkey makes one of other formats`);
  if (ENCRYPTED.test(pem))
    throw new UsageError(
      `the private key of ${shown} is encrypted; give a decrypted one, as openssl pkey -in FILE -out OTHER makes`,
    );
  attempt(`${shown} holds a private key that cannot be read`, () => createPrivateKey(pem));
}

function attempt(complaint: string, step: () => unknown): void {
  try {
    step();
  } catch (error) {
    const reason = error instanceof Error && "reason" in error ? String(error.reason) : "of an unknown kind";
    throw new UsageError(`${complaint} (${reason})`);
  }
}
