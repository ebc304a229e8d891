import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { cors, withCors } from "../../src/adapters/node.ts";
import { type PolicyConfig, PolicyError } from "../../src/index.ts";

const APP = "https://app.example";
const policy: PolicyConfig = { origins: [APP], methods: ["PUT"], credentials: true };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Sends raw lines and returns the head of the answer, one line an item, and the body. */
async function exchange(handler: Handler, lines: readonly string[]): Promise<{ head: string[]; body: string }> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.end(`${lines.join("\r\n")}\r\nHost: api.example\r\nConnection: close\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  const [head = "", ...body] = text.split("\r\n\r\n");
  return { head: head.split("\r\n"), body: body.join("\r\n\r\n") };
}

function corsLines(head: readonly string[]): string[] {
  return head.filter((line) => /^(?:access-control-|vary)/i.test(line));
}

const GRANT = [`Access-Control-Allow-Origin: ${APP}`, "Access-Control-Allow-Credentials: true"];
const get = ["GET / HTTP/1.1", `Origin: ${APP}`];

describe("the grant survives", () => {
  test.each<[string, Handler, string[]]>([
    ["a plain answer", (_, response) => response.end("x"), ["Vary: Origin"]],
    [
      "a Vary set before",
      (_, response) => response.setHeader("Vary", "Accept-Encoding").end(),
      ["Vary: Accept-Encoding, Origin"],
    ],
    ["a Vary that says it already", (_, response) => response.setHeader("Vary", "origin").end(), ["Vary: origin"]],
    ["a Vary that says it all", (_, response) => response.setHeader("Vary", ["*"]).end(), ["Vary: *"]],
    [
      "headers as an object",
      (_, response) => response.writeHead(404, { vary: "Accept" }).end(),
      ["Vary: Accept, Origin"],
    ],
    [
      "a reason and headers",
      (_, response) => response.writeHead(500, "Oh", { Vary: "Accept" }).end(),
      ["Vary: Accept, Origin"],
    ],
    [
      "a flat list of headers",
      (_, response) => response.writeHead(200, ["Vary", "Accept", "X-A", "1", "x-a", "2"]).end(),
      ["Vary: Accept, Origin"],
    ],
    ["a status alone", (_, response) => response.writeHead(304).end(), ["Vary: Origin"]],
    ["another grant", (_, response) => response.setHeader("Access-Control-Allow-Origin", "*").end(), ["Vary: Origin"]],
    ["a streamed answer", (_, response) => void (response.write("a"), response.end("b")), ["Vary: Origin"]],
  ])("%s", async (_name, handler, vary) => {
    const { head } = await exchange(withCors(policy, handler), get);
    const sorted = (lines: readonly string[]): string[] => lines.map((line) => line.toLowerCase()).toSorted();
    expect(sorted(corsLines(head))).toEqual(sorted([...GRANT, ...vary]));
  });

  test("pairs of headers", async () => {
    const handler: Handler = (_, response) => response.writeHead(200, [["Vary", "Accept"]] as never).end();
    expect(corsLines((await exchange(withCors(policy, handler), get)).head)).toHaveLength(3);
  });
});

test("a preflight is answered and never reaches the application", async () => {
  let isReached = false;
  const handler = withCors(policy, (_request: IncomingMessage, response: ServerResponse) => {
    isReached = true;
    response.end();
  });
  const granted = await exchange(handler, [
    "OPTIONS / HTTP/1.1",
    `Origin: ${APP}`,
    "Access-Control-Request-Method: PUT",
  ]);
  expect(granted.head[0]).toBe("HTTP/1.1 204 No Content");
  expect(corsLines(granted.head)).toContain("Access-Control-Allow-Methods: PUT");
  const refused = await exchange(handler, [
    "OPTIONS / HTTP/1.1",
    "Origin: https://evil.test",
    "Access-Control-Request-Method: PUT",
  ]);
  expect(refused.head[0]).toBe("HTTP/1.1 403 Forbidden");
  expect(corsLines(refused.head)).toEqual(["Vary: Origin"]);
  expect(isReached).toBe(false);
});

test("every other OPTIONS reaches the application, with its grant", async () => {
  const { head, body } = await exchange(
    withCors(policy, (_request: IncomingMessage, response: ServerResponse) => response.end("mine")),
    ["OPTIONS / HTTP/1.1", `Origin: ${APP}`],
  );
  expect(body).toContain("mine");
  expect(corsLines(head)).toHaveLength(3);
});

test("a request without Origin, or from a stranger, gets an answer without a grant that caches keep apart", async () => {
  const handler = withCors(policy, (_request: IncomingMessage, response: ServerResponse) => response.end());
  expect(corsLines((await exchange(handler, ["GET / HTTP/1.1"])).head)).toEqual(["Vary: Origin"]);
  expect(corsLines((await exchange(handler, ["GET / HTTP/1.1", "Origin: https://evil.test"])).head)).toEqual([
    "Vary: Origin",
  ]);
});

test("two Origin lines get no grant", async () => {
  const handler = withCors(policy, (_request: IncomingMessage, response: ServerResponse) => response.end());
  const { head } = await exchange(handler, [...get, `Origin: ${APP}`]);
  expect(corsLines(head)).toEqual(["Vary: Origin"]);
});

test("a policy that is refused is refused when the server is built", () => {
  expect(() => cors({ origins: ["https://app.example/"] })).toThrow(PolicyError);
});

test("a wrapper without a handler is refused when the server is built", () => {
  expect(() => withCors(policy, undefined as never)).toThrow(TypeError);
});

test("a head written by a method that was taken from another response is refused", async () => {
  const handler = withCors(policy, (_request: IncomingMessage, response: ServerResponse) => {
    const writeHead: unknown = Reflect.get(response, "writeHead");
    expect(() => Reflect.apply(writeHead as () => unknown, {}, [200])).toThrow(TypeError);
    response.end();
  });
  expect((await exchange(handler, get)).head[0]).toBe("HTTP/1.1 200 OK");
});
