import type { ServerResponse } from "node:http";
import { explain } from "crossorigin/diagnose";
import { describe, expect, test } from "vitest";
import { type Client, type EventSource, type EventSourceInit, networkErrorReason } from "@crossorigin/useragent";
import { agent, serve, serveRaw, until } from "./loopback.ts";

interface Heard {
  readonly source: EventSource;
  /** `type readyState`, and for messages ` data|lastEventId|origin`. */
  readonly seen: string[];
  /** Codes behind `error` events; `none` for those without a reason. */
  readonly codes: string[];
}

function listen(page: Client, url: string, init?: EventSourceInit, types: readonly string[] = []): Heard {
  const source = new page.EventSource(url, init);
  const heard: Heard = { source, seen: [], codes: [] };
  for (const type of ["open", "message", "error", ...types]) {
    source.addEventListener(type, (event) => {
      const { data, lastEventId, origin } = event;
      const message = event instanceof MessageEvent ? ` ${String(data)}|${lastEventId}|${origin}` : "";
      heard.seen.push(`${type} ${source.readyState}${message}`);
      if (type === "error") heard.codes.push(networkErrorReason(event)?.code ?? "none");
    });
  }
  return heard;
}

/** Begins an event stream that any origin may read. */
function stream(response: ServerResponse, text: string): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" });
  response.write(text);
}

describe("26.25: the request of an event source", () => {
  test("is of mode cors, asks for an event stream, goes past caches, and is no preflight whatever the id", async () => {
    const server = await serve((_, response) => {
      if (server.requests.length === 1)
        response
          .writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" })
          .end("retry:0\nid: é€\n\n");
      else stream(response, "");
    });
    const { page } = agent({}, "https://foo.example/dir/page");
    const { source, seen } = listen(page, `http://localhost:${server.port}/stream`);
    await until(() => seen.includes("open 1") && server.requests.length === 2);
    const [first, second] = server.requests;
    expect(first?.headers).toMatchObject({
      accept: "text/event-stream",
      "cache-control": "no-cache",
      pragma: "no-cache",
      origin: "https://foo.example",
      "sec-fetch-mode": "cors",
      "sec-fetch-dest": "empty",
      "sec-fetch-site": "cross-site",
    });
    expect(first?.headers["last-event-id"]).toBeUndefined();
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
    expect(Buffer.from(String(second?.headers["last-event-id"]), "latin1").toString()).toBe("é€");
    source.close();
  });

  test.each(["standard", "chromium", "firefox", "webkit"] as const)(
    "in the profile %s asks for no preflight because of an id",
    async (profile) => {
      const server = await serve((_, response) => {
        stream(response, "retry:0\nid: 7\ndata:x\n\n");
        response.end();
      });
      const { page } = agent({ profile });
      const { source, seen } = listen(page, `http://bar.other:${server.port}/stream`);
      await until(() => seen.filter((line) => line.startsWith("message")).length >= 2);
      source.close();
      const [first, second] = server.requests.map(({ method, headers }) => [method, headers["last-event-id"]]);
      expect([first, second]).toEqual([
        ["GET", undefined],
        ["GET", "7"],
      ]);
    },
  );

  test.each([
    ["standard", ["/first", "/stream", "/stream"]],
    ["firefox", ["/first", "/stream", "/first", "/stream"]],
    ["webkit", ["/first", "/stream", "/first", "/stream"]],
  ] as const)("in the profile %s follows redirects to %s", async (profile, expected) => {
    const server = await serve((request, response) => {
      if (request.url === "/first") response.writeHead(302, { Location: "/stream" }).end();
      else {
        stream(response, "retry:0\ndata:x\n\n");
        response.end();
      }
    });
    const { page } = agent({ profile }, `http://localhost:${server.port}/`);
    const { source, seen } = listen(page, "/first");
    await until(() => seen.filter((line) => line.startsWith("message")).length >= 2);
    source.close();
    expect(server.requests.map(({ url }) => url).slice(0, expected.length)).toEqual(expected);
  });

  test.each([
    [false, undefined],
    [true, "a=1"],
  ])("with withCredentials %s the cookies of another origin are %s", async (withCredentials, cookie) => {
    const server = await serve((request, response) => {
      const origin = String(request.headers.origin);
      response.setHeader("Access-Control-Allow-Origin", origin).setHeader("Access-Control-Allow-Credentials", "true");
      if (request.url === "/login") response.setHeader("Set-Cookie", "a=1").end();
      else response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data:x\n\n");
    });
    const { page } = agent();
    const api = `http://bar.foo.example:${server.port}`;
    await page.fetch(`${api}/login`, { credentials: "include" });
    const { source, seen } = listen(page, `${api}/stream`, { withCredentials });
    expect(source.withCredentials).toBe(withCredentials);
    await until(() => seen.length === 2);
    expect(server.requests[1]?.headers.cookie).toBe(cookie);
    source.close();
  });

  test("without credentials mode include, `*` is a grant; with it, none", async () => {
    const server = await serve((_, response) => stream(response, "data:x\n\n"));
    const { page } = agent();
    const url = `http://bar.other:${server.port}/`;
    const [without, withThem] = [listen(page, url), listen(page, url, { withCredentials: true })];
    await until(() => without.seen.length === 2 && withThem.seen.length === 1);
    expect(without.seen).toEqual(["open 1", `message 1 x||http://bar.other:${server.port}`]);
    expect(withThem.seen).toEqual(["error 2"]);
    expect(withThem.codes).toEqual(["cors-check/wildcard-with-credentials"]);
    without.source.close();
  });

  test("a relative URL is the page's, and the events' origin that of the final URL", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/dir/start")
        response.writeHead(302, { Location: `http://bar.other:${server.port}/end` }).end();
      else if (server.requests.length < 3)
        response
          .writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" })
          .end("retry:0\ndata:a\n\n");
      else stream(response, "data:b\n\n");
    });
    const { page } = agent({}, `http://foo.example:${server.port}/dir/page`);
    const { source, seen } = listen(page, "start");
    expect(source.url).toBe(`http://foo.example:${server.port}/dir/start`);
    await until(() => seen.length === 5);
    const origin = `http://bar.other:${server.port}`;
    expect(seen).toEqual(["open 1", `message 1 a||${origin}`, "error 0", "open 1", `message 1 b||${origin}`]);
    expect(server.requests.map(({ url }) => url)).toEqual(["/dir/start", "/end", "/end"]);
    source.close();
  });
});

