/** The application on Node's own request and response, as everything connect-style can run it. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { APP, OWN_GRANT, OWN_NEIGHBOURS, OWN_PREFLIGHT_LINES, type Setup } from "../setups.ts";

/** What http and http2 have in common. */
export type Request = Pick<IncomingMessage, "method" | "url" | "headers"> & AsyncIterable<unknown>;
export type Response = Pick<ServerResponse, "statusCode" | "setHeader" | "writeHead" | "write" | "end">;

export const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Without query. */
export function pathOf(url: string | undefined): string {
  return (url ?? "").split("?", 1)[0] ?? "";
}

/** Authentication that knows anybody with credentials. */
export function authenticate(request: Request, response: Response, next: () => unknown): unknown {
  if (request.headers.authorization !== undefined) return next();
  response.statusCode = 401;
  return response.end();
}

/** Replies that bypass a framework. Answers whether there is one for the path. */
export function rawReply(path: string, response: Response): boolean {
  switch (path) {
    case "/raw":
      response.writeHead(200, { "Content-Type": "text/plain", Vary: "Accept-Encoding" }).end("raw");
      return true;
    case "/raw-flat":
      response.writeHead(200, FOREIGN.flat()).end("raw");
      return true;
    case "/raw-pairs":
      response.writeHead(200, FOREIGN as never).end("raw");
      return true;
    case "/raw-object":
      response
        .writeHead(200, { "access-control-ALLOW-origin": "*", vary: "Accept-Encoding", "SET-cookie": ["a=1", "b=2"] })
        .end("raw");
      return true;
    case "/raw-neighbours":
      response.writeHead(200, OWN_NEIGHBOURS).end("raw");
      return true;
    case "/raw-flat-neighbours":
      response.writeHead(200, Object.entries(OWN_NEIGHBOURS).flat()).end("raw");
      return true;
    case "/raw-shared":
      response.writeHead(200, SHARED).end("raw");
      return true;
    case "/raw-flat-shared":
      response.writeHead(200, SHARED_FLAT as never).end("raw");
      return true;
    case "/raw-mixed":
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.setHeader("vary", ["Accept-Encoding", "Accept"]);
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.writeHead(200, "Fine", { "x-other": "1", "ACCESS-CONTROL-ALLOW-CREDENTIALS": "false" });
      response.end("raw");
      return true;
    case "/raw-odd":
      try {
        response.writeHead(200, ["Vary", "Accept", "X-Odd"]);
      } catch {
        response.writeHead(500).end("retried");
      }
      return true;
    case "/raw-retry":
      try {
        response.writeHead(200, { Vary: "Accept-Encoding", "X-Broken": undefined });
      } catch {
        response.writeHead(500).end("retried");
      }
      return true;
    default:
      return false;
  }
}

const SHARED = Object.freeze({ Vary: "Accept", "Access-Control-Allow-Origin": "*" });
const SHARED_FLAT = Object.freeze(["Vary", "Accept", "Access-Control-Allow-Origin", "*"]);

const FOREIGN = [
  ["Set-Cookie", "a=1"],
  ["Access-Control-Allow-Origin", "*"],
  ["SET-COOKIE", "b=2"],
  ["Vary", "Accept-Encoding"],
  ["x-other", "1"],
];

export function nodeApplication({ journal }: Setup) {
  return async (request: Request, response: Response): Promise<void> => {
    const path = pathOf(request.url);
    journal.hits.push(`${request.method} ${path}`);
    try {
      if (!rawReply(path, response)) await answer(request, response, path);
    } catch {
      response.statusCode = 500;
      response.end("error");
    }
  };
}

async function answer(request: Request, response: Response, path: string): Promise<void> {
  response.setHeader("X-Exposed", "1");
  switch (path) {
    case "/plain":
      response.setHeader("Content-Type", "text/plain");
      return void response.end("plain");
    case "/vary":
      response.setHeader("Vary", "Accept-Encoding");
      return void response.end("vary");
    case "/vary-late":
      return void response.writeHead(200, { "Content-Type": "text/plain", Vary: "Accept-Encoding" }).end("vary");
    case "/vary-origin":
      response.setHeader("Vary", "origin");
      return void response.end("vary");
    case "/own-cors":
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Expose-Headers", "X-Own");
      return void response.end("own");
    case "/own-grant":
    case "/own-preflight-lines":
    case "/own-neighbours": {
      const own = {
        "/own-grant": OWN_GRANT,
        "/own-preflight-lines": OWN_PREFLIGHT_LINES,
        "/own-neighbours": OWN_NEIGHBOURS,
      };
      for (const [name, value] of Object.entries(own[path])) response.setHeader(name, value);
      return void response.end("own");
    }
    case "/own-grant-twice":
      response.setHeader("Access-Control-Allow-Origin", [APP, APP]);
      return void response.end("own");
    case "/vary-all":
      response.setHeader("Vary", "*");
      return void response.end("vary");
    case "/status-500":
      return void ((response.statusCode = 500), response.end("500"));
    case "/throw":
      throw new Error("thrown");
    case "/reject":
      return soon().then(() => {
        throw new Error("rejected");
      });
    case "/stream":
      response.write("a");
      await soon();
      response.write("b");
      await soon();
      return void response.end("c");
    case "/events":
      response.setHeader("Content-Type", "text/event-stream");
      response.write("data: 1\n\n");
      await soon();
      return void response.end("data: 2\n\n");
    case "/not-modified":
      response.setHeader("ETag", '"1"');
      return void ((response.statusCode = 304), response.end());
    case "/cookies":
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      return void response.end("cookies");
    case "/redirect":
      return void response.writeHead(302, { Location: "/plain" }).end();
    case "/options":
      return void response.end("mine");
    case "/items":
    case "/none":
    case "/broken":
      return void response.end(request.method);
    case "/json": {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      try {
        JSON.parse(text);
      } catch {
        response.statusCode = 400;
      }
      return void response.end("json");
    }
    default:
      response.statusCode = 404;
      response.end("missing");
  }
}
