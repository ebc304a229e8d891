import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, serve } from "./loopback.ts";
import { traced } from "./xml-http-request-trace.ts";

const BEFORE = ["readystatechange 1", "loadstart 1 0/0", "upload.loadstart 1 0/5"];
const UPLOADED = ["upload.progress 1 5/5", "upload.load 1 5/5", "upload.loadend 1 5/5"];
const LOADED = [
  "readystatechange 2",
  "readystatechange 3",
  "progress 3 2/2",
  "readystatechange 4",
  "load 4 2/2",
  "loadend 4 2/2",
];
const FAILED = ["error 4 0/0", "loadend 4 0/0"];

async function granting(share = true) {
  return serve((request, response) => {
    if (share || request.method === "OPTIONS") response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.url === "/307" && request.method !== "OPTIONS") response.writeHead(307, { Location: "/to" }).end();
    else
      response
        .setHeader("Content-Length", request.method === "OPTIONS" ? 0 : 2)
        .end(request.method === "OPTIONS" ? "" : "ok");
  });
}

describe("an upload that is listened to", () => {
  test("25.04, 25.07, 4.05: asks for a preflight, and tells of the body only after it was granted", async () => {
    const server = await granting();
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    const uploadedAfter: number[] = [];
    xhr.upload.addEventListener("progress", () => uploadedAfter.push(server.requests.length));
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send("hello");
    await events.end();
    expect(events.seen).toEqual([...BEFORE, ...UPLOADED, ...LOADED]);
    expect(server.requests.map(({ method, body }) => `${method} ${body}`)).toEqual(["OPTIONS ", "POST hello"]);
    expect(server.requests[0]?.headers["access-control-request-headers"]).toBeUndefined();
    expect(uploadedAfter).toEqual([1]);
  });

  test("25.07: fails, upload first, when the preflight is refused", async () => {
    const server = await serve((_, response) => response.writeHead(403).end());
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    const codes: unknown[] = [];
    xhr.upload.addEventListener("error", (event) => codes.push(networkErrorReason(event)?.code));
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send("hello");
    await events.end();
    expect(events.seen).toEqual([
      ...BEFORE,
      "readystatechange 4",
      "upload.error 4 0/0",
      "upload.loadend 4 0/0",
      ...FAILED,
    ]);
    expect(server.requests.map(({ method }) => method)).toEqual(["OPTIONS"]);
    expect(networkErrorReason(xhr)).toMatchObject({ isPreflight: true });
    expect(codes).toEqual([networkErrorReason(xhr)?.code]);
  });

  test("is done before the response is withheld", async () => {
    const server = await granting(false);
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send("hello");
    await events.end();
    expect(events.seen).toEqual([...BEFORE, ...UPLOADED, "readystatechange 4", ...FAILED]);
  });

  test("is told of once, though a redirect has it sent twice", async () => {
    const server = await granting();
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    xhr.open("POST", `http://bar.other:${server.port}/307`);
    xhr.send("hello");
    await events.end();
    expect(events.seen).toEqual([...BEFORE, ...UPLOADED, ...LOADED]);
    expect(server.requests.filter(({ body }) => body === "hello")).toHaveLength(2);
  });

  test("of the page's own origin needs no preflight", async () => {
    const server = await granting();
    const { userAgent } = agent();
    const { xhr, events } = traced(userAgent.client({ url: `http://foo.example:${server.port}/` }), true);
    xhr.open("POST", "/");
    xhr.send("hello");
    await events.end();
    expect(events.seen).toEqual([...BEFORE, ...UPLOADED, ...LOADED]);
    expect(server.requests.map(({ method }) => method)).toEqual(["POST"]);
  });

  test("25.04: of nothing asks for a preflight all the same, and has no events", async () => {
    const server = await granting();
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send();
    await events.end();
    expect(events.seen).toEqual(["readystatechange 1", "loadstart 1 0/0", ...LOADED]);
    expect(server.requests.map(({ method }) => method)).toEqual(["OPTIONS", "POST"]);
  });

  test("of an empty string has its events", async () => {
    const server = await granting();
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send("");
    await events.end();
    expect(events.seen).toEqual([
      "readystatechange 1",
      "loadstart 1 0/0",
      ...["loadstart", "progress", "load", "loadend"].map((type) => `upload.${type} 1 0/0`),
      ...LOADED,
    ]);
  });

  test("of much tells how far it is", async () => {
    let now = 0;
    const server = await granting();
    const { page } = agent({ clock: { now: () => (now += 20) } });
    const { xhr, events } = traced(page, true);
    xhr.open("PUT", `http://bar.other:${server.port}/`);
    xhr.withCredentials = false;
    const size = 1_000_000;
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send(new Uint8Array(size));
    await events.end();
    const told = events.seen.filter((event) => event.startsWith("upload.progress"));
    expect(told.length).toBeGreaterThan(3);
    expect(told.length).toBeLessThan(16);
    expect(told.at(-1)).toBe(`upload.progress 1 ${size}/${size}`);
    expect(server.requests.at(-1)?.body).toHaveLength(size);
  });
});

describe("what counts as listening", () => {
  const ignore = (): void => {};

  test.each([
    ["a listener of any type", (upload: EventTarget) => upload.addEventListener("anything", ignore), true],
    ["a handler attribute", (upload: EventTarget) => Object.assign(upload, { onload: ignore }), true],
    [
      "a listener that was taken off",
      (upload: EventTarget) => {
        upload.addEventListener("load", ignore, { capture: true });
        upload.addEventListener("load", ignore, true);
        upload.removeEventListener("load", ignore, true);
      },
      false,
    ],
    [
      "a listener of another phase that was not",
      (upload: EventTarget) => {
        upload.addEventListener("load", ignore);
        upload.removeEventListener("load", ignore, true);
      },
      true,
    ],
    ["no listener at all", (upload: EventTarget) => upload.addEventListener("load", null), false],
    [
      "a listener whose signal was aborted",
      (upload: EventTarget) => {
        const controller = new AbortController();
        upload.addEventListener("load", ignore, { signal: controller.signal });
        controller.abort();
        upload.addEventListener("load", ignore, { signal: controller.signal });
      },
      false,
    ],
    [
      "a listener for once that has heard",
      (upload: EventTarget) => {
        upload.addEventListener("load", ignore, { once: true });
        upload.dispatchEvent(new Event("load"));
      },
      false,
    ],
    [
      "a handler attribute set to null again",
      (upload: EventTarget) => {
        Object.assign(upload, { onload: ignore });
        Object.assign(upload, { onload: null });
      },
      false,
    ],
  ])("%s", async (_, listen, isPreflighted) => {
    const server = await granting();
    const { page } = agent();
    const { xhr, events } = traced(page);
    listen(xhr.upload);
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send("hello");
    xhr.upload.addEventListener("load", () => events.seen.push("too late"));
    await events.end();
    expect(server.requests[0]?.method).toBe(isPreflighted ? "OPTIONS" : "POST");
    expect(events.seen.includes("too late")).toBe(isPreflighted);
  });
});