describe("26.25: reading", () => {
  test("events come one in a task, with their names and ids, until one of them closes the source", async () => {
    const server = await serve((_, response) =>
      stream(response, "data:1\n\nid:7\nevent:add\ndata:2\n\ndata:3\n\ndata:4\n\n"),
    );
    const { page } = agent();
    const { source, seen } = listen(page, `http://bar.other:${server.port}/`, {}, ["add"]);
    source.onmessage = function (event) {
      expect(this).toBe(source);
      seen.push(`handler ${String(event.data)}`);
      void Promise.resolve().then(() => seen.push("microtask"));
      if (event.data === "3") source.close();
    };
    await until(async () => (await server.openConnections()) === 0 && server.connectionCount() === 1);
    const origin = `http://bar.other:${server.port}`;
    expect(seen).toEqual([
      "open 1",
      `message 1 1||${origin}`,
      "handler 1",
      "microtask",
      `add 1 2|7|${origin}`,
      `message 1 3|7|${origin}`,
      "handler 3",
      "microtask",
    ]);
    expect(source.readyState).toBe(2);
  });

  test("a stream may pause for longer than a body may", async () => {
    const server = await serve((_, response) => {
      stream(response, "data:1\n\n");
      setTimeout(() => response.write("data:2\n\n"), 1200);
    });
    const { page } = agent({ timeoutMilliseconds: 600 });
    const { source, seen } = listen(page, `http://bar.other:${server.port}/`);
    await until(() => seen.length >= 3);
    expect(seen.map((line) => line.slice(0, 11))).toEqual(["open 1", "message 1 1", "message 1 2"]);
    source.close();
  });

  test("a stream with a content coding is decoded as it comes", async () => {
    const { createGzip, constants } = await import("node:zlib");
    const server = await serve((_, response) => {
      response.writeHead(200, {
        "Content-Type": "Text/Event-Stream; charset=latin1",
        "Content-Encoding": "gzip",
        "Access-Control-Allow-Origin": "*",
      });
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
      gzip.pipe(response);
      gzip.write("data: é\n\n");
    });
    const { page } = agent();
    const { source, seen } = listen(page, `http://bar.other:${server.port}/`);
    await until(() => seen.length === 2);
    expect(seen[1]).toContain("é");
    source.close();
  });

  test("an event without an end fails the connection before it fills the memory", async () => {
    const piece = "x".repeat(1024 * 1024);
    const server = await serve((_, response) => {
      stream(response, "data:");
      const more = (): void => void (response.writable && response.write(piece, () => setImmediate(more)));
      more();
    });
    const { page } = agent();
    const { codes } = listen(page, `http://bar.other:${server.port}/`);
    await until(() => codes.length > 0);
    expect(codes).toEqual(["event-source/event-too-long"]);
  });
});

