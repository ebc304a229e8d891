import { createUserAgent } from "@crossorigin/useragent";

const page = createUserAgent().client({ url: "https://app.example/" });

// What a page has can be injected where the globals are expected.
export const globals: { readonly WebSocket: typeof globalThis.WebSocket } = page;
export const socket: globalThis.WebSocket = new page.WebSocket("wss://api.example/", ["a", "b"]);

const own = new page.WebSocket(new URL("wss://api.example/"));
own.onmessage = ({ data, origin }) => [data, origin];
own.onclose = ({ code, reason, wasClean }) => [code, reason, wasClean];
own.addEventListener("close", ({ code }) => code);
for (const data of ["", new Blob(), new ArrayBuffer(0), new Uint8Array()]) own.send(data);

// @ts-expect-error -- there is no such type
own.binaryType = "nodebuffer";
// @ts-expect-error -- a number is no data
own.send(1);
