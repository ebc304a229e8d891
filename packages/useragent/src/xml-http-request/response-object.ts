/**
 * What a page gets as `response` and `responseText`.
 *
 * @see https://xhr.spec.whatwg.org/#response-body
 * @module
 */

import { type MimeType, extractMimeType, isXmlMimeType, parseMimeType, serializeMimeType } from "crossorigin/protocol";
import { encodingOfLabel } from "./received-bytes.ts";
import { DONE, LOADING, type XmlHttpRequestState } from "./xml-http-request-state.ts";
import { NodeTextDecoder } from "../node-globals.ts";

/**
 * The `response` getter.
 *
 * Deviation: a `document` is always null, as there is no parser and no DOM.
 */
export function responseOf(state: XmlHttpRequestState): unknown {
  const { responseType, readyState } = state;
  if (responseType === "" || responseType === "text") return responseTextOf(state); // Step 1
  if (readyState !== DONE || state.response === null) return null; // Step 2
  state.responseObject ??= { value: createResponseObject(state) }; // Steps 3 to 8
  return state.responseObject.value;
}

/** Empty unless loading or done. */
export function responseTextOf(state: XmlHttpRequestState): string {
  const { readyState, received } = state;
  if (readyState !== LOADING && readyState !== DONE) return "";
  if (state.response === null) return "";
  return received.toText(readyState === DONE, (head) => finalEncoding(state) ?? xmlEncoding(state, head) ?? "utf-8");
}

/** Null for what is no JSON, and for documents. */
function createResponseObject(state: XmlHttpRequestState): unknown {
  const bytes = state.received.toBytes();
  switch (state.responseType) {
    case "arraybuffer":
      return bytes.buffer;
    case "blob":
      return new Blob([bytes], { type: serializeMimeType(finalMimeType(state)) });
    case "json":
      try {
        return JSON.parse(new NodeTextDecoder().decode(bytes)) as unknown;
      } catch {
        return null;
      }
    default:
      return null;
  }
}

/** @see https://xhr.spec.whatwg.org/#response-mime-type */
function responseMimeType({ response }: XmlHttpRequestState): MimeType {
  return extractMimeType(response?.headers ?? []) ?? { essence: "text/xml", parameters: new Map() };
}

/** @see https://xhr.spec.whatwg.org/#final-mime-type */
function finalMimeType(state: XmlHttpRequestState): MimeType {
  return state.overrideMimeType ?? responseMimeType(state);
}

/** Null if nobody names one, or names one that does not exist. @see https://xhr.spec.whatwg.org/#final-charset */
function finalEncoding(state: XmlHttpRequestState): string | null {
  const label = state.overrideMimeType?.parameters.get("charset") ?? responseMimeType(state).parameters.get("charset");
  return label === undefined ? null : encodingOfLabel(label);
}

/** What an XML declaration says, for XML without another word on it. @see https://xhr.spec.whatwg.org/#text-response, step 3 */
function xmlEncoding(state: XmlHttpRequestState, head: Uint8Array): string | null {
  if (state.responseType !== "" || !isXmlMimeType(finalMimeType(state))) return null;
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 1024)).toString("latin1");
  const label = /^<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(start)?.[1];
  return label === undefined ? null : encodingOfLabel(label);
}

/** `mime` as `overrideMimeType()` takes it. */
export function parseOverrideMimeType(mime: string): MimeType {
  return parseMimeType(mime) ?? { essence: "application/octet-stream", parameters: new Map() };
}
