import { explain } from "crossorigin/diagnose";
import { describe, expect, test } from "vitest";
import { type UserAgentOptions, networkErrorReason } from "@crossorigin/useragent";
import { agent, codeOf, rejection, serve } from "./loopback.ts";

type Resolve = NonNullable<UserAgentOptions["resolve"]>;

describe("the option resolve", () => {
  test("may give a promise of an address, or of undefined", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const asked: unknown[] = [];
    const { page } = agent({
      resolve: async (hostname, port) => {
        asked.push([hostname, port]);
        return Promise.resolve(hostname === "bar.other" ? "127.0.0.1" : undefined);
      },
    });
    expect(await (await page.fetch(`http://bar.other:${server.port}/`)).text()).toBe("x");
    expect(await (await page.fetch(`http://localhost:${server.port}/`)).text()).toBe("x");
    expect(asked).toEqual([
      ["bar.other", server.port],
      ["localhost", server.port],
    ]);
  });

  test("may give another name, which is looked up", async () => {
    const server = await serve((_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end("x"));
    const { page } = agent({ resolve: () => "localhost" });
    expect((await page.fetch(`http://bar.other:${server.port}/`)).status).toBe(200);
  });

  const wrong: readonly (readonly [value: unknown, shown: string])[] = [
    [5, "5"],
    [null, "null"],
    ["", '""'],
    [{}, "an object"],
    ["127.0.0.1:8080", '"127.0.0.1:8080"'],
    ["[::1]", '"[::1]"'],
    [Promise.resolve(false), "false"],
  ];

  test.each(wrong)("that gives %s fails with a reason that names option, host and value", async (value, shown) => {
    const { page } = agent({ resolve: (() => value) as Resolve });
    const error = await rejection(page.fetch("https://bar.other/"));
    expect(String(error)).toBe("TypeError: Failed to fetch");
    expect(networkErrorReason(error)).toMatchObject({
      code: "network/resolve-option-failed",
      subject: `resolve("bar.other", 443) gave ${shown}, not an address such as "127.0.0.1", nor undefined`,
    });
  });

  test("that throws or rejects fails with its own words as the reason, which nobody takes for the network's", async () => {
    const fail = (): never => {
      throw new RangeError("no such host in my table");
    };
    for (const resolve of [fail, async () => Promise.resolve().then(fail)]) {
      const { page } = agent({ resolve });
      const reason = networkErrorReason(await rejection(page.fetch("http://bar.other/")));
      expect(reason).toMatchObject({
        code: "network/resolve-option-failed",
        subject: 'resolve("bar.other", 80) threw RangeError: no such host in my table',
      });
      const { summary } = explain(reason?.trace ?? []);
      expect(summary).toContain("option resolve, which failed: ");
      expect(summary).not.toContain("not a CORS problem");
    }
  });

  test("that never answers times out, and does not hold up closing", async () => {
    const resolve: Resolve = async () => new Promise<never>(() => {});
    expect(await codeOf(agent({ resolve, timeoutMilliseconds: 50 }).page.fetch("http://bar.other/"))).toBe(
      "network/timeout",
    );
    const { page, userAgent } = agent({ resolve });
    const code = codeOf(page.fetch("http://bar.other/"));
    await new Promise((done) => setTimeout(done, 20));
    await userAgent.close();
    expect(await code).toBe("network/client-closed");
  });
});
