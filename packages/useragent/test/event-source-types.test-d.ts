import { createUserAgent } from "@crossorigin/useragent";

const page = createUserAgent().client({ url: "https://app.example/" });

// What a page has can be injected where the globals are expected.
export const globals: { readonly EventSource: typeof globalThis.EventSource } = page;
export const source: globalThis.EventSource = new page.EventSource("/", { withCredentials: true });

const own = new page.EventSource(new URL("https://api.example/"));
own.onmessage = function ({ data, lastEventId, origin }) {
  return [data, lastEventId, origin];
};
own.onerror = null;
own.addEventListener("named", () => {});

// @ts-expect-error -- it is for reading
own.readyState = 1;
// @ts-expect-error -- there is no such option
export const wrong = new page.EventSource("/", { credentials: true });
