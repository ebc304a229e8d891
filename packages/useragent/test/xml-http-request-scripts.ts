/**
 * Page scripts that run unchanged in Chromium and with our client: their text is what the browser gets, so they refer to
 * nothing but their argument.
 */

type Xhr = XMLHttpRequest;

/** What a script has at hand. */
export interface Tools {
  /** The page's own origin. */
  readonly same: string;
  readonly other: string;
  /** A request whose events are written down as `type readyState loaded/total`. */
  readonly create: (options?: { readonly withUpload?: boolean }) => Xhr;
  /** All events of all requests so far. */
  readonly seen: string[];
  /** After the next `loadend`. */
  readonly ended: (xhr: Xhr) => Promise<void>;
  /** What the request shows now. */
  readonly shown: (xhr: Xhr) => unknown;
  /** After the next event of this type. */
  readonly told: (xhr: Xhr, type: string) => Promise<void>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** The name of what the function throws; `none` if nothing. */
  readonly thrown: (run: () => unknown) => string;
}

export function createTools(Constructor: typeof XMLHttpRequest, same: string, other: string): Tools {
  const types = ["loadstart", "progress", "abort", "error", "load", "timeout", "loadend"];
  const seen: string[] = [];
  const thrown = (run: () => unknown): string => {
    try {
      run();
      return "none";
    } catch (error) {
      return error instanceof Error || error instanceof DOMException ? error.name : "not an error";
    }
  };
  const write = (prefix: string, xhr: Xhr, event: Event): void => {
    const { loaded, total, lengthComputable } = event as ProgressEvent;
    const progress = loaded === undefined ? "" : ` ${loaded}/${total} ${lengthComputable}`;
    seen.push(`${prefix}${event.type} ${xhr.readyState}${progress}`);
  };
  return {
    same,
    other,
    seen,
    thrown,
    create(options) {
      const xhr = new Constructor();
      for (const type of ["readystatechange", ...types]) xhr.addEventListener(type, (event) => write("", xhr, event));
      if (options?.withUpload === true)
        for (const type of types) xhr.upload.addEventListener(type, (event) => write("upload.", xhr, event));
      return xhr;
    },
    ended: (xhr) => new Promise((resolve) => xhr.addEventListener("loadend", () => resolve(), { once: true })),
    told: (xhr, type) => new Promise((resolve) => xhr.addEventListener(type, () => resolve(), { once: true })),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    shown(xhr) {
      const isText = xhr.responseType === "" || xhr.responseType === "text";
      const hidden = new Set(["date", "connection", "keep-alive", "transfer-encoding"]);
      const headers = xhr.getAllResponseHeaders().split("\r\n");
      return {
        readyState: xhr.readyState,
        status: xhr.status,
        statusText: xhr.statusText,
        responseURL: xhr.responseURL,
        text: isText ? xhr.responseText : thrown(() => xhr.responseText),
        response: xhr.response instanceof ArrayBuffer ? [...new Uint8Array(xhr.response)] : (xhr.response as unknown),
        responseXML: xhr.responseType === "" ? null : thrown(() => xhr.responseXML),
        headers: headers.filter((line) => !hidden.has(line.split(":")[0] ?? "")),
        contentType: xhr.getResponseHeader("Content-Type"),
      };
    },
  };
}

export type PageScript = (tools: Tools) => Promise<unknown>;

