/**
 * Page code in a window of happy-dom, in a realm of its own.
 *
 * The package has another name here: with happy-dom's declarations in reach, Vitest's do not compile against those of
 * Node.js.
 */

import { createUserAgent, networkErrorReason } from "@crossorigin/useragent";
import { installGlobals } from "@crossorigin/useragent/globals";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve } from "./loopback.ts";

interface HappyWindow {
  readonly location: { readonly href: string };
  eval(code: string): unknown;
  readonly happyDOM: { close(): Promise<void> };
}

type HappyWindowClass = new (options: object) => HappyWindow;

const name: string = "happy-dom-without-types";
const { Window } = (await import(name)) as { readonly Window: HappyWindowClass };

const settings = { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true };
const window = new Window({ url: "http://app.example/dir/page", settings });
const userAgent = createUserAgent({ resolve: () => "127.0.0.1" });
const page = userAgent.client({ url: window.location.href });
const former: unknown = window.eval("fetch");
let restore: () => void;

beforeAll(() => {
  restore = installGlobals(page, window);
});
afterAll(async () => {
  restore();
  await window.happyDOM.close();
  await userAgent.close();
});

/** Runs the body of an asynchronous function as page code; `api` is a server of another origin. */
async function run(code: string): Promise<unknown> {
  const server = await serve((request, response) => {
    if (request.url?.startsWith("/open") === true) {
      response.setHeader("Access-Control-Allow-Origin", "http://app.example");
      response.setHeader("Access-Control-Allow-Headers", "content-type");
    }
    response.end(server.requests.at(-1)?.body);
  });
  return window.eval(`(async (api) => { ${code} })("http://api.example:${server.port}")`);
}

test("fetch obeys CORS", async () => {
  expect(await run(`return (await fetch(api + "/open", { method: "POST", body: "hello" })).text()`)).toBe("hello");
  const error = await run(`return fetch(api + "/closed").catch((error) => error)`);
  expect(networkErrorReason(error)?.code).toBe("cors-check/allow-origin-missing");
  expect(error).toMatchObject({ name: "TypeError" });
});

test.each(["fetch", "XMLHttpRequest"])("%s sends the window's own bodies", async (how) => {
  const sent = async (body: string): Promise<string> => {
    const init = `method: "POST", body: ${body}`;
    const code =
      how === "fetch"
        ? `return (await fetch(api + "/open", { ${init} })).text()`
        : `return new Promise((resolve) => {
             const request = new XMLHttpRequest();
             request.onload = () => resolve(request.responseText);
             request.open("POST", api + "/open");
             request.send(${body});
           })`;
    return String(await run(code));
  };
  expect(await sent(`new Blob(["a blob"])`)).toBe("a blob");
  expect(await sent(`new (class extends File {})(["a file"], "a.txt")`)).toBe("a file");
  expect(await sent(`new URLSearchParams({ a: "1" })`)).toBe("a=1");
  expect(await sent(`new Uint8Array([65, 66])`)).toBe("AB");
  const form = `(() => {
    const form = new FormData();
    form.append("field", "1");
    form.append("upload", new File(["content"], "a.txt", { type: "text/plain" }));
    return form;
  })()`;
  expect(await sent(form)).toMatch(
    /name="field"\r\n\r\n1\r\n.*name="upload"; filename="a\.txt"\r\nContent-Type: text\/plain\r\n\r\ncontent\r\n/s,
  );
  expect(await sent(`({ toString: () => "an object" })`)).toBe("an object");
});

test("a signal of the window aborts", async () => {
  const code = `
    const controller = new AbortController();
    const fetched = fetch(api + "/open", { signal: controller.signal });
    controller.abort();
    return fetched.catch((error) => error.name)`;
  expect(await run(code)).toBe("AbortError");
});

test("navigator.sendBeacon is the page's", async () => {
  const sent: string[] = [];
  const server = await serve((request, response) => {
    sent.push(`${request.method} ${request.headers["content-type"]} ${request.headers.origin}`);
    response.end();
  });
  const url = `http://api.example:${server.port}/`;
  expect(window.eval(`navigator.sendBeacon("${url}", new Blob(["{}"], { type: "application/json" }))`)).toBe(true);
  await expect.poll(() => sent).toEqual(["OPTIONS undefined http://app.example"]);
  expect(window.eval(`navigator.sendBeacon("${url}", new Blob(["text"], { type: "text/plain" }))`)).toBe(true);
  await expect.poll(() => sent).toContain("POST text/plain http://app.example");
  expect(sent).toHaveLength(2);
});

test("document.cookie is the page's", async () => {
  expect(await run(`document.cookie = "a=1"; return document.cookie`)).toBe("a=1");
  expect(page.cookies.get()).toBe("a=1");
});

test("what was there is put back", async () => {
  const other = new Window({ url: "http://app.example/", settings });
  const own: unknown = other.eval("fetch");
  const restoreOther = installGlobals(page, other);
  expect(other.eval("fetch")).toBe(page.fetch);
  restoreOther();
  expect(other.eval("fetch")).toBe(own);
  expect(own).not.toBe(page.fetch);
  expect(former).not.toBe(page.fetch);
  await other.happyDOM.close();
});
