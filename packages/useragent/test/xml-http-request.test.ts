import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { networkErrorReason } from "@crossorigin/useragent";
import { agent, serve, serveRaw, until } from "./loopback.ts";
import { traced } from "./xml-http-request-trace.ts";

const BEFORE = ["readystatechange 1", "loadstart 1 0/0"];
const ERROR = [...BEFORE, "readystatechange 4", "error 4 0/0", "loadend 4 0/0"];

/** A server that shares everything, grants every preflight, and answers with `hello` unless told otherwise. */
async function sharing(paths: Readonly<Record<string, (response: ServerResponse) => void>> = {}) {
  return serve((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    const answer = paths[request.url ?? ""];
    if (request.method === "OPTIONS") response.writeHead(204).end();
    else if (answer === undefined) response.setHeader("Content-Length", 5).end("hello");
    else answer(response);
  });
}

describe("the events of a request", () => {
  test.each(["http://bar.other", "http://foo.example"])(
    "26.02: tell of every state of a GET to %s, in order",
    async (origin) => {
      const server = await sharing();
      const { userAgent } = agent();
      const page = userAgent.client({ url: `http://foo.example:${server.port}/` });
      const { xhr, events } = traced(page);
      xhr.open("GET", `${origin}:${server.port}/a?b#c`);
      xhr.send();
      await events.end();
      expect(events.seen).toEqual([
        ...BEFORE,
        "readystatechange 2",
        "readystatechange 3",
        "progress 3 5/5",
        "readystatechange 4",
        "load 4 5/5",
        "loadend 4 5/5",
      ]);
      const { status, statusText, responseText, responseURL } = xhr;
      expect({ status, statusText, responseText, responseURL }).toEqual({
        status: 200,
        statusText: "OK",
        responseText: "hello",
        responseURL: `${origin}:${server.port}/a?b`,
      });
    },
  );

  test("25.08, 25.09: of a response that is withheld are those of an error, and the reason stays beside it", async () => {
    const server = await serve((_, response) => response.end("secret"));
    const { page } = agent();
    const { xhr, events } = traced(page);
    const reasons: unknown[] = [];
    for (const type of ["error", "loadend"] as const)
      xhr.addEventListener(type, (event) => reasons.push(networkErrorReason(event)?.code));
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await events.end();
    expect(events.seen).toEqual(ERROR);
    expect(reasons).toEqual(["cors-check/allow-origin-missing", "cors-check/allow-origin-missing"]);
    expect(networkErrorReason(xhr)).toMatchObject({
      code: "cors-check/allow-origin-missing",
      step: "CORS check, step 2",
    });
    expect(networkErrorReason(xhr)?.trace.at(-1)?.type).toBe("network-error");
    expect([xhr.status, xhr.statusText, xhr.responseText, xhr.responseURL, xhr.getAllResponseHeaders()]).toEqual([
      0,
      "",
      "",
      "",
      "",
    ]);
    xhr.open("GET", "/");
    expect(networkErrorReason(xhr)).toBeUndefined();
  });

  test("1.10: tell of each piece of a chunked body, but no more often than every 50 ms", async () => {
    let now = 1000;
    const writeSlowly = async (response: ServerResponse): Promise<void> => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      for (const [piece, milliseconds] of [
        ["a", 0],
        ["b", 49],
        ["c", 1],
        ["d", 10],
      ] as const) {
        now += milliseconds;
        response.write(piece);
        await until(() => xhr.readyState >= 2);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      response.end();
    };
    const server = await serve((_, response) => void writeSlowly(response));
    const { page } = agent({ clock: { now: () => now } });
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await events.end();
    expect(events.seen).toEqual([
      ...BEFORE,
      "readystatechange 2",
      "readystatechange 3",
      "progress 3 1/0",
      "readystatechange 3",
      "progress 3 3/0",
      "progress 3 4/0",
      "readystatechange 4",
      "load 4 4/0",
      "loadend 4 4/0",
    ]);
  });

  test.each([
    ["an empty body", "GET", "/empty", "0/0"],
    ["HEAD, whose length is known", "HEAD", "/", "0/5"],
    ["304", "GET", "/304", "0/0"],
  ])("say once how much there is of %s", async (_, method, path, amount) => {
    const server = await sharing({
      "/empty": (response) => response.setHeader("Content-Length", 0).end(),
      "/304": (response) => response.writeHead(304).end(),
    });
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open(method, `http://bar.other:${server.port}${path}`);
    xhr.send("is dropped");
    await events.end();
    expect(events.seen).toEqual([
      ...BEFORE,
      "readystatechange 2",
      `progress 2 ${amount}`,
      "readystatechange 4",
      `load 4 ${amount}`,
      `loadend 4 ${amount}`,
    ]);
    expect(server.requests.map(({ body }) => body)).toEqual([""]);
  });

  test("25.12, 25.15: do not tell of redirects, and the last URL is shown", async () => {
    const server = await sharing({
      "/from": (response) => response.writeHead(302, { Location: "/to#there" }).end(),
    });
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/from`);
    xhr.send();
    await events.end();
    expect(events.seen.slice(2)).toEqual([
      "readystatechange 2",
      "readystatechange 3",
      "progress 3 5/5",
      "readystatechange 4",
      "load 4 5/5",
      "loadend 4 5/5",
    ]);
    expect(xhr.responseURL).toBe(`http://bar.other:${server.port}/to`);
  });

  test("end in an error when the body breaks off", async () => {
    const server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 9\r\n\r\nhalf");
      setTimeout(() => socket.destroy(), 60);
    });
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await events.end();
    expect(events.seen).toEqual([
      ...BEFORE,
      "readystatechange 2",
      "readystatechange 3",
      "progress 3 4/9",
      "readystatechange 4",
      "error 4 0/0",
      "loadend 4 0/0",
    ]);
    expect(networkErrorReason(xhr)?.code).toBe("network/connection-reset");
    expect([xhr.status, xhr.responseText]).toEqual([0, ""]);
  });

  test("come in tasks of their own, never before send() and what follows it are done", async () => {
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", "http://bar.other:22/");
    xhr.send();
    await Promise.resolve();
    expect(events.seen).toEqual(BEFORE);
    await events.end();
    expect(events.seen).toEqual(ERROR);
    expect(networkErrorReason(xhr)?.code).toBe("main-fetch/bad-port");
  });

  test("are those of an error when the page is closed", async () => {
    const server = await serve(() => {});
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await until(() => server.requests.length === 1);
    const end = events.end();
    await page.close();
    await end;
    expect(events.seen).toEqual(ERROR);
    expect(networkErrorReason(xhr)?.code).toBe("network/client-closed");
    expect(await server.openConnections()).toBe(0);
  });
});

