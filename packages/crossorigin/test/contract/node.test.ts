import { contract } from "./contract.ts";
import { nodeServers } from "./servers/node-servers.ts";

contract(nodeServers);
