import { describe, expect, test } from "vitest";
import type { InternalResponse } from "../../src/fetching/index.ts";
import { type Asked, FakeNetwork, type Script, pageAt, scripted } from "../fake-network.ts";

const OTHER = "https://b.test/";
const C = "https://c.test/";
const GRANT = ["Access-Control-Allow-Origin", "*"] as const;
const SECRET = ["X-Secret", "1"] as const;

async function responseTo(asked: Asked, script: Script): Promise<{ type: string; internalResponse: InternalResponse }> {
  const { response } = await new FakeNetwork(scripted(script)).fetch(asked);
  if (response.type === "error") throw new Error(response.reason.code);
  return response;
}

describe("a response", () => {
  test("1.06: holds what came, and what checks need to know of it", async () => {
    const { internalResponse } = await responseTo(
      { url: OTHER, headers: [["Range", "bytes=0-"]], credentialsMode: "include" },
      {
        [`GET ${OTHER}`]: {
          status: 206,
          headers: [
            ["Access-Control-Allow-Origin", "https://page.example"],
            ["Access-Control-Allow-Credentials", "true"],
            ["Access-Control-Expose-Headers", "X-Secret"],
            SECRET,
          ],
        },
      },
    );
    expect(internalResponse).toMatchObject({
      type: "default",
      status: 206,
      statusMessage: "",
      corsExposedHeaderNameList: ["X-Secret"],
      rangeRequested: true,
      requestIncludesCredentials: true,
      timingAllowPassed: false,
      redirectTaint: "same-origin",
    });
    expect(internalResponse.urlList.map(({ href }) => href)).toEqual([OTHER]);
    expect(internalResponse.headers).toContainEqual(SECRET);
  });

  test.each([
    ["basic", { url: "https://page.example/" }],
    ["cors", { url: OTHER }],
    ["opaque", { url: OTHER, mode: "no-cors" }],
  ] as const)("1.07: that is %s is a view, behind which all that came is kept", async (type, asked) => {
    const cookie = ["Set-Cookie", "a=1"] as const;
    const response = await responseTo(asked, { [`GET ${asked.url}`]: { headers: [GRANT, SECRET, cookie] } });
    expect(response.type).toBe(type);
    expect(response).not.toHaveProperty("headers", response.internalResponse.headers);
    expect(response.internalResponse.headers).toEqual([GRANT, SECRET, cookie]);
    expect(response.internalResponse.body).not.toBeNull();
  });

  test("7.20, 7.23: after redirects is filtered once, and knows every URL on its way", async () => {
    const redirected = (location: string): { status: number; headers: (readonly [string, string])[] } => ({
      status: 302,
      headers: [GRANT, ["Location", location]],
    });
    const { type, internalResponse } = await responseTo(
      { url: OTHER },
      {
        [`GET ${OTHER}`]: redirected(C),
        [`GET ${C}`]: redirected(`${C}end`),
        [`GET ${C}end`]: { headers: [GRANT, SECRET] },
      },
    );
    expect([type, internalResponse.type]).toEqual(["cors", "default"]);
    expect(internalResponse.urlList.map(({ href }) => href)).toEqual([OTHER, C, `${C}end`]);
    expect(internalResponse.redirectTaint).toBe("cross-site");
  });

  test("7.23: that never was on the network has the request's URL", async () => {
    const { internalResponse } = await responseTo({ url: "data:,x" }, {});
    expect(internalResponse.urlList.map(({ href }) => href)).toEqual(["data:,x"]);
  });
});

describe("main fetch", () => {
  const SELF = "https://page.example/";
  const unsafe = [["X-A", "1"]] as const;
  const granted = { headers: [GRANT, ["Access-Control-Allow-Headers", "x-a"] as const] };

  test.each([
    ["of the page's own origin", { url: SELF }, "basic", [`GET ${SELF}`]],
    ["of its own data", { url: "data:,x" }, "basic", []],
    ["as a navigation", { url: OTHER, mode: "navigate" }, "basic", [`GET ${OTHER}`]],
    ["of its own origin only, elsewhere", { url: OTHER, mode: "same-origin" }, "error", []],
    ["without CORS", { url: OTHER, mode: "no-cors" }, "opaque", [`GET ${OTHER}`]],
    ["of another scheme", { url: "ftp://b.test/" }, "error", []],
    [
      "of another origin with an unsafe name",
      { url: OTHER, headers: unsafe },
      "cors",
      [`OPTIONS ${OTHER}`, `GET ${OTHER}`],
    ],
    [
      "of another origin by an element, with an unsafe name",
      { url: OTHER, headers: unsafe, unsafeRequest: false },
      "cors",
      [`GET ${OTHER}`],
    ],
    ["of another origin", { url: OTHER }, "cors", [`GET ${OTHER}`]],
  ] as [string, Asked, string, string[]][])("7.11: a request %s is %s", async (_, asked, type, sent) => {
    const network = new FakeNetwork(
      scripted({ [`GET ${SELF}`]: {}, [`GET ${OTHER}`]: granted, [`OPTIONS ${OTHER}`]: granted }),
    );
    const { response } = await network.fetch(asked);
    expect(response.type).toBe(type);
    expect(network.asked()).toEqual(sent);
  });

  test("7.01: takes origin, partition and embedder policy from the page", async () => {
    const network = new FakeNetwork(() => ({ headers: [] }));
    const client = pageAt("https://framed.example/", {
      topLevelOrigin: { kind: "tuple", scheme: "https", host: "top.example", port: null },
      embedderPolicy: "require-corp",
    });
    const { reason } = await network.fetch({ url: OTHER, mode: "no-cors", method: "POST", client });
    expect(reason?.code).toBe("cross-origin-resource-policy/embedder-policy");
    expect(network.header("Origin")).toEqual(["https://framed.example"]);
    expect(network.sent[0]?.networkPartitionKey).toBe("https://top.example");
  });
});