/** By what they show. What they return is compared, and every event. */
export const PAGE_SCRIPTS: Readonly<Record<string, PageScript>> = {
  "25.12: a GET of the page's own origin": async ({ create, ended, shown, same }) => {
    const xhr = create();
    xhr.open("get", "/plain?a#fragment");
    xhr.send();
    const before = shown(xhr);
    await ended(xhr);
    return [before, shown(xhr), xhr.responseURL === `${same}/plain?a`];
  },
  "19.06, 25.10, 25.11: a GET of another origin": async ({ create, ended, shown, other }) => {
    const xhr = create();
    xhr.open("GET", `${other}/plain`);
    xhr.send("dropped");
    await ended(xhr);
    return shown(xhr);
  },
  "25.08, 25.17: a response without Access-Control-Allow-Origin": async ({ create, ended, shown, other }) => {
    const xhr = create();
    xhr.open("GET", `${other}/no-cors`);
    xhr.send();
    await ended(xhr);
    return shown(xhr);
  },
  "25.09: an error with every responseType": async ({ create, ended, other }) => {
    const seen: unknown[] = [];
    for (const type of ["text", "arraybuffer", "blob", "json"] as const) {
      const xhr = create();
      xhr.responseType = type;
      xhr.open("GET", `${other}/no-cors`);
      xhr.send();
      await ended(xhr);
      seen.push(xhr.response);
    }
    return seen;
  },
  "a body in three pieces, chunked": async ({ create, ended, shown, sleep, other }) => {
    const xhr = create();
    const texts: string[] = [];
    xhr.onprogress = () => texts.push(xhr.responseText);
    xhr.open("GET", `${other}/chunks`);
    xhr.send();
    await ended(xhr);
    await sleep(0);
    return [texts, shown(xhr)];
  },
  "an empty body": async ({ create, ended, shown, other }) => {
    const xhr = create();
    xhr.open("GET", `${other}/empty`);
    xhr.send();
    await ended(xhr);
    return shown(xhr);
  },
  "HEAD, 204 and 304": async ({ create, ended, shown, other }) => {
    const all: unknown[] = [];
    for (const [method, path] of [
      ["HEAD", "/plain"],
      ["GET", "/status?204"],
      ["GET", "/status?304"],
      ["GET", "/status?404"],
    ] as const) {
      const xhr = create();
      xhr.open(method, other + path);
      if (path.endsWith("304")) xhr.setRequestHeader("If-None-Match", '"x"');
      xhr.send();
      await ended(xhr);
      all.push(shown(xhr));
    }
    return all;
  },
  redirects: async ({ create, ended, shown, same, other }) => {
    const all: unknown[] = [];
    for (const path of [
      `/redirect?302 ${other}/plain?b#c`,
      `/redirect?302 ${same}/plain`,
      `/redirect?302 ${other}/no-cors`,
      "/status?302",
    ]) {
      const xhr = create();
      xhr.open("GET", same + path);
      xhr.send();
      await ended(xhr);
      all.push(shown(xhr));
    }
    return all;
  },
  "an upload of the page's own origin": async ({ create, ended, shown }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", "/echo");
    xhr.send("hello");
    await ended(xhr);
    return shown(xhr);
  },
  "an upload with a preflight that is granted": async ({ create, ended, shown, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${other}/echo`);
    xhr.send("hello");
    await ended(xhr);
    return shown(xhr);
  },
  "25.07: an upload with a preflight that is refused": async ({ create, ended, shown, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${other}/refused`);
    xhr.send("hello");
    await ended(xhr);
    return shown(xhr);
  },
  "an upload whose response is withheld": async ({ create, ended, shown, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${other}/granted-then-withheld`);
    xhr.send("hello");
    await ended(xhr);
    return shown(xhr);
  },
  "an upload that is redirected with 307": async ({ create, ended, shown, same, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${same}/redirect?307 ${other}/echo`);
    xhr.send("hello");
    await ended(xhr);
    return shown(xhr);
  },
  "25.06: listeners of the upload that come after send()": async ({ create, ended, seen, other }) => {
    const xhr = create();
    xhr.open("POST", `${other}/echo`);
    xhr.send("hello");
    xhr.upload.onload = () => seen.push("late upload.load");
    await ended(xhr);
    return xhr.responseText;
  },
  "uploads of nothing": async ({ create, ended, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${other}/echo`);
    xhr.send();
    await ended(xhr);
    xhr.open("POST", `${other}/echo`);
    xhr.send(null);
    await ended(xhr);
    return xhr.responseText;
  },
  "an upload of an empty string": async ({ create, ended, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${other}/echo`);
    xhr.send("");
    await ended(xhr);
    return xhr.responseText;
  },
  "4.01, 25.05: bodies of every type": async ({ create, ended, same }) => {
    const form = new FormData();
    form.append("a", "1\n2");
    form.append('f"', new Blob(["<>"], { type: "text/x-y" }), 'na"me.txt');
    const bodies: [unknown, string?][] = [
      ["é\ud800"],
      [new Blob(["b"])],
      [new Blob(["b"], { type: "application/json" })],
      [new Uint8Array([1, 255]).buffer],
      [new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
      [new URLSearchParams({ a: "é" })],
      [form],
      [{ toString: () => "object" }],
      [12],
      ["text", "text/html"],
      ["text", "nonsense"],
      [new URLSearchParams("a=b"), "application/xml;charset=ASCII"],
      [new Blob(["b"], { type: "text/css" }), "text/x;charset=ASCII"],
      [new Uint8Array([1]), "text/x;charset=ASCII"],
    ];
    const all: unknown[] = [];
    for (const [body, type] of bodies) {
      const xhr = create();
      xhr.open("PUT", `${same}/echo`);
      if (type !== undefined) xhr.setRequestHeader("Content-Type", type);
      xhr.send(body as string);
      await ended(xhr);
      all.push(JSON.parse(xhr.responseText));
    }
    return all;
  },
  "25.05: a charset of text that is not spelled UTF-8": async ({ create, ended, same }) => {
    const all: unknown[] = [];
    for (const type of [
      "Text/HTML; charset=ISO-8859-1; x=y",
      "text/html;charset=utf-8",
      'text/html; CHARSET="Utf-8"',
    ]) {
      const xhr = create();
      xhr.open("PUT", `${same}/echo`);
      xhr.setRequestHeader("Content-Type", type);
      xhr.send("text");
      await ended(xhr);
      all.push((JSON.parse(xhr.responseText) as { type: string }).type);
    }
    return all;
  },
  "abort() before and after open()": async ({ create, shown, sleep, same }) => {
    const xhr = create();
    xhr.abort();
    const first = shown(xhr);
    xhr.open("GET", `${same}/plain`);
    xhr.abort();
    await sleep(20);
    return [first, shown(xhr)];
  },
  "25.13: abort() right after send()": async ({ create, shown, sleep, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${other}/echo`);
    xhr.send("body");
    xhr.abort();
    const after = shown(xhr);
    await sleep(50);
    return [after, shown(xhr)];
  },
  "abort() in every handler": async ({ create, ended, seen, sleep, other }) => {
    const all: unknown[] = [];
    for (const at of ["loadstart 1", "readystatechange 2", "progress 3", "readystatechange 4", "loadend 4"]) {
      seen.push(`--- ${at}`);
      const xhr = create();
      for (const type of ["loadstart", "readystatechange", "progress", "load", "loadend"])
        xhr.addEventListener(type, (event) => {
          if (`${event.type} ${xhr.readyState}` !== at || (type !== "loadend" && seen.includes(`aborted ${at}`)))
            return;
          if (seen.includes(`aborted ${at}`)) return;
          seen.push(`aborted ${at}`);
          xhr.abort();
          seen.push(`abort() returned ${at}`);
        });
      xhr.open("GET", `${other}/chunks`);
      const end = Promise.race([ended(xhr), sleep(1000)]);
      xhr.send();
      await end;
      await sleep(20);
      all.push(xhr.readyState, xhr.status);
    }
    return all;
  },
  "abort() in handlers before an event that comes all the same": async ({ create, ended, seen, sleep, other }) => {
    const all: unknown[] = [];
    for (const at of ["readystatechange 3", "load 4"]) {
      seen.push(`--- ${at}`);
      const xhr = create();
      for (const type of ["loadstart", "readystatechange", "progress", "load", "loadend"])
        xhr.addEventListener(type, (event) => {
          if (`${event.type} ${xhr.readyState}` !== at || (type !== "loadend" && seen.includes(`aborted ${at}`)))
            return;
          if (seen.includes(`aborted ${at}`)) return;
          seen.push(`aborted ${at}`);
          xhr.abort();
          seen.push(`abort() returned ${at}`);
        });
      xhr.open("GET", `${other}/chunks`);
      const end = Promise.race([ended(xhr), sleep(1000)]);
      xhr.send();
      await end;
      await sleep(20);
      all.push(xhr.readyState, xhr.status);
    }
    return all;
  },
  "open() in the handlers": async ({ create, ended, seen, sleep, other }) => {
    const all: unknown[] = [];
    for (const at of ["loadstart 1", "progress 3", "readystatechange 4", "loadend 4"]) {
      seen.push(`--- ${at}`);
      const xhr = create();
      for (const type of ["loadstart", "readystatechange", "progress", "load", "loadend"])
        xhr.addEventListener(type, (event) => {
          if (`${event.type} ${xhr.readyState}` !== at || seen.includes(`opened ${at}`)) return;
          seen.push(`opened ${at}`);
          xhr.open("GET", `${other}/empty`);
          seen.push(`open() returned ${at}`);
        });
      xhr.open("GET", `${other}/chunks`);
      const end = Promise.race([ended(xhr), sleep(1000)]);
      xhr.send();
      await end;
      await sleep(20);
      all.push(xhr.readyState, xhr.status);
    }
    return all;
  },
  "open() in handlers before an event that comes all the same": async ({ create, ended, seen, sleep, other }) => {
    const all: unknown[] = [];
    for (const at of ["readystatechange 2", "readystatechange 3", "load 4"]) {
      seen.push(`--- ${at}`);
      const xhr = create();
      for (const type of ["loadstart", "readystatechange", "progress", "load", "loadend"])
        xhr.addEventListener(type, (event) => {
          if (`${event.type} ${xhr.readyState}` !== at || seen.includes(`opened ${at}`)) return;
          seen.push(`opened ${at}`);
          xhr.open("GET", `${other}/empty`);
          seen.push(`open() returned ${at}`);
        });
      xhr.open("GET", `${other}/chunks`);
      const end = Promise.race([ended(xhr), sleep(1000)]);
      xhr.send();
      await end;
      await sleep(20);
      all.push(xhr.readyState, xhr.status);
    }
    return all;
  },
  "open() in the handlers of an abort": async ({ create, seen, sleep, other }) => {
    const xhr = create({ withUpload: true });
    let isOpened = false;
    xhr.addEventListener("readystatechange", () => {
      if (xhr.readyState !== 4 || isOpened) return;
      isOpened = true;
      xhr.open("GET", `${other}/plain`);
      seen.push("opened");
    });
    xhr.open("POST", `${other}/echo`);
    xhr.send("body");
    xhr.abort();
    await sleep(50);
    return xhr.readyState;
  },
  "a request that is opened and sent again in its load handler": async ({ create, ended, shown, other }) => {
    const xhr = create();
    xhr.addEventListener(
      "load",
      () => {
        xhr.open("GET", `${other}/empty`);
        xhr.send();
      },
      { once: true },
    );
    xhr.open("GET", `${other}/plain`);
    xhr.send();
    await ended(xhr);
    await ended(xhr);
    return shown(xhr);
  },
  "open() and send() while a request is under way": async ({ create, ended, shown, told, sleep, other }) => {
    const xhr = create();
    xhr.open("GET", `${other}/head-then-silence`);
    xhr.send();
    await told(xhr, "progress");
    // Chromium counts its 50 ms across open().
    await sleep(100);
    xhr.open("GET", `${other}/plain`);
    xhr.send();
    await ended(xhr);
    return shown(xhr);
  },
  "25.13: a timeout before the head": async ({ create, ended, shown, other }) => {
    const xhr = create({ withUpload: true });
    xhr.open("POST", `${other}/silence`);
    xhr.timeout = 500;
    xhr.send("body");
    await ended(xhr);
    return shown(xhr);
  },
  "a timeout in the body, set while fetching": async ({ create, ended, shown, told, other }) => {
    const xhr = create();
    xhr.open("GET", `${other}/head-then-silence`);
    xhr.send();
    await told(xhr, "progress");
    xhr.timeout = 50;
    await ended(xhr);
    return shown(xhr);
  },
  "a timeout that is taken back": async ({ create, ended, shown, other }) => {
    const xhr = create();
    xhr.open("GET", `${other}/chunks`);
    xhr.timeout = 100;
    xhr.send();
    xhr.timeout = 0;
    await ended(xhr);
    return shown(xhr);
  },
  "a body that breaks off": async ({ create, ended, shown, other }) => {
    const xhr = create();
    xhr.open("GET", `${other}/break`);
    xhr.send();
    await ended(xhr);
    return shown(xhr);
  },
  "a bad port, before the next task": async ({ create, ended, seen }) => {
    const xhr = create();
    xhr.open("GET", "http://app.example:22/");
    xhr.send();
    await Promise.resolve();
    seen.push("microtask");
    await ended(xhr);
  },
  "25.16: response types": async ({ create, ended, shown, same }) => {
    const all: unknown[] = [];
    for (const [type, path] of [
      ["text", "/typed?text/html 3c613e"],
      ["arraybuffer", "/typed?text/html 00ff"],
      ["json", "/typed?application/json 7b"],
      ["json", "/empty"],
      ["arraybuffer", "/empty"],
      ["arraybuffer", "/status?204"],
      ["blob", "/status?204"],
      ["blob", "/typed?Text/HTML 3c"],
    ] as const) {
      const xhr = create();
      xhr.open("GET", same + path);
      xhr.responseType = type;
      xhr.send();
      await ended(xhr);
      const response: unknown = xhr.response;
      if (response instanceof Blob) all.push([response.type, response.size, await response.text()]);
      else all.push(shown(xhr));
      all.push(xhr.response === response);
    }
    return all;
  },
  "JSON, with a byte order mark too": async ({ create, ended, same }) => {
    const all: unknown[] = [];
    for (const hex of ["7b2261223a317d", "efbbbf5b5d"]) {
      const xhr = create();
      xhr.open("GET", `${same}/typed?text/html ${hex}`);
      xhr.responseType = "json";
      xhr.send();
      await ended(xhr);
      all.push(xhr.response);
    }
    return all;
  },
  "JSON, twice": async ({ create, ended, same }) => {
    const xhr = create();
    xhr.open("GET", `${same}/typed?text/html 5b5d`);
    xhr.responseType = "json";
    xhr.send();
    await ended(xhr);
    const first: unknown = xhr.response;
    return first === xhr.response;
  },
  "3.15: the type of a blob, with parameters": async ({ create, ended, same }) => {
    const xhr = create();
    xhr.open("GET", `${same}/typed?Text/HTML;charset=x 3c`);
    xhr.responseType = "blob";
    xhr.send();
    await ended(xhr);
    return (xhr.response as Blob).type;
  },
  charsets: async ({ create, ended, same }) => {
    const all: unknown[] = [];
    for (const [type, hex, override] of [
      ["text/plain", "c3a9"],
      ["text/plain;charset=iso-8859-1", "e980"],
      ["text/plain;charset=windows-1251", "e9"],
      ["text/plain;charset=nonsense", "c3a9"],
      ["text/plain;charset=iso-8859-1", "efbbbfc3a9"],
      ["text/plain", "fffe6100"],
      ["text/plain", "feff0061"],
      ["text/plain;charset=utf-8", "e9", "text/plain;charset=windows-1251"],
      ["text/plain;charset=windows-1251", "e9", "text/plain"],
      ["text/plain;charset=windows-1251", "e9", "nonsense"],
      ["text/plain", "00417fff80", "text/plain; charset=x-user-defined"],
      ["text/plain;charset=shift_jis", "93fa967b"],
      [
        "application/xml",
        "3c3f786d6c2076657273696f6e3d22312e302220656e636f64696e673d2277696e646f77732d31323531223f3e3c613ee93c2f613e",
      ],
      ["text/plain;charset=windows-1251, text/plain", "e9"],
      ["text/plain;charset=windows-1251, text/html", "e9"],
    ] as const) {
      const xhr = create();
      xhr.open("GET", `${same}/typed?${type} ${hex}`);
      if (override !== undefined) xhr.overrideMimeType(override);
      xhr.send();
      await ended(xhr);
      all.push(xhr.responseText);
    }
    return all;
  },
  "half a character at a time": async ({ create, ended, same }) => {
    const xhr = create();
    const texts: string[] = [];
    xhr.onprogress = () => texts.push(xhr.responseText);
    xhr.open("GET", `${same}/halves`);
    xhr.send();
    await ended(xhr);
    return [texts, xhr.responseText];
  },
  headers: async ({ create, ended, same, other }) => {
    const all: unknown[] = [];
    for (const origin of [same, other]) {
      const xhr = create();
      xhr.open("GET", `${origin}/headers`);
      xhr.send();
      await ended(xhr);
      const lines = xhr.getAllResponseHeaders().split("\r\n");
      all.push(
        lines.filter((line) => !/^(?:date|connection|keep-alive|transfer-encoding):/.test(line)),
        ["x-a", "X-B", " x-a", "x-hidden", "set-cookie", "", "x y"].map((name) => xhr.getResponseHeader(name)),
      );
    }
    return all;
  },
  "25.02, 25.03, 3.08: request headers, with credentials and without": async ({ create, ended, same, other }) => {
    const all: unknown[] = [];
    for (const [origin, withCredentials] of [
      [same, false],
      [other, false],
      [other, true],
    ] as const) {
      const xhr = create();
      xhr.open("POST", `${origin}/echo`);
      xhr.withCredentials = withCredentials;
      xhr.setRequestHeader("X-A", " 1 ");
      xhr.setRequestHeader("x-a", "2");
      xhr.setRequestHeader("X-Empty", "");
      xhr.setRequestHeader("Cookie", "a=b");
      xhr.setRequestHeader("Sec-Fetch-Site", "none");
      xhr.setRequestHeader("Content-Type", "application/json");
      xhr.send("{}");
      await ended(xhr);
      all.push(xhr.responseText);
    }
    return all;
  },
  "25.01, 25.02, 25.03: what throws, and when": async ({ create, ended, thrown, told, other, same }) => {
    const xhr = create();
    const all: unknown[] = [
      thrown(() => xhr.send()),
      thrown(() => xhr.setRequestHeader("a", "b")),
      thrown(() => xhr.open("a b", "/")),
      thrown(() => xhr.open("trace", "/")),
      thrown(() => xhr.open("", "/")),
      thrown(() => xhr.open("GET", "http://[")),
      thrown(() => xhr.open("\u0100", "/")),
      thrown(() => (xhr as unknown as { open(method: string): void }).open("GET")),
      thrown(() => xhr.overrideMimeType("a/b")),
      thrown(() => (xhr.responseType = "nonsense" as "text")),
      xhr.responseType,
      thrown(() => xhr.responseText),
      xhr.readyState,
    ];
    xhr.open("GET", `${other}/chunks`);
    all.push(
      thrown(() => xhr.setRequestHeader("a b", "c")),
      thrown(() => xhr.setRequestHeader("a", "b\nc")),
      thrown(() => xhr.setRequestHeader("", "c")),
      thrown(() => xhr.setRequestHeader("a", "\u0100")),
    );
    xhr.send();
    all.push(
      thrown(() => xhr.send()),
      thrown(() => xhr.setRequestHeader("a", "b")),
      thrown(() => (xhr.withCredentials = true)),
      thrown(() => (xhr.responseType = "json")),
      thrown(() => (xhr.responseType = "")),
      thrown(() => xhr.overrideMimeType("a/b")),
    );
    await told(xhr, "progress");
    all.push(
      xhr.readyState,
      thrown(() => xhr.send()),
      thrown(() => xhr.setRequestHeader("a", "b")),
      thrown(() => (xhr.withCredentials = true)),
      thrown(() => (xhr.responseType = "json")),
      thrown(() => xhr.overrideMimeType("a/b")),
    );
    await ended(xhr);
    all.push(
      xhr.readyState,
      thrown(() => xhr.send()),
      thrown(() => (xhr.withCredentials = true)),
      thrown(() => (xhr.responseType = "json")),
      thrown(() => xhr.overrideMimeType("a/b")),
      thrown(() => xhr.responseXML),
    );
    xhr.open("GET", `${same}/plain`);
    xhr.responseType = "json";
    all.push(
      thrown(() => xhr.responseText),
      thrown(() => xhr.responseXML),
      thrown(() => xhr.open("GET", "/", false)),
    );
    return all;
  },
  "25.14: synchronous requests": async ({ create, seen, shown, same, other, thrown }) => {
    const all: unknown[] = [];
    for (const [method, url] of [
      ["GET", `${same}/plain`],
      ["GET", `${same}/redirect?302 ${other}/plain`],
      ["PUT", `${other}/echo`],
      ["GET", `${other}/no-cors`],
      ["HEAD", `${other}/plain`],
      ["GET", `${other}/chunks`],
      ["GET", `${other}/break`],
    ] as const) {
      seen.push(`--- ${method}`);
      const xhr = create();
      xhr.open(method, url, false);
      all.push(
        thrown(() => {
          xhr.timeout = 1;
        }),
        thrown(() => {
          xhr.responseType = "json";
        }),
      );
      const error = thrown(() => xhr.send("body"));
      all.push(error, error === "none" ? shown(xhr) : [xhr.readyState, xhr.status, xhr.getAllResponseHeaders()]);
    }
    return Promise.resolve(all);
  },
  "3.14: a Content-Length that counts encoded bytes": async ({ create, ended, shown, same }) => {
    const xhr = create();
    xhr.open("GET", `${same}/gzip`);
    xhr.send();
    await ended(xhr);
    return shown(xhr);
  },
  "the interface": async ({ create }) => {
    const xhr = create();
    const Constructor = xhr.constructor as typeof XMLHttpRequest;
    const { upload } = xhr;
    const order: string[] = [];
    xhr.addEventListener("readystatechange", () => order.push("first"));
    xhr.onreadystatechange = () => order.push("old");
    xhr.addEventListener("readystatechange", () => order.push("last"));
    xhr.onreadystatechange = function (event) {
      order.push(`handler ${String(this === xhr)} ${event.type} ${String(event.target === xhr)}`);
    };
    xhr.open("GET", "/");
    (xhr as { onload: unknown }).onload = 5;
    const members: string[] = [];
    // `when` is of the Observable API, which Chromium has.
    for (const name in xhr) if (name !== "when") members.push(name);
    xhr.timeout = -1;
    return Promise.resolve([
      order,
      Constructor.name,
      Constructor.length,
      [Constructor.UNSENT, Constructor.DONE, xhr.LOADING],
      Object.prototype.toString.call(xhr),
      Object.prototype.toString.call(xhr.upload),
      xhr.onload,
      xhr.timeout,
      upload === xhr.upload,
      xhr.upload instanceof EventTarget,
      Object.getOwnPropertyNames(xhr),
      members.toSorted(),
    ]);
  },
};
