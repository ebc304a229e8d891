import { describe, expect, test } from "vitest";
import {
  type BlobLike,
  type BlobUrlEntry,
  type Environment,
  FetchController,
  readFully,
} from "../../src/fetching/index.ts";
import { createOpaqueOrigin, originOfUrl } from "../../src/protocol/index.ts";
import { type Asked, FakeNetwork, pageAt } from "../fake-network.ts";

function blobOf(text: string, type = ""): BlobLike {
  return {
    size: text.length,
    type,
    slice: (start, end, sliceType) => blobOf(text.slice(start, end), sliceType),
    async *stream() {
      yield await Promise.resolve(new TextEncoder().encode(text));
    },
  };
}

/** What is fetched, and by which page, with a store that has one blob URL. */
interface Scene extends Omit<Asked, "client"> {
  readonly owner?: Environment;
  readonly client?: Environment;
  readonly blob?: BlobLike;
}

const URL_OF_BLOB = "blob:https://page.example/1";

/** Status, headers and text, or the code of the failure. */
async function seen({ owner, client, blob, ...asked }: Scene): Promise<unknown> {
  const page = client ?? pageAt("https://page.example/");
  const entry: BlobUrlEntry = { blob: blob ?? blobOf("0123456789", "text/plain"), environment: owner ?? page };
  const blobUrlStore = { resolve: (url: URL) => (url.href === URL_OF_BLOB ? entry : null) };
  const { response, reason } = await new FakeNetwork(() => ({})).fetch({ ...asked, client: { ...page, blobUrlStore } });
  if (response.type === "error") return reason?.code;
  const { body } = response.internalResponse;
  const text = body === null ? null : new TextDecoder().decode(await readFully(body, 1000));
  return [response.type, response.status, response.statusMessage, response.headers, text];
}

describe("scheme fetch of blob: URLs", () => {
  test("8.02: is the blob, in every mode", async () => {
    const headers = [
      ["Content-Length", "10"],
      ["Content-Type", "text/plain"],
    ];
    for (const mode of ["cors", "same-origin", "no-cors"] as const)
      expect(await seen({ url: URL_OF_BLOB, mode })).toEqual(["basic", 200, "OK", headers, "0123456789"]);
  });

  test("8.02: is a part of it for a Range", async () => {
    const headers = [
      ["Content-Length", "3"],
      ["Content-Type", "text/plain"],
      ["Content-Range", "bytes 7-9/10"],
    ];
    for (const range of ["bytes=7-9", "bytes=7-", "bytes=-3", "bytes=7-99999999999999999999"]) {
      const asked = { url: URL_OF_BLOB, headers: [["Range", range]] } as const;
      expect(await seen(asked)).toEqual(["basic", 206, "Partial Content", headers, "789"]);
    }
  });

  test.each(["bytes=10-", "bytes=-0", "bytes=3-2", "bytes=0-1,2-3", "x"])("fails for the Range %s", async (range) => {
    expect(await seen({ url: URL_OF_BLOB, headers: [["Range", range]] })).toBe("scheme-fetch/blob-range-invalid");
  });

  test("8.02: fails for other methods than GET, and for a URL that stands for nothing", async () => {
    expect(await seen({ url: URL_OF_BLOB, method: "HEAD" })).toBe("scheme-fetch/blob-method-not-get");
    expect(await seen({ url: "blob:https://page.example/2" })).toBe("scheme-fetch/blob-url-unknown");
  });

  test("fails for a page of another origin, and for one framed in another site", async () => {
    const owner = pageAt("https://other.example/");
    expect(await seen({ url: URL_OF_BLOB, owner })).toBe("main-fetch/scheme-not-http");
    expect(await seen({ url: URL_OF_BLOB, owner, mode: "no-cors" })).toBe("scheme-fetch/blob-url-of-other-partition");
    const framed = { ...pageAt("https://page.example/"), topLevelOrigin: originOfUrl(new URL("https://top.example/")) };
    expect(await seen({ url: URL_OF_BLOB, owner: framed })).toBe("scheme-fetch/blob-url-of-other-partition");
    expect(await seen({ url: URL_OF_BLOB, owner, mode: "no-cors", destination: "document" })).toContain("opaque");
  });

  test("has the origin of its page, though that is opaque", async () => {
    const origin = createOpaqueOrigin();
    const client = { ...pageAt("https://page.example/"), origin, topLevelOrigin: origin };
    expect(await seen({ url: URL_OF_BLOB, client })).toContain("0123456789");
    const other = createOpaqueOrigin();
    const stranger = { ...client, origin: other, topLevelOrigin: other };
    expect(await seen({ url: URL_OF_BLOB, owner: client, client: stranger })).toBe("main-fetch/scheme-not-http");
  });

  test("is what the URL stood for when it was parsed", async () => {
    const blobUrlEntry = { blob: blobOf("earlier"), environment: pageAt("https://page.example/") };
    expect(await seen({ url: URL_OF_BLOB, blobUrlEntry })).toContain("earlier");
    expect(await seen({ url: URL_OF_BLOB, blobUrlEntry: null })).toBe("scheme-fetch/blob-url-unknown");
  });
});

describe("scheme fetch of about: URLs", () => {
  test("8.01: about:blank is an empty page, which CORS keeps from scripts", async () => {
    const network = new FakeNetwork(() => ({}));
    const { response } = await network.fetch({ url: "about:blank?query#fragment", mode: "no-cors" });
    if (response.type === "error") throw new Error(response.reason.code);
    const { status, headers, body } = response.internalResponse;
    expect([response.type, status, headers]).toEqual(["opaque", 200, [["Content-Type", "text/html;charset=utf-8"]]]);
    expect(body === null ? null : await readFully(body, 1000)).toHaveLength(0);
    expect(await seen({ url: "about:blank" })).toBe("main-fetch/scheme-not-http");
  });

  test("other ones cannot be fetched", async () => {
    expect(await seen({ url: "about:config", mode: "no-cors" })).toBe("scheme-fetch/unsupported-scheme");
  });
});

test("a fetch that was canceled before is one of no scheme", async () => {
  const controller = new FetchController();
  controller.terminate();
  const { reason } = await new FakeNetwork(() => ({})).fetch({ url: "data:,x" }, controller);
  expect(reason?.code).toBe("network/client-closed");
});
