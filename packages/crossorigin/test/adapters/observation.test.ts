/** Who is told of decisions and problems, and how often. */

import { channel } from "node:diagnostics_channel";
import { describe, expect, onTestFinished, test } from "vitest";
import { withCors } from "../../src/adapters/fetch.ts";
import type { PolicyConfig } from "../../src/index.ts";

const APP = "https://app.example";
const policy: PolicyConfig = { origins: [APP] };
const ask = (): Request => new Request("https://api.example/x?q", { headers: { Origin: APP } });
const ownGrant = (): Response => new Response(null, { headers: { "Access-Control-Allow-Origin": "*" } });

/** The warnings of the process from now on; they come with the next tick. */
function warnings(): () => Promise<string[]> {
  const codes: string[] = [];
  const listener = (warning: Error & { code?: string }): void => {
    if (warning.name === "CrossOriginWarning") codes.push(warning.code ?? "");
  };
  process.on("warning", listener);
  onTestFinished(() => void process.off("warning", listener));
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return codes;
  };
}

describe("a problem", () => {
  test("nobody listens for is a warning of the process, once of each kind", async () => {
    const warned = warnings();
    const inner = withCors(policy, ownGrant);
    for (let count = 0; count < 3; count++) await inner(ask());
    const outer = withCors(policy, inner);
    for (let count = 0; count < 3; count++) await outer(ask());
    expect(await warned()).toEqual(["server/grant-already-set", "server/mounted-twice"]);
  });

  test("somebody listens for is no warning", async () => {
    const warned = warnings();
    const codes: string[] = [];
    const handler = withCors(policy, ownGrant, { onProblem: ({ code }) => void codes.push(code) });
    await handler(ask());
    await handler(ask());
    expect([codes, await warned()]).toEqual([["server/grant-already-set", "server/grant-already-set"], []]);
  });

  test("is published on its channel, with the request and without its query", async () => {
    const messages: unknown[] = [];
    const listener = (message: unknown): void => void messages.push(message);
    channel("crossorigin:problem").subscribe(listener);
    onTestFinished(() => {
      channel("crossorigin:problem").unsubscribe(listener);
    });
    await withCors(policy, ownGrant, { onProblem: () => {} })(ask());
    expect(messages).toMatchObject([
      {
        code: "server/grant-already-set",
        request: { method: "GET", requestedMethod: "GET", path: "/x", origin: APP },
      },
    ]);
  });

  test("is found among thousands of good responses, too", async () => {
    const codes: string[] = [];
    let isWrong = false;
    const handler = withCors(policy, () => (isWrong ? ownGrant() : new Response(null)), {
      onProblem: ({ code }) => void codes.push(code),
    });
    for (let count = 0; count < 1100; count++) await handler(ask());
    isWrong = true;
    for (let count = 0; count < 100; count++)
      expect((await handler(ask())).headers.get("Access-Control-Allow-Origin")).toBe(APP);
    expect(codes.length).toBeGreaterThan(0);
  });
});

test("an observer that throws is a warning of the process", async () => {
  const warned = warnings();
  const handler = withCors(policy, () => new Response(null), {
    onDecision: () => {
      throw new Error("observer");
    },
  });
  expect((await handler(ask())).headers.get("Access-Control-Allow-Origin")).toBe(APP);
  expect(await warned()).toEqual(["server/observer-threw"]);
});

test("a resolver that answers with no policy is told of as a failed look-up, and grants nothing", async () => {
  const errors: unknown[] = [];
  const handler = withCors((() => ({ origins: "*" })) as never, () => new Response(null), {
    onDecision: ({ decision, error }) => errors.push(decision.code, error),
  });
  expect((await handler(ask())).headers.get("Access-Control-Allow-Origin")).toBeNull();
  expect(errors).toEqual(["decision/lookup-failed", expect.any(TypeError)]);
});

test("a decision can be told of, but not changed", async () => {
  const handler = withCors({ origins: "*" }, () => new Response(null), {
    onDecision: ({ decision }) => {
      (decision.headers as { name: string; value: string }[]).push({ name: "X-Evil", value: "1" });
    },
  });
  for (let count = 0; count < 2; count++) expect((await handler(ask())).headers.get("X-Evil")).toBeNull();
});
