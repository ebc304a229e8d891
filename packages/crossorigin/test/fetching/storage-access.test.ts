import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/fetching/index.ts";
import { PROFILES, type Profile, type ProfileName, createOpaqueOrigin, originOfUrl } from "../../src/protocol/index.ts";
import { type Answer, FakeNetwork, pageAt, scripted } from "../fake-network.ts";

const TOP = "https://page.example";
const OTHER = "https://b.test";
const FRAME = pageAt(`${OTHER}/`, { topLevelOrigin: originOfUrl(new URL(TOP)) });

function networkOf(
  profile: ProfileName,
  script: Readonly<Record<string, Answer>>,
  thirdPartyCookies: Profile["thirdPartyCookies"] = "block",
): FakeNetwork {
  const network = new FakeNetwork(scripted(script), profile);
  Object.assign(network.effects, { profile: { ...PROFILES[profile], thirdPartyCookies } });
  return network;
}

/** What a frame of `https://b.test` on `https://page.example`, or another page, says of itself to `url`. */
async function heard(
  profile: ProfileName,
  url: string,
  client: Environment = FRAME,
  thirdPartyCookies?: Profile["thirdPartyCookies"],
): Promise<readonly (string | undefined)[]> {
  const network = networkOf(profile, { [`GET ${url}`]: {} }, thirdPartyCookies);
  await network.fetch({ url, mode: "no-cors", credentialsMode: "include", client });
  return [...network.header("Sec-Fetch-Storage-Access"), ...network.header("Origin")];
}

describe("13.08: Sec-Fetch-Storage-Access", () => {
  test.each(["chromium", "firefox"] as const)("%s: depends on who asks whom", async (profile) => {
    expect(await heard(profile, `${TOP}/`)).toEqual(["inactive", OTHER]);
    expect(await heard(profile, `${OTHER}/`)).toEqual(["none", undefined]);
    expect(await heard(profile, `${OTHER}/`, pageAt(TOP))).toEqual(["none", undefined]);
    expect(await heard(profile, `${TOP}/`, pageAt(TOP))).toEqual([undefined, undefined]);
    expect(await heard(profile, `${TOP}/`, FRAME, "allow")).toEqual(["active", undefined]);
    const sandbox = pageAt(TOP, { origin: createOpaqueOrigin(), topLevelOrigin: originOfUrl(new URL(TOP)) });
    expect(await heard(profile, `${TOP}/`, sandbox)).toEqual(["inactive", "null"]);
  });

  test.each(["standard", "webkit"] as const)("%s: does not know it", async (profile) => {
    expect(await heard(profile, `${TOP}/`)).toEqual([undefined, undefined]);
  });

  test("is for credentials", async () => {
    const network = networkOf("chromium", { [`GET ${TOP}/`]: {} });
    await network.fetch({ url: `${TOP}/`, mode: "no-cors", credentialsMode: "same-origin", client: FRAME });
    expect(network.header("Sec-Fetch-Storage-Access")).toEqual([undefined]);
  });

  test("over http there is none, and the origin in Chromium alone", async () => {
    const client = pageAt("http://b.test/", { topLevelOrigin: originOfUrl(new URL("http://page.example")) });
    expect(await heard("chromium", "http://page.example/", client)).toEqual([undefined, "http://b.test"]);
    expect(await heard("firefox", "http://page.example/", client)).toEqual([undefined, undefined]);
  });

  test.each([
    ["chromium", 302, "POST", ["inactive", "none"], ["null", undefined]],
    ["chromium", 307, "POST", ["inactive", "none"], ["null", "null"]],
    ["chromium", 302, "GET", ["inactive", "none"], ["null", "null"]],
    ["firefox", 302, "POST", ["inactive", undefined], ["null", undefined]],
    ["firefox", 302, "GET", ["inactive", undefined], ["null", undefined]],
  ] as const)(
    "%s: after a redirect with %d of a %s to another site",
    async (profile, status, method, told, origins) => {
      const network = networkOf(profile, {
        [`${method} ${TOP}/`]: { status, headers: [["Location", `${OTHER}/`]] },
        [`GET ${OTHER}/`]: {},
        [`POST ${OTHER}/`]: {},
      });
      const client = pageAt(TOP, { origin: createOpaqueOrigin(), topLevelOrigin: originOfUrl(new URL(TOP)) });
      await network.fetch({ url: `${TOP}/`, mode: "no-cors", credentialsMode: "include", method, client });
      expect(network.header("Sec-Fetch-Storage-Access")).toEqual(told);
      expect(network.header("Origin")).toEqual(origins);
    },
  );

  test.each([
    ["chromium", [undefined, "none"]],
    ["firefox", ["none", "none"]],
  ] as const)("%s: preflights", async (profile, expected) => {
    const headers = [
      ["Access-Control-Allow-Origin", TOP],
      ["Access-Control-Allow-Credentials", "true"],
      ["Access-Control-Allow-Methods", "PUT"],
    ] as const;
    const network = networkOf(profile, { [`OPTIONS ${OTHER}/`]: { headers }, [`PUT ${OTHER}/`]: { headers } });
    await network.fetch({ url: `${OTHER}/`, method: "PUT", credentialsMode: "include" });
    expect(network.header("Sec-Fetch-Storage-Access")).toEqual(expected);
  });
});

