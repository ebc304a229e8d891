/** A throw-away certificate that nobody trusts, made with openssl. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Key and self-signed certificate for `host`, in PEM; the key is encrypted if there is a passphrase. */
export function selfSignedCertificate(
  host: string,
  passphrase: string | null = null,
): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "crossorigin-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"];
    const encryption = passphrase === null ? ["-nodes"] : ["-passout", `pass:${passphrase}`];
    execFileSync("openssl", ["req", ...kind, ...encryption, ...subject, "-keyout", key, "-out", cert], {
      stdio: "pipe",
    });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
