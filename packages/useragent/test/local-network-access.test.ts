import { describe, expect, test } from "vitest";
import type { Client, ClientOptions, LocalNetworkPermission, UserAgentOptions } from "@crossorigin/useragent";
import { networkErrorReason } from "@crossorigin/useragent";
import { type Loopback, agent, codeOf, serve, serveRaw, until } from "./loopback.ts";

const PAGE = { url: "https://foo.example/", ipAddressSpace: "public" } as const;

interface Stage {
  readonly server: Loopback;
  readonly url: string;
  readonly page: (options: Omit<ClientOptions, "url" | "ipAddressSpace">, url?: string) => Client;
}

async function stage(options: UserAgentOptions = {}): Promise<Stage> {
  const server = await serve((_, response) =>
    response
      .writeHead(200, {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "*",
        "Access-Control-Allow-Headers": "*",
      })
      .end("near"),
  );
  const { userAgent } = agent({ resolve: () => "127.0.0.1", ...options });
  return {
    server,
    url: `http://localhost:${server.port}/`,
    page: (given, url = PAGE.url) => userAgent.client({ ...PAGE, url, ...given }),
  };
}

describe("a page from a public address", () => {
  test("24.03: asks the user once, for all that waits, and then reaches this machine", async () => {
    const { server, url, page } = await stage();
    const asked: LocalNetworkPermission[] = [];
    let answer: (state: "granted") => void = () => {};
    const { fetch } = page({
      localNetworkAccess: async (permission) => {
        asked.push(permission);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    const texts = [0, 1].map(async () => (await fetch(url)).text());
    await until(() => asked.length > 0);
    expect(server.requests).toEqual([]);
    answer("granted");
    expect(await Promise.all(texts)).toEqual(["near", "near"]);
    expect(await (await fetch(url, { method: "PUT", body: "x" })).text()).toBe("near");
    expect(asked).toEqual([{ name: "loopback-network", origin: "https://foo.example" }]);
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "GET", "OPTIONS", "PUT"]);
  });

  test.each([
    ["GET", undefined],
    ["POST", "a body"],
    ["POST", "x".repeat(300_000)],
  ])("24.03: of a %s that is denied, not a byte leaves", async (method, body) => {
    const raw = await serveRaw((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
    const { page } = await stage();
    const denied = page({ localNetworkAccess: "denied" });
    const url = `http://localhost:${raw.port}/`;
    expect(await codeOf(denied.fetch(url, { method, body }))).toBe("local-network-access/permission-denied");
    expect(await codeOf(page({}).fetch(url))).toBe("local-network-access/permission-denied");
    await until(async () => (await raw.openConnections()) === 0);
    expect(raw.received()).toBe("");
  });

  test("24.03: is denied over a connection that others have opened, and leaves it to nobody", async () => {
    const { server, url, page } = await stage();
    const free = page({ localNetworkAccess: "granted" });
    expect(await (await free.fetch(url)).text()).toBe("near");
    await until(async () => (await server.openConnections()) === 1);
    expect(await codeOf(page({}).fetch(url, { method: "PUT" }))).toBe("local-network-access/permission-denied");
    expect(await (await free.fetch(url)).text()).toBe("near");
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });

  test("24.03: that is closed while the user thinks fails", async () => {
    const { url, page } = await stage();
    let isAsked = false;
    const client = page({
      localNetworkAccess: async () => {
        isAsked = true;
        return new Promise(() => {});
      },
    });
    const code = codeOf(client.fetch(url));
    await until(() => isAsked);
    await client.close();
    expect(await code).toBe("network/client-closed");
  });

  test("24.03: loads no image from this machine without permission", async () => {
    const { url, page } = await stage();
    const image = await page({}).load({ element: "img", src: url });
    expect(image.reason()?.code).toBe("local-network-access/permission-denied");
  });

  test("24.03: in a frame needs the allow attribute", async () => {
    const { url, page } = await stage();
    const frame = { localNetworkAccess: "granted", topLevelOrigin: "https://top.test" } as const;
    const code = "local-network-access/permissions-policy";
    expect(await codeOf(page(frame).fetch(url))).toBe(code);
    expect(await codeOf(page({ ...frame, allow: ["local-network"] }).fetch(url))).toBe(code);
    for (const allow of ["loopback-network", "local-network-access"] as const)
      expect((await page({ ...frame, allow: [allow] }).fetch(url)).status).toBe(200);
  });

  test("24.03: needs https", async () => {
    const { url, page } = await stage();
    const insecure = page({ localNetworkAccess: "granted" }, "http://foo.example/");
    expect(await codeOf(insecure.fetch(url))).toBe("local-network-access/insecure-context");
  });

  test.each([
    ["standard", "local-network-access/permission-denied"],
    ["chromium", "local-network-access/permission-denied"],
    ["firefox", "local-network-access/permission-denied"],
  ] as const)("24.03: is checked by the profile %s", async (profile, code) => {
    const { url, page } = await stage({ profile });
    expect(await codeOf(page({}).fetch(url))).toBe(code);
  });

  test("24.03: is not checked by the profile webkit, nor where the page does not say where it is from", async () => {
    const webkit = await stage({ profile: "webkit" });
    const page = webkit.page({}, "http://foo.example/");
    expect((await page.fetch(webkit.url)).status).toBe(200);
    const { server } = await stage();
    expect((await agent().page.fetch(`http://localhost:${server.port}/`)).status).toBe(200);
  });
});

describe("the option ipAddressSpaces", () => {
  test("24.01: moves an address, or a port of it, to another address space", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end());
    const url = `http://localhost:${server.port}/`;
    const askedOf = async (spaces: UserAgentOptions["ipAddressSpaces"]): Promise<string[]> => {
      const asked: string[] = [];
      const { page } = await stage({ ipAddressSpaces: spaces });
      const client = page({
        localNetworkAccess: ({ name }) => {
          asked.push(name);
          return "granted";
        },
      });
      await client.fetch(url);
      return asked;
    };
    expect(await askedOf({})).toEqual(["loopback-network"]);
    expect(await askedOf({ [`127.0.0.1:${server.port}`]: "local", "127.0.0.1": "public" })).toEqual(["local-network"]);
    expect(await askedOf({ "127.0.0.1": "public", "[::1]:80": "local", "::1": "local" })).toEqual([]);
  });
});

describe("24.04: targetAddressSpace", () => {
  test("lets an https page ask over http where it says", async () => {
    const { server, page } = await stage();
    const { fetch } = page({ localNetworkAccess: "granted" });
    const url = `http://bar.other:${server.port}/`;
    expect(await codeOf(fetch(url))).toBe("main-fetch/mixed-content");
    expect(await codeOf(fetch(url, { targetAddressSpace: "public" }))).toBe("main-fetch/mixed-content");
    expect(await codeOf(fetch(url, { targetAddressSpace: "local" }))).toBe(
      "local-network-access/target-address-space-mismatch",
    );
    expect((await fetch(url, { targetAddressSpace: "loopback" })).status).toBe(200);
    expect(await codeOf(page({}).fetch(url, { targetAddressSpace: "loopback" }))).toBe(
      "local-network-access/permission-denied",
    );
    expect(server.requests).toHaveLength(1);
  });

  test("6.17: is a member of requests, and of what makes one", async () => {
    const { page } = await stage();
    const { Request, fetch } = page({});
    expect(new Request("/").targetAddressSpace).toBe("public");
    const request = new Request("/", { targetAddressSpace: "loopback" });
    expect(request.targetAddressSpace).toBe("loopback");
    expect(request.clone().targetAddressSpace).toBe("loopback");
    await expect(fetch("/", { targetAddressSpace: "private" as "local" })).rejects.toThrow(
      'RequestInit.targetAddressSpace is "private"; it can be "public", "local", "loopback".',
    );
  });
});

describe("24.03: a synchronous XMLHttpRequest", () => {
  async function send(localNetworkAccess: NonNullable<ClientOptions["localNetworkAccess"]>) {
    const { page, url, server } = await stage({ timeoutMilliseconds: 1000 });
    const { XMLHttpRequest } = page({ localNetworkAccess });
    const xhr = new XMLHttpRequest();
    xhr.open("GET", url, false);
    expect(() => xhr.send()).toThrow("failed");
    const { code, subject } = networkErrorReason(xhr) ?? {};
    return { code, subject, requests: server.requests };
  }

  test("asks in the page's thread", async () => {
    const asked: string[] = [];
    const denied = await send(({ name }) => {
      asked.push(name);
      return "denied";
    });
    expect(denied).toEqual({
      code: "local-network-access/permission-denied",
      subject: "loopback-network",
      requests: [],
    });
    expect(asked).toEqual(["loopback-network"]);
    // The server is in the blocked thread: the request is let through, and nobody answers.
    expect((await send("granted")).code).toBe("network/timeout");
  });

  test("cannot wait for a promise", async () => {
    const { code, subject } = await send(async () => Promise.resolve("granted"));
    expect(code).toBe("local-network-access/permission-denied");
    expect(subject).toContain("a promise, which cannot be waited for");
  });
});

describe("options", () => {
  test.each([
    ["ipAddressSpace", { ipAddressSpace: "private" }, '"private"'],
    ["localNetworkAccess", { ipAddressSpace: "public", localNetworkAccess: true }, "true"],
    ["allow", { ipAddressSpace: "public", allow: "local-network" }, '"local-network"'],
    ["allow", { ipAddressSpace: "public", allow: "camera" }, '"camera"'],
  ])("a wrong %s is a TypeError that names option, value and fix", (option, options, shown) => {
    const { userAgent } = agent();
    const create = (): unknown => userAgent.client({ url: PAGE.url, ...(options as object) });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`The option ${option} is ${shown}: pass `);
  });

  test.each([{ localNetworkAccess: "granted" }, { allow: ["local-network"] }] as const)(
    "%o means nothing without ipAddressSpace",
    (options) => {
      const { userAgent } = agent();
      expect(() => userAgent.client({ url: PAGE.url, ...options })).toThrow(/means nothing without ipAddressSpace/);
    },
  );

  test("an unknown feature of allow is named", () => {
    const { userAgent } = agent();
    const options = { ipAddressSpace: "public", allow: ["local-network", "camera"] } as unknown as ClientOptions;
    expect(() => userAgent.client({ ...options, url: PAGE.url })).toThrow('The option allow has "camera": pass ');
  });

  test.each([
    [null, "The option ipAddressSpaces is null: pass an object such as"],
    ["public", 'The option ipAddressSpaces is "public": pass an object such as'],
    [{ localhost: "public" }, 'The option ipAddressSpaces has the key "localhost": pass an object such as'],
    [{ "127.0.0.1": "far" }, 'The option ipAddressSpaces["127.0.0.1"] is "far": pass one of public, local, loopback'],
    [{ "[::1]": "public" }, 'The option ipAddressSpaces has the key "[::1]": pass an object such as'],
    [{ "1:2": "local" }, 'The option ipAddressSpaces has the key "1:2": pass an object such as'],
    [{ "127.0.0.1:99999": "public" }, 'The option ipAddressSpaces has the key "127.0.0.1:99999": pass an object'],
  ])("ipAddressSpaces cannot be %j", (ipAddressSpaces, message) => {
    expect(() => agent({ ipAddressSpaces: ipAddressSpaces as Record<string, "public"> })).toThrow(message);
  });
});
