/** What can be served wherever there is `fetch`. Runs on every runtime. */

import { withCors } from "../../../src/adapters/fetch.ts";
import type { Departures } from "../server.ts";
import type { Setup } from "../setups.ts";
import { fetchApplication } from "./fetch-application.ts";
import { honoApplication } from "./hono-application.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

const noRawReply = "every reply is a Response";
const noGuard = "a wrapper stands outside of everything, so there is nothing before it";

function wrapped({ source, options, inner, journal }: Setup, handler: Fetch): Fetch {
  const silent = {
    onError: (error: unknown) => {
      journal.hits.push(String(error));
      return new Response(null, { status: 500 });
    },
  };
  const application = inner === null ? handler : withCors(inner.source, handler, { ...inner.options, ...silent });
  return withCors(source, application, { ...options, ...silent });
}

export const FETCH_SERVERS: Readonly<
  Record<string, { readonly departures: Departures; readonly open: (setup: Setup) => Fetch }>
> = {
  "withCors around a fetch handler": {
    departures: { noRawReply, noGuard, noCompression: "a handler has no middleware" },
    open: (setup) => wrapped(setup, fetchApplication(setup)),
  },
  "cors on Hono": {
    departures: { noRawReply },
    open: (setup) => {
      const application = honoApplication(setup, true);
      return (request) => application.fetch(request);
    },
  },
  "withCors around Hono": {
    departures: { noRawReply, noGuard },
    open: (setup) => {
      const application = honoApplication(setup, false);
      return wrapped(setup, (request) => application.fetch(request));
    },
  },
};
