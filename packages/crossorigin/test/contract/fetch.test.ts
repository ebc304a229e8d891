import { contract } from "./contract.ts";
import { fetchServers } from "./servers/fetch-servers.ts";

contract(fetchServers);
