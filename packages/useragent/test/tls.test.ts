import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, codeOf, listen } from "./loopback.ts";

interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

const folder = mkdtempSync(join(tmpdir(), "crossorigin-useragent-"));
let valid: KeyPair;

beforeAll(() => {
  valid = createKeyPair();
});

afterAll(() => rmSync(folder, { recursive: true }));

function createKeyPair(): KeyPair {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=DNS:bar.other,IP:127.0.0.1"];
  const request = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    key,
    "-out",
    cert,
    "-days",
    "2",
    ...subject,
  ];
  execFileSync("openssl", request, { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

interface TlsServer {
  readonly port: number;
  /** The name each request's connection was opened for; false for none. */
  readonly names: (string | false | null)[];
}

async function serveTls(pair: KeyPair): Promise<TlsServer> {
  const names: (string | false | null)[] = [];
  const server = createServer(pair, (request, response) => {
    names.push((request.socket as TLSSocket & { servername?: string | false }).servername ?? null);
    response.setHeader("Access-Control-Allow-Origin", "*").end("over TLS");
  });
  const port = await listen(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port, names };
}

describe("https", () => {
  test("the name of the URL, not the address it leads to, is sent and checked", async () => {
    const { port, names } = await serveTls(valid);
    const { page } = agent({ ca: valid.cert });
    expect(await (await page.fetch(`https://bar.other:${port}/`)).text()).toBe("over TLS");
    expect(await codeOf(page.fetch(`https://baz.third:${port}/`))).toBe("network/tls-certificate");
    expect(names).toEqual(["bar.other"]);
  });

  test("an address is checked as one, and sends no name", async () => {
    const { port, names } = await serveTls(valid);
    const { page } = agent({ ca: valid.cert, resolve: () => undefined });
    expect(await (await page.fetch(`https://127.0.0.1:${port}/`)).text()).toBe("over TLS");
    expect(names).toEqual([false]);
  });

  test("26.26: wss checks name and certificate as https does", async () => {
    const server = createServer(valid);
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket) => socket.send("over TLS"));
    const port = await listen(server);
    onTestFinished(async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { page } = agent({ ca: valid.cert }, "https://foo.example/");
    const outcome = async (url: string): Promise<unknown> => {
      const socket = new page.WebSocket(url);
      return new Promise((resolve) => {
        socket.onmessage = ({ data, origin }) => resolve([data, origin]);
        socket.onerror = (event) => resolve(networkErrorReason(event)?.code);
      });
    };
    expect(await outcome(`wss://bar.other:${port}/`)).toEqual(["over TLS", `wss://bar.other:${port}`]);
    expect(await outcome(`wss://baz.third:${port}/`)).toBe("network/tls-certificate");
  });

  test("a certificate that nobody vouches for is a network error", async () => {
    const { port } = await serveTls(valid);
    expect(await codeOf(agent().page.fetch(`https://bar.other:${port}/`))).toBe("network/tls-certificate");
  });

  test("7.07, 10.16: an https page does not reach http, but loopback addresses it does", async () => {
    const { page } = agent({}, "https://foo.example/");
    expect(await codeOf(page.fetch("http://bar.other/"))).toBe("main-fetch/mixed-content");
    expect(await codeOf(page.fetch("http://127.0.0.1:1/"))).toBe("main-fetch/bad-port");
  });
});
