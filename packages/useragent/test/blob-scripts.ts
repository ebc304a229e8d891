/**
 * Page scripts with `blob:`, `data:` and `about:` URLs that run unchanged in Chromium and with our client: their text is
 * what the browser gets, so they refer to nothing but their argument.
 */

export interface BlobTools {
  readonly fetch: typeof globalThis.fetch;
  readonly XMLHttpRequest: typeof globalThis.XMLHttpRequest;
  readonly Request: typeof globalThis.Request;
  readonly URL: Pick<typeof globalThis.URL, "createObjectURL" | "revokeObjectURL">;
  /** What the promise comes to: status, the headers asked for, and text; or the name of the error. */
  readonly outcome: (fetching: Promise<Response>) => Promise<unknown>;
  /** The same of a request that was sent. */
  readonly ended: (xhr: XMLHttpRequest) => Promise<unknown>;
}

export function createBlobTools(page: Pick<BlobTools, "fetch" | "XMLHttpRequest" | "Request" | "URL">): BlobTools {
  const names = ["content-type", "content-length", "content-range"];
  return {
    ...page,
    outcome: async (fetching) => {
      try {
        const response = await fetching;
        const headers = names.map((name) => response.headers.get(name));
        return [response.type, response.status, response.statusText, ...headers, await response.text()];
      } catch (error) {
        return (error as Error).name;
      }
    },
    ended: (xhr) =>
      new Promise((resolve) => {
        xhr.onloadend = (event): void => {
          const headers = names.map((name) => xhr.getResponseHeader(name));
          resolve([xhr.status, xhr.statusText, ...headers, event.loaded, event.total, xhr.responseText]);
        };
      }),
  };
}

export type BlobScript = (tools: BlobTools) => Promise<unknown>;

