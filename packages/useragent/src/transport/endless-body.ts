/**
 * Responses that pause as long as they like, such as event streams.
 *
 * @module
 */

import type { Transport, TransportRequest } from "crossorigin/fetching";

/** A request whose response's body may come in pieces with any time between them. */
export interface EndlessTransportRequest extends TransportRequest {
  readonly isBodyEndless?: boolean;
}

/** `transport`, without a limit for the time between two pieces of a body. */
export function endlessBodies(transport: Transport): Transport {
  return {
    send: (request) => {
      const endless: EndlessTransportRequest = { ...request, isBodyEndless: true };
      return transport.send(endless);
    },
  };
}
