/** Replays a scenario on the user agent: its steps in a page, against the scripted server. */

import { type Client, type UserAgent, createUserAgent } from "@crossorigin/useragent";
import type { ProfileName } from "crossorigin/protocol";
import { Names } from "./names.ts";
import { type Defaults, numbered, observeRequest } from "./normalize.ts";
import type {
  FetchStep,
  Observation,
  ObservedRequest,
  Scenario,
  ScenarioBody,
  Step,
  StepResult,
  XhrStep,
} from "./scenario.ts";
import { PORT_80_ADDRESS, type ScriptedServer } from "./scripted-server.ts";
import { type XmlHttpRequestClass, runXhrStep } from "./xhr-step.ts";

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
  readonly server: ScriptedServer;
  /** PEM of the authority that the server's certificate comes from. */
  readonly ca: string;
  readonly profile: ProfileName;
}

const USER_AGENT = "oracle/1";
const ACCEPT_LANGUAGE = "en-US,en;q=0.9";
/** No step takes longer, unless something hangs. */
const TIMEOUT_MILLISECONDS = 10_000;

/** What the server saw and what the script saw. Throws {@link NotReplayable}. */
export async function replay(scenario: Scenario, options: ReplayOptions): Promise<Observation> {
  const run = new Replay(scenario, options);
  try {
    return await run.observe();
  } finally {
    await run.close();
  }
}

/** A page, or a frame or worker in it. */
interface Place {
  readonly client: Client;
  readonly topLevelOrigin: string;
}

class Replay {
  readonly #scenario: Scenario;
  readonly #server: ScriptedServer;
  readonly #names: Names;
  readonly #base: string;
  readonly #userAgent: UserAgent;
  readonly #requests: ObservedRequest[] = [];
  /** The clock is the scenario's own: nobody waits for it. */
  #now = Date.now();
  #onRequest: (() => void) | null = null;

