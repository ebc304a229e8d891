/**
 * A certificate for the server, which clients trust by `NODE_EXTRA_CA_CERTS`. Needs `openssl`.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
  remove(): void;
}

/** Null without `openssl`. */
export function createCertificate(): Certificate | null {
  const folder = mkdtempSync(join(tmpdir(), "crossorigin-bench-"));
  const remove = (): void => rmSync(folder, { recursive: true });
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  const subject = ["-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1"];
  try {
    execFileSync("openssl", ["req", ...options, ...subject, "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
    return { keyFile, certFile, remove };
  } catch {
    remove();
    return null;
  }
}
