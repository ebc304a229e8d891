/** A step with `XMLHttpRequest`: what it fires, in order, and what it shows at the end. */

import type { ScenarioBody, StepResult, XhrStep } from "./scenario.ts";

interface Target {
  addEventListener(type: string, listener: () => void): void;
}

/** What of the interface the steps use. */
interface XmlHttpRequest extends Target {
  readonly upload: Target;
  readonly readyState: number;
  readonly status: number;
  readonly statusText: string;
  readonly responseURL: string;
  readonly responseText: string;
  responseType: string;
  timeout: number;
  withCredentials: boolean;
  open(method: string, url: string, async: boolean, user?: string, password?: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body?: unknown): void;
  abort(): void;
  getResponseHeader(name: string): string | null;
  getAllResponseHeaders(): string;
}

export type XmlHttpRequestClass = new () => XmlHttpRequest;

export interface XhrSurroundings {
  /** Puts names in the place of tokens. */
  readonly expand: (text: string) => string;
  readonly createBody: (body: ScenarioBody) => unknown;
  /** Calls back when the server has seen the next request. */
  readonly onNextRequest: (callback: () => void) => void;
}

const EVENTS = ["loadstart", "progress", "load", "error", "abort", "timeout", "loadend"] as const;

/** Runs the step to its `loadend`, or to what it throws. */
export async function runXhrStep(
  Xhr: XmlHttpRequestClass,
  step: XhrStep,
  { expand, createBody, onNextRequest }: XhrSurroundings,
): Promise<StepResult> {
  const xhr = new Xhr();
  const sequence: string[] = [];
  xhr.addEventListener("readystatechange", () => sequence.push(`r${xhr.readyState}`));
  for (const type of EVENTS) xhr.addEventListener(type, () => sequence.push(type));
  // The last listener: in a browser, what waits for it goes on before the next one is called.
  const ended = new Promise<void>((resolve) => xhr.addEventListener("loadend", resolve));
  listenToUpload(xhr.upload, step.upload, sequence);
  const isAsync = step.synchronous !== true;
  try {
    xhr.open(step.method ?? "GET", expand(step.xhr), isAsync, ...credentials(step));
    for (const [name, value] of step.headers ?? []) xhr.setRequestHeader(name, expand(value));
    if (step.responseType !== undefined) xhr.responseType = step.responseType;
    if (step.withCredentials === true) xhr.withCredentials = true;
  } catch (error) {
    return { error: nameOf(error) };
  }
  try {
    if (step.timeoutMilliseconds !== undefined) xhr.timeout = step.timeoutMilliseconds;
    if (step.abortAfterMilliseconds !== undefined) onNextRequest(() => xhr.abort());
    if (step.body === undefined || step.body === null) xhr.send(null);
    else xhr.send(createBody(step.body));
  } catch (error) {
    return { error: nameOf(error), sequence: sequence.join(" "), status: xhr.status };
  }
  if (isAsync) await ended;
  return resultOf(xhr, step, sequence);
}

function credentials({ user, password }: XhrStep): string[] {
  if (user === undefined) return [];
  return password === undefined ? [user] : [user, password];
}

function listenToUpload(upload: Target, kind: XhrStep["upload"], sequence: string[]): void {
  if (kind === "listener") upload.addEventListener("progress", () => {});
  if (kind === "custom") upload.addEventListener("custom", () => {});
  if (kind === "log") for (const type of EVENTS) upload.addEventListener(type, () => sequence.push(`u:${type}`));
}

function resultOf(xhr: XmlHttpRequest, step: XhrStep, sequence: readonly string[]): StepResult {
  const last = sequence.findLast(
    (type) => type === "load" || type === "error" || type === "abort" || type === "timeout",
  );
  const lines = xhr.getAllResponseHeaders().split("\r\n").slice(0, -1);
  const body = (step.responseType ?? "") === "" ? xhr.responseText : "";
  return {
    event: step.synchronous === true ? "sync" : last,
    sequence: sequence.join(" "),
    status: xhr.status,
    ...(xhr.statusText === "" ? {} : { statusText: xhr.statusText }),
    ...(xhr.responseURL === "" ? {} : { url: xhr.responseURL }),
    ...(lines.length === 0 ? {} : { headers: lines }),
    ...(step.getResponseHeader === undefined
      ? {}
      : { getResponseHeader: step.getResponseHeader.map((name) => xhr.getResponseHeader(name)) }),
    ...(body === "" ? {} : { body }),
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
