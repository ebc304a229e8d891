import { describe, expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import {
  type Environment,
  type FilteredResponse,
  type NetworkError,
  PreloadedResources,
  createRequest,
  preloadKey,
} from "../../src/fetching/index.ts";
import { type Asked, FakeNetwork, pageAt, scripted } from "../fake-network.ts";

const URL_PRELOADED = "https://b.test/x";
const SHA = "sha256-AAAA";

interface Setting {
  readonly network: FakeNetwork;
  readonly client: Environment;
}

/** A page that has preloaded `preload`: each of its later requests is answered from the network, with its number as status. */
async function preloaded(preload: Partial<Asked> = {}): Promise<Setting> {
  const preloadedResources = new PreloadedResources();
  const client = { ...pageAt("https://page.example/dir/page"), preloadedResources };
  const network = new FakeNetwork(({ headers }) => {
    const origin = headers.find(([name]) => name === "Origin")?.[1] ?? "*";
    return {
      status: 200 + network.sent.length,
      headers: [
        ["Access-Control-Allow-Origin", origin],
        ["Access-Control-Allow-Credentials", "true"],
        ["Access-Control-Allow-Headers", "x"],
        ["Access-Control-Allow-Methods", "DELETE"],
      ],
    };
  });
  const asked: Asked = { url: URL_PRELOADED, mode: "cors", client, ...preload };
  const { response } = await network.fetch({ ...asked, integrityMetadata: "" });
  const key = preloadKey(createRequest({ ...asked, client, url: new URL(asked.url) }));
  preloadedResources.store(key, {
    integrityMetadata: asked.integrityMetadata ?? "",
    response: Promise.resolve(response),
  });
  return { network, client };
}

async function isServed({ network, client }: Setting, asked: Partial<Asked>): Promise<boolean> {
  const before = network.sent.length;
  await network.fetch({ url: URL_PRELOADED, mode: "cors", client, ...asked });
  return network.sent.length === before;
}

describe("7.04, 7.12: what was preloaded", () => {
  test.each<[string, Partial<Asked>, Partial<Asked>, boolean]>([
    ["serves a request for the same", {}, {}, true],
    ["serves one of fetch() without headers", {}, { unsafeRequest: true }, true],
    ["serves an element", { mode: "no-cors", destination: "image" }, { mode: "no-cors", destination: "image" }, true],
    [
      "serves mode same-origin",
      { url: "https://page.example/x", mode: "same-origin" },
      { url: "https://page.example/x", mode: "same-origin" },
      true,
    ],
    ["does not serve another URL", {}, { url: "https://b.test/y" }, false],
    ["does not serve another fragment", {}, { url: "https://b.test/x#y" }, false],
    ["does not serve another destination", {}, { destination: "font" }, false],
    ["does not serve another mode", {}, { mode: "no-cors" }, false],
    ["does not serve another credentials mode", {}, { credentialsMode: "include" }, false],
    ["does not serve another method", {}, { method: "HEAD" }, false],
    ["does not serve fetch() with headers", {}, { unsafeRequest: true, headers: [["X", "1"]] }, false],
    ["serves an element's own headers", {}, { unsafeRequest: false, headers: [["Range", "bytes=0-"]] }, true],
    ["does not serve a navigation", { mode: "navigate" }, { mode: "navigate" }, false],
    ["serves whoever asks for no digest", { integrityMetadata: SHA }, {}, true],
    ["serves whoever asks for a digest that nobody knows", {}, { integrityMetadata: "md5-x" }, true],
    [
      "does not serve whoever asks for a digest that the preload did not",
      {},
      { integrityMetadata: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
      false,
    ],
  ])("%s", async (_, preload, asked, expected) => {
    expect(await isServed(await preloaded(preload), asked)).toBe(expected);
  });

  test("serves once", async () => {
    const setting = await preloaded();
    expect([await isServed(setting, {}), await isServed(setting, {})]).toEqual([true, false]);
  });

  test("serves nobody after it was cleared", async () => {
    const setting = await preloaded();
    setting.client.preloadedResources?.clear();
    expect(await isServed(setting, {})).toBe(false);
  });

  test("serves a request with the same digests in another order, which its body must have all the same", async () => {
    const digests = "sha256-AAAA sha384-BBBB";
    const { network, client } = await preloaded({ integrityMetadata: digests });
    const integrityMetadata = "sha384-BBBB  sha256-AAAA sha256-AAAA";
    const { reason } = await network.fetch({ url: URL_PRELOADED, mode: "cors", client, integrityMetadata });
    expect(network.sent).toHaveLength(1);
    expect(reason).toMatchObject({ code: "main-fetch/integrity-mismatch" });
    const other = await preloaded({ integrityMetadata: digests });
    await other.network.fetch({ url: URL_PRELOADED, mode: "cors", client: other.client, integrityMetadata: SHA });
    expect(other.network.sent).toHaveLength(2);
  });

  test("is told in the trace, and what the page sees is what was shared with the preload", async () => {
    const { network, client } = await preloaded();
    const { response, trace } = await network.fetch({ url: URL_PRELOADED, mode: "cors", client });
    expect(response).toMatchObject({ type: "cors", status: 201 });
    expect(trace.map((event) => (event.type === "main-fetch" ? event.branch : event.type))).toEqual([
      "fetch",
      "preloaded",
      "done",
    ]);
    expect(explain(trace)).toMatchObject({ verdict: "shared", exchanges: [] });
  });

  test("is waited for, and fails its request if it fails", async () => {
    const preloadedResources = new PreloadedResources();
    const client = { ...pageAt("https://page.example/dir/page"), preloadedResources };
    const network = new FakeNetwork(scripted({}));
    const { response: failed } = await network.fetch({ url: URL_PRELOADED, mode: "cors", client });
    let settle: ((response: FilteredResponse | NetworkError) => void) | null = null;
    const response = new Promise<FilteredResponse | NetworkError>((resolve) => (settle = resolve));
    const request = createRequest({ url: new URL(URL_PRELOADED), mode: "cors", client });
    preloadedResources.store(preloadKey(request), { integrityMetadata: "", response });
    const fetched = network.fetch({ url: URL_PRELOADED, mode: "cors", client });
    (settle as ((response: FilteredResponse | NetworkError) => void) | null)?.(failed);
    expect((await fetched).reason?.code).toBe("network/connection-refused");
    expect(network.sent).toHaveLength(1);
  });
});