describe("abort()", () => {
  const ABORT = ["readystatechange 4", "abort 4 0/0", "loadend 4 0/0"];

  test("before open(), after it, and when all is done, tells nobody", async () => {
    const server = await sharing();
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.abort();
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.abort();
    expect(xhr.readyState).toBe(1);
    expect(events.seen).toEqual(["readystatechange 1"]);
    xhr.send();
    await events.end();
    const count = events.seen.length;
    xhr.abort();
    expect([xhr.readyState, xhr.status, xhr.responseText, xhr.getAllResponseHeaders()]).toEqual([0, 0, "", ""]);
    expect(events.seen).toHaveLength(count);
  });

  test("25.13: after send() tells at once, and nothing comes later", async () => {
    const server = await sharing();
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.send("body");
    xhr.abort();
    const seen = [
      ...BEFORE,
      "upload.loadstart 1 0/4",
      "readystatechange 4",
      "upload.abort 4 0/0",
      "upload.loadend 4 0/0",
      "abort 4 0/0",
      "loadend 4 0/0",
    ];
    expect(events.seen).toEqual(seen);
    expect(xhr.readyState).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events.seen).toEqual(seen);
    expect(networkErrorReason(xhr)).toBeUndefined();
  });

  test.each([
    [2, "readystatechange", [...BEFORE, "readystatechange 2", ...ABORT]],
    [3, "progress", [...BEFORE, "readystatechange 2", "readystatechange 3", "progress 3 3/0", ...ABORT]],
  ])("in a handler of state %i closes the connection and is the end", async (state, type, seen) => {
    const server = await serve((_, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.write("abc");
    });
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.addEventListener(type, () => {
      if (xhr.readyState === state) xhr.abort();
    });
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await events.end();
    expect(events.seen).toEqual(seen);
    await until(async () => (await server.openConnections()) === 0);
    expect(events.seen).toEqual(seen);
  });

  test("in the last readystatechange takes the response away, and no load comes", async () => {
    const server = await sharing();
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.addEventListener("readystatechange", () => {
      if (xhr.readyState === 4) xhr.abort();
    });
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await until(() => events.seen.includes("readystatechange 4"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events.seen.slice(2)).toEqual([
      "readystatechange 2",
      "readystatechange 3",
      "progress 3 5/5",
      "readystatechange 4",
    ]);
    expect([xhr.readyState, xhr.status]).toEqual([0, 0]);
  });
});

