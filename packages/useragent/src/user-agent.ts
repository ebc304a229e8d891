/**
 * A user agent: one preflight cache, one HTTP cache, one cookie store, one set of connections, and the pages that share them.
 *
 * @see https://fetch.spec.whatwg.org/#fetching
 * @module
 */

import { AuthenticationEntryStore, type Effects, type TraceEvent } from "crossorigin/fetching";
import { CorsPreflightCache, PROFILES } from "crossorigin/protocol";
import { BlobUrlStore } from "./blob-url/blob-url-store.ts";
import { show } from "./byte-string.ts";
import { Client } from "./client.ts";
import type { ClientOptions } from "./client-options.ts";
import { ToughCookieStore } from "./cookies/cookie-store.ts";
import { MemoryHttpCache } from "./http-cache/memory-http-cache.ts";
import { ACCEPT_ENCODING } from "./transport/content-coding.ts";
import { UndiciTransport } from "./transport/undici-transport.ts";
import { SynchronousFetcher } from "./xml-http-request/synchronous/synchronous-fetcher.ts";
import { isScript } from "./element-load/is-script.ts";
import { type UserAgentOptions, type UserAgentSettings, resolveUserAgentOptions } from "./user-agent-options.ts";

/** Throws a `TypeError` that names the option, its value and what to pass instead. */
export function createUserAgent(options: UserAgentOptions = {}): UserAgent {
  return new UserAgent(options);
}

export class UserAgent {
  readonly #settings: UserAgentSettings;
  readonly #effects: Effects;
  readonly #transport: UndiciTransport;
  readonly #cookieStore: ToughCookieStore;
  readonly #preflightCache: CorsPreflightCache;
  readonly #httpCache: MemoryHttpCache | null;
  readonly #authenticationEntries = new AuthenticationEntryStore();
  readonly #synchronousFetcher: SynchronousFetcher;
  readonly #blobUrlStore = new BlobUrlStore();
  readonly #clients = new Set<Client>();
  #fetchCount = 0;
  #isClosed = false;
  #isTraceWarningGiven = false;

  /** @see {@link createUserAgent} */
  constructor(options: UserAgentOptions) {
    const settings = resolveUserAgentOptions(options);
    const { clock, userAgent, acceptLanguage, thirdPartyCookies, ipAddressSpaces } = settings;
    const profile = { ...PROFILES[settings.profile], thirdPartyCookies };
    this.#settings = settings;
    const { nonIdempotentSentAgain } = profile;
    this.#transport = new UndiciTransport({ ...settings, nonIdempotentSentAgain });
    this.#cookieStore = new ToughCookieStore(clock, profile);
    this.#preflightCache = new CorsPreflightCache(clock, profile);
    this.#httpCache = settings.httpCache === null ? null : new MemoryHttpCache(settings.httpCache, clock, profile);
    const httpCache = this.#httpCache === null ? {} : { httpCache: this.#httpCache };
    this.#effects = {
      transport: this.#transport,
      cookieStore: this.#cookieStore,
      preflightCache: this.#preflightCache,
      ...httpCache,
      authenticationEntries: this.#authenticationEntries,
      profile,
      userAgent,
      acceptLanguage,
      acceptEncoding: ACCEPT_ENCODING,
      maxBodyBytes: settings.maxBodyBytes,
      ipAddressSpaces,
      isScript,
      digest: (algorithm, bytes) =>
        process.getBuiltinModule("node:crypto").createHash(algorithm).update(bytes).digest("base64"),
    };
    const { ca, clientCertificate, timeoutMilliseconds, maxHeaderBytes, resolve } = settings;
    this.#synchronousFetcher = new SynchronousFetcher(
      {
        ca,
        clientCertificate,
        timeoutMilliseconds,
        maxHeaderBytes,
        profile,
        userAgent,
        acceptLanguage,
        acceptEncoding: ACCEPT_ENCODING,
        maxBodyBytes: settings.maxBodyBytes,
        ipAddressSpaces,
        http2: settings.http2,
        maxStoredBodyBytes: this.#httpCache?.maxBodyBytes ?? null,
      },
      { ...this.#effects, resolve },
    );
  }

  /** A page. Throws a `TypeError` that names the option, its value and what to pass instead. */
  client(options: ClientOptions): Client {
    if (this.#isClosed) throw new TypeError("The user agent is closed: create another one.");
    const client = new Client(options, {
      effects: this.#effects,
      cookieStore: this.#cookieStore,
      blobUrlStore: this.#blobUrlStore,
      clock: this.#settings.clock,
      handshakeOptions: { ...this.#settings, connector: this.#transport.connector },
      synchronousFetcher: this.#synchronousFetcher,
      startTrace: () => this.#startTrace(),
      onClose: (closed) => this.#clients.delete(closed),
      closePartition: (key) => this.#transport.closePartition(key),
    });
    this.#clients.add(client);
    return client;
  }

  /** Forgets every preflight. */
  clearPreflightCache(): void {
    this.#preflightCache.clearAll();
  }

  /** Forgets every stored response. */
  clearHttpCache(): void {
    this.#httpCache?.clear();
  }

  /** Forgets every user and password that a server accepted. */
  clearAuthenticationEntries(): void {
    this.#authenticationEntries.clear();
  }

  /** Closes every page and every connection; resolves when the last socket is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#clients].map((client) => client.close()));
    await Promise.all([this.#transport.close(), this.#synchronousFetcher.close()]);
  }

  #startTrace(): (event: TraceEvent) => void {
    const fetchId = this.#fetchCount++;
    const { onTrace } = this.#settings;
    if (onTrace === null) return () => {};
    return (event) => {
      try {
        const result: unknown = onTrace(event, fetchId);
        if (result instanceof Promise) result.catch((error: unknown) => this.#warnOfTrace(error));
      } catch (error) {
        this.#warnOfTrace(error);
      }
    };
  }

  /** Choice: a listener that fails is told of once, as it will fail again at the next event. */
  #warnOfTrace(error: unknown): void {
    if (this.#isTraceWarningGiven) return;
    this.#isTraceWarningGiven = true;
    const what = error instanceof Error ? String(error) : show(error);
    process.emitWarning(`The option onTrace of a user agent failed, and is not told of again: ${what}`, {
      type: "CrossoriginWarning",
      code: "CROSSORIGIN_ON_TRACE",
      ...(error instanceof Error && error.stack !== undefined ? { detail: error.stack } : {}),
    });
  }
}