describe("26.25: a connection that is lost", () => {
  test("at the end of the stream there is an error without reason, and another connection", async () => {
    const server = await serve((_, response) => {
      if (server.requests.length > 1) stream(response, "data:b\n\n");
      else
        response
          .writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" })
          .end("retry:1\nid:1\ndata:a\n\ndata:lost\n");
    });
    const { page } = agent();
    const { source, seen, codes } = listen(page, `http://bar.other:${server.port}/`);
    await until(() => seen.length === 5);
    const origin = `http://bar.other:${server.port}`;
    expect(seen).toEqual(["open 1", `message 1 a|1|${origin}`, "error 0", "open 1", `message 1 b|1|${origin}`]);
    expect(codes).toEqual(["none"]);
    expect(server.requests[1]?.headers["last-event-id"]).toBe("1");
    source.close();
  });

  test("in the middle of the stream the error says why, and the source too, until it is open again", async () => {
    const server = await serveRaw((socket) => {
      socket.write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 99\r\n\r\nretry:1\ndata:a\n\n",
      );
      if (server.sockets.length === 1) setTimeout(() => socket.destroy(), 10);
    });
    const { page } = agent();
    const { source, seen, codes } = listen(page, `http://bar.other:${server.port}/`);
    let reason: string | undefined;
    source.onerror = () => (reason = networkErrorReason(source)?.code);
    await until(() => seen.length >= 5);
    expect(codes).toEqual(["network/connection-reset"]);
    expect(reason).toBe("network/connection-reset");
    expect(networkErrorReason(source)).toBeUndefined();
    source.close();
  });

  test("a server that is not there is tried again when the clock says so: after 3 s, then what retry said", async () => {
    const waiting: { readonly step: () => void; readonly milliseconds: number }[] = [];
    const clock = {
      now: () => 0,
      schedule: (step: () => void, milliseconds: number) => {
        waiting.push({ step, milliseconds });
        return () => {};
      },
    };
    let isUp = false;
    const { page } = agent({ clock, resolve: () => (isUp ? "127.0.0.1" : "127.0.0.2") });
    const server = await serve((_, response) =>
      response
        .writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" })
        .end("retry:123\n"),
    );
    const { source, seen, codes } = listen(page, `http://bar.other:${server.port}/`);
    await until(() => waiting.length === 1);
    expect(seen).toEqual(["error 0"]);
    expect(codes).toEqual(["network/connection-refused"]);
    isUp = true;
    waiting[0]?.step();
    await until(() => waiting.length === 2);
    expect(seen).toEqual(["error 0", "open 1", "error 0"]);
    expect(waiting.map(({ milliseconds }) => milliseconds)).toEqual([3000, 123]);
    source.close();
    waiting[1]?.step();
    expect(source.readyState).toBe(2);
  });
});

test("firefox waits five seconds where no server has told it how long", async () => {
  const waits: number[] = [];
  const clock = {
    now: () => 0,
    schedule: (_: () => void, milliseconds: number) => {
      waits.push(milliseconds);
      return () => {};
    },
  };
  const { page } = agent({ clock, profile: "firefox", resolve: () => "127.0.0.2" });
  const server = await serve((_, response) => response.end());
  const { source } = listen(page, `http://bar.other:${server.port}/`);
  await until(() => waits.length === 1);
  expect(waits).toEqual([5000]);
  source.close();
});

