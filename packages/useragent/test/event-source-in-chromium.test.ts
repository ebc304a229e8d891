import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { createUserAgent } from "@crossorigin/useragent";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { STREAMS } from "./event-source-streams.ts";
import { listen } from "./loopback.ts";

interface Played {
  /** `type readyState`, and for messages ` data|lastEventId|origin`. */
  readonly seen: readonly string[];
  /** Path, origin and last event ID of each request. */
  readonly wire: readonly string[];
}

interface Scene {
  readonly path: string;
  readonly withCredentials?: boolean;
  /** On the page's own origin? Else on another one. */
  readonly isSameOrigin?: boolean;
  /** Types to listen to beside the three. */
  readonly types?: readonly string[];
  /** How many errors there are to be before the source is closed. */
  readonly errors: number;
}

const SCENES: Readonly<Record<string, Scene>> = {
  "one stream after the other": { path: "/twice", errors: 2 },
  "cookies of another origin": { path: "/credentials", withCredentials: true, errors: 1 },
  "a page's own server, without CORS": { path: "/closed", isSameOrigin: true, errors: 1 },
  "a server without CORS": { path: "/closed", errors: 1 },
  "no content": { path: "/status?204", errors: 1 },
  "an error of the server": { path: "/status?500", errors: 1 },
  "another MIME type": { path: "/type?text/plain", errors: 1 },
  "a MIME type in capitals, with parameters": { path: "/type?Text/Event-Stream;charset=UTF-8;x=y", errors: 1 },
  "another charset": { path: "/type?text/event-stream;charset=latin1", errors: 1 },
  "a redirect to another origin": { path: "/redirect", isSameOrigin: true, errors: 2 },
  "redirects from origin to origin": { path: "/redirect?2", errors: 2 },
  "a connection that breaks off": { path: "/break", errors: 2 },
};

/** Refers to nothing but its arguments, as its text is what the browser gets. */
function play(
  Constructor: typeof EventSource,
  url: string,
  { withCredentials = false, types = [], errors }: Scene,
): Promise<string[]> {
  const seen: string[] = [];
  const source = new Constructor(url, { withCredentials });
  return new Promise((resolve) => {
    let left = errors;
    const end = (): void => {
      source.close();
      resolve(seen);
    };
    setTimeout(end, 8000);
    for (const type of ["open", "message", "error", ...types]) {
      source.addEventListener(type, (event) => {
        const { data, lastEventId, origin } = event;
        seen.push(`${type} ${source.readyState}${data === undefined ? "" : ` ${data}|${lastEventId}|${origin}`}`);
        if (type === "error" && --left === 0) end();
      });
    }
  });
}

