/** What every adapter does, on every server. The numbers are those of the rules of a correct server. */

import { describe } from "vitest";
import { starting } from "./asking.ts";
import { preflightRules } from "./rules/preflights.ts";
import { responseRules } from "./rules/responses.ts";
import { applicationRules } from "./rules/applications.ts";
import { edges } from "./rules/edges.ts";
import { policyRules } from "./rules/policies.ts";
import { wireRules } from "./rules/wire-rules.ts";
import type { ContractServer } from "./server.ts";

export function contract(servers: readonly ContractServer[]): void {
  describe.each(servers.map((server) => [server.name, server] as const))("%s", (_name, server) => {
    const on = starting(server);
    preflightRules(on);
    responseRules(on, server);
    applicationRules(on, server);
    policyRules(on, server);
    wireRules(on);
    edges(on, server);
  });
}
