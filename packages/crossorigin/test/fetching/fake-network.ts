/** A network in memory: answers are functions of what is asked, and everything that was asked is kept. */

import {
  type CookieContext,
  type Effects,
  type Environment,
  FetchController,
  type FilteredResponse,
  type NetworkError,
  type NetworkErrorReason,
  type RequestInit,
  type TraceEvent,
  type TransportRequest,
  type TransportResult,
  createRequest,
  fetch,
} from "../../src/fetching/index.ts";
import { CorsPreflightCache, type Header, PROFILES, type ProfileName, originOfUrl } from "../../src/protocol/index.ts";

export interface Answer {
  readonly status?: number;
  readonly headers?: readonly Header[];
}

export type Answerer = (
  request: TransportRequest,
) => Answer | Extract<TransportResult, { ok: false }> | Promise<Answer>;

export interface Outcome {
  readonly response: FilteredResponse | NetworkError;
  readonly reason: NetworkErrorReason | null;
  readonly trace: readonly TraceEvent[];
}

/** A user agent without sockets. */
export class FakeNetwork {
  readonly sent: TransportRequest[] = [];
  readonly cookieContexts: CookieContext[] = [];
  /** Bodies that were let go, by URL. */
  readonly canceled: string[] = [];
  readonly effects: Effects;
  now = 0;
  cookie = "";

  constructor(answer: Answerer, profile: ProfileName = "standard") {
    this.effects = {
      transport: {
        send: async (request): Promise<TransportResult> => {
          this.sent.push(request);
          const answered = await answer(request);
          if ("code" in answered) return answered;
          const { status = 200, headers = [] } = answered;
          const body = { cancel: () => void this.canceled.push(request.url.href), [Symbol.asyncIterator]: emptyBody };
          return { ok: true, status, statusMessage: "", headers: [...headers], body };
        },
      },
      cookieStore: {
        cookieHeader: (_url, context) => {
          this.cookieContexts.push(context);
          return this.cookie;
        },
        store: (_url, setCookie) => setCookie !== "refuse me",
      },
      preflightCache: new CorsPreflightCache({ now: () => this.now }, PROFILES[profile]),
      profile: PROFILES[profile],
      userAgent: "Test/1",
      acceptLanguage: "",
      acceptEncoding: "gzip",
    };
  }

  async fetch(
    init: Partial<Omit<RequestInit, "url">> & { readonly url: string },
    controller?: FetchController,
  ): Promise<Outcome> {
    const trace: TraceEvent[] = [];
    const request = createRequest({
      client: pageAt("https://page.example/dir/page"),
      mode: "cors",
      unsafeRequest: true,
      ...init,
      url: new URL(init.url),
    });
    const options = {
      controller: controller ?? new FetchController(),
      trace: (event: TraceEvent) => trace.push(event),
    };
    const response = await fetch(request, this.effects, options);
    return { response, reason: response.type === "error" ? response.reason : null, trace };
  }

  /** The value of a header in every request that was sent; undefined where it is missing. */
  header(name: string): (string | undefined)[] {
    return this.sent.map(({ headers }) => headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]);
  }
}

/** A page at `url`, unless `settings` say more. */
export function pageAt(url: string, settings: Partial<Environment> = {}): Environment {
  const origin = settings.origin ?? originOfUrl(new URL(url));
  return {
    origin,
    url: new URL(url),
    topLevelOrigin: origin,
    referrerPolicy: "",
    embedderPolicy: "unsafe-none",
    ...settings,
  };
}

// oxlint-disable-next-line require-yield
async function* emptyBody(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
}
