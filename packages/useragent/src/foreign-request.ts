/**
 * Requests and signals of other realms, such as Node's own `Request`: taken over member by member.
 *
 * @see https://fetch.spec.whatwg.org/#dom-request
 * @module
 */

import { show, toUsvString } from "./byte-string.ts";
import { adoptStream, streamOf } from "./foreign-body.ts";
import type { HeadersInit } from "./headers-init.ts";
import type { RequestInit } from "./request-init.ts";
import { NodeAbortController, NodeAbortSignal } from "./node-globals.ts";

/** What of another realm's request can be seen from outside. */
export interface ForeignRequest {
  readonly url: string;
  readonly init: RequestInit;
  /**
   * Choice: a body that was made from a stream cannot be told from one that was made from bytes, so all are read to
   * their end before they are sent.
   */
  readonly body: ReadableStream<Uint8Array> | null;
}

const MEMBERS = [
  "method",
  "headers",
  "referrer",
  "referrerPolicy",
  "mode",
  "credentials",
  "cache",
  "redirect",
  "integrity",
  "keepalive",
  "signal",
] as const satisfies readonly (keyof RequestInit)[];

/**
 * Reads `input` if it is a request of another realm; null for what is to be taken for a URL.
 *
 * Choice: an object that is neither would be requested as `[object Object]`, which nobody means; it is a `TypeError`.
 */
export function readForeignRequest(input: unknown): ForeignRequest | null {
  if (typeof input !== "object" || input === null) return null;
  const { url, method, headers } = input as Readonly<Record<string, unknown>>;
  if (typeof url !== "string" || typeof method !== "string") {
    const string = toUsvString(input, "The URL");
    if (!/^\[object .*\]$/.test(string)) return null;
    throw notAdoptable(`${string} is neither a URL nor a request.`);
  }
  if (typeof headers !== "object" || headers === null || !(Symbol.iterator in headers)) {
    throw notAdoptable(`The headers of the request are ${show(headers)} that cannot be iterated over.`);
  }
  const init: Record<string, unknown> = {};
  for (const name of MEMBERS) init[name] = Reflect.get(input, name);
  return { url, init: { ...(init as RequestInit), headers: headers as HeadersInit }, body: bodyOf(input, method) };
}

/** What `page.Request` throws for a request that it cannot take over. */
export function notAdoptable(why: string, cause?: unknown): TypeError {
  return new TypeError(`${why} Pass a URL or a string, or make the request with page.Request.`, { cause });
}

/** A signal of this realm that follows `value`, a signal of any realm; null if it is no signal. */
export function adoptSignal(value: unknown): AbortSignal | null {
  if (value instanceof NodeAbortSignal) return value;
  if (!isSignalLike(value)) return null;
  const controller = new NodeAbortController();
  const follow = (): void => controller.abort(value.reason);
  if (value.aborted) follow();
  else value.addEventListener("abort", follow, { once: true });
  return controller.signal;
}

function isSignalLike(value: unknown): value is AbortSignal {
  return (
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    typeof value.aborted === "boolean" &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
  );
}

function bodyOf(input: object, method: string): ReadableStream<Uint8Array> | null {
  const body: unknown = Reflect.get(input, "body");
  const mayHaveBody = !/^(?:GET|HEAD)$/i.test(method);
  if (body === null || (body === undefined && !mayHaveBody)) return null;
  const isLocked = typeof body === "object" && "locked" in body && body.locked === true;
  if (Reflect.get(input, "bodyUsed") === true || isLocked) {
    throw new TypeError("The body of the input request was read or is being read.");
  }
  if (typeof body === "object") return adoptStream(body);
  // Some polyfills hide the stream.
  const read: unknown = Reflect.get(input, "arrayBuffer");
  if (body === undefined && typeof read === "function") {
    return streamOf(async () => new Uint8Array((await Reflect.apply(read, input, [])) as ArrayBuffer));
  }
  if (body === undefined) return null;
  throw notAdoptable(`The body of the request is ${show(body)}.`);
}
