/** Requests whose events are written down. */

import type { Client, ProgressEvent, XMLHttpRequest } from "@crossorigin/useragent";

/** `loadstart 1 0/0`: type, ready state, bytes of bytes (0: unknown); those of the upload with `upload.` in front. */
export interface EventTrace {
  readonly seen: string[];
  /** Resolves after the next `loadend` of the request; fails after five seconds. */
  end(): Promise<void>;
}

const PROGRESS_TYPES = ["loadstart", "progress", "abort", "error", "load", "timeout", "loadend"];

/** @param withUpload - with listeners on the upload object, which ask for a preflight */
export function traced(
  page: Client,
  withUpload = false,
): { readonly xhr: XMLHttpRequest; readonly events: EventTrace } {
  const xhr = new page.XMLHttpRequest();
  const seen: string[] = [];
  const write = (prefix: string, event: Event): void => {
    const progress = event instanceof page.ProgressEvent ? ` ${amount(event)}` : "";
    seen.push(`${prefix}${event.type} ${xhr.readyState}${progress}`);
  };
  for (const type of ["readystatechange", ...PROGRESS_TYPES]) xhr.addEventListener(type, (event) => write("", event));
  if (withUpload)
    for (const type of PROGRESS_TYPES) xhr.upload.addEventListener(type, (event) => write("upload.", event));
  const end = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`There was no loadend, but: ${seen.join(", ")}`)), 5000);
      xhr.addEventListener(
        "loadend",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  return { xhr, events: { seen, end } };
}

function amount({ loaded, total, lengthComputable }: ProgressEvent): string {
  return lengthComputable ? `${loaded}/${total}` : `${loaded}/${total === 0 ? "0" : "wrong"}`;
}
