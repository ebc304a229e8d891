/** Replays a scenario on the user agent: its steps in a page, against the scripted server. */

import { type Client, type ClientOptions, type UserAgent, createUserAgent } from "@crossorigin/useragent";
import type { ProfileName } from "crossorigin/protocol";
import { addressSpaceOf, addressSpaces, localNetworkPermissions } from "./local-network.ts";
import { Names, addressOf, lackingFor } from "./names.ts";
import { runEventSourceStep } from "./event-source-step.ts";
import { type Defaults, observeRequest } from "./normalize.ts";
import type { Observation, ObservedRequest, Scenario, Step, StepResult, XhrStep } from "./scenario.ts";
import { loadElement } from "./replay-element.ts";
import { PORT_80_ADDRESS, type ScenarioServer, type ScriptedRun } from "./scripted-server.ts";
import { type Place, createBody, runSteps } from "./steps.ts";
import { runWebSocketStep } from "./web-socket-step.ts";
import { type XmlHttpRequestClass, runXhrStep } from "./xhr-step.ts";

/** Debian's Chromium blocks other sites' cookies; upstream, which the profile follows, allows them. */
const RECORDED_CHROMIUM_COOKIES = "block";

/** A scenario uses something that the user agent does not have. */
export class NotReplayable extends Error {
  /** The key of a reason in `not-replayable.json`. */
  readonly reason: string;

  constructor(reason: string) {
    super(`The user agent cannot replay this: ${reason}.`);
    this.name = "NotReplayable";
    this.reason = reason;
  }
}

export interface ReplayOptions {
  readonly server: ScenarioServer;
  /** PEM of the authority that the server's certificate comes from. */
  readonly ca: string;
  readonly profile: ProfileName;
}

const USER_AGENT = "oracle/1";
const ACCEPT_LANGUAGE = "en-US,en;q=0.9";
/** No step takes longer, unless something hangs. */
const TIMEOUT_MILLISECONDS = 10_000;
/** A scenario that takes longer never ends: nothing may wait for it. */
const HANG_MILLISECONDS = 60_000;

/** Does a step of the scenario stop its thread? With a timeout it throws before it is sent. */
export function blocksItsThread({ steps }: Scenario): boolean {
  return steps.some((step) => "xhr" in step && isBlocking(step));
}

function isBlocking({ synchronous, timeoutMilliseconds }: XhrStep): boolean {
  return synchronous === true && timeoutMilliseconds === undefined;
}

/** What the server saw and what the script saw. Throws {@link NotReplayable}. */
export async function replay(scenario: Scenario, options: ReplayOptions): Promise<Observation> {
  const run = new Replay(scenario, options);
  try {
    return await run.observe();
  } finally {
    await run.close();
  }
}

class Replay {
  readonly #scenario: Scenario;
  readonly #server: ScenarioServer;
  readonly #names: Names;
  readonly #base: string;
  readonly #userAgent: UserAgent;
  readonly #requests: ObservedRequest[] = [];
  /** The clock is the scenario's own: nobody waits for all of it. */
  #now = Date.now();
  #onRequest: (() => void) | null = null;
  /** Fetches that have not ended, and who waits for them. */
  readonly #fetching = new Set<number>();
  readonly #onIdle: (() => void)[] = [];

  constructor(scenario: Scenario, { server, ca, profile }: ReplayOptions) {
    this.#scenario = scenario;
    this.#server = server;
    this.#base = `/r/${profile}/${scenario.id}/`;
    this.#names = new Names(server.ports, this.#base);
    this.#userAgent = createUserAgent({
      profile,
      ca,
      resolve: (hostname, port) => {
        const address = addressOf(hostname);
        if (address === null) throw new Error("Nobody has this name.");
        return port === 80 ? PORT_80_ADDRESS : address;
      },
      ipAddressSpaces: addressSpaces(server.ports),
      clock: { now: () => this.#now },
      userAgent: USER_AGENT,
      acceptLanguage: ACCEPT_LANGUAGE,
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      thirdPartyCookies: profile === "chromium" ? RECORDED_CHROMIUM_COOKIES : undefined,
      onTrace: ({ type }, fetchId) => {
        if (type === "fetch") this.#fetching.add(fetchId);
        if (type === "done" || type === "network-error") this.#fetching.delete(fetchId);
        if (this.#fetching.size === 0) for (const callback of this.#onIdle.splice(0)) callback();
      },
    });
  }

