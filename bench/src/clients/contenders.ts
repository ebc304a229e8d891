/**
 * The same exchanges by each client. Only the chosen one is imported.
 *
 * @module
 */

import type { UserAgentOptions, XMLHttpRequestResponseType } from "@crossorigin/useragent";

/** The page, from another origin than the server. */
const PAGE_URL = "http://page.example/";
const PUT = { method: "PUT", headers: { "Content-Type": "application/json", "X-A": "1" }, body: '{"a":1}' };
/** What a browser asks for that {@link PUT}, by hand for those that do not ask. */
const PREFLIGHT = {
  method: "OPTIONS",
  headers: {
    Origin: new URL(PAGE_URL).origin,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "content-type,x-a",
  },
};

export interface BenchClient {
  /** Each resolves with the length of the body, read to its end. */
  readonly text: (url: string) => Promise<number>;
  readonly bytes: (url: string) => Promise<number>;
  /** One exchange for those that do not ask. */
  readonly put: (url: string) => Promise<number>;
  /** A preflight and a PUT, by hand for those that do not ask. */
  readonly preflightedPut: (url: string) => Promise<number>;
}

type Fetch = (
  url: string,
  init?: typeof PUT | typeof PREFLIGHT,
) => Promise<{ text(): Promise<string>; arrayBuffer(): Promise<ArrayBuffer> }>;

function byFetch(fetch: Fetch, isAsking: boolean): BenchClient {
  const put = async (url: string): Promise<number> => (await (await fetch(url, PUT)).text()).length;
  return {
    text: async (url) => (await (await fetch(url)).text()).length,
    bytes: async (url) => (await (await fetch(url)).arrayBuffer()).byteLength,
    put,
    preflightedPut: isAsking
      ? put
      : async (url) => {
          await (await fetch(url, PREFLIGHT)).text();
          return put(url);
        },
  };
}

/** As much of `XMLHttpRequest` as is used. */
interface Xhr {
  responseType: XMLHttpRequestResponseType;
  readonly response: unknown;
  onload: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body?: string): void;
}

function byXhr(XMLHttpRequest: new () => Xhr): BenchClient {
  const send = (method: string, url: string, responseType: XMLHttpRequestResponseType = ""): Promise<number> =>
    new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open(method, url);
      xhr.responseType = responseType;
      xhr.onload = () => {
        const { response } = xhr;
        resolve(typeof response === "string" ? response.length : (response as ArrayBuffer).byteLength);
      };
      xhr.onerror = () => reject(new Error(`${method} ${url} failed.`));
      if (method !== "PUT") return xhr.send();
      for (const [name, value] of Object.entries(PUT.headers)) xhr.setRequestHeader(name, value);
      return xhr.send(PUT.body);
    });
  const put = (url: string): Promise<number> => send("PUT", url);
  return { text: (url) => send("GET", url), bytes: (url) => send("GET", url, "arraybuffer"), put, preflightedPut: put };
}

/** By name. */
export const CLIENTS: Readonly<Record<string, () => Promise<BenchClient>>> = {
  "undici fetch": async () => byFetch((await import("undici")).fetch, false),
  "undici fetch, HTTP/2": async () => {
    const { Agent, fetch } = await import("undici");
    const dispatcher = new Agent({ allowH2: true });
    return byFetch((url, init) => fetch(url, { ...init, dispatcher }), false);
  },
  crossorigin: async () => byFetch(await crossoriginFetch({}), true),
  "crossorigin, no HTTP cache": async () => byFetch(await crossoriginFetch({ httpCache: false }), true),
  "crossorigin, no HTTP/2": async () => byFetch(await crossoriginFetch({ http2: false }), true),
  "crossorigin XHR": async () => {
    const { createUserAgent } = await import("@crossorigin/useragent");
    return byXhr(createUserAgent().client({ url: PAGE_URL }).XMLHttpRequest);
  },
  "undici request": async () => {
    const { request } = await import("undici");
    return byFetch(async (url, init) => (await request(url, init as Parameters<typeof request>[1])).body, false);
  },
  "Node.js fetch": () => Promise.resolve(byFetch(globalThis.fetch, false)),
  "jsdom XHR": async () => {
    // @ts-expect-error -- no declarations
    const { JSDOM } = (await import("jsdom")) as {
      readonly JSDOM: new (
        html: string,
        options: { readonly url: string },
      ) => { readonly window: { readonly XMLHttpRequest: new () => Xhr } };
    };
    const { window } = new JSDOM("", { url: PAGE_URL });
    return byXhr(window.XMLHttpRequest);
  },
  "happy-dom fetch": async () => {
    const { Window } = await import("happy-dom-21");
    const window = new Window({ url: PAGE_URL });
    return byFetch(window.fetch.bind(window), true);
  },
};

async function crossoriginFetch(options: UserAgentOptions): Promise<Fetch> {
  const { createUserAgent } = await import("@crossorigin/useragent");
  return createUserAgent(options).client({ url: PAGE_URL }).fetch;
}

const FETCH = "console.log((await (await fetch(url)).text()).length)";
const XHR =
  "const xhr = new XMLHttpRequest(); xhr.open('GET', url); await new Promise((resolve) => { xhr.onload = resolve; xhr.send(); }); console.log(xhr.responseText.length)";

/** By client: what it is imported from, and a program of one exchange with `url`. */
export const PROGRAMS: Readonly<Record<string, { readonly entry: string | null; readonly program: string }>> = {
  "undici fetch": { entry: "undici", program: `import { fetch } from "undici"; ${FETCH}` },
  crossorigin: {
    entry: "@crossorigin/useragent",
    program: `import { createUserAgent } from "@crossorigin/useragent"; const { fetch } = createUserAgent().client({ url: "${PAGE_URL}" }); ${FETCH}`,
  },
  "undici request": {
    entry: "undici",
    program: 'import { request } from "undici"; console.log((await (await request(url)).body.text()).length)',
  },
  "Node.js fetch": { entry: null, program: FETCH },
  "jsdom XHR": {
    entry: "jsdom",
    program: `import { JSDOM } from "jsdom"; const { XMLHttpRequest } = new JSDOM("", { url: "${PAGE_URL}" }).window; ${XHR}`,
  },
  "happy-dom fetch": {
    entry: "happy-dom-21",
    program: `import { Window } from "happy-dom-21"; const window = new Window({ url: "${PAGE_URL}" }); const fetch = window.fetch.bind(window); ${FETCH}`,
  },
};
