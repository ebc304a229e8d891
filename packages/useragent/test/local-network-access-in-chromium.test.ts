import { type RequestListener, type Server, createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { beforeAll, describe, expect, test } from "vitest";
import type { IpAddressSpace } from "crossorigin/protocol";
import { type Client, createUserAgent } from "@crossorigin/useragent";
// oxlint-disable-next-line no-restricted-imports -- the tests' one way to a certificate, which no package publishes
import { selfSignedCertificate } from "../../cli/test/certificate.ts";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { listen } from "./loopback.ts";

type Place = "public" | "local" | "loopback";

/** One fetch: from a page at an address of a kind, to one. */
interface Case {
  readonly page: "https" | "trustworthy http" | "http";
  readonly from: Place;
  readonly to: Place;
  readonly host?: string;
  readonly target?: IpAddressSpace;
  readonly permission: "granted" | "denied";
  readonly method?: string;
  readonly expected: "shared" | "withheld";
}

const GRANTED = { permission: "granted", expected: "shared" } as const;
const DENIED = { permission: "denied", expected: "withheld" } as const;
const FREE = { permission: "denied", expected: "shared" } as const;
const NEVER = { permission: "granted", expected: "withheld" } as const;
const SECURE = { page: "trustworthy http", from: "public" } as const;
const TLS = { page: "https", from: "public" } as const;

const CASES: readonly Case[] = [
  { ...SECURE, to: "loopback", ...GRANTED },
  { ...SECURE, to: "loopback", ...DENIED },
  { ...SECURE, to: "local", ...GRANTED },
  { ...SECURE, to: "local", ...DENIED },
  { ...SECURE, to: "public", ...FREE },
  { ...SECURE, to: "loopback", method: "PUT", ...GRANTED },
  { ...SECURE, to: "loopback", method: "PUT", ...DENIED },
  { page: "http", from: "public", to: "loopback", ...NEVER },
  { page: "http", from: "public", to: "local", ...NEVER },
  { page: "http", from: "public", to: "public", ...FREE },
  { page: "trustworthy http", from: "local", to: "loopback", ...FREE },
  { page: "http", from: "local", to: "loopback", ...FREE },
  { page: "http", from: "loopback", to: "local", ...FREE },
  { ...SECURE, to: "loopback", target: "loopback", ...GRANTED },
  { ...SECURE, to: "loopback", target: "loopback", ...DENIED },
  { ...SECURE, to: "loopback", target: "local", ...NEVER },
  { ...SECURE, to: "loopback", target: "public", ...NEVER },
  { ...SECURE, to: "public", target: "local", ...NEVER },
  { ...SECURE, to: "public", target: "public", ...FREE },
  { page: "trustworthy http", from: "local", to: "loopback", target: "local", ...NEVER },
  { ...TLS, to: "loopback", ...NEVER },
  { ...TLS, to: "loopback", host: "localhost", ...GRANTED },
  { ...TLS, to: "loopback", host: "localhost", ...DENIED },
  { ...TLS, to: "loopback", target: "loopback", ...GRANTED },
  { ...TLS, to: "loopback", target: "loopback", ...DENIED },
  { ...TLS, to: "local", target: "local", ...GRANTED },
  { ...TLS, to: "public", target: "local", ...NEVER },
  { ...TLS, to: "local", host: "printer.local", ...GRANTED },
  { ...TLS, to: "local", host: "printer.local", ...DENIED },
  { ...TLS, to: "loopback", host: "printer.local", ...GRANTED },
  { ...TLS, to: "public", host: "printer.local", ...FREE },
  { ...TLS, to: "local", host: "192.168.1.1", ...GRANTED },
  { ...TLS, to: "local", host: "192.168.1.1", ...DENIED },
];

const answer: RequestListener = (_, response) =>
  response
    .writeHead(200, {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": "*",
      "Content-Type": "text/html",
    })
    .end("<!doctype html><link rel=icon href=data:,>");

/** A server for each place, plain and with TLS. */
async function servePlaces(): Promise<{
  readonly ports: Readonly<Record<Place | "tls", number>>;
  readonly spaces: Readonly<Record<string, IpAddressSpace>>;
  close(): void;
}> {
  const { key, cert } = selfSignedCertificate("page.example");
  const servers: readonly Server[] = [
    ...[0, 1, 2].map(() => createServer(answer)),
    createTlsServer({ key, cert }, answer),
  ];
  const [local, loopback, far, tls] = (await Promise.all(servers.map(listen))) as [number, number, number, number];
  return {
    ports: { local, loopback, public: far, tls },
    spaces: { [`127.0.0.1:${local}`]: "local", [`127.0.0.1:${far}`]: "public", [`127.0.0.1:${tls}`]: "public" },
    close: () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function pageUrl({ page, from }: Case, ports: Readonly<Record<Place | "tls", number>>): string {
  if (page === "https") return `https://page.example:${ports.tls}/`;
  return `http://${page === "http" ? "page.example" : "localhost"}:${ports[from]}/`;
}

async function fetchedBy(fetch: Client["fetch"], url: string, init: RequestInit): Promise<string> {
  return fetch(url, init).then(
    () => "shared",
    () => "withheld",
  );
}

describe("24: Local Network Access in Chromium and in our user agent", () => {
  const ours: string[] = [];
  const theirs: string[] = [];

  beforeAll(async () => {
    const places = await servePlaces();
    const { ports, spaces } = places;
    const userAgent = createUserAgent({ profile: "chromium", resolve: () => "127.0.0.1", ipAddressSpaces: spaces });
    const overrides = Object.entries(spaces).map(([address, space]) => `${address}=${space}`);
    const flags = [`--ip-address-space-overrides=${overrides.join(",")}`, "--ignore-certificate-errors"];
    const asked = CASES.map((one) => ({
      ...one,
      url: `http://${one.host ?? "api.example"}:${ports[one.to]}/`,
      at: pageUrl(one, ports),
      init: { method: one.method ?? "GET", ...(one.target === undefined ? {} : { targetAddressSpace: one.target }) },
    }));
    try {
      for (const { at, from, permission, url, init } of asked) {
        const page = userAgent.client({ url: at, ipAddressSpace: from, localNetworkAccess: permission });
        ours.push(await fetchedBy(page.fetch, url, init));
      }
      await withChromium(
        "MAP * 127.0.0.1",
        async (browser) => {
          for (const { at, permission, page: kind, url, init } of asked) {
            const context = await browser.createBrowserContext();
            const page = await context.newPage();
            const session = await page.createCDPSession();
            // Where there is no secure context, Chromium has no such permission to set.
            for (const name of kind === "http" ? [] : ["local-network", "loopback-network"]) {
              await session.send("Browser.setPermission", {
                permission: { name },
                setting: permission,
                origin: new URL(at).origin,
                ...(context.id === undefined ? {} : { browserContextId: context.id }),
              });
            }
            await page.goto(at);
            const call = `(${fetchedBy.toString()})(fetch, ${JSON.stringify(url)}, ${JSON.stringify(init)})`;
            theirs.push((await page.evaluate(call)) as string);
            await context.close();
          }
        },
        flags,
      );
    } finally {
      await userAgent.close();
      places.close();
    }
  }, 120_000);

  test.each(CASES.map((one, index) => ({ host: "api.example", target: "none", method: "GET", ...one, index })))(
    "agree: $page from $from, $method $host at $to, target $target, $permission: $expected",
    ({ expected, index }) => {
      expect({ ours: ours[index], chromium: theirs[index] }).toEqual({ ours: expected, chromium: expected });
    },
  );
});
