// @vitest-environment jsdom

/** Page code in jsdom as Vitest sets it up: its globals are the window. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { installGlobals } from "@crossorigin/useragent/globals";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
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

async function echo(): Promise<string> {
  const server = await serve((_, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.end(server.requests.at(-1)?.body);
  });
  return `http://api.example:${server.port}/`;
}

function formOf(name: string, value: string): FormData {
  const form = new FormData();
  form.append(name, value);
  return form;
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

test.each([
  ["a string", () => "a=1", "a=1"],
  ["a search", () => new URLSearchParams({ a: "1" }), "a=1"],
  ["bytes", () => new Uint8Array([97, 61, 49]), "a=1"],
  ["a blob", () => new Blob(["a=1"]), "a=1"],
  ["a form", () => formOf("a", "1"), /name="a"\r\n\r\n1\r\n/],
])("XMLHttpRequest and fetch send %s of the window", async (_, body, sent) => {
  const url = await echo();
  const request = new XMLHttpRequest();
  const answered = new Promise((resolve) => (request.onloadend = resolve));
  request.open("POST", url);
  request.send(body());
  await answered;
  expect(networkErrorReason(request)?.subject).toBeUndefined();
  expect(request.responseText).toMatch(sent);
  expect(await (await fetch(url, { method: "POST", body: body() })).text()).toMatch(sent);
});

test("a WebSocket sends a blob of the window", async () => {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  sockets.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
  await once(sockets, "listening");
  const socket = new WebSocket(`ws://api.example:${(sockets.address() as AddressInfo).port}/`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(new Blob(["a", "b"]));
  const { data } = await new Promise<MessageEvent>((resolve) => (socket.onmessage = resolve));
  expect(Buffer.from(data as ArrayBuffer).toString()).toBe("ab");
  sockets.close();
  socket.close();
});

test("document.cookie is the page's", () => {
  document.cookie = "a=1";
  expect(page.cookies.get()).toBe("a=1");
  expect(document.cookie).toBe("a=1");
});
