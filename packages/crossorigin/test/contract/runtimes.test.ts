import { afterAll, expect, test } from "vitest";
import { contract } from "./contract.ts";
import { runtimeServers } from "./servers/runtime-servers.ts";

const { servers, userAgents, stop } = runtimeServers();
afterAll(stop);

test("every runtime is what it is called", async () => {
  for (const [called, expected] of await userAgents()) expect(called).toMatch(expected);
});

contract(servers);
