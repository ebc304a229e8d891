import { isDeepStrictEqual } from "node:util";
import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, test } from "vitest";
import { createUserAgent } from "@crossorigin/useragent";
// oxlint-disable-next-line no-restricted-imports -- the tests' one driver of the browser, which no package publishes
import { withChromium } from "../../cli/test/chromium.ts";
import { PAGE_SCRIPTS, type PageScript, createTools } from "./xml-http-request-scripts.ts";

/** What one script showed. */
interface Seen {
  readonly seen: readonly string[];
  readonly result: unknown;
  readonly wire: readonly string[];
}

const SCRIPTS = Object.entries(PAGE_SCRIPTS);

/** Scripts that end before what they sent has surely left the browser. */
const WITHOUT_WIRE: ReadonlySet<string> = new Set([
  "25.13: abort() right after send()",
  "open() in the handlers of an abort",
]);

/** Scripts whose pieces of a body are counted; how many there are elsewhere is a matter of time. */
const PIECES: ReadonlySet<string> = new Set(["a body in three pieces, chunked", "half a character at a time"]);
/** How often all is played at most, for these to be the same. */
const PLAYS = 3;

/** What is compared. Chromium leaves out the `progress` event of a response without bytes, which the standard has. */
function comparable(name: string, shown: Seen | undefined): Partial<Seen> {
  const all = shown?.seen.filter((event) => !event.startsWith("progress 2 0/")) ?? [];
  const isSuperseded = (event: string, index: number): boolean =>
    (event.startsWith("progress 3") && /^(?:progress|readystatechange) 3/.test(all[index + 1] ?? "")) ||
    (event === "readystatechange 3" && all[index - 1]?.startsWith("progress 3") === true);
  const seen = PIECES.has(name) ? all : all.filter((event, index) => !isSuperseded(event, index));
  return { seen, result: shown?.result, ...(WITHOUT_WIRE.has(name) ? {} : { wire: shown?.wire ?? [] }) };
}

interface Difference {
  readonly part: (shown: Seen) => unknown;
  readonly standard: unknown;
  readonly chromium: unknown;
}

function events(pattern: RegExp): (shown: Seen) => unknown {
  return ({ seen }) => seen.filter((event) => pattern.test(event));
}

function resultOf({ result }: Seen): unknown {
  return result;
}

const DIFFERENT: ReadonlyMap<string, Difference> = new Map<string, Difference>([
  [
    "uploads of nothing",
    {
      part: ({ wire }) => wire,
      standard: ["OPTIONS /echo", "POST /echo", "OPTIONS /echo", "POST /echo"],
      chromium: ["POST /echo", "POST /echo"],
    },
  ],
  [
    "an upload of an empty string",
    {
      part: events(/^upload/),
      standard: ["loadstart", "progress", "load", "loadend"].map((type) => `upload.${type} 1 0/0 false`),
      chromium: ["upload.loadstart 1 0/0 true"],
    },
  ],
  [
    "25.05: a charset of text that is not spelled UTF-8",
    {
      part: resultOf,
      standard: ["text/html;charset=UTF-8;x=y", "text/html;charset=utf-8", 'text/html; CHARSET="Utf-8"'],
      chromium: ["Text/HTML; charset=UTF-8; x=y", "text/html;charset=UTF-8", 'text/html; CHARSET="UTF-8"'],
    },
  ],
  [
    "abort() in handlers before an event that comes all the same",
    {
      part: events(/^(?:progress|loadend) 0/),
      standard: ["progress 0 3/0 false", "loadend 0 11/0 false"],
      chromium: ["progress 0 0/0 false", "loadend 0 0/0 false"],
    },
  ],
  [
    "open() in handlers before an event that comes all the same",
    { part: resultOf, standard: [1, 0, 1, 0, 1, 0], chromium: [3, 0, 1, 0, 1, 0] },
  ],
  [
    "open() in the handlers of an abort",
    {
      part: events(/^upload/),
      standard: ["upload.loadstart 1 0/4 true"],
      chromium: ["upload.loadstart 1 0/4 true", "upload.abort 1 0/0 false", "upload.loadend 1 0/0 false"],
    },
  ],
  [
    "a request that is opened and sent again in its load handler",
    { part: events(/^loadend 1/), standard: ["loadend 1 5/5 true"], chromium: ["loadend 1 0/0 false"] },
  ],
  ["JSON, twice", { part: resultOf, standard: true, chromium: false }],
  [
    "3.15: the type of a blob, with parameters",
    { part: resultOf, standard: "text/html;charset=x", chromium: "text/html" },
  ],
]);

