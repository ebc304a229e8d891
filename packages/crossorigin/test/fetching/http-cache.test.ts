import { describe, expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import type { HttpCache, StoredResponse, TransportRequest } from "../../src/fetching/index.ts";
import { type Answer, FakeNetwork } from "../fake-network.ts";

const URL_B = "https://b.test/x";
const PART: StoredResponse = {
  status: 206,
  statusMessage: "Partial Content",
  headers: [["Access-Control-Allow-Origin", "*"]],
  body: new Uint8Array([1, 2]),
  rangeRequested: true,
  connection: null,
};

/** A cache that has one response for every request, and keeps what it is told. */
function cacheOf(
  response: StoredResponse,
  freshness: "fresh" | "stale" | "stale-while-revalidate",
): HttpCache & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    maxBodyBytes: 1000,
    select: () => ({ response, freshness }),
    isStorable: () => true,
    store: (_, { status, body }) => void told.push(`store ${status} ${body.byteLength}`),
    remove: (_, url) => void told.push(`remove ${url.href}`),
  };
}

function networkWith(httpCache: HttpCache, answer: (request: TransportRequest) => Answer = () => ({})): FakeNetwork {
  const network = new FakeNetwork(answer);
  Object.assign(network.effects, { httpCache });
  return network;
}

describe("7.26: a part of a response that a cache stored for a request with Range", () => {
  test.each([206, 416])("is a network error for an opaque request without one, with status %i", async (status) => {
    const network = networkWith(cacheOf({ ...PART, status }, "fresh"));
    const { reason, trace } = await network.fetch({ url: URL_B, mode: "no-cors", unsafeRequest: false });
    expect(reason).toMatchObject({
      code: "main-fetch/opaque-partial-content",
      received: String(status),
      step: "main fetch, step 21",
    });
    expect(explain(trace)).toMatchObject({ verdict: "withheld", code: "main-fetch/opaque-partial-content" });
  });

  test("is shared with a request in mode cors, to which nothing of it is hidden", async () => {
    const { response } = await networkWith(cacheOf(PART, "fresh")).fetch({ url: URL_B });
    expect(response).toMatchObject({ type: "cors", status: 206 });
  });

  test("is what a request with Range asked for", async () => {
    const network = networkWith(cacheOf(PART, "fresh"), () => ({ status: 206 }));
    const asked = { url: URL_B, mode: "no-cors", unsafeRequest: false, headers: [["Range", "bytes=0-1"]] } as const;
    expect((await network.fetch(asked)).response.type).toBe("opaque");
    expect(network.sent).toHaveLength(1);
  });

  test("is whole if nobody asked for a part of it", async () => {
    const network = networkWith(cacheOf({ ...PART, rangeRequested: false }, "fresh"));
    expect((await network.fetch({ url: URL_B, mode: "no-cors", unsafeRequest: false })).response.type).toBe("opaque");
  });
});

describe("a cache that is not ours", () => {
  test("11.01: validators are sent with this attempt only, not with what follows a redirect", async () => {
    const stored = { ...PART, status: 200, headers: [["ETag", '"1"'] as const] };
    const network = networkWith(cacheOf(stored, "stale"), ({ url }) =>
      url.href === URL_B
        ? {
            status: 302,
            headers: [
              ["Location", "/y"],
              ["Access-Control-Allow-Origin", "*"],
            ],
          }
        : { headers: [["Access-Control-Allow-Origin", "*"]] },
    );
    await network.fetch({ url: URL_B });
    expect(network.sent.map(({ headers }) => headers.filter(([name]) => name === "If-None-Match"))).toEqual([
      [["If-None-Match", '"1"']],
      [["If-None-Match", '"1"']],
    ]);
  });

  test("22.07: a page without a fetch group has its stale responses renewed, too", async () => {
    const stored = { ...PART, status: 200 };
    const cache = cacheOf(stored, "stale-while-revalidate");
    const network = networkWith(cache, () => ({ status: 404 }));
    const { response, trace } = await network.fetch({ url: URL_B });
    expect(response).toMatchObject({ type: "cors", status: 200 });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(network.asked()).toEqual([`GET ${URL_B}`]);
    expect(explain(trace).exchanges[0]?.rules[0]?.text).toMatch(/stale-while-revalidate/);
  });

  test("preflights never ask it, nor does their method invalidate anything", async () => {
    const cache = cacheOf({ ...PART, status: 200 }, "fresh");
    const grant = [
      ["Access-Control-Allow-Origin", "*"],
      ["Access-Control-Allow-Methods", "*"],
    ] as const;
    const network = networkWith(cache, () => ({ headers: grant }));
    await network.fetch({ url: URL_B, method: "PUT" });
    expect(network.asked()).toEqual([`OPTIONS ${URL_B}`, `PUT ${URL_B}`]);
    expect(cache.told).toEqual([`remove ${URL_B}`]);
  });
});
