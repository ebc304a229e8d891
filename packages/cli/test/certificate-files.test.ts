import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSignedCertificate } from "./certificate.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { start } from "./test-servers.ts";

const server = selfSignedCertificate("api.test");
const user = selfSignedCertificate("user");
const encrypted = selfSignedCertificate("user", "secret");

const FILES: Readonly<Record<string, string>> = {
  "ca.pem": server.cert,
  "user.crt": user.cert,
  "user.key": user.key,
  "user.pem": `${user.cert}${user.key}`,
  "other.key": server.key,
  "encrypted.crt": encrypted.cert,
  "encrypted.key": encrypted.key,
  "traditional.key": `-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n`,
  "damaged.crt": "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
  "second-damaged.crt": `${user.cert}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
  "damaged.key": "-----BEGIN PRIVATE KEY-----\n????\n-----END PRIVATE KEY-----\n",
  "text.txt": "hello",
};

let folder = "";
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "crossorigin-cli-"));
  for (const [name, content] of Object.entries(FILES)) await writeFile(file(name), content);
});

afterAll(() => rm(folder, { recursive: true }));

/** Asks a server that wants a certificate which `user` vouches for, if `isRequired`, and says whose it got. */
async function checkAt(isRequired: boolean, ...args: readonly string[]): Promise<CommandResult & { seen: string[] }> {
  const seen: string[] = [];
  const options = { ...server, ca: user.cert, requestCert: true, rejectUnauthorized: isRequired };
  const https = createServer(options, (request, response) => {
    const subject = (request.socket as TLSSocket).getPeerCertificate().subject as { readonly CN?: string } | undefined;
    seen.push(`${request.method} ${subject?.CN ?? "nobody"}`);
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
    response.setHeader("Access-Control-Allow-Credentials", "true").end();
  });
  https.on("tlsClientError", () => {});
  const port = await start(https);
  const resolve = ["--resolve", `api.test:${port}:127.0.0.1`, "--cacert", file("ca.pem")];
  return { ...(await runCommand(["check", `https://api.test:${port}/`, ...resolve, ...args])), seen };
}

describe("12.02: --cert and --key", () => {
  test("identify with them to a server that requires it, in a request with credentials", async () => {
    const args = ["--cert", file("user.crt"), "--key", file("user.key"), "--credentials", "include"];
    const { status, stdout, seen } = await checkAt(true, ...args);
    expect(stdout).toContain("SHARED");
    expect(stdout).not.toContain("--cert was of no use");
    expect(status).toBe(0);
    expect(seen).toEqual(["GET user"]);
  });

  test("may be one file, with the certificate and its key", async () => {
    const { status, seen } = await checkAt(true, "--cert", file("user.pem"), "--credentials", "include");
    expect([status, seen]).toEqual([0, ["GET user"]]);
  });

  test("are of no use without credentials, which is said", async () => {
    const { status, stdout, seen } = await checkAt(false, "--cert", file("user.pem"));
    expect([status, seen]).toEqual([0, ["GET nobody"]]);
    expect(stdout).toContain("--cert was of no use: a client certificate goes with credentials only");
  });

  test("are missed by a server that requires them", async () => {
    const { status, stdout, seen } = await checkAt(true, "--credentials", "include");
    expect(stdout).toContain("network/tls-client-certificate");
    expect([status, seen]).toEqual([3, []]);
  });

  test.each([
    ["user.crt", "absent.key", 'the private key in "', 'absent.key" cannot be read: there is no such file'],
    ["absent.crt", "user.key", 'the certificate in "', 'absent.crt" cannot be read: there is no such file'],
    ["user.key", "user.key", 'user.key" holds no certificate in PEM format', "openssl pkcs12"],
    ["damaged.crt", "user.key", 'damaged.crt" holds a certificate that cannot be read (', ")"],
    ["second-damaged.crt", "user.key", 'second-damaged.crt" holds a certificate that cannot be read (', ")"],
    ["user.crt", "text.txt", 'text.txt" holds no private key in PEM format', "openssl pkey"],
    ["user.crt", "damaged.key", 'damaged.key" holds a private key that cannot be read (', ")"],
    ["user.crt", "other.key", 'other.key" is not that of the certificate in "', 'user.crt"'],
    ["encrypted.crt", "encrypted.key", 'encrypted.key" is encrypted', "openssl pkey -in FILE -out OTHER"],
    ["encrypted.crt", "traditional.key", 'traditional.key" is encrypted', "openssl pkey -in FILE -out OTHER"],
    ["user.crt", null, 'user.crt" holds no private key beside the certificate', "give it with --key FILE"],
  ])("%s and %s are refused with the reason and the way out, and without the key", async (cert, key, ...words) => {
    const args = ["--cert", file(cert), ...(key === null ? [] : ["--key", file(key)])];
    const { status, stderr } = await runCommand(["check", "https://api.test/", ...args]);
    expect(status).toBe(2);
    for (const word of words) expect(stderr).toContain(word);
    expect(stderr.split("\n")).toHaveLength(2);
    expect(stderr).not.toContain("BEGIN");
  });

  test("a damaged certificate for --cacert is refused, too", async () => {
    const { status, stderr } = await runCommand(["check", "https://api.test/", "--cacert", file("damaged.crt")]);
    expect(status).toBe(2);
    expect(stderr).toContain('damaged.crt" holds a certificate that cannot be read (bad base64 decode)');
  });
});
