import { createUserAgent } from "@crossorigin/useragent";

const page = createUserAgent().client({ url: "https://app.example/" });

// What a page has can be injected where the globals are expected.
export const globals: {
  readonly XMLHttpRequest: typeof globalThis.XMLHttpRequest;
  readonly ProgressEvent: typeof globalThis.ProgressEvent;
} = page;
export const xhr: globalThis.XMLHttpRequest = new page.XMLHttpRequest();
export const upload: globalThis.XMLHttpRequestUpload = new page.XMLHttpRequest().upload;

const request = new page.XMLHttpRequest();
request.onload = function (event) {
  const loaded: number = event.loaded;
  return loaded;
};
request.onreadystatechange = () => {};
request.onload = null;
request.upload.addEventListener("progress", ({ total }) => total);
request.upload.onprogress = ({ lengthComputable }) => lengthComputable;
function onLoad(this: XMLHttpRequest, { loaded }: ProgressEvent): number {
  return this.status + loaded;
}
request.addEventListener("load", function (event) {
  return this.status + event.loaded;
});
request.addEventListener("readystatechange", function ({ type }) {
  return this.readyState + type;
});
request.addEventListener("loadend", { handleEvent: () => {} }, { once: true });
request.removeEventListener("load", onLoad);
request.responseType = "arraybuffer";
request.open("GET", new URL("https://api.example/"));
request.open("GET", "/", true, null, null);
for (const body of ["", new Blob(), new ArrayBuffer(0), new Uint8Array(), new URLSearchParams(), new FormData(), null])
  request.send(body);

// @ts-expect-error -- a response is what its type says, which nobody knows
export const text: string = request.response;
// @ts-expect-error -- there is no such type
request.responseType = "xml";
// @ts-expect-error -- it is for reading
request.status = 1;
// @ts-expect-error -- a number is no body
request.send(1);