describe("a preflight", () => {
  const put: Asked = {
    url: OTHER,
    method: "PUT",
    destination: "script",
    cacheMode: "no-store",
    credentialsMode: "include",
    headers: [["X-A", "1"]],
  };
  const answer = {
    headers: [
      ["Access-Control-Allow-Origin", "https://page.example"] as const,
      ["Access-Control-Allow-Credentials", "true"] as const,
      ["Access-Control-Allow-Methods", "PUT"] as const,
      ["Access-Control-Allow-Headers", "x-a"] as const,
    ],
  };

  test("12.03, 17.01: has the request's partition, destination and origin, and no credentials", async () => {
    const network = new FakeNetwork(scripted({ [`OPTIONS ${OTHER}`]: answer, [`PUT ${OTHER}`]: answer }));
    network.cookie = "a=1";
    await network.fetch(put);
    const [preflight, request] = network.sent;
    expect(preflight).toMatchObject({ method: "OPTIONS", includeCredentials: false, body: null });
    expect(preflight?.networkPartitionKey).toBe(request?.networkPartitionKey);
    expect(request?.includeCredentials).toBe(true);
    expect(network.header("Cookie")).toEqual([undefined, "a=1"]);
    expect(network.header("Origin")).toEqual(["https://page.example", "https://page.example"]);
  });

  test("15.06: carries fetch metadata, of mode cors", async () => {
    const network = new FakeNetwork(scripted({ [`OPTIONS ${OTHER}`]: answer, [`PUT ${OTHER}`]: answer }));
    await network.fetch(put);
    for (const name of ["Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site"]) {
      const [ofPreflight, ofRequest] = network.header(name);
      expect(ofPreflight).toBe(ofRequest);
    }
    expect(network.header("Sec-Fetch-Mode")).toEqual(["cors", "cors"]);
  });

  test("17.05: is not told of the cache mode, and its redirect is not followed", async () => {
    const redirect = { status: 307, headers: [...answer.headers, ["Location", C] as const] };
    const network = new FakeNetwork(scripted({ [`OPTIONS ${OTHER}`]: redirect }));
    const { reason } = await network.fetch(put);
    expect(reason).toMatchObject({ code: "cors-preflight/redirect", isPreflight: true });
    expect(network.asked()).toEqual([`OPTIONS ${OTHER}`]);
    expect([network.header("Cache-Control"), network.header("Pragma")]).toEqual([[undefined], [undefined]]);
  });

  test("16.04: that ends in a network error has no headers that could grant anything", async () => {
    const network = new FakeNetwork(scripted({ [`PUT ${OTHER}`]: answer }));
    const { reason } = await network.fetch(put);
    expect(reason).toMatchObject({ code: "network/connection-refused", isPreflight: true });
    expect(network.asked()).toEqual([`OPTIONS ${OTHER}`]);
  });

  test("17.15: gives the request nothing but the grant: no cookies, no exposed names, and its body is let go", async () => {
    const chatty = {
      headers: [
        ...answer.headers,
        ["Set-Cookie", "a=1"] as const,
        ["Access-Control-Expose-Headers", "X-Secret"] as const,
      ],
    };
    const network = new FakeNetwork(
      scripted({ [`OPTIONS ${OTHER}`]: chatty, [`PUT ${OTHER}`]: { headers: [...answer.headers, SECRET] } }),
    );
    const { response, trace } = await network.fetch(put);
    expect(response).toMatchObject({ type: "cors", headers: [] });
    expect(network.canceled).toEqual([OTHER]);
    expect(trace.filter((event) => event.type === "cookies" && event.stored.length > 0)).toEqual([]);
  });

  test("18.11: is sent by each of two requests at once", async () => {
    const network = new FakeNetwork(scripted({ [`OPTIONS ${OTHER}`]: answer, [`PUT ${OTHER}`]: answer }));
    await Promise.all([network.fetch(put), network.fetch(put)]);
    expect(network.sent.filter(({ method }) => method === "OPTIONS")).toHaveLength(2);
  });
});
