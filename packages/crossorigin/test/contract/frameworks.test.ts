import { contract } from "./contract.ts";
import { expressServers } from "./servers/express-servers.ts";
import { fastifyServers, koaServers } from "./servers/koa-and-fastify-servers.ts";

contract([...expressServers, ...koaServers, ...fastifyServers]);
