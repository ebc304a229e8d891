/**
 * The thread that fetches while a page is blocked. Cookies, preflights, stored responses and the `resolve` option stay with the page, and
 * are asked for one at a time; only connections are the thread's own.
 *
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 * @module
 */

import { failureReason } from "../../failure-reason.ts";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import {
  type Effects,
  type Environment,
  type LocalNetworkAccess,
  type HttpCache,
  type HttpCacheRequest,
  createRequest,
  fetch as runFetch,
  networkPartitionKey,
  readFully,
} from "crossorigin/fetching";
import type { CacheRequest } from "crossorigin/protocol";
import { networkFailureOf } from "../../transport/network-failure.ts";
import { UndiciTransport } from "../../transport/undici-transport.ts";
import { readParts } from "../../sendable-body.ts";
import { BlockingPort } from "./blocking-port.ts";
import type {
  Answer,
  FetchMessage,
  FetchResult,
  Question,
  WireCacheRequest,
  WireHttpCacheRequest,
  WorkerMessage,
  WorkerSettings,
} from "./messages.ts";

const { port, counters, settings } = workerData as {
  readonly port: MessagePort;
  readonly counters: Int32Array<SharedArrayBuffer>;
  readonly settings: WorkerSettings;
};
const page = new BlockingPort<WorkerMessage, Answer>(port, counters, 1);

/** Blocks this thread, too. Throws what the page threw. */
function ask(question: Question): unknown {
  page.post({ type: "question", question });
  const answer = page.receive();
  if (answer?.ok === true) return answer.value;
  throw new Error(answer?.message ?? "there is no answer");
}

function keyOf(request: CacheRequest): WireCacheRequest {
  return { ...request, currentUrl: request.currentUrl.href };
}

function wireRequestOf({ url, includeCredentials, headers }: HttpCacheRequest): WireHttpCacheRequest {
  return { url: url.href, includeCredentials, headers };
}

const transport = new UndiciTransport({
  ...settings,
  nonIdempotentSentAgain: settings.profile.nonIdempotentSentAgain,
  resolve: (hostname, port) => ask({ type: "resolve", hostname, port }) as string | undefined,
});

const preflightCache: Effects["preflightCache"] = {
  hasMethodMatch: (request, name) => ask({ type: "has-method", key: keyOf(request), name }) === true,
  hasHeaderNameMatch: (request, name) => ask({ type: "has-header-name", key: keyOf(request), name }) === true,
  hasAnswerFor: (request, name) => ask({ type: "has-answer", key: keyOf(request), name }) === true,
  store: (request, methods, headerNames, maxAgeSeconds) =>
    ask({ type: "store-preflight", key: keyOf(request), methods, headerNames, maxAgeSeconds }) === true,
  clear: (request) => ask({ type: "clear-preflights", key: keyOf(request) }) === true,
};

function createHttpCache(maxBodyBytes: number): HttpCache {
  return {
    maxBodyBytes,
    select: (request) =>
      ask({ type: "select-stored", request: wireRequestOf(request) }) as ReturnType<HttpCache["select"]>,
    isStorable: (request, { status, headers }) =>
      ask({ type: "is-storable", request: wireRequestOf(request), response: { status, headers } }) === true,
    store: (request, response) => void ask({ type: "store-response", request: wireRequestOf(request), response }),
    remove: (_, url) => void ask({ type: "remove-stored", url: url.href }),
  };
}

const effects: Effects = {
  transport,
  ...(settings.maxStoredBodyBytes === null ? {} : { httpCache: createHttpCache(settings.maxStoredBodyBytes) }),
  cookieStore: {
    cookieHeader: (url, context) => String(ask({ type: "cookie-header", url: url.href, context })),
    store: (url, setCookie, context) => ask({ type: "store-cookie", url: url.href, setCookie, context }) === true,
  },
  preflightCache,
  authenticationEntries: {
    find: (_, url) => ask({ type: "find-authentication", url: url.href }) as string | null,
    findByRealm: (_, url, realm) => ask({ type: "find-authentication", url: url.href, realm }) as string | null,
    store: (_, url, realm, authorization) =>
      void ask({ type: "store-authentication", url: url.href, realm, authorization }),
  },
  profile: settings.profile,
  userAgent: settings.userAgent,
  acceptLanguage: settings.acceptLanguage,
  acceptEncoding: settings.acceptEncoding,
  maxBodyBytes: settings.maxBodyBytes,
  ipAddressSpaces: settings.ipAddressSpaces,
};

function environmentOf({ environment, environmentUrl, localNetworkAccess }: FetchMessage): Environment {
  const rest = { ...environment, url: new URL(environmentUrl) };
  if (localNetworkAccess === null) return rest;
  const permissions: Pick<LocalNetworkAccess, "permissionState" | "requestPermission"> = {
    permissionState: (name) => ask({ type: "permission-state", name }) as "granted" | "denied" | "prompt",
    requestPermission: (name) => ask({ type: "request-permission", name }) as "granted" | "denied",
  };
  return { ...rest, localNetworkAccess: { ...localNetworkAccess, ...permissions } };
}

async function fetch(message: FetchMessage): Promise<FetchResult> {
  const client = environmentOf(message);
  try {
    return await fetchFor(client, message);
  } finally {
    // An opaque origin is another one after every transfer, so no later request can use the connection.
    if (client.topLevelOrigin.kind === "opaque") await transport.closePartition(networkPartitionKey(client));
  }
}

async function fetchFor(client: Environment, message: FetchMessage): Promise<FetchResult> {
  const { init, url, blobUrlEntry, body } = message;
  const bytes = body === null ? null : await readParts(body);
  const request = createRequest({
    ...init,
    url: new URL(url),
    client,
    blobUrlEntry: blobUrlEntry && { ...blobUrlEntry, environment: { ...client, ...blobUrlEntry.environment } },
    mode: "cors",
    useUrlCredentials: true,
    unsafeRequest: true,
    body: bytes === null ? null : { kind: "bytes", bytes },
  });
  const response = await runFetch(request, effects, { trace: (event) => page.post({ type: "trace", event }) });
  if (response.type === "error") return { ok: false, reason: response.reason };
  const { urlList, status, statusMessage, headers, internalResponse } = response;
  let received = new Uint8Array();
  try {
    if (internalResponse.body !== null) received = await readFully(internalResponse.body, settings.maxBodyBytes);
  } catch (error) {
    const { code, detail } = networkFailureOf(error);
    return { ok: false, reason: failureReason(urlList, code, { subject: detail }) };
  }
  return {
    ok: true,
    type: response.type === "cors" ? "cors" : "basic",
    urlList: urlList.map(({ href }) => href),
    status,
    statusMessage,
    headers,
    internalHeaders: internalResponse.headers,
    body: received,
  };
}

function breakDown(error: unknown): void {
  page.post({ type: "broken", message: error instanceof Error ? error.message : String(error) });
}

process.on("uncaughtException", breakDown);
parentPort?.on("message", (message: FetchMessage) => {
  fetch(message).then((result) => page.post({ type: "result", result }), breakDown);
});
page.post({ type: "ready" });
