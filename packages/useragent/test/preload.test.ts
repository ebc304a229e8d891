import { createServer } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { type LoadOptions, networkErrorReason } from "@crossorigin/useragent";
import { answer } from "./element-load-server.ts";
import { type Agent, agent, listen, rejection, serve, until } from "./loopback.ts";
import { PRELOAD_CASES } from "./preload-cases.ts";

const GRANT = { "Access-Control-Allow-Origin": "*" } as const;

describe("7.04, 7.12: a preload and what asks for the same afterwards", () => {
  test.each(PRELOAD_CASES)("as $as, crossorigin $crossorigin, then $consumers: $requests", async (one) => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests++;
      answer(request, response);
    });
    const src = `http://bar.other:${await listen(server)}${one.file}`;
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { page } = agent();
    const { as, crossorigin } = one;
    const attributes = crossorigin === undefined ? {} : { crossorigin };
    expect((await page.load({ element: "link-preload", as, src, ...attributes })).outcome).toBe("load");
    for (const { by, crossorigin: attribute, init } of one.consumers) {
      const given = { element: by, src, ...(attribute === undefined ? {} : { crossorigin: attribute }) };
      if (by === "fetch") expect(await (await page.fetch(src, init)).text()).not.toBe("");
      else expect((await page.load(given as LoadOptions)).outcome).toBe("load");
    }
    expect(requests).toBe(one.requests);
  });
});

function preload(page: Agent["page"], src: string): Promise<{ readonly outcome: string }> {
  return page.load({ element: "link-preload", as: "fetch", crossorigin: "anonymous", src });
}

describe("a preload", () => {
  test("7.04: under way is waited for, also by XMLHttpRequest, and bodies are whole", async () => {
    const { port, requests } = await serve((_request, response) => {
      response.writeHead(200, GRANT).write("first ");
      setTimeout(() => response.end("last"), 20);
    });
    const { page } = agent();
    const src = `http://bar.other:${port}/`;
    const preloaded = preload(page, src);
    const request = new page.XMLHttpRequest();
    request.open("GET", src);
    const loaded = new Promise<void>((resolve) => (request.onloadend = () => resolve()));
    request.send();
    await loaded;
    expect(request.responseText).toBe("first last");
    expect((await preloaded).outcome).toBe("load");
    expect(requests).toHaveLength(1);
  });

  test("7.04: is its page's alone", async () => {
    const { port, requests } = await serve((_request, response) => void response.writeHead(200, GRANT).end("x"));
    const { page, userAgent } = agent();
    const src = `http://bar.other:${port}/`;
    await preload(page, src);
    await (await userAgent.client({ url: page.url }).fetch(src)).text();
    expect(requests).toHaveLength(2);
  });

  test("7.12: that CORS refused fails the fetch that would get it, with the same reason and no second request", async () => {
    const { port, requests } = await serve((_request, response) => void response.end("x"));
    const { page } = agent();
    const src = `http://bar.other:${port}/`;
    expect((await preload(page, src)).outcome).toBe("error");
    const error = await rejection(page.fetch(src));
    expect(networkErrorReason(error)?.code).toBe("cors-check/allow-origin-missing");
    expect(requests).toHaveLength(1);
    expect(await rejection(page.fetch(src))).toBeInstanceOf(TypeError);
    expect(requests).toHaveLength(2);
  });

  test("7.12: whose body breaks off fails the fetch that waits for it", async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { ...GRANT, "Content-Length": "9" }).write("half");
      setTimeout(() => response.destroy(), 20);
    });
    const { page } = agent();
    const src = `http://bar.other:${port}/`;
    const preloaded = preload(page, src);
    const reason = networkErrorReason(await rejection(page.fetch(src)));
    expect(reason?.code).toBe("network/connection-reset");
    expect(reason?.trace.some(({ type }) => type === "request")).toBe(false);
    expect((await preloaded).outcome).toBe("error");
  });

  test("7.12: without a body serves as it is", async () => {
    const { port, requests } = await serve((_request, response) => void response.writeHead(204, GRANT).end());
    const { page } = agent();
    const src = `http://bar.other:${port}/`;
    await preload(page, src);
    expect((await page.fetch(src)).status).toBe(204);
    expect(requests).toHaveLength(1);
  });

  test("under way ends with its page, and so does what waits for it", async () => {
    const { port, requests } = await serve((_request, response) => void response.writeHead(200, GRANT).write("x"));
    const { page } = agent();
    const src = `http://bar.other:${port}/`;
    const preloaded = preload(page, src);
    const fetched = rejection(page.fetch(src));
    await until(() => requests.length === 1);
    await page.close();
    expect(networkErrorReason(await fetched)?.code).toBe("network/client-closed");
    expect((await preloaded).outcome).toBe("error");
  });

  test("is told in the trace of what it serves", async () => {
    const { port } = await serve((_request, response) => void response.writeHead(200, GRANT).end("x"));
    const { page, trace } = agent();
    const src = `http://bar.other:${port}/`;
    await preload(page, src);
    const before = trace.length;
    await (await page.fetch(src)).text();
    expect(trace.slice(before)).toMatchObject([
      { type: "fetch" },
      { branch: "preloaded" },
      { type: "done", status: 200 },
    ]);
  });
});
