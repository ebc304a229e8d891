/** Runs in a browser, in a page, frame or worker: steps with the browser's own `fetch` and `XMLHttpRequest`. */

import { runEventSourceStep } from "../event-source-step.ts";
import { Names } from "../names.ts";
import type { StepResult } from "../scenario.ts";
import { type Place, createBody, runSteps } from "../steps.ts";
import { runWebSocketStep } from "../web-socket-step.ts";
import { runXhrStep } from "../xhr-step.ts";
import { runElementStep } from "./elements.ts";
import type { Errand, Returned } from "./messages.ts";

const MODULE = import.meta.url;

/** Nobody tells when a beacon has arrived. */
const BEACON_MILLISECONDS = 700;

/** Runs steps here. */
export function runHere({ ports, base, steps }: Errand): Promise<StepResult[]> {
  const names = new Names(ports, base);
  const expand = (text: string): string => names.expand(text);
  const place: Place = {
    expand,
    padded: (url, length) => names.padded(url, length),
    fetch: (input, init) => fetch(input as RequestInfo, init),
    createRequest: (url, init) => new Request(url, init),
    createObjectUrl: (blob) => URL.createObjectURL(blob),
    revokeObjectUrl: (url) => URL.revokeObjectURL(url),
    createHeaders: (headers) => new Headers(headers as HeadersInit),
    xhr: (step) =>
      runXhrStep(XMLHttpRequest, step, {
        expand,
        createBody,
        onNextRequest: (callback) => setTimeout(callback, step.abortAfterMilliseconds),
      }),
    element: runElementStep,
    beacon: async (url, data) => {
      const isTaken = navigator.sendBeacon(url, data as BodyInit | null);
      await new Promise((resolve) => setTimeout(resolve, BEACON_MILLISECONDS));
      return isTaken;
    },
    eventSource: (step) => runEventSourceStep(EventSource, step),
    webSocket: (step) => runWebSocketStep(WebSocket, step),
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    setCookie: (text) => {
      document.cookie = text;
    },
    later: (callback, milliseconds) => setTimeout(callback, milliseconds),
    inWorker: (inner) => runInWorker({ ports, base, steps: inner }),
    inFrame: (origin, allow, inner) =>
      runInFrame({ ports, base, steps: inner }, (frame) => {
        frame.allow = allow;
        frame.src = `${origin}/`;
      }),
  };
  return runSteps(steps, place);
}

/** Runs steps in a dedicated worker of this page. */
export async function runInWorker(errand: Errand): Promise<readonly StepResult[]> {
  const worker = new Worker(MODULE, { type: "module" });
  try {
    return await converse(worker, worker, (data) => post(worker, data), errand);
  } finally {
    worker.terminate();
  }
}

function post(worker: Worker, errand: Errand): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  worker.postMessage(errand);
}

/** Runs steps in a frame, which `open` gives its document. */
export async function runInFrame(
  errand: Errand,
  open: (frame: HTMLIFrameElement) => unknown,
): Promise<readonly StepResult[]> {
  const frame = document.createElement("iframe");
  open(frame);
  document.body.append(frame);
  try {
    return await converse(window, frame, (data) => frame.contentWindow?.postMessage(data, "*"), errand);
  } finally {
    frame.remove();
  }
}

/** Sends the errand when the other side is ready, and waits for what comes of it. */
function converse(
  source: EventTarget,
  other: Worker | HTMLIFrameElement,
  send: (errand: Errand) => void,
  errand: Errand,
): Promise<readonly StepResult[]> {
  return new Promise((resolve, reject) => {
    const listener = (event: Event): void => {
      const { data, source: sender } = event as MessageEvent<Returned>;
      if (other instanceof HTMLIFrameElement && sender !== other.contentWindow) return;
      if (data.ready === true) {
        send(errand);
        return;
      }
      source.removeEventListener("message", listener);
      if (data.results === undefined) reject(new Error(data.failure));
      else resolve(data.results);
    };
    source.addEventListener("message", listener);
    other.addEventListener("error", () => reject(new Error("The worker or frame did not load.")));
  });
}

/** In a frame or worker: waits for an errand, runs it, sends back what came of it. */
function serve(answer: (returned: Returned) => void): void {
  addEventListener("message", ({ data }: MessageEvent<Errand>) => {
    runHere(data).then(
      (results) => answer({ results: JSON.parse(JSON.stringify(results)) as StepResult[] }),
      (error: unknown) => answer({ failure: String(error) }),
    );
  });
  answer({ ready: true });
}

if (typeof document === "undefined") serve((returned) => postMessage(returned));
else if (window.parent !== window) serve((returned) => window.parent.postMessage(returned, "*"));
