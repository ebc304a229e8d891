/**
 * Fetching while the page's thread is blocked: another thread fetches, and this one answers its questions meanwhile.
 *
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 * @module
 */

import type { Worker } from "node:worker_threads";
import {
  type Effects,
  type Environment,
  type HttpCacheRequest,
  type TraceEvent,
  httpCachePartition,
  networkPartitionKey,
} from "crossorigin/fetching";
import type { CacheRequest } from "crossorigin/protocol";
import type { Resolve } from "../../transport/connector.ts";
import { BlockingPort, createCounters } from "./blocking-port.ts";
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

/** What the fetching thread leaves with this one. */
interface PageEffects extends Pick<Effects, "cookieStore" | "preflightCache" | "httpCache" | "authenticationEntries"> {
  readonly resolve: Resolve;
}

interface Thread {
  readonly worker: Worker;
  readonly port: BlockingPort<Answer, WorkerMessage>;
}

/** Longer than any thread takes to start, so that a page is not blocked for ever by one that cannot. */
const START_MILLISECONDS = 30_000;

/**
 * One thread for a user agent, started with the first synchronous request; it keeps no process alive.
 *
 * Choice: connections are not shared with asynchronous requests, as a socket belongs to one thread.
 */
export class SynchronousFetcher {
  readonly #settings: WorkerSettings;
  readonly #effects: PageEffects;
  #thread: Thread | null = null;
  #isBusy = false;

  constructor(settings: WorkerSettings, effects: PageEffects) {
    this.#settings = settings;
    this.#effects = effects;
  }

  /**
   * Blocks until all of the response is there, or for `milliseconds`. Throws if the thread cannot be started or breaks down, if another
   * request waits already, and a `DataCloneError` for blobs that are not Node.js's own.
   */
  fetch(
    message: FetchMessage,
    environment: Environment,
    trace: (event: TraceEvent) => void,
    milliseconds: number,
  ): FetchResult | "timed-out" {
    // A trace listener or `resolve` may get here, while the thread waits for what they answer.
    if (this.#isBusy) throw new Error("another synchronous request is under way");
    this.#thread ??= this.#start();
    const { worker, port } = this.#thread;
    worker.postMessage(message, []);
    this.#isBusy = true;
    const deadline = performance.now() + milliseconds;
    try {
      const result = this.#converse(port, environment, trace, deadline);
      // Nobody waits any more for what the thread is about.
      if (result === "timed-out") void this.close();
      return result;
    } catch (error) {
      // The thread may wait for an answer that never comes; the next request gets another one.
      void this.close();
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    thread?.port.close();
    await thread?.worker.terminate();
  }

  #converse(
    port: Thread["port"],
    environment: Environment,
    trace: (event: TraceEvent) => void,
    deadline: number,
  ): FetchResult | "timed-out" {
    for (;;) {
      const received = port.receive(Math.max(0, deadline - performance.now()));
      if (received === null) return "timed-out";
      if (received.type === "trace") trace(received.event);
      else if (received.type === "question") port.post(this.#answer(received.question, environment));
      else if (received.type === "result") return received.result;
      else throw threadFailure(received, "there is no answer");
    }
  }

  #start(): Thread {
    const threads = process.getBuiltinModule("node:worker_threads");
    const { port1, port2 } = new threads.MessageChannel();
    const counters = createCounters();
    // Sources run as they are in tests; what is published is compiled.
    const isSource = import.meta.url.endsWith(".ts");
    const script = isSource ? new URL("./worker.ts", import.meta.url) : new URL("./worker.js", import.meta.url);
    const worker = new threads.Worker(script, {
      workerData: { port: port2, counters, settings: this.#settings },
      transferList: [port2],
    });
    worker.unref();
    port1.unref();
    // What goes wrong in the thread is told through the port; without a listener it would end the process later.
    worker.on("error", () => {});
    const thread: Thread = { worker, port: new BlockingPort<Answer, WorkerMessage>(port1, counters, 0) };
    const first = thread.port.receive(START_MILLISECONDS);
    if (first?.type === "ready") return thread;
    thread.port.close();
    void worker.terminate();
    throw threadFailure(first, "it did not start");
  }

  #answer(question: Question, environment: Environment): Answer {
    try {
      return { ok: true, value: this.#valueFor(question, environment) };
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  #valueFor(question: Question, environment: Environment): unknown {
    const { cookieStore, preflightCache, httpCache, authenticationEntries, resolve } = this.#effects;
    // The key of an opaque origin is known in this thread only.
    const partition = { networkPartitionKey: networkPartitionKey(environment) };
    const requestOf = (key: WireCacheRequest): CacheRequest => ({
      ...key,
      ...partition,
      currentUrl: new URL(key.currentUrl),
    });
    const storedPartition = httpCachePartition(environment, this.#settings.profile);
    const storedRequestOf = ({ url, ...request }: WireHttpCacheRequest): HttpCacheRequest => ({
      ...request,
      partition: storedPartition,
      url: new URL(url),
    });
    switch (question.type) {
      case "resolve":
        return synchronous(resolve(question.hostname, question.port));
      case "permission-state":
        return environment.localNetworkAccess?.permissionState(question.name);
      case "request-permission":
        return synchronous(environment.localNetworkAccess?.requestPermission(question.name));
      case "cookie-header":
        return cookieStore.cookieHeader(new URL(question.url), { ...question.context, ...partition });
      case "store-cookie":
        return cookieStore.store(new URL(question.url), question.setCookie, { ...question.context, ...partition });
      case "has-method":
        return preflightCache.hasMethodMatch(requestOf(question.key), question.name);
      case "has-header-name":
        return preflightCache.hasHeaderNameMatch(requestOf(question.key), question.name);
      case "has-answer":
        return preflightCache.hasAnswerFor(requestOf(question.key), question.name);
      case "store-preflight":
        return preflightCache.store(
          requestOf(question.key),
          question.methods,
          question.headerNames,
          question.maxAgeSeconds,
        );
      case "clear-preflights":
        return preflightCache.clear(requestOf(question.key));
      case "select-stored":
        return httpCache?.select(storedRequestOf(question.request)) ?? null;
      case "is-storable":
        return httpCache?.isStorable(storedRequestOf(question.request), question.response) ?? false;
      case "store-response":
        return httpCache?.store(storedRequestOf(question.request), question.response);
      case "remove-stored":
        return httpCache?.remove(storedPartition, new URL(question.url));
      case "find-authentication": {
        const { url, realm } = question;
        const { networkPartitionKey: key } = partition;
        if (realm === undefined) return authenticationEntries?.find(key, new URL(url)) ?? null;
        return authenticationEntries?.findByRealm(key, new URL(url), realm) ?? null;
      }
      case "store-authentication": {
        const { url, realm, authorization } = question;
        return authenticationEntries?.store(partition.networkPartitionKey, new URL(url), realm, authorization);
      }
    }
  }
}

function threadFailure(message: WorkerMessage | null, otherwise: string): Error {
  return new Error(
    `the thread for synchronous requests failed: ${message?.type === "broken" ? message.message : otherwise}`,
  );
}

function synchronous(value: unknown): unknown {
  if (!(value instanceof Promise)) return value;
  value.catch(() => {});
  throw new Error("it gave a promise, which cannot be waited for while a synchronous request blocks the page");
}
