/** A network in memory: answers are functions of what is asked, or a script, and everything that was asked is kept. */

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
} from "../src/fetching/index.ts";
import { type Decision, type Policy, decide } from "../src/index.ts";
import {
  CorsPreflightCache,
  type Header,
  PROFILES,
  type ProfileName,
  getHeader,
  originOfUrl,
} from "../src/protocol/index.ts";

export interface Answer {
  readonly status?: number;
  readonly headers?: readonly Header[];
  /** The body, in pieces; an error is where it breaks off. */
  readonly chunks?: readonly (string | Error)[];
}

type Failure = Extract<TransportResult, { ok: false }>;

export type Answerer = (request: TransportRequest) => Answer | Failure | Promise<Answer>;

/** Keyed by `METHOD URL`. */
export type Script = Readonly<Record<string, Answer | Failure>>;

/** What the script says; connections that it does not know are refused. */
export function scripted(script: Script): Answerer {
  return (request) => {
    const asked = describeRequest(request);
    return (
      script[asked] ?? { ok: false, code: "network/connection-refused", detail: `nothing is scripted for ${asked}` }
    );
  };
}

const CORS_NAMES = ["origin", "access-control-request-method", "access-control-request-headers"] as const;

/** A server that does what the policy decides, and nothing else; `decisions` gets each of them. */
export function deciding(policy: Policy, decisions: Decision[] = []): Answerer {
  return ({ method, headers }) => {
    const decision = decide(policy, {
      method,
      headers: Object.fromEntries(CORS_NAMES.map((name) => [name, getHeader(headers, name)])),
    });
    decisions.push(decision);
    return {
      status: decision.status ?? 200,
      headers: decision.headers.map(({ name, value }): Header => [name, value]),
    };
  };
}

/** What a test asks for: a request of a page at `https://page.example/dir/page`, unless it says more. */
export type Asked = Partial<Omit<RequestInit, "url">> & { readonly url: string };

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
  readonly effects: Effects & { readonly preflightCache: CorsPreflightCache };
  /** Where hosts are; those that are not in it are at a public address. */
  readonly addresses: Record<string, string> = {};
  now = 0;
  cookie = "";

  constructor(answer: Answerer, profile: ProfileName = "standard", acceptLanguage = "") {
    this.effects = {
      transport: {
        send: async (request): Promise<TransportResult> => {
          const address = this.addresses[request.url.hostname] ?? "203.0.113.1";
          if (!request.allowsConnection({ address, port: Number(request.url.port) || 80 }))
            return { ok: false, code: "network/failed", detail: "held back" };
          this.sent.push(request);
          const answered = await answer(request);
          if ("code" in answered) return answered;
          const { status = 200, headers = [], chunks = [] } = answered;
          const body = {
            cancel: () => void this.canceled.push(request.url.href),
            [Symbol.asyncIterator]: () => bytesOf(chunks),
          };
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
      acceptLanguage,
      acceptEncoding: "gzip",
      maxBodyBytes: 1_000_000,
    };
  }

  async fetch(asked: Asked, controller?: FetchController): Promise<Outcome> {
    const trace: TraceEvent[] = [];
    const request = createRequest({
      client: pageAt("https://page.example/dir/page"),
      mode: "cors",
      unsafeRequest: true,
      ...asked,
      url: new URL(asked.url),
    });
    const options = {
      controller: controller ?? new FetchController(),
      trace: (event: TraceEvent) => trace.push(event),
    };
    const response = await fetch(request, this.effects, options);
    return { response, reason: response.type === "error" ? response.reason : null, trace };
  }

  /** Every request that was sent, as `METHOD URL`. */
  asked(): string[] {
    return this.sent.map(describeRequest);
  }

  /** The value of a header in every request that was sent; undefined where it is missing. */
  header(name: string): (string | undefined)[] {
    return this.sent.map(({ headers }) => headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]);
  }
}

/** One fetch of a script, by a user agent that speaks English: what was sent, and the trace. */
export async function scriptedFetch(
  asked: Asked,
  script: Script,
): Promise<{ readonly sent: readonly string[]; readonly trace: readonly TraceEvent[] }> {
  const network = new FakeNetwork(scripted(script), "standard", "en");
  const { trace } = await network.fetch(asked);
  return { sent: network.asked(), trace };
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

function describeRequest({ method, url }: TransportRequest): string {
  return `${method} ${url.href}`;
}

async function* bytesOf(chunks: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield await Promise.resolve(Uint8Array.from(chunk, (character) => character.charCodeAt(0)));
  }
}

/** A body without content. */
// oxlint-disable-next-line require-yield
export async function* noBytes(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
}