export const BLOB_SCRIPTS: Readonly<Record<string, BlobScript>> = {
  "a blob with a type": ({ fetch, URL, outcome }) =>
    outcome(fetch(URL.createObjectURL(new Blob(["hällo"], { type: "Text/Plain;x=Y" })))),
  "a blob without a type": ({ fetch, URL, outcome }) => outcome(fetch(URL.createObjectURL(new Blob(["hello"])))),
  "an empty blob": ({ fetch, URL, outcome }) => outcome(fetch(URL.createObjectURL(new Blob([])))),
  "a file": ({ fetch, URL, outcome }) =>
    outcome(fetch(URL.createObjectURL(new File(["hello"], "a.txt", { type: "text/plain" })))),
  "the blob of the response": async ({ fetch, URL }) => {
    const blob = await (await fetch(URL.createObjectURL(new Blob(["hello"], { type: "a/b" })))).blob();
    return [blob.type, blob.size];
  },
  "the response's URL": async ({ fetch, URL }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    const response = await fetch(`${url}#fragment`);
    return [response.url === url, url.replace(/[\da-f-]{36}$/, "uuid").replace(/:\d+/, "")];
  },
  "modes and credentials": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    const modes = ["cors", "no-cors", "same-origin"] as const;
    return Promise.all(modes.map((mode) => outcome(fetch(url, { mode, credentials: "omit" }))));
  },
  "redirect modes": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    return Promise.all((["error", "manual"] as const).map((redirect) => outcome(fetch(url, { redirect }))));
  },
  "methods other than GET": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    return Promise.all(["HEAD", "POST", "PUT", "OPTIONS", "FOO"].map((method) => outcome(fetch(url, { method }))));
  },
  "a URL that is revoked before it is fetched": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    URL.revokeObjectURL(url);
    return outcome(fetch(url));
  },
  "a URL that is revoked as soon as it is fetched": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    const fetching = fetch(url);
    URL.revokeObjectURL(url);
    return outcome(fetching);
  },
  "a request made before its URL is revoked": ({ fetch, Request, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    const request = new Request(url);
    URL.revokeObjectURL(url);
    return outcome(fetch(request.clone()));
  },
  "URLs that revoke nothing": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    for (const other of [`${url}#fragment`, `${url}?query`, "no URL", "http://app.example/", "blob:x"])
      URL.revokeObjectURL(other);
    return outcome(fetch(url));
  },
  "a URL with a query, and one that nobody made": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    return Promise.all([`${url}?query`, url.replace(/[\da-f-]{36}$/, "nobody"), "blob:"].map((a) => outcome(fetch(a))));
  },
  "what is no blob": ({ URL }) => {
    const thrown = (value: unknown): string => {
      try {
        return typeof URL.createObjectURL(value as Blob);
      } catch (error) {
        return (error as Error).name;
      }
    };
    return Promise.resolve([null, undefined, "text", {}, new ArrayBuffer(1)].map(thrown));
  },
  "ranges of a blob": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["0123456789"], { type: "text/plain" }));
    const ranges = ["bytes=0-", "bytes=2-4", "bytes=-3", "bytes=9-9", "bytes=5-99", "bytes = 1 - 2"];
    return Promise.all(ranges.map((Range) => outcome(fetch(url, { headers: { Range } }))));
  },
  "ranges that are none": ({ fetch, URL, outcome }) => {
    const url = URL.createObjectURL(new Blob(["0123456789"]));
    const ranges = ["bytes=10-", "bytes=4-2", "bytes=-", "bytes=0-1,3-4", "octets=0-1", "", "bytes=a-b"];
    return Promise.all(ranges.map((Range) => outcome(fetch(url, { headers: { Range } }))));
  },
  "a suffix that is longer than the blob": ({ fetch, URL, outcome }) =>
    outcome(fetch(URL.createObjectURL(new Blob(["0123456789"])), { headers: { Range: "bytes=-99" } })),
  "a suffix of nothing": ({ fetch, URL, outcome }) =>
    outcome(fetch(URL.createObjectURL(new Blob(["0123456789"])), { headers: { Range: "bytes=-0" } })),
  "a range of an empty blob": ({ fetch, URL, outcome }) =>
    outcome(fetch(URL.createObjectURL(new Blob([])), { headers: { Range: "bytes=0-" } })),
  "XMLHttpRequest of a blob": ({ XMLHttpRequest, URL, ended }) => {
    const xhr = new XMLHttpRequest();
    xhr.open("GET", URL.createObjectURL(new Blob(["hello"], { type: "text/plain" })));
    const end = ended(xhr);
    xhr.send();
    return end;
  },
  "XMLHttpRequest of a blob whose URL is revoked after open()": ({ XMLHttpRequest, URL, ended }) => {
    const url = URL.createObjectURL(new Blob(["hello"]));
    const xhr = new XMLHttpRequest();
    xhr.open("GET", url);
    URL.revokeObjectURL(url);
    const end = ended(xhr);
    xhr.send();
    return end;
  },
  "XMLHttpRequest of a blob, with POST": ({ XMLHttpRequest, URL, ended }) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", URL.createObjectURL(new Blob(["hello"])));
    const end = ended(xhr);
    xhr.send("body");
    return end;
  },
  "synchronous XMLHttpRequest of a blob": ({ XMLHttpRequest, URL }) => {
    const xhr = new XMLHttpRequest();
    xhr.open("GET", URL.createObjectURL(new Blob(["hello"], { type: "text/plain" })), false);
    xhr.send();
    return Promise.resolve([xhr.status, xhr.responseText, xhr.getAllResponseHeaders().split("\r\n").toSorted()]);
  },
  "a data: URL": ({ fetch, outcome }) => outcome(fetch("data:text/plain;base64,aGVsbG8")),
  "XMLHttpRequest of a data: URL": ({ XMLHttpRequest, ended }) => {
    const xhr = new XMLHttpRequest();
    xhr.open("GET", "data:text/plain;charset=utf-8,h%C3%A4llo");
    // Whether Chromium tells the length of such a body beforehand depends on how busy it is.
    const TOTAL = 6;
    const end = ended(xhr).then((seen) => (seen as unknown[]).toSpliced(TOTAL, 1));
    xhr.send();
    return end;
  },
  "methods and modes with data: URLs": ({ fetch, outcome }) =>
    Promise.all([
      ...["HEAD", "POST", "PUT"].map((method) => outcome(fetch("data:,hello", { method }))),
      ...(["no-cors", "same-origin"] as const).map((mode) => outcome(fetch("data:,hello", { mode }))),
    ]),
  "about: URLs": ({ fetch, outcome }) =>
    Promise.all([
      ...["about:blank", "about:blank?x", "about:config", "about:unicorn"].map((url) => outcome(fetch(url))),
      ...["about:config", "about:unicorn"].map((url) => outcome(fetch(url, { mode: "no-cors" }))),
      outcome(fetch("about:blank", { mode: "same-origin" })),
    ]),
  "about:blank without CORS": ({ fetch, outcome }) => outcome(fetch("about:blank", { mode: "no-cors" })),
};