  async observe(): Promise<Observation> {
    const { steps, server: routes = {}, keeps = [], page = "A" } = this.#scenario;
    const lacking = lackingFor(this.#scenario, this.#server.ports);
    if (lacking !== null) throw new NotReplayable(lacking);
    const defaults: Defaults = {
      userAgent: USER_AGENT,
      acceptLanguage: ACCEPT_LANGUAGE,
      referrers: [`${this.#names.origin(page)}/`, `${this.#names.origin(page)}/page`],
    };
    const kept = new Set(keeps);
    const script: ScriptedRun = {
      base: this.#base,
      routes,
      expand: (text) => this.#names.expand(text),
      onRequest: (request, url) => {
        this.#requests.push(observeRequest(request, url, this.#names, defaults, kept));
        this.#onRequest?.();
      },
    };
    await this.#server.add(script);
    let results: StepResult[];
    let timer: NodeJS.Timeout | undefined;
    const hang = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("A step never ends.")), HANG_MILLISECONDS);
    });
    try {
      results = await Promise.race([runSteps(steps, this.#place(page)), hang]);
    } finally {
      clearTimeout(timer);
      await this.#server.remove(script);
    }
    return { server: this.#requests, script: this.#names.collapseAll(results) as StepResult[] };
  }

  close(): Promise<void> {
    return this.#userAgent.close();
  }

  /** The context that the scenario's steps run in. */
  #place(page: string): Place {
    const topLevelOrigin = this.#names.origin(page);
    const { context, embedderPolicy } = this.#scenario;
    const isOpaque = context === "sandboxed-frame" || context === "data-frame";
    const url = `${topLevelOrigin}/page`;
    const client = this.#userAgent.client({
      url,
      opaqueOrigin: isOpaque,
      topLevelOrigin,
      embedderPolicy,
      worker: context === "worker",
      ...this.#localNetworkAccess(topLevelOrigin),
    });
    return this.#placeOf(client, topLevelOrigin);
  }

  /** Of a page of this origin. One of loopback and http has nothing less public to be kept from, and no mixed content to be let: it need not say so. */
  #localNetworkAccess(origin: string): Pick<ClientOptions, "ipAddressSpace" | "localNetworkAccess"> {
    const ipAddressSpace = addressSpaceOf(origin, this.#server.ports);
    if (ipAddressSpace === "loopback" && origin.startsWith("http:")) return {};
    return {
      ipAddressSpace,
      localNetworkAccess: (permission) => localNetworkPermissions(this.#names)[permission.origin] ?? "denied",
    };
  }

  #placeOf(client: Client, topLevelOrigin: string): Place {
    const runIn = (
      url: string,
      steps: readonly Step[],
      allow = "",
      global: Pick<ClientOptions, "worker"> = {},
    ): Promise<StepResult[]> => {
      const { origin } = new URL(url);
      const access = this.#localNetworkAccess(origin);
      const isAsked = access.ipAddressSpace !== undefined && allow !== "";
      const features = isAsked ? { allow: [allow] as ClientOptions["allow"] } : {};
      return runSteps(
        steps,
        this.#placeOf(
          this.#userAgent.client({ url, topLevelOrigin, ...access, ...features, ...global }),
          topLevelOrigin,
        ),
      );
    };
    return {
      expand: (text) => this.#names.expand(text),
      padded: (url, length) => this.#names.padded(url, length),
      fetch: (input, init) => client.fetch(input as Parameters<Client["fetch"]>[0], init),
      createRequest: (url, init) => new client.Request(url, init),
      createObjectUrl: (blob) => client.URL.createObjectURL(blob),
      revokeObjectUrl: (url) => client.URL.revokeObjectURL(url),
      createHeaders: (headers) => new client.Headers(headers as HeadersInit),
      xhr: (step) => this.#xhr(step, client),
      element: (step) => loadElement(client, step),
      beacon: async (url, data) => {
        const isTaken = client.sendBeacon(url, data as Parameters<Client["sendBeacon"]>[1]);
        if (isTaken) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
        return isTaken;
      },
      eventSource: (step) => runEventSourceStep(client.EventSource, step),
      webSocket: (step) => runWebSocketStep(client.WebSocket, step),
      wait: async (milliseconds) => {
        this.#now += milliseconds;
        // What came meanwhile without anybody reading it, such as an opaque body, gets to where it belongs.
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
      setCookie: (text) => {
        client.cookies.set(text);
      },
      later: (callback) => this.#whenAsked(callback),
      // A dedicated worker has its page's origin and partition.
      inWorker: (steps) => runIn(client.url, steps, "", { worker: true }),
      inFrame: (origin, allow, steps) => runIn(`${origin}/`, steps, allow),
    };
  }

  async #xhr(step: XhrStep, client: Client): Promise<StepResult> {
    const found: unknown = Reflect.get(client, "XMLHttpRequest");
    if (found === undefined) throw new NotReplayable("xml-http-request");
    if (isBlocking(step) && !this.#server.answersWhileBlocked)
      throw new Error("A synchronous request would wait for a server in its own thread.");
    return runXhrStep(found as XmlHttpRequestClass, step, {
      expand: (text) => this.#names.expand(text),
      createBody,
      onNextRequest: (callback) => this.#whenAsked(callback),
    });
  }

  /** When the server has seen the next request, which keeps a busy machine from deciding. */
  #whenAsked(callback: () => void): void {
    this.#onRequest = () => {
      this.#onRequest = null;
      setTimeout(callback, 10);
    };
  }
}