describe("13.08: Activate-Storage-Access", () => {
  const activating = (value: string): Answer => ({ headers: [["Activate-Storage-Access", value]] });

  test.each([
    ["chromium", ["no-cache", undefined], ["active", "active"]],
    ["firefox", [undefined, undefined], ["active", "inactive"]],
  ] as const)("%s: asks again, with cookies, and follows redirects then", async (profile, cacheControl, statuses) => {
    const headers = [
      ["Activate-Storage-Access", "retry; allowed-origin=*"],
      ["Location", "/next"],
    ] as const;
    const network = networkOf(profile, { [`GET ${TOP}/`]: { status: 302, headers }, [`GET ${TOP}/next`]: {} });
    await network.fetch({ url: `${TOP}/`, mode: "no-cors", credentialsMode: "include", client: FRAME });
    expect(network.asked()).toEqual([`GET ${TOP}/`, `GET ${TOP}/`, `GET ${TOP}/next`]);
    expect(network.header("Sec-Fetch-Storage-Access")).toEqual(["inactive", ...statuses]);
    expect(network.header("Cache-Control")).toEqual([undefined, ...cacheControl]);
    expect(network.cookieContexts.slice(0, 2).map(({ isThirdParty }) => isThirdParty)).toEqual([true, false]);
    expect(network.canceled).toContain(`${TOP}/`);
  });

  test.each([
    ["retry; allowed-origin=*", true],
    [`retry; allowed-origin="${OTHER}"`, true],
    [`  retry;a;b=1.5;c=?1;d=x/y; allowed-origin="${OTHER}"  `, true],
    [`retry; allowed-origin=*; allowed-origin="${OTHER}"`, true],
    [`retry; allowed-origin="${OTHER}"; allowed-origin="${TOP}"`, false],
    ['retry; allowed-origin="*"', false],
    [`retry; allowed-origin=${OTHER}`, false],
    ["retry; allowed-origin", false],
    ["retry", false],
    ["Retry; allowed-origin=*", false],
    ["load; allowed-origin=*", false],
    ["retry allowed-origin=*", false],
    ['retry; allowed-origin="', false],
    ["", false],
  ])("%j is heeded: %s", async (value, isHeeded) => {
    const network = networkOf("chromium", { [`GET ${TOP}/`]: activating(value) });
    await network.fetch({ url: `${TOP}/`, mode: "no-cors", credentialsMode: "include", client: FRAME });
    expect(network.asked()).toHaveLength(isHeeded ? 2 : 1);
  });

  test("means nothing where the user let nobody, or everybody, have cookies", async () => {
    for (const policy of ["block", "allow"] as const) {
      const network = networkOf("chromium", { [`GET ${OTHER}/`]: activating("retry; allowed-origin=*") }, policy);
      await network.fetch({ url: `${OTHER}/`, mode: "no-cors", credentialsMode: "include" });
      expect(network.asked()).toHaveLength(1);
    }
  });

  test.each([
    ["chromium", 2],
    ["firefox", 1],
    ["standard", 1],
  ] as const)("%s: that names the origin null", async (profile, count) => {
    const client = pageAt(TOP, { origin: createOpaqueOrigin(), topLevelOrigin: originOfUrl(new URL(TOP)) });
    const network = networkOf(profile, { [`GET ${TOP}/`]: activating('retry; allowed-origin="null"') });
    await network.fetch({ url: `${TOP}/`, mode: "no-cors", credentialsMode: "include", client });
    expect(network.asked()).toHaveLength(count);
  });
});
