/** The steps of a scenario, one after the other, wherever there is a `fetch`: in a page of the user agent, or in a browser. */

import { numbered } from "./normalize.ts";
import type {
  BeaconStep,
  ElementStep,
  EventSourceStep,
  FetchStep,
  ScenarioBody,
  Step,
  StepResult,
  WebSocketStep,
  XhrStep,
} from "./scenario.ts";

/** What of the interface the steps use. */
interface FetchedResponse {
  readonly type: string;
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly redirected: boolean;
  readonly headers: Iterable<[string, string]> & { set(name: string, value: string): void };
  clone(): FetchedResponse;
  text(): Promise<string>;
}

/** A page, a frame or a worker. */
export interface Place {
  /** Puts names in the place of tokens. */
  expand(text: string): string;
  /** The URL with as many `x` at its end as make it so long. */
  padded(url: string, length: number): string;
  fetch(input: unknown, init?: Record<string, unknown>): Promise<FetchedResponse>;
  createRequest(url: string, init: Record<string, unknown>): unknown;
  createHeaders(headers: unknown): unknown;
  createObjectUrl(blob: Blob): string;
  revokeObjectUrl(url: string): void;
  xhr(step: XhrStep): Promise<StepResult>;
  /** Null where a script sees nothing of it. Resolves when nothing more is asked for. */
  element(step: ElementStep): Promise<object | null>;
  /** Resolves when it has arrived, or never will. */
  beacon(url: string, data: unknown): Promise<boolean>;
  eventSource(step: EventSourceStep): Promise<StepResult>;
  webSocket(step: WebSocketStep): Promise<StepResult>;
  wait(milliseconds: number): Promise<void> | void;
  setCookie(text: string): void;
  /** Calls back so much later, or when the server has seen the next request. */
  later(callback: () => void, milliseconds: number): void;
  inWorker(steps: readonly Step[]): Promise<readonly StepResult[]>;
  inFrame(origin: string, allow: string, steps: readonly Step[]): Promise<readonly StepResult[]>;
}

/** Steps one after the other; one without a result gives none. */
export async function runSteps(steps: readonly Step[], place: Place): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) results.push(...(await runStep(step, place)));
  return results;
}

async function runStep(step: Step, place: Place): Promise<readonly StepResult[]> {
  if ("fetch" in step) return [await runFetchStep(step, place)];
  if ("xhr" in step) return [await place.xhr(step)];
  if ("element" in step) {
    const { src, importedBy, imports = [] } = step;
    const result = await place.element({
      ...step,
      src: place.expand(src),
      ...(importedBy === undefined ? {} : { importedBy: place.expand(importedBy) }),
      imports: imports.map((url) => place.expand(url)),
    });
    return result === null ? [] : [result];
  }
  if ("eventSource" in step) return [await place.eventSource({ ...step, eventSource: place.expand(step.eventSource) })];
  if ("webSocket" in step) return [await place.webSocket({ ...step, webSocket: place.expand(step.webSocket) })];
  if ("beacon" in step) return [await runBeaconStep(step, place)];
  if ("waitMilliseconds" in step) {
    await place.wait(step.waitMilliseconds);
    return [];
  }
  if ("cookie" in step) {
    place.setCookie(place.expand(step.cookie));
    return [];
  }
  if ("parallel" in step) {
    const all = await Promise.all(step.parallel.map((branch) => runStep(branch, place)));
    return [{ parallel: all.flat() }];
  }
  if ("repeat" in step) {
    const results: StepResult[] = [];
    for (let n = 0; n < step.repeat; n++) {
      results.push(...(await runSteps(JSON.parse(numbered(JSON.stringify(step.steps), n)) as Step[], place)));
    }
    return results;
  }
  if ("worker" in step) return [{ worker: await place.inWorker(step.worker) }];
  return [{ frame: await place.inFrame(place.expand(step.frame), step.allow ?? "", step.steps) }];
}

async function runFetchStep(step: FetchStep, place: Place): Promise<StepResult> {
  const { blobUrlOf } = step;
  const blobUrl = blobUrlOf === undefined ? "" : place.createObjectUrl(createBody(blobUrlOf) as Blob);
  if (step.isRevoked === true) place.revokeObjectUrl(blobUrl);
  const expanded = blobUrl + place.expand(step.fetch);
  const url = step.padUrlTo === undefined ? expanded : place.padded(expanded, step.padUrlTo);
  if (step.fetchedIn !== undefined) {
    const [result] = await place.inFrame(place.expand(step.fetchedIn), "", [{ fetch: url, init: step.init ?? {} }]);
    return blobUrl === "" ? result : JSON.parse(JSON.stringify(result).replaceAll(blobUrl, "{blobUrl}"));
  }
  try {
    const init: Record<string, unknown> = { ...(expandAll(step.init ?? {}, place) as object) };
    if (step.init?.body !== undefined) init["body"] = createBody(step.init.body);
    if (step.asHeaders === true) init["headers"] = place.createHeaders(init["headers"]);
    if (step.abortAfterMilliseconds !== undefined) init["signal"] = signal(step.abortAfterMilliseconds, place);
    const response =
      step.asRequest === true ? await place.fetch(place.createRequest(url, init)) : await place.fetch(url, init);
    if (step.record === "clone")
      return { type: response.clone().type, setHeader: nameOfError(() => response.headers.set("x", "1")) };
    const body = await response.text();
    if (step.record === "status") return { status: response.status };
    const headers = Object.fromEntries(response.headers);
    return {
      type: response.type,
      status: response.status,
      ...(response.statusText === "" ? {} : { statusText: response.statusText }),
      ...(response.url === ""
        ? {}
        : { url: blobUrl === "" ? response.url : response.url.replace(blobUrl, "{blobUrl}") }),
      ...(response.redirected ? { redirected: true } : {}),
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      ...(body === "" ? {} : { body }),
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.name };
  }
}

async function runBeaconStep({ beacon, body }: BeaconStep, place: Place): Promise<StepResult> {
  try {
    const data = body === undefined || body === null ? null : createBody(body);
    return { beacon: await place.beacon(place.expand(beacon), data) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.name };
  }
}

function expandAll(value: unknown, place: Place): unknown {
  if (typeof value === "string") return place.expand(value);
  if (Array.isArray(value)) return value.map((item) => expandAll(item, place));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandAll(item, place)]));
}

/** 0: aborted before. */
function signal(milliseconds: number, place: Place): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (milliseconds === 0) abort();
  else place.later(abort, milliseconds);
  return controller.signal;
}

export function createBody(body: ScenarioBody): unknown {
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
