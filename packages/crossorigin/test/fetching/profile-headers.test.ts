import { describe, expect, test } from "vitest";
import type { Header, ProfileName, ReferrerPolicy } from "../../src/protocol/index.ts";
import { FakeNetwork, pageAt, scripted } from "../fake-network.ts";

/** What a server hears of the page in the header, for each request. */
async function heard(
  profile: ProfileName,
  name: string,
  asked: Parameters<FakeNetwork["fetch"]>[0],
  script: Parameters<typeof scripted>[0] = { [`${asked.method ?? "GET"} ${asked.url}`]: {} },
): Promise<(string | undefined)[]> {
  const network = new FakeNetwork(scripted(script), profile);
  await network.fetch(asked);
  return network.header(name);
}

describe("referrers", () => {
  const from = (url: string, referrerPolicy: ReferrerPolicy) =>
    ({ url: "http://other.test/", mode: "no-cors", client: pageAt(url), referrerPolicy }) as const;

  test("standard: a loopback page is as secure as https, and its referrer is not for less", async () => {
    const asked = from("http://foo.localhost/page", "no-referrer-when-downgrade");
    expect(await heard("standard", "Referer", asked)).toEqual([undefined]);
  });

  test.each(["chromium", "webkit"] as const)("%s: only from https to http is less secure", async (profile) => {
    const asked = from("http://foo.localhost/page", "no-referrer-when-downgrade");
    expect(await heard(profile, "Referer", asked)).toEqual(["http://foo.localhost/page"]);
  });

  test("chromium: http on loopback is less secure than https", async () => {
    const asked = { ...from("https://page.example/page", "strict-origin"), url: "http://foo.localhost/" };
    expect(await heard("chromium", "Referer", asked)).toEqual([undefined]);
    expect(await heard("standard", "Referer", asked)).toEqual(["https://page.example/"]);
  });

  test.each(["unsafe-url", "no-referrer-when-downgrade"] as const)(
    "firefox: other sites hear no more than the origin, also under %s",
    async (referrerPolicy) => {
      const asked = from("http://page.example/dir/page", referrerPolicy);
      expect(await heard("firefox", "Referer", asked)).toEqual(["http://page.example/"]);
      expect(await heard("chromium", "Referer", asked)).toEqual(["http://page.example/dir/page"]);
      const near = { ...asked, url: "http://sub.page.example/" };
      expect(await heard("firefox", "Referer", near)).toEqual(["http://page.example/dir/page"]);
    },
  );

  test("firefox: such a policy also hides the origin of a POST to a less secure site", async () => {
    const asked = {
      ...from("https://page.example/", "unsafe-url"),
      url: "http://foo.localhost/",
      method: "POST",
    } as const;
    expect(await heard("firefox", "Origin", asked)).toEqual(["null"]);
    expect(await heard("standard", "Origin", asked)).toEqual(["https://page.example"]);
  });

  test("a quote in Referrer-Policy keeps nothing together", async () => {
    const network = new FakeNetwork(({ url }) => ({
      status: url.pathname === "/" ? 302 : 200,
      headers: [
        ["Location", "/end"],
        ["Referrer-Policy", 'origin, "a, no-referrer'],
      ],
    }));
    await network.fetch({ url: "https://page.example/" });
    expect(network.header("Referer")).toEqual(["https://page.example/dir/page", undefined]);
  });
});

describe("an origin that the referrer policy hides", () => {
  const hidden = (profile: ProfileName, ...urls: readonly [string, ...string[]]): Promise<(string | undefined)[]> => {
    const script = Object.fromEntries(
      urls.map((url, index) => [
        `POST ${url}`,
        { status: index === urls.length - 1 ? 200 : 307, headers: [["Location", urls[index + 1] ?? ""]] as Header[] },
      ]),
    );
    const asked = { url: urls[0], method: "POST", mode: "no-cors", referrerPolicy: "no-referrer" } as const;
    return heard(profile, "Origin", asked, script);
  };
  const [OWN, FAR, FARTHER] = ["https://page.example/a", "https://other.test/b", "https://third.test/c"] as const;

  test("standard: it stays hidden wherever a redirect leads", async () => {
    expect(await hidden("standard", OWN, FAR, `${FAR}2`)).toEqual(["null", "null", "null"]);
  });

  test("webkit: the first redirect to another origin shows it, as far as CORS would", async () => {
    expect(await hidden("webkit", OWN, `${OWN}2`)).toEqual(["null", "null"]);
    expect(await hidden("webkit", FAR, `${FAR}2`)).toEqual(["null", "null"]);
    expect(await hidden("webkit", OWN, FAR, `${FAR}2`)).toEqual([
      "null",
      "https://page.example",
      "https://page.example",
    ]);
    expect(await hidden("webkit", FAR, FARTHER)).toEqual(["null", "null"]);
  });
});

describe("fetch metadata of WebSockets", () => {
  test.each([
    ["standard", "websocket"],
    ["chromium", undefined],
  ] as const)("%s: Sec-Fetch-Mode is %s", async (profile, mode) => {
    const request = { url: "https://page.example/a", mode: "websocket" } as const;
    expect(await heard(profile, "Sec-Fetch-Mode", request, {})).toEqual([mode]);
    expect(await heard(profile, "Sec-Fetch-Mode", { ...request, mode: "cors" }, {})).toEqual(["cors"]);
  });

  test.each([
    ["firefox", "empty"],
    ["webkit", "websocket"],
  ] as const)("%s: Sec-Fetch-Dest is %s", async (profile, destination) => {
    const request = { url: "https://page.example/a", mode: "websocket" } as const;
    expect(await heard(profile, "Sec-Fetch-Dest", request, {})).toEqual([destination]);
  });
});

describe("fetch metadata after a redirect", () => {
  const granted: Header[] = [["Access-Control-Allow-Origin", "*"]];
  const chain = (to: string): Parameters<typeof scripted>[0] => ({
    "GET https://page.example/a": { status: 302, headers: [["Location", to]] },
    [`GET ${to}`]: { headers: granted },
  });
  const modes = (profile: ProfileName, mode: "cors" | "no-cors", to: string): Promise<(string | undefined)[]> =>
    heard(profile, "Sec-Fetch-Mode", { url: "https://page.example/a", mode }, chain(to));

  test("webkit: none go to another origin with CORS", async () => {
    expect(await modes("webkit", "cors", "https://other.test/b")).toEqual(["cors", undefined]);
    expect(await modes("webkit", "cors", "https://page.example/b")).toEqual(["cors", "cors"]);
    expect(await modes("webkit", "no-cors", "https://other.test/b")).toEqual(["no-cors", "no-cors"]);
  });

  test("standard: they go everywhere", async () => {
    expect(await modes("standard", "cors", "https://other.test/b")).toEqual(["cors", "cors"]);
  });
});

describe("an embedder policy of credentialless", () => {
  const client = pageAt("https://page.example/", { embedderPolicy: "credentialless" });
  const asked = { url: "https://other.test/", mode: "no-cors", client } as const;

  test("chromium: what it takes the credentials of goes past caches", async () => {
    expect(await heard("chromium", "Cache-Control", asked)).toEqual(["no-cache"]);
    expect(await heard("chromium", "Cache-Control", { ...asked, url: "https://page.example/" })).toEqual([undefined]);
  });

  test("standard: it changes no cache mode", async () => {
    expect(await heard("standard", "Cache-Control", asked)).toEqual([undefined]);
  });
});
