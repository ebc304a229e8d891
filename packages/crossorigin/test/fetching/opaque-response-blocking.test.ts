import { describe, expect, test } from "vitest";
import { explain } from "../../src/diagnose/index.ts";
import { type FilteredResponse, FetchController, readFully } from "../../src/fetching/index.ts";
import type { Header, ProfileName, RequestDestination } from "../../src/protocol/index.ts";
import { type Answer, FakeNetwork, scripted } from "../fake-network.ts";

const URL_B = "https://b.test/x";

/** What an element of `https://page.example` gets of `https://b.test/x`. */
async function load(
  profile: ProfileName,
  answer: Answer,
  destination: RequestDestination = "script",
  network = new FakeNetwork(scripted({ [`GET ${URL_B}`]: answer }), profile),
): ReturnType<FakeNetwork["fetch"]> {
  return network.fetch({ url: URL_B, mode: "no-cors", destination });
}

function typed(type: string, ...chunks: readonly (string | Error)[]): Answer {
  const headers: readonly Header[] = [["Content-Type", type]];
  return { headers, chunks };
}

async function textOf(response: FilteredResponse): Promise<string> {
  const { body } = response.internalResponse;
  return body === null ? "" : Buffer.from(await readFully(body, 10_000)).toString("latin1");
}

describe("16.10: Opaque Response Blocking", () => {
  test("is not in the standard, nor in WebKit", async () => {
    for (const profile of ["standard", "webkit"] as const)
      expect((await load(profile, typed("application/json", '{"a": 1}'))).reason).toBeNull();
  });

  test.each(["chromium", "firefox"] as const)("in %s withholds by the head, and tells why", async (profile) => {
    const network = new FakeNetwork(scripted({ [`GET ${URL_B}`]: typed("application/pdf", "%PDF") }), profile);
    const { reason, trace } = await load(profile, {}, "image", network);
    const code = "main-fetch/opaque-response-blocked";
    expect(reason).toMatchObject({
      code,
      step: "Opaque Response Blocking",
      expected: "image",
      received: "application/pdf",
    });
    expect(network.canceled).toEqual([URL_B]);
    const explanation = explain(trace);
    expect(explanation).toMatchObject({ verdict: "withheld", code });
    expect([explanation.fixes.server.length, explanation.fixes.client.length]).toEqual([1, 1]);
  });

  test("in Chromium withholds what begins as no script does, in however many pieces", async () => {
    const { reason } = await load("chromium", typed("text/javascript", " ", '{"a', '":', "1}"));
    expect(reason?.code).toBe("main-fetch/opaque-response-blocked");
  });

  test("leaves a body that it looked at whole", async () => {
    const chunks = ["let a;".padEnd(1000), "b".repeat(1000), "c".repeat(1000)];
    for (const profile of ["chromium", "firefox"] as const) {
      const { response } = await load(profile, typed("text/plain", ...chunks));
      if (response.type === "error") throw new Error("It is withheld.");
      expect(await textOf(response)).toBe(chunks.join(""));
    }
  });

  test("leaves an image by its bytes, and what has no type", async () => {
    expect((await load("firefox", typed("text/html", "GIF89a"), "image")).reason).toBeNull();
    expect((await load("chromium", { chunks: ["<p>"] })).reason).toBeNull();
    expect((await load("firefox", { chunks: ["<p>"] })).reason).toBeNull();
  });

  test("in Firefox asks whether the rest is a script, if somebody can tell", async () => {
    const answer = { [`GET ${URL_B}`]: typed("text/plain", "a b c") };
    const network = new FakeNetwork(scripted(answer), "firefox");
    expect((await load("firefox", {}, "script", network)).reason).toBeNull();
    const asked: string[] = [];
    const isScript = (body: Uint8Array): boolean => asked.push(Buffer.from(body).toString()) === 0;
    Object.assign(network.effects, { isScript });
    expect((await load("firefox", {}, "script", network)).reason?.code).toBe("main-fetch/opaque-response-blocked");
    expect(asked).toEqual(["a b c"]);
  });

  test("in Firefox withholds an image that is none", async () => {
    const { reason } = await load("firefox", typed("image/png", "a"), "image");
    expect(reason?.code).toBe("main-fetch/opaque-response-blocked");
  });

  test("has nothing to do with fetch(), whose opaque responses nobody reads", async () => {
    expect((await load("chromium", typed("application/pdf"), "")).reason).toBeNull();
  });

  test("has nothing to do with what CORS shares, nor with the page's own", async () => {
    const headers = [
      ["Content-Type", "application/pdf"],
      ["Access-Control-Allow-Origin", "*"],
    ] as const;
    const own = "https://page.example/x";
    const network = new FakeNetwork(
      scripted({ [`GET ${URL_B}`]: { headers }, [`GET ${own}`]: { headers } }),
      "firefox",
    );
    expect((await network.fetch({ url: URL_B, destination: "image" })).reason).toBeNull();
    expect((await network.fetch({ url: own, mode: "no-cors", destination: "image" })).reason).toBeNull();
  });

  test("is a network error if the body fails meanwhile, or is too long to be read whole", async () => {
    const broken = await load("chromium", typed("text/plain", "a", new Error("cut off")));
    expect(broken.reason).toMatchObject({ code: "network/failed", subject: "Error: cut off" });
    const network = new FakeNetwork(scripted({ [`GET ${URL_B}`]: typed("text/plain", "a".repeat(2000)) }), "firefox");
    Object.assign(network.effects, { isScript: () => true, maxBodyBytes: 1500 });
    expect((await load("firefox", {}, "script", network)).reason?.code).toBe("network/body-too-large");
  });

  test("ends with the fetch", async () => {
    const network = new FakeNetwork(
      scripted({ [`GET ${URL_B}`]: typed("text/plain", "a", new Error("aborted")) }),
      "chromium",
    );
    const controller = new FetchController();
    const fetched = network.fetch({ url: URL_B, mode: "no-cors", destination: "script" }, controller);
    controller.terminate();
    expect((await fetched).reason?.code).toBe("network/client-closed");
  });
});
