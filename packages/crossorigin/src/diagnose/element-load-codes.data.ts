/**
 * Codes of what an element cannot use.
 *
 * @module
 */

import type { ElementLoadCode } from "../fetching/index.ts";
import type { CodeEntry } from "./code-entry.ts";

export const ELEMENT_LOAD_CODES: Readonly<Record<ElementLoadCode, CodeEntry>> = {
  "element-load/url-invalid": {
    anchor: "https://html.spec.whatwg.org/multipage/urls-and-fetching.html#encoding-parsing-a-url",
    message: "The source of the element is no URL, so nothing was asked for: {received}",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "element-load/mime-type": {
    anchor: "https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script",
    message: "{url} has the Content-Type {received}, and this element takes {expected} only.",
    chromium: [],
    firefox: ["BlockModuleWithWrongMimeType", "MimeNotCss"],
    webkit: "the MIME type is not one of scripts, or of style sheets",
  },
  "element-load/embedder-policy-missing": {
    anchor: "https://html.spec.whatwg.org/multipage/workers.html#worker-processing-model",
    message:
      "The page asks of workers what it asks of itself, and {url} has the Cross-Origin-Embedder-Policy {received}, not {expected}.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "element-load/status": {
    anchor: "https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-script",
    message: "{url} answered with status {received}, and this element needs {expected}.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "element-load/not-decodable": {
    anchor: "https://html.spec.whatwg.org/multipage/images.html#update-the-image-data",
    message: "The body of {url} cannot be decoded as what this element takes ({expected}); its Content-Type is {received}.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
  "element-load/too-large": {
    anchor: null,
    message: "The body of {url} is longer than the {expected} bytes that are read for an element.",
    chromium: [],
    firefox: [],
    webkit: null,
  },
};