/** Answers under every name. */
function answer(request: IncomingMessage, response: ServerResponse, count: number): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://server");
  const query = decodeURIComponent(search.slice(1));
  const origin = String(request.headers.origin);
  const begin = (status = 200, type = "text/event-stream"): void => {
    response.writeHead(status, {
      "Content-Type": type,
      ...(pathname === "/closed"
        ? {}
        : { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" }),
      ...(pathname === "/credentials" ? { "Set-Cookie": `a=${count}` } : {}),
    });
  };
  const host = String(request.headers.host);
  switch (pathname) {
    case "/":
      response.setHeader("Content-Type", "text/html").end("<!doctype html><link rel=icon href=data:,>");
      return;
    case "/stream":
      begin();
      response.end(query);
      return;
    case "/twice":
      begin();
      response.end(count === 0 ? "retry: 20\nid: é\ndata: a\n\n" : "data: b\n\nid\n\n");
      return;
    case "/status":
      begin(Number(query));
      response.end();
      return;
    case "/type":
      begin(200, query);
      response.end("retry: 1\n");
      return;
    case "/redirect":
      response
        .writeHead(302, {
          Location: `http://${query === "2" ? "third.third" : "api.other"}:${host.split(":")[1]}/twice`,
          "Access-Control-Allow-Origin": origin,
        })
        .end();
      return;
    case "/break":
      begin();
      response.write("retry: 20\ndata: a\n\ndata: b\n");
      setTimeout(() => response.destroy(), 20);
      return;
    default:
      begin();
      response.end("retry: 20\ndata: a\n\n");
  }
}

/** A server for one side, and what it heard while a scene was played. */
async function playAll(
  playScene: (url: string, scene: Scene, page: string) => Promise<readonly string[]>,
): Promise<Map<string, Played>> {
  let wire: string[] = [];
  const server = createServer((request, response) => {
    const { host, origin, "last-event-id": id } = request.headers;
    const shown = `${host}${request.url} ${origin} ${id === undefined ? "" : Buffer.from(String(id), "latin1").toString()}`;
    const isSame = (line: string): boolean => line.split(" ")[0] === shown.split(" ")[0];
    const count = wire.filter(isSame).length;
    if (request.url !== "/") wire.push(shown);
    answer(request, response, count);
  });
  const port = await listen(server);
  const played = new Map<string, Played>();
  const scenes: (readonly [string, Scene])[] = Object.entries(SCENES);
  for (const [title, stream] of STREAMS) {
    const path = `/stream?${encodeURIComponent(`retry: 60000\n${stream}`)}`;
    scenes.push([title, { path, isSameOrigin: true, types: ["add", "b"], errors: 1 }]);
  }
  try {
    for (const [name, scene] of scenes) {
      wire = [];
      const page = `http://app.example:${port}`;
      const url = `${scene.isSameOrigin === true ? page : `http://api.other:${port}`}${scene.path}`;
      const seen = await playScene(url, scene, page);
      const withoutPort = (lines: readonly string[]): string[] => lines.map((line) => line.replaceAll(`:${port}`, ""));
      played.set(name, { seen: withoutPort(seen), wire: withoutPort(wire) });
    }
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return played;
}

async function playHere(): Promise<Map<string, Played>> {
  const userAgent = createUserAgent({ profile: "chromium", resolve: () => "127.0.0.1" });
  try {
    return await playAll((url, scene, page) => {
      const { EventSource } = userAgent.client({ url: `${page}/` });
      return play(EventSource, url, scene);
    });
  } finally {
    await userAgent.close();
  }
}

async function playInChromium(): Promise<Map<string, Played>> {
  const names = ["app.example", "api.other", "third.third"].map((name) => `MAP ${name} 127.0.0.1`).join(", ");
  return withChromium(names, async (browser) => {
    const tab = await browser.newPage();
    return playAll(async (url, scene, page) => {
      await tab.goto(`${page}/`);
      const call = `(${play.toString()})(EventSource, ${JSON.stringify(url)}, ${JSON.stringify(scene)})`;
      return (await tab.evaluate(call)) as string[];
    });
  });
}

/** Where Chromium leaves the standard, and we do not follow. */
const DIFFERENT: ReadonlyMap<string, { readonly ours: Partial<Played>; readonly chromium: Partial<Played> }> = new Map([
  ["another charset", { ours: { seen: ["open 1", "error 0"] }, chromium: { seen: ["error 2"] } }],
]);

describe("26.25: event sources in Chromium and in our user agent", () => {
  let ours: ReadonlyMap<string, Played> = new Map();
  let theirs: ReadonlyMap<string, Played> = new Map();

  beforeAll(async () => {
    [ours, theirs] = await Promise.all([playHere(), playInChromium()]);
  }, 120_000);

  const names = [...Object.keys(SCENES), ...STREAMS.map(([title]) => title)];

  test.each(names.filter((name) => !DIFFERENT.has(name)))("are the same: %s", (name) => {
    expect(ours.get(name)?.seen).not.toEqual([]);
    expect(ours.get(name)).toEqual(theirs.get(name));
  });

  test.each([...DIFFERENT])("differ where Chromium leaves the standard: %s", (name, { ours: here, chromium }) => {
    expect(ours.get(name)).toMatchObject(here);
    expect(theirs.get(name)).toMatchObject(chromium);
  });
});
