/** Compiled twice: with the DOM's declarations (tsconfig.test.json), and with those of Node.js alone (tsconfig.test-node.json). */

import { createUserAgent } from "@crossorigin/useragent";

const page = createUserAgent().client({ url: "https://app.example/" });

// What a page has can be injected where the globals are expected.
export const globalFetch: typeof globalThis.fetch = page.fetch;
export const globals: {
  readonly fetch: typeof globalThis.fetch;
  readonly Headers: typeof globalThis.Headers;
  readonly Request: typeof globalThis.Request;
  readonly Response: typeof globalThis.Response;
} = page;
export const response: Response = await page.fetch("/");
export const copy: Response = response.clone();
export const request: Request = new page.Request("/");
export const headers: Headers = new page.Headers();
export const bytes: Uint8Array = await response.bytes();
export const form: FormData = await response.formData();

// What the globals have can be given to a page.
declare const requestInit: globalThis.RequestInit;
declare const responseInit: globalThis.ResponseInit;
export const given: readonly unknown[] = [
  page.fetch(new globalThis.Request("https://api.example/"), { signal: AbortSignal.timeout(1) }),
  page.fetch("/", { method: "POST", body: new FormData(), headers: new globalThis.Headers() }),
  page.fetch(new URL("https://api.example/"), requestInit),
  new page.Request(new globalThis.Request("https://api.example/"), requestInit),
  new page.Response(new globalThis.Response("text").body, responseInit),
];

// @ts-expect-error -- a number is no URL
void page.fetch(1);
// @ts-expect-error -- an object is neither a URL nor a request
void page.fetch({ url: "https://api.example/" });
// @ts-expect-error -- there is no such mode
void page.fetch("/", { mode: "same-site" });
