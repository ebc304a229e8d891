/** Runs in a browser: steps that start a worker, and what a script sees of it. */

import type { ElementStep } from "../scenario.ts";

/** A classic worker, which imports what it is told. */
const IMPORTING_WORKER = new URL("importing-worker.ts", import.meta.url).href;

/** The script of the worker throws, which tells that it has run. */
export async function loadWorker({ element, src, credentials }: ElementStep): Promise<object> {
  const type = element === "module-worker" ? "module" : "classic";
  let worker: Worker;
  try {
    worker = new Worker(src, { type, ...(credentials === undefined ? {} : { credentials }) });
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) };
  }
  return new Promise((resolve) => {
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      worker.terminate();
      const { message } = event;
      resolve(message?.includes("thrown") ? { event: "load", errors: "reported" } : { event: "error" });
    });
  });
}

/** `importScripts` in a worker of the page. */
export async function importScript({ src }: ElementStep): Promise<object> {
  const worker = new Worker(IMPORTING_WORKER);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  worker.postMessage(src);
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }: MessageEvent<object>) => {
      worker.terminate();
      resolve(data);
    });
  });
}
