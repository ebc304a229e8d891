/**
 * `Response`: what a page sees of what came back.
 *
 * @see https://fetch.spec.whatwg.org/#response-class
 * @module
 */

import type { FilteredResponse, ResponseBody } from "crossorigin/fetching";
import { Headers, createHeaders } from "./headers.ts";

type PlatformResponse = globalThis.Response;

interface State {
  readonly type: "default" | "error" | FilteredResponse["type"];
  readonly url: string;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Reading bodies is no matter of CORS: Node's own class does it. */
  readonly body: PlatformResponse;
}

const states = new WeakMap<Response, State>();

/** A response as `fetch` gives it to a page. `isCanceled` turns a failure while reading into the page's own reason. */
export function createFetchedResponse(filtered: FilteredResponse, reasonOf: (error: unknown) => unknown): Response {
  const { type, status, statusMessage, headers, urlList, internalResponse } = filtered;
  const isHidden = type === "opaque" || type === "opaqueredirect";
  if (isHidden) internalResponse.body?.cancel();
  const response = new Response();
  states.set(response, {
    type,
    url: withoutFragment(urlList.at(-1)),
    redirected: !isHidden && urlList.length > 1,
    status,
    statusText: statusMessage,
    headers: createHeaders([...headers], "immutable"),
    body: new globalThis.Response(isHidden || internalResponse.body === null ? null : streamOf(internalResponse.body, reasonOf), {
      headers: headers.filter(([name]) => name.toLowerCase() === "content-type").map(([name, value]) => [name, value]),
    }),
  });
  return response;
}

export class Response {
  constructor(body?: ConstructorParameters<typeof globalThis.Response>[0], init?: ConstructorParameters<typeof globalThis.Response>[1]) {
    const platform = new globalThis.Response(body, init);
    const headers = createHeaders([], "response");
    for (const [name, value] of platform.headers) headers.append(name, value);
    const { status, statusText } = platform;
    states.set(this, { type: "default", url: "", redirected: false, status, statusText, headers, body: platform });
  }

  /** @see https://fetch.spec.whatwg.org/#dom-response-error */
  static error(): Response {
    const response = new Response();
    states.set(response, { ...stateOf(response), type: "error", status: 0, headers: createHeaders([], "immutable") });
    return response;
  }

  static json(data: unknown, init?: ConstructorParameters<typeof globalThis.Response>[1]): Response {
    return new Response(JSON.stringify(data), { ...init, headers: { "content-type": "application/json" } });
  }

  get type(): State["type"] {
    return stateOf(this).type;
  }

  get url(): string {
    return stateOf(this).url;
  }

  get redirected(): boolean {
    return stateOf(this).redirected;
  }

  get status(): number {
    return stateOf(this).status;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get statusText(): string {
    return stateOf(this).statusText;
  }

  get headers(): Headers {
    return stateOf(this).headers;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return stateOf(this).body.body;
  }

  get bodyUsed(): boolean {
    return stateOf(this).body.bodyUsed;
  }

  text(): Promise<string> {
    return stateOf(this).body.text();
  }

  json(): Promise<unknown> {
    return stateOf(this).body.json();
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return stateOf(this).body.arrayBuffer();
  }

  blob(): Promise<Blob> {
    return stateOf(this).body.blob();
  }

  formData(): Promise<FormData> {
    return stateOf(this).body.formData();
  }

  /** The same filter over a copy. Throws TypeError if the body was read already. */
  clone(): Response {
    const state = stateOf(this);
    const copy = new Response();
    states.set(copy, { ...state, body: state.body.clone() });
    return copy;
  }
}

function stateOf(response: Response): State {
  const state = states.get(response);
  if (state === undefined) throw new TypeError("Illegal invocation: this is not a Response object.");
  return state;
}

function withoutFragment(url: URL | undefined): string {
  return url?.href.split("#")[0] ?? "";
}

function streamOf(body: ResponseBody, reasonOf: (error: unknown) => unknown): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await iterator.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(reasonOf(error));
        }
      },
      cancel() {
        body.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}
