/** The libraries that come without types, as far as a test uses them. */

declare module "cors" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
  export default function cors(options: unknown): Middleware;
}

declare module "@koa/cors" {
  import type { Middleware } from "koa";

  export default function cors(options: unknown): Middleware;
}
