// @vitest-environment jsdom

/** Page code in jsdom as Vitest sets it up: its globals are the window. */

import { createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { installGlobals } from "@crossorigin/useragent/globals";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rejection, serve } from "./loopback.ts";

const userAgent = createUserAgent({ resolve: () => "127.0.0.1" });
const page = userAgent.client({ url: location.href });
let restore: () => void;

beforeAll(() => {
  restore = installGlobals(page);
});
afterAll(async () => {
  restore();
  await userAgent.close();
});

async function api(): Promise<string> {
  const { port } = await serve((request, response) => {
    if (request.url === "/open") {
      response.setHeader("Access-Control-Allow-Origin", location.origin);
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Allow-Headers", "content-type");
    }
    response.end("hello");
  });
  return `http://api.example:${port}`;
}

test("window.fetch obeys CORS, with what the window makes", async () => {
  const url = await api();
  const { signal } = new AbortController();
  const init = { method: "POST", headers: new Headers({ "content-type": "application/json" }), body: "{}", signal };
  expect(await (await window.fetch(`${url}/open`, init)).text()).toBe("hello");
  const error = await rejection(window.fetch(`${url}/closed`, init));
  expect(networkErrorReason(error)?.code).toBe("cors-preflight/allow-origin-missing");
});

test("a form and a search of the window can be sent", async () => {
  const url = await api();
  const form = new FormData();
  form.append("a", "1");
  expect((await fetch(`${url}/open`, { method: "POST", body: form })).status).toBe(200);
  const body = new URLSearchParams({ a: "1" });
  expect((await fetch(`${url}/open`, { method: "POST", body })).status).toBe(200);
});

test("a signal of the window aborts", async () => {
  const controller = new AbortController();
  const url = await api();
  controller.abort();
  const error = await rejection(fetch(`${url}/open`, { signal: controller.signal }));
  expect(error).toMatchObject({ name: "AbortError" });
});

test("XMLHttpRequest fires the events that page code waits for", async () => {
  const url = await api();
  const events = async (path: string): Promise<string> =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.onload = (event) => resolve(`${event.type} ${request.responseText} ${event instanceof ProgressEvent}`);
      request.addEventListener("error", (event) => resolve(`${event.type} ${networkErrorReason(event)?.code}`));
      request.open("GET", url + path);
      request.withCredentials = true;
      request.send();
    });
  expect(await events("/open")).toBe("load hello true");
  expect(await events("/closed")).toBe("error cors-check/allow-origin-missing");
});

test("document.cookie is the page's", () => {
  document.cookie = "a=1";
  expect(page.cookies.get()).toBe("a=1");
  expect(document.cookie).toBe("a=1");
});