describe("26.25: a connection that fails", () => {
  const FAILING: readonly (readonly [title: string, status: number, headers: Record<string, string>, code: string])[] =
    [
      ["204", 204, { "Content-Type": "text/event-stream" }, "event-source/status-not-200"],
      ["500", 500, { "Content-Type": "text/event-stream" }, "event-source/status-not-200"],
      ["another MIME type", 200, { "Content-Type": "text/plain" }, "event-source/mime-type"],
      ["no MIME type", 200, {}, "event-source/mime-type"],
      [
        "text/event-stream,text/plain",
        200,
        { "Content-Type": "text/event-stream,text/plain" },
        "event-source/mime-type",
      ],
    ];

  test.each(FAILING)(
    "%s closes the source, with the reason beside it, and is not tried again",
    async (_, status, headers, code) => {
      const server = await serve((_request, response) =>
        response.writeHead(status, { "Access-Control-Allow-Origin": "*", ...headers }).end(),
      );
      const { page, trace } = agent();
      const { source, seen, codes } = listen(page, `http://bar.other:${server.port}/`);
      await until(() => seen.length > 0);
      expect(seen).toEqual(["error 2"]);
      expect(codes).toEqual([code]);
      expect(networkErrorReason(source)?.code).toBe(code);
      const explanation = explain(networkErrorReason(source)?.trace ?? []);
      expect(explanation).toMatchObject({ verdict: "withheld", code, visible: { type: "error", status: 0 } });
      expect(explanation.summary).toContain("EventSource needs");
      expect(trace.at(-1)?.type).toBe("network-error");
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each([
    ["a CORS check", {}, "cors-check/allow-origin-missing"],
    [
      "a redirect to another scheme",
      { Location: "data:text/event-stream,data:x%0a%0a", "Access-Control-Allow-Origin": "*" },
      "http-redirect-fetch/scheme-not-http",
    ],
    [
      "an endless redirect",
      { Location: "/", "Access-Control-Allow-Origin": "*" },
      "http-redirect-fetch/too-many-redirects",
    ],
  ])("%s is not tried again", async (_, headers, code) => {
    const server = await serve((_request, response) =>
      response.writeHead("Location" in headers ? 307 : 200, { "Content-Type": "text/event-stream", ...headers }).end(),
    );
    const { page } = agent();
    const { source, seen, codes } = listen(page, `http://bar.other:${server.port}/`);
    await until(() => seen.length > 0);
    expect(seen).toEqual(["error 2"]);
    expect(codes).toEqual([code]);
    expect(source.readyState).toBe(source.CLOSED);
  });

  test.each([
    ["a bad port", "http://foo.example:25/", "main-fetch/bad-port"],
    ["mixed content", "http://bar.other/", "main-fetch/mixed-content"],
    ["another scheme", "ftp://bar.other/", "main-fetch/scheme-not-http"],
  ])("%s is an error, not an exception", async (_, url, code) => {
    const { page } = agent({}, "https://foo.example/");
    const { seen, codes, source } = listen(page, url);
    expect(source.readyState).toBe(0);
    await until(() => seen.length > 0);
    expect(seen).toEqual(["error 2"]);
    expect(codes).toEqual([code]);
  });

  test.each(["a\u0001b", "\u007F"])(
    "an id with control characters, %j, ends the source when it would connect again",
    async (id) => {
      const server = await serve((_, response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" });
        response.end(`retry:1\nid:${id}\ndata:1\n\n`);
      });
      const { page } = agent();
      const { source, seen, codes } = listen(page, `http://bar.other:${server.port}/`);
      await until(() => source.readyState === 2);
      expect(seen.at(-1)).toBe("error 2");
      expect(codes.at(-1)).toBe("network/failed");
      expect(server.requests).toHaveLength(1);
    },
  );

  test("a resolve option that does not work is not tried again", async () => {
    const { page } = agent({ resolve: () => "no address" });
    const { seen, codes } = listen(page, "http://bar.other/");
    await until(() => seen.length > 0);
    expect([seen, codes]).toEqual([["error 2"], ["network/resolve-option-failed"]]);
  });
});

describe("26.25: closing", () => {
  test("close() ends the trace of an open source as aborted by the page", async () => {
    const server = await serve((_, response) => stream(response, "data:1\n\n"));
    const { page, trace } = agent();
    const { source, seen } = listen(page, `http://bar.other:${server.port}/`);
    await until(() => seen.length === 2);
    source.close();
    await until(() => trace.at(-1)?.type === "network-error");
    expect(trace.at(-1)).toMatchObject({ reason: { code: "fetch/aborted" } });
  });

  test("close() in any state is the last that is heard, and ends the connection", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/open") stream(response, "data:1\n\n");
      if (request.url === "/end")
        response
          .writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" })
          .end("retry:60000\n");
    });
    const { page } = agent();
    const api = `http://bar.other:${server.port}`;
    const [connecting, open, waiting] = [
      listen(page, `${api}/`),
      listen(page, `${api}/open`),
      listen(page, `${api}/end`),
    ];
    await until(() => open.seen.length === 2 && waiting.seen.length === 2 && server.requests.length === 3);
    const before = [connecting, open, waiting].map(({ seen }) => [...seen]);
    for (const { source } of [connecting, open, waiting]) {
      source.close();
      source.close();
      expect(source.readyState).toBe(2);
    }
    await until(async () => (await server.openConnections()) <= 1);
    expect([connecting, open, waiting].map(({ seen }) => seen)).toEqual(before);
  });

  test("close() right after the constructor sends nothing more to page code", async () => {
    const server = await serve((_, response) => stream(response, "data:x\n\n"));
    const { page } = agent();
    const { source, seen } = listen(page, `http://bar.other:${server.port}/`);
    source.close();
    await page.fetch(`http://bar.other:${server.port}/`);
    expect(seen).toEqual([]);
  });

  test("in the handlers of open and error it ends the source as well", async () => {
    const server = await serve((request, response) =>
      request.url === "/open"
        ? stream(response, "data:1\n\n")
        : response
            .writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" })
            .end("retry:0\n"),
    );
    const { page } = agent();
    const [open, error] = [
      listen(page, `http://bar.other:${server.port}/open`),
      listen(page, `http://bar.other:${server.port}/`),
    ];
    open.source.onopen = () => open.source.close();
    error.source.onerror = () => error.source.close();
    await until(async () => error.seen.length === 2 && open.seen.length === 1 && (await server.openConnections()) <= 1);
    await page.fetch(`http://bar.other:${server.port}/`);
    expect([open.seen, error.seen]).toEqual([["open 1"], ["open 1", "error 0"]]);
    expect(server.requests).toHaveLength(3);
  });

  test("closing the page ends its event sources, connected, connecting and waiting, with an error", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/open") stream(response, "data:1\n\n");
      if (request.url === "/end")
        response
          .writeHead(200, { "Content-Type": "text/event-stream", "Access-Control-Allow-Origin": "*" })
          .end("retry:60000\n");
    });
    const { page } = agent();
    const api = `http://bar.other:${server.port}`;
    const sources = ["/", "/open", "/end"].map((path) => listen(page, `${api}${path}`));
    await until(() => server.requests.length === 3 && sources[1]?.seen.length === 2 && sources[2]?.seen.length === 2);
    await page.close();
    await until(() => sources.every(({ source }) => source.readyState === 2));
    for (const { seen, codes } of sources) {
      expect(seen.at(-1)).toBe("error 2");
      expect(codes.at(-1)).toBe("network/client-closed");
    }
    const late = listen(page, `${api}/`);
    await until(() => late.seen.length > 0);
    expect(late.codes).toEqual(["network/client-closed"]);
  });
});

