/** Runs one fetch against a scripted server, in memory, and returns its trace. */

import type { Effects, TraceEvent, TransportResult } from "../src/fetching/index.ts";
import { FetchController, createRequest, fetch } from "../src/fetching/index.ts";
import type {
  CacheMode,
  CredentialsMode,
  Header,
  ProfileName,
  RedirectMode,
  RequestMode,
} from "../src/protocol/index.ts";
import { CorsPreflightCache, PROFILES, createOpaqueOrigin, originOfUrl } from "../src/protocol/index.ts";

interface ScriptedResponse {
  readonly status?: number;
  readonly headers?: readonly Header[];
}

/** Keyed by `METHOD URL`; a value other than a response is a failure of the network. */
export type Script = Readonly<Record<string, ScriptedResponse | Extract<TransportResult, { ok: false }>>>;

export interface ScriptedRequest {
  readonly url: string;
  readonly page?: string;
  readonly opaqueOrigin?: boolean;
  readonly method?: string;
  readonly headers?: readonly Header[];
  readonly mode?: RequestMode;
  readonly credentials?: CredentialsMode;
  readonly redirect?: RedirectMode;
  readonly profile?: ProfileName;
  readonly stream?: boolean;
  readonly useCorsPreflight?: boolean;
  readonly cache?: CacheMode;
  /** Canceled before it starts. */
  readonly canceled?: "aborted" | "terminated";
}

/** Every key of the script that was asked for, in order, and every trace event. */
export async function scriptedFetch(
  asked: ScriptedRequest,
  script: Script,
): Promise<{ sent: string[]; trace: TraceEvent[] }> {
  const page = new URL(asked.page ?? "https://page.example/app");
  const origin = asked.opaqueOrigin === true ? createOpaqueOrigin() : originOfUrl(page);
  const sent: string[] = [];
  const effects: Effects = {
    transport: {
      send: async ({ method, url }) => {
        const key = `${method} ${url.href}`;
        sent.push(key);
        const answer = script[key];
        if (answer === undefined)
          return { ok: false, code: "network/connection-refused", detail: `nothing is scripted for ${key}` };
        if ("code" in answer) return answer;
        return {
          ok: true,
          status: answer.status ?? 200,
          statusMessage: "",
          headers: [...(answer.headers ?? [])],
          body: null,
        };
      },
    },
    cookieStore: { cookieHeader: () => "", store: (_url, cookie) => !cookie.includes("refuse") },
    preflightCache: new CorsPreflightCache({ now: () => 0 }),
    profile: PROFILES[asked.profile ?? "standard"],
    userAgent: "test",
    acceptLanguage: "en",
    acceptEncoding: "",
  };
  const request = createRequest({
    url: new URL(asked.url),
    client: { origin, url: page, topLevelOrigin: origin, referrerPolicy: "", embedderPolicy: "unsafe-none" },
    method: asked.method ?? "GET",
    headers: asked.headers ?? [],
    mode: asked.mode ?? "cors",
    credentialsMode: asked.credentials ?? "same-origin",
    redirectMode: asked.redirect ?? "follow",
    cacheMode: asked.cache ?? "default",
    body: asked.stream === true ? { kind: "stream", stream: noBytes() } : null,
    useCorsPreflight: asked.useCorsPreflight ?? false,
    unsafeRequest: true,
  });
  const controller = new FetchController();
  if (asked.canceled === "aborted") controller.abort("reason");
  if (asked.canceled === "terminated") controller.terminate();
  const trace: TraceEvent[] = [];
  await fetch(request, effects, { controller, trace: (event) => trace.push(event) });
  return { sent, trace };
}

// oxlint-disable-next-line require-yield
async function* noBytes(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
}