  constructor(scenario: Scenario, { server, ca, profile }: ReplayOptions) {
    this.#scenario = scenario;
    this.#server = server;
    this.#base = `/r/${profile}/${scenario.id}/`;
    this.#names = new Names(server.ports, this.#base);
    this.#userAgent = createUserAgent({
      profile,
      ca,
      resolve: (_, port) => (port === 80 ? PORT_80_ADDRESS : "127.0.0.1"),
      clock: { now: () => this.#now },
      userAgent: USER_AGENT,
      acceptLanguage: ACCEPT_LANGUAGE,
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    });
  }

  async observe(): Promise<Observation> {
    const { steps, server: routes = {}, keeps = [], page = "A" } = this.#scenario;
    if (this.#server.ports.default === 0 && (page === "D" || page === "E")) throw new NotReplayable("port-80");
    const defaults: Defaults = {
      userAgent: USER_AGENT,
      acceptLanguage: ACCEPT_LANGUAGE,
      referrers: [`${this.#names.origin(page)}/`, `${this.#names.origin(page)}/page`],
    };
    const kept = new Set(keeps);
    const script = {
      base: this.#base,
      routes,
      expand: (text: string): string => this.#names.expand(text),
      onRequest: (...[request, url]: Parameters<Parameters<ScriptedServer["add"]>[0]["onRequest"]>): void => {
        this.#requests.push(observeRequest(request, url, this.#names, defaults, kept));
        this.#onRequest?.();
      },
    };
    this.#server.add(script);
    try {
      const results = await this.#run(steps, this.#place(page));
      return { server: this.#requests, script: this.#names.collapseAll(results) as StepResult[] };
    } finally {
      this.#server.remove(script);
    }
  }

  close(): Promise<void> {
    return this.#userAgent.close();
  }

  /** The context that the scenario's steps run in. */
  #place(page: string): Place {
    const topLevelOrigin = this.#names.origin(page);
    const isOpaque = this.#scenario.context === "sandboxed-frame" || this.#scenario.context === "data-frame";
    const url = `${topLevelOrigin}/page`;
    return { client: this.#userAgent.client({ url, opaqueOrigin: isOpaque, topLevelOrigin }), topLevelOrigin };
  }

  async #run(steps: readonly Step[], place: Place): Promise<StepResult[]> {
    const results: StepResult[] = [];
    for (const step of steps) results.push(...(await this.#step(step, place)));
    return results;
  }

  /** Steps one after the other; one without a result gives none. */
  async #step(step: Step, place: Place): Promise<readonly StepResult[]> {
    if ("fetch" in step) return [await this.#fetch(step, place)];
    if ("xhr" in step) return [await this.#xhr(step, place)];
    if ("waitMilliseconds" in step) {
      this.#now += step.waitMilliseconds;
      return [];
    }
    if ("cookie" in step) {
      place.client.cookies.set(this.#names.expand(step.cookie));
      return [];
    }
    if ("parallel" in step) {
      const all = await Promise.all(step.parallel.map((branch) => this.#step(branch, place)));
      return [{ parallel: all.flat() }];
    }
    if ("repeat" in step) {
      const results: StepResult[] = [];
      for (let n = 0; n < step.repeat; n++) {
        const numberedSteps = JSON.parse(numbered(JSON.stringify(step.steps), n)) as Step[];
        results.push(...(await this.#run(numberedSteps, place)));
      }
      return results;
    }
    if ("worker" in step) {
      // A dedicated worker has its page's origin and partition.
      const client = this.#userAgent.client({ url: place.client.url, topLevelOrigin: place.topLevelOrigin });
      return [{ worker: await this.#run(step.worker, { ...place, client }) }];
    }
    const url = `${this.#names.expand(step.frame)}/`;
    const client = this.#userAgent.client({ url, topLevelOrigin: place.topLevelOrigin });
    return [{ frame: await this.#run(step.steps, { ...place, client }) }];
  }

  async #xhr(step: XhrStep, { client }: Place): Promise<StepResult> {
    const found: unknown = Reflect.get(client, "XMLHttpRequest");
    if (found === undefined) throw new NotReplayable("xml-http-request");
    // With a timeout it throws before it is sent.
    const isBlocking = step.synchronous === true && step.timeoutMilliseconds === undefined;
    if (isBlocking) throw new NotReplayable("synchronous-requests");
    return runXhrStep(found as XmlHttpRequestClass, step, {
      expand: (text) => this.#names.expand(text),
      createBody,
      onNextRequest: (callback) => this.#whenAsked(callback),
    });
  }

  async #fetch(step: FetchStep, { client }: Place): Promise<StepResult> {
    const expanded = this.#names.expand(step.fetch);
    const url = step.padUrlTo === undefined ? expanded : this.#names.padded(expanded, step.padUrlTo);
    try {
      const init: Record<string, unknown> = { ...(this.#expandAll(step.init ?? {}) as object) };
      if (step.init?.body !== undefined) init["body"] = createBody(step.init.body);
      if (step.abortAfterMilliseconds !== undefined) init["signal"] = this.#signal(step.abortAfterMilliseconds);
      const response =
        step.asRequest === true ? await client.fetch(new client.Request(url, init)) : await client.fetch(url, init);
      if (step.record === "clone")
        return { type: response.clone().type, setHeader: nameOfError(() => response.headers.set("x", "1")) };
      const body = await response.text();
      if (step.record === "status") return { status: response.status };
      const headers = Object.fromEntries(response.headers);
      return {
        type: response.type,
        status: response.status,
        ...(response.statusText === "" ? {} : { statusText: response.statusText }),
        ...(response.url === "" ? {} : { url: response.url }),
        ...(response.redirected ? { redirected: true } : {}),
        ...(Object.keys(headers).length === 0 ? {} : { headers }),
        ...(body === "" ? {} : { body }),
      };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { error: error.name };
    }
  }

  #expandAll(value: unknown): unknown {
    if (typeof value === "string") return this.#names.expand(value);
    if (Array.isArray(value)) return value.map((item) => this.#expandAll(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#expandAll(item)]));
  }

  /** 0: aborted before. Later: when the server has seen the next request, which keeps a busy machine from deciding. */
  #signal(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (milliseconds === 0) abort();
    else this.#whenAsked(abort);
    return controller.signal;
  }

  #whenAsked(callback: () => void): void {
    this.#onRequest = () => {
      this.#onRequest = null;
      setTimeout(callback, 10);
    };
  }
}

function createBody(body: ScenarioBody): unknown {
  if (typeof body === "string") return body;
  if ("blob" in body) return new Blob([body.blob], { type: body.type ?? "" });
  if ("urlSearchParams" in body) return new URLSearchParams(body.urlSearchParams);
  if ("stream" in body) return new Blob([body.stream]).stream();
  if ("repeat" in body) return body.repeat.repeat(body.times);
  const form = new FormData();
  for (const [name, value] of body.formData) form.append(name, value);
  return form;
}

function nameOfError(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
