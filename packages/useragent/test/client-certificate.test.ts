import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { type Fix, explain } from "crossorigin/diagnose";
import { type ClientCertificate, createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { type Agent, agent, codeOf, listen, rejection } from "./loopback.ts";

const folder = mkdtempSync(join(tmpdir(), "crossorigin-useragent-"));
let server: ClientCertificate;
let user: ClientCertificate;
let encrypted: ClientCertificate;

beforeAll(() => {
  server = createKeyPair("server", "-nodes", "-addext", "subjectAltName=DNS:bar.other,DNS:foo.example");
  user = createKeyPair("user", "-nodes");
  encrypted = { ...createKeyPair("encrypted", "-passout", "pass:secret"), passphrase: "secret" };
});

afterAll(() => rmSync(folder, { recursive: true }));

function createKeyPair(name: string, ...rest: readonly string[]): ClientCertificate {
  const [key, cert] = [join(folder, `${name}.key.pem`), join(folder, `${name}.cert.pem`)];
  const files = ["-keyout", key, "-out", cert];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-days", "2", "-subj", `/CN=${name}`, ...files, ...rest];
  execFileSync("openssl", request, { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

function keyOfAnotherKind(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

interface MutualTls {
  readonly port: number;
  /** The method of each request, and whom its connection's certificate names. */
  readonly seen: string[];
  /** Whom the certificates of WebSockets' connections name. */
  readonly sockets: string[];
}

const nameOf = (socket: unknown): string => {
  const subject = (socket as TLSSocket).getPeerCertificate().subject as { readonly CN?: string } | undefined;
  return subject?.CN ?? "nobody";
};

/** A server that asks for a certificate, and perhaps wants one that the user's vouches for. */
async function serveMutualTls(isRequired: boolean, maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.3"): Promise<MutualTls> {
  const seen: string[] = [];
  const sockets: string[] = [];
  const ca = [user.cert, encrypted.cert];
  const options = { cert: server.cert, key: server.key, ca, requestCert: true, rejectUnauthorized: isRequired };
  const https = createServer({ ...options, maxVersion }, (request, response) => {
    seen.push(`${request.method ?? ""} ${nameOf(request.socket)}`);
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Allow-Methods", "DELETE");
    response.end("over TLS");
  });
  const webSockets = new WebSocketServer({ server: https });
  webSockets.on("connection", (socket, request) => {
    sockets.push(nameOf(request.socket));
    socket.close();
  });
  https.on("tlsClientError", () => {});
  const port = await listen(https);
  onTestFinished(async () => {
    for (const socket of webSockets.clients) socket.terminate();
    https.closeAllConnections();
    await new Promise((resolve) => https.close(resolve));
  });
  return { port, seen, sockets };
}

function agentOf(clientCertificate?: ClientCertificate, pageUrl = "https://foo.example/"): Agent {
  return agent({ ca: server.cert, clientCertificate }, pageUrl);
}

/** In a thread of its own, as a synchronous request blocks the test's. */
const SERVER_IN_THREAD = `
  const { createServer } = require("node:https");
  const { parentPort, workerData } = require("node:worker_threads");
  const server = createServer({ ...workerData, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin);
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.end(request.socket.getPeerCertificate().subject?.CN ?? "nobody");
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

describe("a client certificate", () => {
  test("12.02: goes with credentials only, whichever connection was opened first", async () => {
    const { port, seen } = await serveMutualTls(false);
    const { page } = agentOf(user);
    const url = `https://bar.other:${port}/`;
    await (await page.fetch(url, { credentials: "omit" })).text();
    await (await page.fetch(url)).text();
    await (await page.fetch(url, { credentials: "include" })).text();
    await (await page.fetch(url, { credentials: "omit" })).text();
    expect(seen).toEqual(["GET nobody", "GET nobody", "GET user", "GET nobody"]);
  });

  test("12.02: goes with same-origin credentials to the page's own origin", async () => {
    const { port, seen } = await serveMutualTls(false);
    const { page } = agentOf(user, `https://foo.example:${port}/`);
    await (await page.fetch("/")).text();
    await (await page.fetch("/", { credentials: "omit" })).text();
    expect(seen).toEqual(["GET user", "GET nobody"]);
  });

  test("12.02: never goes with a preflight, and with the request that the preflight was for", async () => {
    const { port, seen } = await serveMutualTls(false);
    const { page } = agentOf(user);
    await page.fetch(`https://bar.other:${port}/`, { method: "DELETE", credentials: "include" });
    expect(seen).toEqual(["OPTIONS nobody", "DELETE user"]);
  });

  test("12.02: with an encrypted key goes as well", async () => {
    const { port, seen } = await serveMutualTls(true);
    const { page } = agentOf(encrypted);
    await (await page.fetch(`https://bar.other:${port}/`, { credentials: "include" })).text();
    expect(seen).toEqual(["GET encrypted"]);
  });

  test("12.02: goes with the requests of elements, of XMLHttpRequest, and of WebSocket", async () => {
    const { port, seen, sockets } = await serveMutualTls(false);
    const { page } = agentOf(user);
    const url = `https://bar.other:${port}/`;
    await page.load({ element: "script", src: url });
    await page.load({ element: "script", src: url, crossorigin: "anonymous" });
    const send = async (withCredentials: boolean): Promise<void> => {
      const request = new page.XMLHttpRequest();
      request.open("GET", url);
      request.withCredentials = withCredentials;
      const loaded = new Promise<void>((resolve) => (request.onloadend = () => resolve()));
      request.send();
      await loaded;
    };
    await send(true);
    await send(false);
    const socket = new page.WebSocket(`wss://bar.other:${port}/`);
    await new Promise<void>((resolve) => (socket.onclose = () => resolve()));
    expect(seen).toEqual(["GET user", "GET nobody", "GET user", "GET nobody"]);
    expect(sockets).toEqual(["user"]);
  });
});

const textOf = (fixes: readonly Fix[]): string => fixes.map(({ text }) => text).join(" ");

test("12.02: a client certificate goes with a synchronous XMLHttpRequest that has credentials", async () => {
  const worker = new Worker(SERVER_IN_THREAD, { eval: true, workerData: server });
  onTestFinished(async () => void (await worker.terminate()));
  const port = await new Promise<number>((resolve) => void worker.once("message", resolve));
  const { page } = agentOf(user);
  const answer = (withCredentials: boolean): string => {
    const request = new page.XMLHttpRequest();
    request.open("GET", `https://bar.other:${port}/`, false);
    request.withCredentials = withCredentials;
    request.send();
    return request.responseText;
  };
  expect([answer(true), answer(false)]).toEqual(["user", "nobody"]);
});

describe("a server that requires a certificate", () => {
  test("12.02: fails every preflight, which the explanation says", async () => {
    const { port, seen } = await serveMutualTls(true);
    const { page, trace } = agentOf(user);
    const url = `https://bar.other:${port}/`;
    await (await page.fetch(url, { credentials: "include" })).text();
    const sent = trace.length;
    const error = await rejection(page.fetch(url, { method: "DELETE", credentials: "include" }));
    expect(networkErrorReason(error)).toMatchObject({ code: "network/tls-client-certificate", isPreflight: true });
    expect(seen).toEqual(["GET user"]);
    const { fixes } = explain(trace.slice(sent));
    expect(textOf(fixes.client)).toContain("No setting of the page gives a preflight a client certificate.");
    expect(textOf(fixes.server)).toContain("Let preflights through without");
  });

  test("fails a request without credentials, and one without the option", async () => {
    const { port } = await serveMutualTls(true);
    const url = `https://bar.other:${port}/`;
    const { page, trace } = agentOf(user);
    expect(await codeOf(page.fetch(url))).toBe("network/tls-client-certificate");
    const advice = 'A client certificate is a credential: fetch with credentials: "include".';
    expect(textOf(explain(trace).fixes.client)).toBe(advice);
    const bare = agentOf();
    expect(await codeOf(bare.page.fetch(url, { credentials: "include" }))).toBe("network/tls-client-certificate");
    expect(explain(bare.trace).fixes.client).toEqual([]);
  });

  test("cannot say with TLS 1.2 what it misses", async () => {
    const { port } = await serveMutualTls(true, "TLSv1.2");
    expect(await codeOf(agentOf(user).page.fetch(`https://bar.other:${port}/`))).toBe("network/tls-protocol");
  });
});

describe("the option clientCertificate", () => {
  test.each([
    ["user.pem", () => "user.pem", 'is "user.pem"'],
    ["null", () => null, "is null"],
    ["a certificate alone", () => ({ cert: user.cert }), "key is no private key"],
    ["a key alone", () => ({ key: user.key }), "cert is no certificate"],
    ["a passphrase that is no string", () => ({ ...encrypted, passphrase: 1 }), "passphrase is no string"],
    ["an encrypted key without its passphrase", () => ({ ...encrypted, passphrase: undefined }), "is of no use ("],
    [
      "an encrypted key with another passphrase",
      () => ({ ...encrypted, passphrase: "x" }),
      "is of no use (bad decrypt)",
    ],
    ["the key of another", () => ({ ...user, key: server.key }), "is of no use (key values mismatch)"],
    ["a key of another kind", () => ({ ...user, key: keyOfAnotherKind() }), "is of no use (key values mismatch)"],
    ["what is no PEM inside", () => ({ ...user, key: "-----BEGIN PRIVATE KEY-----" }), "is of no use ("],
  ])("%s is a TypeError that says what to pass, and shows no key", (_, given, said) => {
    const clientCertificate = given() as ClientCertificate;
    const create = (): unknown => createUserAgent({ clientCertificate });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(said);
    expect(create).toThrow("pass { cert, key }, both in PEM");
    expect(create).not.toThrow("BEGIN");
  });

  test("a misspelled member is named", () => {
    const clientCertificate = { ...user, passPhrase: "x" } as ClientCertificate;
    expect(() => createUserAgent({ clientCertificate })).toThrow("Did you mean passphrase?");
  });
});
