import { describe, expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import { type Environment, FetchController, type LocalNetworkAccess } from "../../src/fetching/index.ts";
import { type IpAddressSpace, type ProfileName, createOpaqueOrigin, originOfUrl } from "../../src/protocol/index.ts";
import { type Asked, FakeNetwork, type Script, pageAt, scripted } from "../fake-network.ts";

const GRANT = [["Access-Control-Allow-Origin", "*"]] as const;
const PREFLIGHT = [...GRANT, ["Access-Control-Allow-Methods", "*"]] as const;
const API = "https://api.example/x";
const LOOPBACK = { "api.example": "127.0.0.1" };
const LOCAL = { "api.example": "192.168.1.7" };

interface Visit {
  readonly from?: IpAddressSpace;
  readonly page?: string;
  readonly settings?: Partial<Environment>;
  readonly access?: Partial<LocalNetworkAccess>;
  readonly at?: Readonly<Record<string, string>>;
  readonly profile?: ProfileName;
  readonly script?: Script;
  readonly asked?: Partial<Asked>;
  readonly controller?: FetchController;
}

/** One fetch of a page at a public address, and what the user was asked. */
async function visit({ from = "public", page = "https://page.example/", at = LOOPBACK, ...more }: Visit) {
  const prompts: string[] = [];
  const network = new FakeNetwork(
    scripted(more.script ?? { [`GET ${API}`]: { headers: GRANT } }),
    more.profile ?? "standard",
  );
  Object.assign(network.addresses, at);
  const localNetworkAccess: LocalNetworkAccess = {
    ipAddressSpace: from,
    allowedToUse: ["local-network", "loopback-network"],
    permissionState: () => "prompt",
    requestPermission: (name) => {
      prompts.push(name);
      return "granted";
    },
    ...more.access,
  };
  const client = pageAt(page, { localNetworkAccess, ...more.settings });
  const { reason, trace } = await network.fetch({ url: API, client, ...more.asked }, more.controller);
  return { reason, code: reason?.code ?? null, trace, prompts, asked: network.asked(), explanation: explain(trace) };
}

const denied: Pick<LocalNetworkAccess, "permissionState" | "requestPermission"> = {
  permissionState: () => "prompt",
  requestPermission: () => "denied",
};

describe("24.03: a page at a public address", () => {
  test.each([
    ["loopback-network", LOOPBACK, "127.0.0.1 (loopback)"],
    ["local-network", LOCAL, "192.168.1.7 (local)"],
  ] as const)("asks for the permission %s before anything is sent", async (name, at, received) => {
    const granted = await visit({ at });
    expect(granted).toMatchObject({ code: null, prompts: [name], asked: [`GET ${API}`] });
    expect(granted.trace.filter(({ type }) => type === "rule")[0]).toMatchObject({
      rule: "local-network-access",
      ok: true,
      exchange: 0,
      subject: name,
      expected: "public",
      received,
    });
    expect(granted.explanation.exchanges[0]?.rules[0]).toMatchObject({ rule: "local-network-access", ok: true });
    expect(granted.explanation.notes.map(({ code }) => code)).toContain("local-network-access/permission-needed");
    const refused = await visit({ at, access: denied });
    expect(refused).toMatchObject({ code: "local-network-access/permission-denied", asked: [] });
    expect(refused.reason).toMatchObject({ step: "Local Network Access check", expected: "public", received });
    expect(refused.explanation).toMatchObject({
      verdict: "withheld",
      code: "local-network-access/permission-denied",
      summary: expect.stringContaining(received),
    });
    expect(refused.explanation.fixes.client).toHaveLength(1);
  });

  test("reaches public addresses without being asked", async () => {
    expect(await visit({ at: {}, access: denied })).toMatchObject({ code: null, asked: [`GET ${API}`] });
  });

  test("reaches its own origin if that is trustworthy, wherever it is", async () => {
    const own = { script: { [`GET ${API}`]: {} }, access: denied };
    expect((await visit({ ...own, page: "https://api.example/" })).code).toBeNull();
    const http = { url: "http://api.example/x" };
    const insecure = await visit({ access: denied, page: "http://api.example/", asked: http });
    expect(insecure.code).toBe("local-network-access/insecure-context");
  });

  test("needs a secure context", async () => {
    const page = "http://page.example/";
    const { code, prompts, explanation } = await visit({ page });
    expect({ code, prompts }).toEqual({ code: "local-network-access/insecure-context", prompts: [] });
    expect(explanation.summary).toContain("http://page.example");
    const origin = createOpaqueOrigin();
    expect((await visit({ page, settings: { origin } })).code).toBe("local-network-access/insecure-context");
    expect((await visit({ settings: { origin } })).code).toBeNull();
    const topLevelOrigin = originOfUrl(new URL(page));
    expect((await visit({ settings: { topLevelOrigin } })).code).toBe("local-network-access/insecure-context");
  });

  test("needs the permissions policy", async () => {
    const access = { allowedToUse: ["local-network"] } as const;
    expect(await visit({ access })).toMatchObject({ code: "local-network-access/permissions-policy", prompts: [] });
    expect((await visit({ access, at: LOCAL })).code).toBeNull();
  });

  test.each([
    ["granted", null],
    ["denied", "local-network-access/permission-denied"],
  ] as const)("asks nobody where the permission is %s already", async (state, code) => {
    const outcome = await visit({ access: { permissionState: () => state } });
    expect(outcome).toMatchObject({ code, prompts: [] });
    expect(outcome.trace.filter((event) => event.type === "rule" && event.rule === "local-network-access")).toEqual([
      expect.objectContaining({ ok: code === null, code }),
    ]);
  });

  test("hears no more than that it failed where asking fails", async () => {
    const requestPermission = (): never => {
      throw new Error("nobody there");
    };
    const { reason } = await visit({ access: { requestPermission } });
    expect(reason).toMatchObject({
      code: "local-network-access/permission-denied",
      subject: "loopback-network; asking for it failed: Error: nobody there",
    });
  });

  test("24.05: is checked before the preflight, and asked by it on behalf of the page", async () => {
    const asked = { method: "PUT" };
    const script = { [`OPTIONS ${API}`]: { headers: PREFLIGHT }, [`PUT ${API}`]: { headers: GRANT } };
    const granted = await visit({ asked, script });
    expect(granted).toMatchObject({ code: null, asked: [`OPTIONS ${API}`, `PUT ${API}`] });
    const refused = await visit({ asked, script, access: denied });
    expect(refused.reason).toMatchObject({ code: "local-network-access/permission-denied", isPreflight: true });
    expect(refused.asked).toEqual([]);
  });

  test("is checked on every redirect", async () => {
    const script = {
      "GET https://far.test/": { status: 302, headers: [...GRANT, ["Location", API]] },
      [`GET ${API}`]: { headers: GRANT },
    } as const;
    const { reason, asked } = await visit({ script, asked: { url: "https://far.test/" }, access: denied });
    expect(reason).toMatchObject({ code: "local-network-access/permission-denied", hop: 1, url: API });
    expect(asked).toEqual(["GET https://far.test/"]);
  });

  test("is checked for embedded resources, and not for a document in the window", async () => {
    const noCors = { mode: "no-cors", destination: "image" } as const;
    expect((await visit({ asked: noCors, access: denied })).code).toBe("local-network-access/permission-denied");
    const document = { mode: "navigate", destination: "document" } as const;
    expect((await visit({ asked: document, access: denied })).code).toBeNull();
  });

  test("can give up while the user thinks", async () => {
    const controller = new FetchController();
    const requestPermission = async (): Promise<"granted"> => {
      controller.abort("enough");
      return new Promise(() => {});
    };
    const { code, asked } = await visit({ controller, access: { requestPermission } });
    expect({ code, asked }).toEqual({ code: "fetch/aborted", asked: [] });
  });
});

describe("24.03: by profile and address space of the page", () => {
  const cases: [ProfileName, IpAddressSpace, Readonly<Record<string, string>>, boolean][] = [
    ["standard", "public", LOCAL, true],
    ["standard", "local", LOOPBACK, true],
    ["standard", "local", LOCAL, false],
    ["standard", "loopback", LOOPBACK, false],
    ["standard", "loopback", LOCAL, false],
    ["chromium", "public", LOCAL, true],
    ["chromium", "public", LOOPBACK, true],
    ["chromium", "local", LOOPBACK, false],
    ["firefox", "public", LOCAL, true],
    ["firefox", "local", LOOPBACK, false],
    ["webkit", "public", LOOPBACK, false],
    ["webkit", "local", LOOPBACK, false],
  ];
  test.each(cases)("%s: from %s to %o asks? %s", async (profile, from, at, asks) => {
    const { prompts, code } = await visit({ profile, from, at });
    expect({ asks: prompts.length > 0, code }).toEqual({ asks, code: null });
  });

  test("24.02: a page that does not say where it came from reaches everything", async () => {
    const network = new FakeNetwork(scripted({ [`GET ${API}`]: { headers: GRANT } }));
    Object.assign(network.addresses, LOOPBACK);
    expect((await network.fetch({ url: API })).reason).toBeNull();
  });
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.1:8080", "127.0.0.1"],
  ["::1", "::1"],
  ["[::1]:8080", "::1"],
])("24.01: the embedder can call %s public", async (key, address) => {
  const script = { "GET https://api.example:8080/x": { headers: GRANT } };
  const network = new FakeNetwork(scripted(script));
  network.addresses["api.example"] = address;
  const localNetworkAccess = { ipAddressSpace: "public", allowedToUse: [], ...denied } as const;
  const client = pageAt("https://page.example/", { localNetworkAccess });
  Object.assign(network.effects, { ipAddressSpaces: { [key]: "public" } });
  expect((await network.fetch({ url: "https://api.example:8080/x", client })).reason).toBeNull();
});

describe("24.04: the target address space", () => {
  const http = "http://api.example/x";
  const script = { [`GET ${http}`]: { headers: GRANT } };

  test("24.05: lets an https page ask over http, with the permission", async () => {
    const asked = { url: http, targetIpAddressSpace: "local" } as const;
    expect(await visit({ at: LOCAL, script, asked })).toMatchObject({ code: null, prompts: ["local-network"] });
    const refused = await visit({ at: LOCAL, script, asked, access: denied });
    expect(refused.code).toBe("local-network-access/permission-denied");
    expect((await visit({ at: LOCAL, script, asked: { url: http } })).code).toBe("main-fetch/mixed-content");
    expect((await visit({ at: LOCAL, script, asked, profile: "webkit" })).code).toBe("main-fetch/mixed-content");
  });

  test("must be true", async () => {
    const asked = { url: http, targetIpAddressSpace: "local" } as const;
    for (const [at, received] of [
      [LOOPBACK, "127.0.0.1 (loopback)"],
      [{}, "203.0.113.1 (public)"],
    ] as const) {
      const { reason, prompts, explanation, asked: sent } = await visit({ at, script, asked });
      expect(reason).toMatchObject({
        code: "local-network-access/target-address-space-mismatch",
        expected: "local",
        received,
      });
      expect({ prompts, sent }).toEqual({ prompts: [], sent: [] });
      expect(explanation.summary).toContain(received);
    }
  });

  test("is held against where the URL tells of, and public is none, but in Chromium", async () => {
    const local = { url: "http://printer.local/x" };
    const at = { "printer.local": "127.0.0.1" };
    const answered = { "GET http://printer.local/x": { headers: GRANT } };
    const mismatch = "local-network-access/target-address-space-mismatch";
    expect((await visit({ at, script: answered, asked: local })).code).toBe(mismatch);
    expect(await visit({ at, script: answered, asked: local, profile: "chromium" })).toMatchObject({
      code: null,
      prompts: ["loopback-network"],
    });
    const asked = { targetIpAddressSpace: "public" } as const;
    expect((await visit({ asked })).code).toBeNull();
    expect((await visit({ asked, profile: "chromium" })).code).toBe(mismatch);
    const mixed = { ...asked, url: http };
    expect((await visit({ asked: mixed, script })).code).toBe("main-fetch/mixed-content");
  });

  test.each([
    ["http://192.168.1.7/x", "192.168.1.7"],
    ["http://printer.local/x", "192.168.1.7"],
  ])("is known of %s", async (url, address) => {
    const at = { [new URL(url).hostname]: address };
    const page = { at, script: { [`GET ${url}`]: { headers: GRANT } } };
    expect(await visit({ ...page, asked: { url } })).toMatchObject({ code: null, prompts: ["local-network"] });
    const image = { url, destination: "image", mode: "no-cors" } as const;
    expect(await visit({ ...page, asked: image })).toMatchObject({ code: null, asked: [`GET ${url}`] });
  });
});
