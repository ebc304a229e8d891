import { afterAll, describe, expect, test } from "vitest";
import { from, get, starting, values } from "./asking.ts";
import { contract } from "./contract.ts";
import { runtimeServers } from "./servers/runtime-servers.ts";
import { APP, EVIL } from "./setups.ts";

const { servers, userAgents, stop } = runtimeServers();
afterAll(stop);

test("every runtime is what it is called", async () => {
  for (const [called, expected] of await userAgents()) expect(called).toMatch(expected);
});

describe.each(
  servers
    .filter(({ name }) => name.startsWith("withCors around a fetch"))
    .map((server) => [server.name, server] as const),
)("%s", (_name, server) => {
  const on = starting(server);

  test.each(["listed", "dynamic", "anyone", "neighbours"] as const)(
    "leaves the handshake of a WebSocket alone under the policy %s",
    async (setup) => {
      for (const origin of [APP, EVIL]) {
        const running = await on(setup);
        const answer = await get(
          running,
          "/upgrade",
          from(origin),
          ["Connection", "Upgrade"],
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Version", "13"],
          ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
        );
        expect([answer.status, (await running.take()).hits]).toEqual([101, ["GET /upgrade"]]);
        expect(values(answer, "sec-websocket-accept")).toEqual(["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
      }
    },
  );
});

contract(servers);