describe("page scripts in Chromium and in our user agent", () => {
  let ours: ReadonlyMap<string, Seen> = new Map();
  let theirs: ReadonlyMap<string, Seen> = new Map();

  const isSame = (name: string): boolean =>
    isDeepStrictEqual(comparable(name, ours.get(name)), comparable(name, theirs.get(name)));

  beforeAll(async () => {
    // On a busy machine pieces of a body come together, on either side: then all is played again.
    for (let count = 0; count < PLAYS && (count === 0 || ![...PIECES].every(isSame)); count++)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      [ours, theirs] = await Promise.all([playHere(), playInChromium()]);
  }, 270_000);

  test.each(SCRIPTS.map(([name]) => name).filter((name) => !DIFFERENT.has(name)))("see the same: %s", (name) => {
    expect(ours.get(name)).toBeDefined();
    expect(comparable(name, ours.get(name))).toEqual(comparable(name, theirs.get(name)));
  });

  test.each([...DIFFERENT])("differ where Chromium leaves the standard: %s", (name, { part, standard, chromium }) => {
    const [here, there] = [ours.get(name), theirs.get(name)];
    if (here === undefined || there === undefined) throw new Error("There is no such script.");
    expect(part(here)).toEqual(standard);
    expect(part(there)).toEqual(chromium);
  });
});

/** A server of its own for each side; `play` runs a script, and what the server heard meanwhile is put beside it. */
async function playAll(
  play: (script: PageScript, same: string, other: string) => Promise<Omit<Seen, "wire">>,
): Promise<Map<string, Seen>> {
  const server = new Worker(new URL("./xml-http-request-server-thread.ts", import.meta.url));
  const next = <T>(): Promise<T> => new Promise((resolve) => void server.once("message", resolve));
  const heard = async (): Promise<readonly string[]> => {
    const lines = next<readonly string[]>();
    server.postMessage("heard", []);
    return lines;
  };
  const port = await next<number>();
  const played = new Map<string, Seen>();
  try {
    for (const [name, script] of SCRIPTS) {
      await heard();
      const shown = await play(script, `http://app.example:${port}`, `http://api.other:${port}`);
      const result: unknown = JSON.parse(JSON.stringify(shown.result ?? null).replaceAll(`:${port}`, ":port"));
      const wire = await heard();
      played.set(name, { seen: shown.seen, result, wire: wire.filter((line) => line !== "GET /") });
    }
  } finally {
    await server.terminate();
  }
  return played;
}

async function playHere(): Promise<Map<string, Seen>> {
  const userAgent = createUserAgent({ profile: "chromium", resolve: () => "127.0.0.1" });
  try {
    return await playAll(async (script, same, other) => {
      const { XMLHttpRequest } = userAgent.client({ url: `${same}/` });
      const tools = createTools(XMLHttpRequest, same, other);
      const result = await script(tools);
      return { seen: tools.seen, result };
    });
  } finally {
    await userAgent.close();
  }
}

async function playInChromium(): Promise<Map<string, Seen>> {
  return withChromium("MAP app.example 127.0.0.1, MAP api.other 127.0.0.1", (browser) =>
    playAll(async (script, same, other) => {
      const page = await browser.newPage();
      await page.goto(`${same}/`);
      const source = `(async () => {
        const tools = (${createTools.toString()})(XMLHttpRequest, ${JSON.stringify(same)}, ${JSON.stringify(other)});
        const result = await (${script.toString()})(tools);
        return JSON.stringify({ seen: tools.seen, result });
      })()`;
      const shown = JSON.parse((await page.evaluate(source)) as string) as Omit<Seen, "wire">;
      await page.close();
      return shown;
    }),
  );
}
