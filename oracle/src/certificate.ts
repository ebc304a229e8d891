/** A certification authority for one run, and a certificate from it for all host names. Needs `openssl`. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

const DAYS = "2";

/** The files are removed before this returns. */
export function createCertificate(hostnames: readonly string[]): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "crossorigin-oracle-"));
  const path = (name: string): string => join(folder, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    const ca = ["-x509", "-subj", "/CN=crossorigin oracle", "-days", DAYS, "-keyout", path("ca.key")];
    openssl("req", ...newKey, ...ca, "-out", path("ca.pem"));
    openssl("req", ...newKey, "-subj", "/CN=oracle", "-keyout", path("leaf.key"), "-out", path("leaf.csr"));
    const names = hostnames.map((name) => name.replace(/^\[(.*)\]$/, "$1"));
    const alternatives = names.map((name) => (isIP(name) === 0 ? `DNS:${name}` : `IP:${name}`));
    writeFileSync(path("leaf.ext"), `subjectAltName=${alternatives.join(",")}\n`);
    const signer = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial"];
    const leaf = ["-in", path("leaf.csr"), "-extfile", path("leaf.ext"), "-days", DAYS, "-out", path("leaf.pem")];
    openssl("x509", "-req", ...signer, ...leaf);
    const read = (name: string): string => readFileSync(path(name), "utf8");
    return { ca: read("ca.pem"), key: read("leaf.key"), cert: read("leaf.pem") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function openssl(...values: readonly string[]): void {
  execFileSync("openssl", values, { stdio: "ignore" });
}
