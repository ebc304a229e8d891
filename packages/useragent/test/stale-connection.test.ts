import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { agent, codeOf, serveRaw } from "./loopback.ts";

const OK =
  "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: *\r\nContent-Length: 1\r\n\r\nx";

interface Server {
  readonly url: string;
  /** The methods of all heads that came, connection by connection. */
  readonly heads: string[][];
}

/** Answers the first head on every connection, and does `again` on the second. `onFirst` may do otherwise. */
async function server(
  again: (socket: Socket) => void,
  onFirst?: (index: number, socket: Socket) => void,
): Promise<Server> {
  const heads: string[][] = [];
  const known: Socket[] = [];
  const { port } = await serveRaw(
    (socket, head) => {
      const index = known.indexOf(socket);
      heads[index]?.push(head.slice(0, head.indexOf(" ")));
      if (heads[index]?.length !== 1) again(socket);
      else if (onFirst === undefined) socket.write(OK);
      else onFirst(index, socket);
    },
    (socket) => {
      known.push(socket);
      heads.push([]);
    },
  );
  return { url: `http://foo.example:${port}/`, heads };
}

/** Reads the response to its end, and waits until its connection is kept for the next request. */
async function read(promise: Promise<{ text(): Promise<string> }>): Promise<string> {
  const text = await (await promise).text();
  await new Promise((resolve) => setTimeout(resolve, 10));
  return text;
}

describe("a kept connection that the server closes instead of answering", () => {
  test.each(["GET", "PUT", "DELETE", "OPTIONS"])("%s is sent again on a new connection", async (method) => {
    const { url, heads } = await server((socket) => socket.destroy());
    const { userAgent, trace } = agent();
    const page = userAgent.client({ url });
    expect(await read(page.fetch("/"))).toBe("x");
    const body = method === "PUT" ? "body" : null;
    expect(await read(page.fetch("/", { method, body }))).toBe("x");
    expect(heads).toEqual([["GET", method], [method]]);
    expect(trace.filter(({ type }) => type === "request")).toHaveLength(2);
  });

  test("a preflight is sent again", async () => {
    const { url, heads } = await server((socket) => socket.destroy());
    const { page } = agent();
    await read(page.fetch(url));
    await read(page.fetch(url, { method: "PUT" }));
    expect(heads).toEqual([["GET", "OPTIONS"], ["OPTIONS"], ["PUT"]]);
  });

  test.each([
    ["standard", "POST", false],
    ["standard", "PATCH", false],
    ["webkit", "POST", false],
    ["chromium", "POST", true],
    ["chromium", "PATCH", true],
    ["firefox", "POST", true],
  ] as const)("under %s, %s, which might be done twice, is sent again: %j", async (profile, method, isSentAgain) => {
    const { url, heads } = await server((socket) => socket.destroy());
    const { userAgent } = agent({ profile });
    const page = userAgent.client({ url });
    await read(page.fetch("/"));
    const sent = page.fetch("/", { method, body: "x" });
    if (isSentAgain) expect(await read(sent)).toBe("x");
    else expect(await codeOf(sent)).toBe("network/connection-reset");
    expect(heads).toEqual(isSentAgain ? [["GET", method], [method]] : [["GET", method]]);
  });

  test("a request that was partly answered is not sent again", async () => {
    const { url, heads } = await server((socket) => socket.end("HTTP/1.1 103 Early Hints\r\n\r\n"));
    const { userAgent } = agent();
    const page = userAgent.client({ url });
    await read(page.fetch("/"));
    expect(await codeOf(page.fetch("/"))).toBe("network/connection-reset");
    expect(heads).toEqual([["GET", "GET"]]);
  });

  test("a new connection that is closed is not tried again, neither the first nor the second", async () => {
    const { url, heads } = await server(
      (socket) => socket.destroy(),
      (index, socket) => (index === 0 ? socket.write(OK) : socket.destroy()),
    );
    const { userAgent } = agent();
    const page = userAgent.client({ url });
    await read(page.fetch("/"));
    expect(await codeOf(page.fetch("/"))).toBe("network/connection-reset");
    expect(heads).toEqual([["GET", "GET"], ["GET"]]);
    expect(await codeOf(page.fetch("/"))).toBe("network/connection-reset");
    expect(heads).toEqual([["GET", "GET"], ["GET"], ["GET"]]);
  });
});

test("a server that closes after every response, without saying so, can be asked again and again", async () => {
  const { url } = await server(
    () => {},
    (_, socket) => socket.end(OK),
  );
  const { userAgent } = agent();
  const page = userAgent.client({ url });
  for (let count = 0; count < 30; count++) expect(await (await page.fetch("/")).text()).toBe("x");
});