describe("timeouts", () => {
  test("25.13: end the request, the preflight's time included, with a reason of their own", async () => {
    const server = await serve(() => {});
    const { page } = agent();
    const { xhr, events } = traced(page, true);
    xhr.open("POST", `http://bar.other:${server.port}/`);
    xhr.timeout = 60;
    xhr.send("body");
    await events.end();
    expect(events.seen).toEqual([
      ...BEFORE,
      "upload.loadstart 1 0/4",
      "readystatechange 4",
      "upload.timeout 4 0/0",
      "upload.loadend 4 0/0",
      "timeout 4 0/0",
      "loadend 4 0/0",
    ]);
    expect(server.requests.map(({ method }) => method)).toEqual(["OPTIONS"]);
    expect(networkErrorReason(xhr)).toMatchObject({
      code: "network/timeout",
      subject: "the request's timeout of 60 ms has passed",
    });
  });

  test("can be set while the body comes, and count from send()", async () => {
    const server = await serve((_, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.write("abc");
    });
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await until(() => xhr.readyState === 3);
    await new Promise((resolve) => setTimeout(resolve, 60));
    xhr.timeout = 50;
    const start = performance.now();
    await events.end();
    expect(performance.now() - start).toBeLessThan(45);
    expect(events.seen).toEqual([
      ...BEFORE,
      "readystatechange 2",
      "readystatechange 3",
      "progress 3 3/0",
      "readystatechange 4",
      "timeout 4 0/0",
      "loadend 4 0/0",
    ]);
  });

  test("strike when the user agent's clock says so, if it schedules", async () => {
    const server = await serve(() => {});
    const scheduled: (readonly [step: () => void, milliseconds: number])[] = [];
    const schedule = (step: () => void, milliseconds: number): (() => void) => {
      scheduled.push([step, milliseconds]);
      return () => {};
    };
    const { page } = agent({ clock: { now: () => 0, schedule } });
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.timeout = 86_400_000;
    xhr.send();
    expect(scheduled.map(([, milliseconds]) => milliseconds)).toEqual([86_400_000]);
    scheduled[0]?.[0]();
    await events.end();
    expect(events.seen.at(-2)).toBe("timeout 4 0/0");
  });

  test("can be taken back", async () => {
    const server = await sharing({ "/": (response) => setTimeout(() => response.end(), 80) });
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.timeout = 30;
    xhr.send();
    xhr.timeout = 0;
    await events.end();
    expect(events.seen.at(-2)).toBe("load 4 0/0");
  });
});

describe("a request that is used again", () => {
  test("while it is under way ends what was there without a word", async () => {
    const server = await sharing({ "/slow": () => {} });
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.open("GET", `http://bar.other:${server.port}/slow`);
    xhr.send();
    await until(() => server.requests.length === 1);
    xhr.open("GET", `http://bar.other:${server.port}/`);
    xhr.send();
    await events.end();
    expect(events.seen).toEqual([
      ...BEFORE,
      "loadstart 1 0/0",
      "readystatechange 2",
      "readystatechange 3",
      "progress 3 5/5",
      "readystatechange 4",
      "load 4 5/5",
      "loadend 4 5/5",
    ]);
  });

  test("in a loadstart handler sends only what was asked for last", async () => {
    const server = await sharing();
    const { page } = agent();
    const { xhr, events } = traced(page);
    xhr.addEventListener(
      "loadstart",
      () => {
        xhr.open("GET", `http://bar.other:${server.port}/second`);
        xhr.send();
      },
      { once: true },
    );
    xhr.open("GET", `http://bar.other:${server.port}/first`);
    xhr.send();
    await events.end();
    expect(server.requests.map(({ url }) => url)).toEqual(["/second"]);
  });
});
