/**
 * The exchanges of one pool that have no connection yet, so that none is opened for nobody.
 *
 * undici 7 takes an exchange that was cut off on its connection for one that still waits, and opens another connection
 * for it, which then stays idle. (undici 8 does not, but asks for a later Node.js than we do.)
 *
 * @see https://fetch.spec.whatwg.org/#concept-connection-pool
 * @module
 */

import type { buildConnector } from "undici";
import { TransportError } from "./network-failure.ts";

export class WaitingExchanges {
  /** How many there are by origin; none is no entry. */
  readonly #counts = new Map<string, number>();

  /** Counts one more. Returns what is to be called when it has a connection or has ended; only the first call counts. */
  add(origin: string): () => void {
    this.#change(origin, 1);
    let isWaiting = true;
    return () => {
      if (isWaiting) this.#change(origin, -1);
      isWaiting = false;
    };
  }

  /** `connector`, except that it fails for an origin that no exchange waits for. */
  guard(connector: buildConnector.connector): buildConnector.connector {
    return (target, callback) => {
      if (this.#counts.has(originOf(target))) {
        connector(target, callback);
        return;
      }
      const error = new TransportError("network/client-closed", "nobody waits for this connection");
      queueMicrotask(() => callback(error, null));
    };
  }

  #change(origin: string, difference: number): void {
    const count = (this.#counts.get(origin) ?? 0) + difference;
    if (count === 0) this.#counts.delete(origin);
    else this.#counts.set(origin, count);
  }
}

/** The origin that undici wants a connection to. */
export function originOf({ protocol, host, hostname }: buildConnector.Options): string {
  return `${protocol}//${host ?? hostname}`;
}
