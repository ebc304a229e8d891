import { type IncomingMessage, createServer } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { createUserAgent } from "@crossorigin/useragent";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { listen } from "./loopback.ts";

interface Played {
  /** `type readyState`, with the text of messages and what a close says. */
  readonly seen: readonly string[];
  /** The handshakes, with some of their headers. */
  readonly wire: readonly unknown[];
}

interface Scene {
  readonly path: string;
  readonly protocols?: readonly string[];
  readonly isSameOrigin?: boolean;
  /** Page and server are on `localhost`, which is trustworthy without TLS. */
  readonly isOnLocalhost?: boolean;
  /** The page closes the connection in the handler of `open`: with these arguments. */
  readonly closes?: readonly [number?, string?];
}

const SCENES: Readonly<Record<string, Scene>> = {
  "the page's own server, with cookies": { path: "/end?4001 bye", isSameOrigin: true },
  "another server": { path: "/end?4001 bye" },
  "a trustworthy page and server": { path: "/end?1000", isOnLocalhost: true },
  subprotocols: { path: "/end?1000", protocols: ["a", "b"] },
  "an end without a code": { path: "/end" },
  "a connection that breaks off": { path: "/break" },
  "a frame that cannot be": { path: "/invalid" },
  "a refusal": { path: "/status?403" },
  "a success that is no switch": { path: "/status?200" },
  "a redirect": { path: "/status?302" },
  "close() by the page": { path: "/echo", closes: [] },
  "close() with code and reason": { path: "/echo", closes: [3000, "enough"] },
  messages: { path: "/echo?one two" },
};

/** Refers to nothing but its arguments, as its text is what the browser gets. */
function play(Constructor: typeof WebSocket, url: string, { protocols = [], closes }: Scene): Promise<string[]> {
  const seen: string[] = [];
  const socket = new Constructor(url, [...protocols]);
  return new Promise((resolve) => {
    setTimeout(() => resolve([...seen, "no end within 4 s"]), 4000);
    socket.addEventListener("open", () => {
      seen.push(`open ${socket.readyState} ${socket.protocol}|${socket.extensions}`);
      if (closes !== undefined) socket.close(...closes);
    });
    socket.addEventListener("message", ({ data, origin }) => {
      seen.push(`message ${socket.readyState} ${String(data)} ${origin.replace(/:\d+$/, "")}`);
      if (String(data).endsWith("two")) socket.close();
    });
    socket.addEventListener("error", () => seen.push(`error ${socket.readyState}`));
    socket.addEventListener("close", ({ wasClean, code, reason }) => {
      seen.push(`close ${socket.readyState} ${wasClean} ${code} ${reason}`);
      resolve(seen);
    });
  });
}

const NAMES = [
  "origin",
  "cookie",
  "pragma",
  "cache-control",
  "upgrade",
  "connection",
  "sec-websocket-version",
] as const;
const MORE_NAMES = ["sec-websocket-protocol", "sec-websocket-extensions", "referer", "sec-fetch-mode"] as const;

function shown({ url, headers }: IncomingMessage): unknown {
  return [url, ...[...NAMES, ...MORE_NAMES].map((name) => headers[name] ?? null)];
}

/** A server for one side, and what it heard while a scene was played. */
async function playAll(
  playScene: (url: string, scene: Scene, page: string) => Promise<readonly string[]>,
): Promise<Map<string, Played>> {
  let wire: unknown[] = [];
  const server = createServer((_, response) =>
    response.writeHead(200, { "Content-Type": "text/html", "Set-Cookie": "page=1" }).end("<link rel=icon href=data:,>"),
  );
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  server.on("upgrade", (request, socket, head) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://server");
    wire.push(shown(request));
    if (pathname === "/status") {
      socket.end(`HTTP/1.1 ${search.slice(1)} x\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const [first = "", second] = decodeURIComponent(search.slice(1)).split(" ");
      client.on("error", () => {});
      if (pathname === "/end") client.close(first === "" ? undefined : Number(first), second);
      if (pathname === "/break") socket.destroy();
      if (pathname === "/invalid") socket.write(Buffer.from("ff00", "hex"));
      if (pathname === "/echo") for (const word of [first, second]) if (word) client.send(word);
    });
  });
  const port = await listen(server);
  const played = new Map<string, Played>();
  try {
    for (const [name, scene] of Object.entries(SCENES)) {
      wire = [];
      const own = scene.isOnLocalhost === true ? "localhost" : "app.example";
      const page = `http://${own}:${port}`;
      const host = scene.isSameOrigin === true || scene.isOnLocalhost === true ? own : "api.other";
      const seen = await playScene(`ws://${host}:${port}${scene.path}`, scene, page);
      const text = JSON.stringify({ seen, wire }).replaceAll(`:${port}`, "");
      played.set(name, JSON.parse(text) as Played);
    }
  } finally {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return played;
}

async function playHere(): Promise<Map<string, Played>> {
  const userAgent = createUserAgent({ profile: "chromium", resolve: () => "127.0.0.1" });
  try {
    return await playAll(async (url, scene, page) => {
      const client = userAgent.client({ url: `${page}/` });
      await (await client.fetch("/")).text();
      return play(client.WebSocket, url, scene);
    });
  } finally {
    await userAgent.close();
  }
}

async function playInChromium(): Promise<Map<string, Played>> {
  return withChromium(
    "MAP app.example 127.0.0.1, MAP api.other 127.0.0.1, MAP localhost 127.0.0.1",
    async (browser) => {
      const tab = await browser.newPage();
      return playAll(async (url, scene, page) => {
        await tab.goto(`${page}/`);
        const call = `(${play.toString()})(WebSocket, ${JSON.stringify(url)}, ${JSON.stringify(scene)})`;
        return (await tab.evaluate(call)) as string[];
      });
    },
  );
}

describe("26.26: WebSockets in Chromium and in our user agent", () => {
  let ours: ReadonlyMap<string, Played> = new Map();
  let theirs: ReadonlyMap<string, Played> = new Map();

  beforeAll(async () => {
    [ours, theirs] = await Promise.all([playHere(), playInChromium()]);
  }, 90_000);

  test.each(Object.keys(SCENES))("are the same: %s", (name) => {
    expect(ours.get(name)?.wire).toHaveLength(1);
    expect(ours.get(name)).toEqual(theirs.get(name));
  });
});
