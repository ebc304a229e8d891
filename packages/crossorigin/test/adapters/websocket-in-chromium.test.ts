import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { withChromium } from "../../../cli/test/chromium.ts";
import { cors } from "../../src/adapters/node.ts";
import { type GuardEvent, originGuard } from "../../src/adapters/origin-guard.ts";
import { verifyClient } from "../../src/adapters/websocket.ts";
import { createPolicy } from "../../src/index.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** What a page does, and what it sees. */
const VISIT = `async (host) => {
  const socket = new Promise((resolve) => {
    const socket = new WebSocket("ws://" + host);
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => resolve("error");
  });
  const ask = (options) => fetch("http://" + host, options).then((response) => response.status, () => "error");
  const read = await ask();
  const simple = await ask({ method: "POST", body: "x" });
  const blind = await ask({ method: "POST", body: "blind", mode: "no-cors" });
  return { socket: await socket, read, simple, blind };
}`;

test("in Chromium, own and listed pages write and open WebSockets, and others get neither through", async () => {
  const pages = await listen(
    createServer((_request, response) => response.setHeader("Content-Type", "text/html").end()),
  );
  const policy = createPolicy({ origins: [`http://app.example:${pages}`] });
  const events: GuardEvent[] = [];
  const written: (string | undefined)[] = [];
  const share = cors(policy);
  const guard = originGuard(policy, { onDecision: (event) => events.push(event) });
  const server = createServer((request, response) =>
    share(request, response, () =>
      guard(request, response, () => {
        if (request.method === "POST") written.push(request.headers.origin);
        response.setHeader("Content-Type", "text/html").end();
      }),
    ),
  );
  const sockets = new WebSocketServer({
    server,
    verifyClient: verifyClient(policy, { onDecision: (event) => events.push(event) }),
  });
  const opened: (string | undefined)[] = [];
  sockets.on("connection", (client, request: IncomingMessage) => {
    opened.push(request.headers.origin);
    client.send("a secret");
  });
  const port = await listen(server);

  const app = `http://app.example:${pages}`;
  const evil = `http://evil.test:${pages}`;
  const own = `http://api.example:${port}`;
  const seen: Record<string, unknown> = {};
  const rules = ["app.example", "evil.test", "api.example"].map((host) => `MAP ${host} 127.0.0.1`).join(", ");
  await withChromium(rules, async (browser) => {
    for (const origin of [app, evil, own]) {
      const page = await browser.newPage();
      await page.goto(origin);
      seen[origin] = await page.evaluate(`(${VISIT})("api.example:${port}")`);
    }
  });
  for (const client of sockets.clients) client.terminate();

  expect(seen).toEqual({
    [app]: { socket: "a secret", read: 200, simple: 200, blind: 0 },
    [evil]: { socket: "error", read: "error", simple: "error", blind: 0 },
    [own]: { socket: "a secret", read: 200, simple: 200, blind: 200 },
  });
  // The blind ones of other pages were sent as well: their responses are opaque.
  expect(written).toEqual([app, app, own, own]);
  expect(opened).toEqual([app, own]);
  const refused = events.filter(({ decision }) => !decision.passes);
  const told = refused.map(({ request, decision }) => `${request.method} ${request.origin} ${decision.code}`);
  expect(told.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(
    ["GET", "POST", "POST"].map((method) => `${method} ${evil} guard/origin-not-granted`),
  );
}, 60_000);
