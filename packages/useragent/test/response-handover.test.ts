/** When page code gets a response, and when a fetch is over. */

import { expect, test } from "vitest";
import { agent, rejection, serve, until } from "./loopback.ts";

test("7.29: a response is handed over when its head is there, whatever becomes of its body", async () => {
  let finish: (() => void) | null = null;
  const { port } = await serve((_request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*").write("head ");
    finish = () => void response.end("and rest");
  });
  const response = await agent().page.fetch(`http://bar.other:${port}/`);
  const text = response.text();
  expect(finish).not.toBeNull();
  (finish as (() => void) | null)?.();
  expect(await text).toBe("head and rest");
});

test("7.29: with integrity a response is handed over when all of its body is there", async () => {
  const order: string[] = [];
  const { port } = await serve((_request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*").write("a");
    setTimeout(() => {
      order.push("end of the body");
      response.end("bc");
    }, 20);
  });
  // The digest of abc.
  const integrity = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
  const response = await agent().page.fetch(`http://bar.other:${port}/`, { integrity });
  order.push("response");
  expect(order).toEqual(["end of the body", "response"]);
  expect(await response.text()).toBe("abc");
});

test("7.29: a fetch is over when page code has taken the last of the body, not when that has come in", async () => {
  let isSent = false;
  const { port } = await serve((_request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*").end("all", () => (isSent = true));
  });
  const { page } = agent();
  const controller = new AbortController();
  const untaken = await page.fetch(`http://bar.other:${port}/`, { signal: controller.signal });
  await until(() => isSent);
  controller.abort();
  expect(await rejection(untaken.text())).toMatchObject({ name: "AbortError" });

  const late = new AbortController();
  const taken = await page.fetch(`http://bar.other:${port}/`, { signal: late.signal });
  const reader = taken.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("all");
  expect((await reader?.read())?.done).toBe(true);
  late.abort();
  await expect(reader?.closed).resolves.toBeUndefined();
});

test("7.29: a body that its page let go of ends the fetch, too", async () => {
  const server = await serve((_request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*").write("endless");
  });
  const { page } = agent();
  const response = await page.fetch(`http://bar.other:${server.port}/`);
  await response.body?.cancel();
  await until(async () => (await server.openConnections()) === 0);
});
