/**
 * A user agent: one preflight cache, one cookie jar, one set of connections, and the pages that share them.
 *
 * @module
 */

import type { Effects, TraceEvent } from "crossorigin/fetching";
import { type Clock, CorsPreflightCache, PROFILES, type ProfileName, isProfileName } from "crossorigin/protocol";
import { Client, type ClientOptions } from "./client.ts";
import { ACCEPTED_CODINGS } from "./content-coding.ts";
import { MemoryCookieStore } from "./cookie-jar.ts";
import { DispatcherTransport } from "./dispatcher-transport.ts";

export interface UserAgentOptions {
  /** The address to connect to for a name, as `curl --resolve`; undefined to resolve it. */
  readonly resolve?: (hostname: string, port: number) => string | undefined;
  /** Certificates in PEM to trust beside the built-in ones. */
  readonly ca?: string;
  /** Milliseconds; default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: `standard`. */
  readonly profile?: ProfileName;
  /** Hears every decision as it is made. */
  readonly onTrace?: (event: TraceEvent, fetchId: number) => void;
  readonly userAgent?: string;
  /** Default: `en-US,en;q=0.9`. */
  readonly acceptLanguage?: string;
  /** For connecting, for the head, and between two pieces of a body; default: 300 000. */
  readonly timeoutMilliseconds?: number;
  /** Default: 256 KiB. */
  readonly maxHeaderBytes?: number;
}

/** Throws TypeError for an option that cannot be used. */
export function createUserAgent(options: UserAgentOptions = {}): UserAgent {
  return new UserAgent(options);
}

export class UserAgent {
  readonly #transport: DispatcherTransport;
  readonly #effects: Effects;
  readonly #cookies: MemoryCookieStore;
  readonly #preflightCache: CorsPreflightCache;
  readonly #onTrace: UserAgentOptions["onTrace"];
  readonly #clients = new Set<Client>();
  #fetchCount = 0;

  constructor(options: UserAgentOptions) {
    const { profile: profileName = "standard", timeoutMilliseconds = 300_000, maxHeaderBytes = 262_144 } = options;
    if (!isProfileName(profileName)) {
      throw new TypeError(`Unknown profile: ${String(profileName)}. Use one of ${Object.keys(PROFILES).join(", ")}.`);
    }
    if (!(timeoutMilliseconds > 0)) throw new TypeError(`timeoutMilliseconds must be a number above 0, not ${String(timeoutMilliseconds)}.`);
    const profile = PROFILES[profileName];
    const clock = options.clock ?? { now: () => Date.now() };
    this.#cookies = new MemoryCookieStore(clock);
    this.#preflightCache = new CorsPreflightCache(clock, profile);
    this.#transport = new DispatcherTransport({ resolve: options.resolve, ca: options.ca, timeoutMilliseconds, maxHeaderBytes });
    this.#onTrace = options.onTrace;
    this.#effects = {
      transport: this.#transport,
      cookieStore: this.#cookies,
      preflightCache: this.#preflightCache,
      profile,
      userAgent: options.userAgent ?? "Mozilla/5.0 (compatible; crossorigin)",
      acceptLanguage: options.acceptLanguage ?? "en-US,en;q=0.9",
      acceptEncoding: ACCEPTED_CODINGS,
    };
  }

  /** A page. Throws TypeError for a URL that no page can have. */
  client(options: ClientOptions): Client {
    const client = new Client(options, {
      effects: this.#effects,
      cookies: this.#cookies,
      onTrace: this.#onTrace,
      nextFetchId: () => this.#fetchCount++,
    });
    this.#clients.add(client);
    return client;
  }

  /** Forgets every preflight. */
  clearPreflightCache(): void {
    this.#preflightCache.clearAll();
  }

  /** Closes every page and every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    await this.#transport.close();
  }
}
