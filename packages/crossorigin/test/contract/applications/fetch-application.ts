/** The application as a fetch handler. Runs on every runtime. */

import { APP, OWN_GRANT, OWN_NEIGHBOURS, OWN_PREFLIGHT_LINES, type Setup } from "../setups.ts";

const encoder = new TextEncoder();

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Sends its chunks one by one. */
export function slowly(chunks: readonly string[]): ReadableStream<Uint8Array> {
  let index = 0;
  return new ReadableStream({
    async pull(controller) {
      await soon();
      const chunk = chunks[index++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(encoder.encode(chunk));
    },
  });
}

export function fetchApplication({ journal }: Setup) {
  const shared = new Response(null, { status: 204 });
  return (request: Request): Response | Promise<Response> => {
    const { pathname } = new URL(request.url);
    journal.hits.push(`${request.method} ${pathname}`);
    return pathname === "/shared" ? shared : answer(request, pathname);
  };
}

interface Platform {
  readonly WebSocketPair?: new () => Readonly<Record<0 | 1, { accept(): void }>>;
  readonly Deno?: { upgradeWebSocket(request: Request): { readonly response: Response } };
  /** Put there by the main module for Bun. */
  readonly bunServer?: { upgrade(request: Request): boolean };
}

/** Takes a WebSocket in the way of the runtime. */
function upgrade(request: Request): Response {
  const { WebSocketPair, Deno, bunServer } = globalThis as Platform;
  if (Deno !== undefined) return Deno.upgradeWebSocket(request).response;
  if (WebSocketPair !== undefined) {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    return new Response(null, { status: 101, webSocket: client } as ResponseInit);
  }
  // As Bun wants it: there is no response once it has taken the socket.
  if (bunServer?.upgrade(request) === true) return undefined as unknown as Response;
  return new Response(null, { status: 426 });
}

const OWN_CORS: HeadersInit = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Credentials": "true",
  "Access-Control-Expose-Headers": "X-Own",
};

function answer(request: Request, path: string): Response | Promise<Response> {
  switch (path) {
    case "/plain":
      return new Response("plain", { headers: { "X-Exposed": "1" } });
    case "/vary":
      return new Response("vary", { headers: { Vary: "Accept-Encoding" } });
    case "/vary-late": {
      const response = new Response("vary");
      response.headers.append("vary", "Accept-Encoding");
      return soon().then(() => response);
    }
    case "/vary-origin":
      return new Response("vary", { headers: { Vary: "origin" } });
    case "/own-cors":
      return new Response("own", { headers: OWN_CORS });
    case "/own-grant":
      return new Response("own", { headers: OWN_GRANT });
    case "/own-preflight-lines":
      return new Response("own", { headers: OWN_PREFLIGHT_LINES });
    case "/own-neighbours":
      return new Response("own", { headers: OWN_NEIGHBOURS });
    case "/own-grant-twice": {
      const response = new Response("own");
      response.headers.append("Access-Control-Allow-Origin", APP);
      response.headers.append("Access-Control-Allow-Origin", APP);
      return response;
    }
    case "/vary-all":
      return new Response("vary", { headers: { Vary: "*" } });
    case "/upgrade":
      return upgrade(request);
    case "/status-500":
      return new Response("500", { status: 500 });
    case "/throw":
      throw new Error("thrown");
    case "/reject":
      return soon().then(() => {
        throw new Error("rejected");
      });
    case "/stream":
      return new Response(slowly(["a", "b", "c"]));
    case "/events":
      return new Response(slowly(["data: 1\n\n", "data: 2\n\n"]), { headers: { "Content-Type": "text/event-stream" } });
    case "/not-modified":
      return new Response(null, { status: 304, headers: { ETag: '"1"' } });
    case "/cookies":
      return new Response("cookies", {
        headers: [
          ["Set-Cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
      });
    case "/redirect":
      // Its headers cannot be changed.
      return Response.redirect(new URL("/plain", request.url), 302);
    case "/raw":
      return new Response("raw", { headers: { Vary: "Accept-Encoding" } });
    case "/options":
      return new Response("mine");
    case "/items":
    case "/none":
    case "/broken":
      return new Response(request.method);
    case "/json":
      return request.json().then(
        () => new Response("json"),
        () => new Response(null, { status: 400 }),
      );
    default:
      return new Response("missing", { status: 404 });
  }
}