describe("26.25: the interface of EventSource", () => {
  test("has the constants and members of the standard", () => {
    const { page } = agent();
    const { EventSource } = page;
    expect([EventSource.name, EventSource.length]).toEqual(["EventSource", 1]);
    expect([EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED]).toEqual([0, 1, 2]);
    const source = new EventSource("data:text/plain,");
    expect(Object.prototype.toString.call(source)).toBe("[object EventSource]");
    expect([source.CONNECTING, source.OPEN, source.CLOSED, source.withCredentials]).toEqual([0, 1, 2, false]);
    expect([source.onopen, source.onmessage, source.onerror]).toEqual([null, null, null]);
    expect(source).toBeInstanceOf(EventTarget);
    source.close();
  });

  test("what is no URL is a SyntaxError, what is no dictionary a TypeError", () => {
    const { EventSource } = agent().page;
    expect(() => new EventSource("http://[")).toThrow(expect.objectContaining({ name: "SyntaxError" }));
    expect(() => Reflect.construct(EventSource, [])).toThrow(TypeError);
    expect(() => Reflect.construct(EventSource, ["/", 1])).toThrow("EventSourceInit is 1, not an object");
    expect(() => EventSource.prototype.close()).toThrow("Illegal invocation");
    for (const init of [null, undefined, {}, () => {}, { withCredentials: 1 }]) {
      const source = Reflect.construct(EventSource, ["/", init]) as EventSource;
      expect(source.withCredentials).toBe(init !== null && init !== undefined && "withCredentials" in init);
      source.close();
    }
  });

  test("a data: URL is a stream that ends at once", async () => {
    const { page } = agent();
    const { source, seen } = listen(page, "data:text/event-stream,data:x%0a%0a");
    await until(() => seen.length === 3);
    expect(seen).toEqual(["open 1", "message 1 x||null", "error 0"]);
    source.close();
  });
});
