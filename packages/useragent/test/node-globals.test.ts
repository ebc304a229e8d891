import { afterEach, expect, test, vi } from "vitest";
import { agent, serve } from "./loopback.ts";

/** As a test's set-up would, after the import: each fails as soon as it is used. */
function replaceGlobals(): void {
  const NAMES = ["Event", "EventTarget", "MessageEvent", "CloseEvent", "AbortController", "AbortSignal"];
  for (const name of [...NAMES, "Response", "FormData", "fetch"]) {
    vi.stubGlobal(name, () => {
      throw new Error(`The replaced ${name} was used.`);
    });
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("pages are made and fetch when globals were replaced", async () => {
  const server = await serve((_, response) => response.end("a=1"));
  const { userAgent } = agent();
  const { signal } = new AbortController();
  const { FormData } = globalThis;
  replaceGlobals();
  const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
  expect(await (await page.fetch("/", { signal })).text()).toBe("a=1");
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  const form = await new page.Response("a=1", { headers: type }).formData();
  expect(form).toBeInstanceOf(FormData);
  expect(form.get("a")).toBe("1");
});

test("events reach those that listen when globals were replaced", async () => {
  const server = await serve((_, response) => {
    response.setHeader("Content-Type", "text/event-stream").write("data: told\n\n");
  });
  const { userAgent } = agent();
  replaceGlobals();
  const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
  const source = new page.EventSource("/");
  expect(await new Promise((resolve) => (source.onmessage = (event) => resolve(event.data)))).toBe("told");
  source.close();
  const socket = new page.WebSocket("/");
  expect(await new Promise((resolve) => (socket.onclose = (event) => resolve(event.code)))).toBe(1006);
  const xhr = new page.XMLHttpRequest();
  xhr.open("GET", "/");
  const aborted = new Promise((resolve) => (xhr.onabort = (event) => resolve(event.type)));
  xhr.send();
  xhr.abort();
  expect(await aborted).toBe("abort");
});
